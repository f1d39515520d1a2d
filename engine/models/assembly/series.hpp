// What assembly experiments can write down.
#pragma once

#include "engram/run/series.hpp"

namespace engram::assembly::recordable {

inline constexpr Series convergence{"convergence", "winners of this step that won in the step before", "simulate"};
inline constexpr Series support{"support", "units that won in any step of this sample", "simulate"};
inline constexpr Series recall{
    "recall", "winners of the samples so far that come back when these are shown once more: their mean", "simulate"};
inline constexpr Series similarity{"similarity", "overlap of two samples in an area or stimulus, over k: its mean",
                                   "simulate"};
inline constexpr Series without_input{"winners_without_input", "winners so far that received nothing", "simulate"};
inline constexpr Series memory_used{"memory_used", "share of a matrix that holds synapses, after each sample",
                                    "simulate"};
inline constexpr Series association{
    "association", "overlap, over k, of what two stimuli of a sample recall alone in the last area", "benchmark"};
inline constexpr Series with_pair{"association_with_pair", "the same of one stimulus alone and all of them together",
                                  "benchmark"};
inline constexpr Series histogram{"weight_histogram/<matrix>",
                                  "after each sample: counts of the weights in 32 equal parts of 0 to the largest, top",
                                  "simulate"};
inline constexpr Series winners{"winners/<area>", "units that win: time, replica, unit", "simulate"};
inline constexpr Series recovered{"<phase>", "share of the units of each sample that is found again",
                                  "complete|inverse"};

inline constexpr Series all[] = {convergence, support,   recall,    similarity, without_input, memory_used,
                                 association, with_pair, histogram, winners,    recovered};
inline constexpr Series results[] = {convergence, support, recall, similarity, without_input};  ///< of each area

}  // namespace engram::assembly::recordable
