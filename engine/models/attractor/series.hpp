// What attractor experiments can write down. Names of measurements end in the noise of the cues where there are several
// levels of it.
#pragma once

#include "engram/run/series.hpp"

namespace engram::attractor::recordable {

inline constexpr const char* moving = "train|run";
inline constexpr Series complexity{"complexity", "of the variational free energy", moving};
inline constexpr Series accuracy{"accuracy", "of the variational free energy", moving};
inline constexpr Series vfe{"vfe", "variational free energy: complexity minus accuracy", moving};
inline constexpr Series macroscopic{"macroscopic free energy", "-b . s - s . J s / 2, the energy of the state", moving};
inline constexpr Series squared_change{"squared weight change", "of the last step", moving};
inline constexpr Series match{"correlation", "of the state with each pattern, whose number is the unit", "run"};
inline constexpr Series asymmetry{"asymmetry", "of the weights at the end of the phase", moving};
inline constexpr Series norm{"norm of weights", "at the end of the phase", moving};
inline constexpr Series weight_correlation{"weight correlation", "of the end of a phase that learns with its beginning",
                                           moving};
inline constexpr Series weight_change{"relative weight change", "from the beginning of a phase that learns to its end",
                                      moving};
inline constexpr Series changes{"changes of pattern", "how often another pattern became the most similar one", "run"};
inline constexpr Series forward{"share of changes forward", "of these to the next pattern", "run"};
inline constexpr Series bias_correlation{"correlation of mean state with bias", "where a mixture is the bias", "run"};
inline constexpr Series steps_a_pattern{"steps a pattern", "steps over one more than the changes of pattern", "run"};
inline constexpr Series states{"<phase>/state", "the states of all steps, where they are recorded", moving};
inline constexpr Series projection{"<phase>/projection", "|a . s| of each fixed point a, where it is asked for", "run"};
inline constexpr Series attractors{"<phase>/attractors", "the fixed points, one a row", "attractors"};
inline constexpr Series patterns{"patterns", "one a row"};
inline constexpr Series weights{"weights", "of all networks at the end"};

inline constexpr Series distinct{"distinct attractors<noise>", "different fixed points that cues lead to",
                                 "attractors"};
inline constexpr Series cycles{"cues in a two-cycle<noise>", "cues that end in two states in turn", "attractors"};
inline constexpr Series unrested{"cues not converged<noise>", "cues that come to no rest", "attractors"};
inline constexpr Series most_steps{"most steps<noise>", "of any cue", "attractors"};
inline constexpr Series own_pattern{"correlation with own pattern<noise>", "of where a cue ends: its mean",
                                    "attractors"};
inline constexpr Series undefined_rest{"attractors without correlation<noise>", "states that are the same everywhere",
                                       "attractors"};
inline constexpr Series attractor_angle{"attractor deviation from 90 degrees<noise>", "of two fixed points: its mean",
                                        "attractors"};
inline constexpr Series pattern_angle{"pattern deviation from 90 degrees<noise>", "of two patterns: its mean",
                                      "attractors"};
inline constexpr Series pattern_angle_all{"pattern deviation from 90 degrees, with diagonal<noise>",
                                          "the same, each pattern with itself as well", "attractors"};
inline constexpr Series attractor_correlation{"attractor correlation<noise>",
                                              "of the two, where there are two patterns", "attractors"};
inline constexpr Series gain{"median gain of R2", "of the reconstruction over the cue", "reconstruct"};
inline constexpr Series cue{"mean correlation of cue", "with its target", "reconstruct"};
inline constexpr Series reconstruction{"mean correlation of reconstruction", "with its target", "reconstruct"};
inline constexpr Series undefined_trial{"reconstructions without correlation", "states that are the same everywhere",
                                        "reconstruct"};
inline constexpr Series retention{"retention", "correlation of a pattern with where it goes by itself: its mean",
                                  "retain"};
inline constexpr Series undefined_pattern{"patterns without retention", "states that are the same everywhere",
                                          "retain"};

/// What phases say that look at a network and leave it as it is.
inline constexpr Series measurements[] = {distinct,
                                          cycles,
                                          unrested,
                                          most_steps,
                                          own_pattern,
                                          undefined_rest,
                                          attractor_angle,
                                          pattern_angle,
                                          pattern_angle_all,
                                          attractor_correlation,
                                          gain,
                                          cue,
                                          reconstruction,
                                          undefined_trial,
                                          retention,
                                          undefined_pattern};
inline constexpr Series others[] = {
    complexity,         accuracy,      vfe,     macroscopic, squared_change,   match,           asymmetry, norm,
    weight_correlation, weight_change, changes, forward,     bias_correlation, steps_a_pattern, states,    projection,
    attractors,         patterns,      weights};

}  // namespace engram::attractor::recordable
