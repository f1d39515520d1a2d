// Steps of a protocol that stand for whole scripts; presets.hpp says what these do.
#pragma once

#include <array>
#include <optional>

#include "engram/calculus/presets.hpp"

namespace engram::calculus::presets {

template <std::size_t n>
using Names = std::array<std::string, n>;

/// Scripts are lists in memory; a preset may not make an absurd one.
inline constexpr double max_steps = 1e6;
inline constexpr double max_rounds = 1e9;

/// A preset of so many stimuli and areas.
template <std::size_t n_stimuli, std::size_t n_areas>
struct Of {
  Names<n_stimuli> stimuli;
  Names<n_areas> areas;
  static constexpr auto fields = std::tuple{
      required(Field{"stimuli", &Of::stimuli, "that of A; or those of A and B"}),
      required(Field{"areas", &Of::areas, "A, B, ... of what this step does, in order"}),
  };
};

struct Assemble : Of<1, 1> {
  static constexpr const char *name = "assemble", *help = "a stimulus forms an assembly in A: \"support\"";
  int rounds = 30, stable = 0;
  static constexpr auto fields = std::tuple_cat(
      Of::fields,
      std::tuple{
          Field{"rounds", &Assemble::rounds, "rounds at most, with recurrence after the first", 1.0, max_rounds},
          Field{"stable", &Assemble::stable, "ends after so many rounds without a change; 0: never", 0.0, max_rounds},
      });
  Script script() const { return project(stimuli[0], areas[0], rounds, stable); }
};
struct Reciprocal : Of<1, 2> {
  static constexpr const char *name = "reciprocal",
                              *help =
                                  "A drives B and B drives A; then B alone brings A back: \"restored\", \"settled\"";
  int rounds = 21, settle = 20;
  static constexpr auto fields = std::tuple_cat(
      Of::fields,
      std::tuple{
          Field{"rounds", &Reciprocal::rounds, "rounds in which each forms", 1.0, max_rounds},
          Field{"settle", &Reciprocal::settle, "rounds in which A settles with its own recurrence", 1.0, max_rounds},
      });
  Script script() const { return reciprocal_project(stimuli[0], areas[0], areas[1], rounds, settle); }
};
struct Associate : Of<2, 3> {
  static constexpr const char *name = "associate",
                              *help = "assemblies of A and B are projected to C in turn, then together: overlaps in C";
  int rounds = 10, together = 10;
  static constexpr auto fields = std::tuple_cat(
      Of::fields, std::tuple{
                      Field{"rounds", &Associate::rounds, "rounds of each phase with one of them", 1.0, max_rounds},
                      Field{"together", &Associate::together, "rounds with both", 1.0, max_rounds},
                  });
  Script script() const { return associate(stimuli[0], areas[0], stimuli[1], areas[1], areas[2], rounds, together); }
};
struct Merge : Of<2, 3> {
  static constexpr const char *name = "merge", *help = "A and B form one assembly in C, with feedback: supports";
  int rounds = 50;
  static constexpr auto fields =
      std::tuple_cat(Of::fields, std::tuple{
                                     Field{"rounds", &Merge::rounds, "rounds with both", 1.0, max_rounds},
                                 });
  Script script() const { return merge(stimuli[0], areas[0], stimuli[1], areas[1], areas[2], rounds); }
};
struct Complete : Of<1, 1> {
  static constexpr const char *name = "complete",
                              *help = "forms an assembly in A and fires a part of it: \"completion\" after each round";
  int form = 25, rounds = 5;
  double fraction = 0.5;
  static constexpr auto fields = std::tuple_cat(
      Of::fields, std::tuple{
                      Field{"form", &Complete::form, "rounds in which it forms", 1.0, max_rounds},
                      Field{"fraction", &Complete::fraction, "share of its neurons that fires", 0.0, 1.0},
                      Field{"rounds", &Complete::rounds, "rounds of recurrence alone", 1.0, max_steps / 3},
                  });
  Script script() const { return complete(stimuli[0], areas[0], form, fraction, rounds); }
};
struct PreserveOverlap : Of<2, 4> {
  static constexpr const char *name = "preserve_overlap",
                              *help = "assemblies that share neurons in C are projected to D: both overlaps";
  int rounds = 10;
  static constexpr auto fields =
      std::tuple_cat(Of::fields, std::tuple{
                                     Field{"rounds", &PreserveOverlap::rounds, "rounds of each phase", 1.0, max_rounds},
                                 });
  Script script() const {
    return preserve_overlap(stimuli[0], areas[0], stimuli[1], areas[1], areas[2], areas[3], rounds);
  }
};
struct DensityInside : Of<1, 1> {
  static constexpr const char *name = "density",
                              *help = "synapses inside a converged assembly of A: \"density\" and \"weight\"";
  int rounds = 21;
  static constexpr auto fields = std::tuple_cat(
      Of::fields, std::tuple{
                      Field{"rounds", &DensityInside::rounds, "rounds in which it forms", 1.0, max_rounds},
                  });
  Script script() const { return density(stimuli[0], areas[0], rounds); }
};
struct Separate {
  static constexpr const char *name = "separate",
                              *help = "two inputs that share neurons, in turn: \"overlap\" of what they evoke";
  Names<2> areas;
  Index size = 1, shared = 0;
  int rounds = 11;
  bool learning = false;
  static constexpr auto fields = std::tuple{
      required(Field{"areas", &Separate::areas, "the area of the inputs and the one that they evoke assemblies in"}),
      required(Field{"size", &Separate::size, "neurons of an input", 1.0, 1e6}),
      Field{"shared", &Separate::shared, "how many of them are in both", 0.0, 1e6},
      Field{"rounds", &Separate::rounds, "rounds of each input", 1.0, max_rounds},
      Field{"learning", &Separate::learning, "also while they are shown again"},
  };
  void check_together(const Report&) const;
  Script script() const;
};
struct Sequence {
  static constexpr const char *name = "sequence",
                              *help = "memorises a sequence of stimuli, then recalls it from the first: \"order\"";
  std::vector<std::string> stimuli;
  Names<1> areas;
  int repetitions = 5, rounds = 3, recurrent = 1, max_steps = 20;
  double strength = 100;
  std::optional<double> recurrent_beta = {};
  static constexpr auto fields = std::tuple{
      required(Field{"stimuli", &Sequence::stimuli, "its elements", 1.0, no_limit}),
      required(Field{"areas", &Sequence::areas, "the area, which needs a refractory period"}),
      Field{"repetitions", &Sequence::repetitions, "of the sequence", 1.0, max_rounds},
      Field{"rounds", &Sequence::rounds, "rounds of each element", 1.0, max_rounds},
      Field{"recurrent", &Sequence::recurrent, "how many of these, the first ones, with recurrence", 0.0, max_rounds},
      Field{"max_steps", &Sequence::max_steps, "rounds of the recall at most", 1.0, 1e6},
      Field{"strength", &Sequence::strength, "of long-range inhibition in the recall", 0.0, 1e30},
      Field{"recurrent_beta", &Sequence::recurrent_beta,
            "learning rate of the recurrent fibre while it learns; default: that of the area", 0.0, 1e6},
  };
  void check_together(const Report&) const;
  Script script() const {
    return memorize_sequence(stimuli, areas[0], rounds, recurrent, repetitions, strength, max_steps, recurrent_beta);
  }
};
struct Capacity {
  static constexpr const char *name = "capacity",
                              *help = "stores an assembly for each stimulus, then fires a part of each: \"recall\"";
  std::vector<std::string> stimuli;
  Names<1> areas;
  int every = 0, form = 10, rounds = 5;
  double fraction = 0.5;
  static constexpr auto fields = std::tuple{
      required(Field{"stimuli", &Capacity::stimuli, "the stimuli", 1.0, no_limit}),
      required(Field{"areas", &Capacity::areas, "the area"}),
      Field{"every", &Capacity::every, "all that are stored are recalled after each so many; 0: only at the end", 0.0,
            max_rounds},
      Field{"form", &Capacity::form, "rounds in which each forms", 1.0, max_rounds},
      Field{"fraction", &Capacity::fraction, "share of its neurons that fires", 0.0, 1.0},
      Field{"rounds", &Capacity::rounds, "rounds of each recall", 1.0, max_rounds},
  };
  void check_together(const Report&) const;
  Script script() const { return capacity(stimuli, areas[0], form, fraction, rounds, every); }
};
struct LearnTransitions {
  static constexpr const char *name = "learn_transitions",
                              *help = "teaches a machine its table, or successors where there is no symbol area";
  std::vector<std::string> areas;
  std::vector<std::vector<Index>> table;
  int repetitions = 5, rounds = 3;
  static constexpr auto fields = std::tuple{
      required(Field{"areas", &LearnTransitions::areas, "state, symbol, via and next, or without symbol"}),
      required(Field{"table", &LearnTransitions::table, "rows of from, symbol, to, or from, to"}),
      Field{"repetitions", &LearnTransitions::repetitions, "of the table", 1.0, max_rounds},
      Field{"rounds", &LearnTransitions::rounds, "rounds of each row", 1.0, max_rounds},
  };
  void check_together(const Report&) const;
  Script script() const;
};
struct LargerK : Of<1, 2> {
  static constexpr const char *name = "larger_k",
                              *help = "A, of few winners, drives B, of many, until both are stable: supports";
  int rounds = 100;
  static constexpr auto fields =
      std::tuple_cat(Of::fields, std::tuple{
                                     Field{"rounds", &LargerK::rounds, "rounds of a phase at most", 1.0, max_rounds},
                                 });
  Script script() const { return larger_k(stimuli[0], areas[0], areas[1], rounds); }
};
struct Erase : Of<1, 3> {
  static constexpr const char *name = "erase",
                              *help = "A is tied to B, then to C in its place: \"B after\", \"A after\"";
  int rounds = 100;
  static constexpr auto fields =
      std::tuple_cat(Of::fields, std::tuple{
                                     Field{"rounds", &Erase::rounds, "rounds of a phase at most", 1.0, max_rounds},
                                 });
  Script script() const { return erase(stimuli[0], areas[0], areas[1], areas[2], rounds); }
};

}  // namespace engram::calculus::presets
