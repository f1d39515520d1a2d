// The steps of a script: each says what it takes, what it needs before it, and what it does. One that is added here and
// to the list in script.hpp is known to JSON, the checks, the schema and the documents.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engram/calculus/stage.hpp"
#include "engram/core/field_kinds.hpp"

namespace engram::calculus {

struct Project {
  static constexpr const char *name = "project", *help = "rounds of projection with the same maps";
  Map stimuli, areas;
  int rounds = 1, stable = 0;
  std::optional<int> few = {};

  static constexpr auto fields = std::tuple{
      Field{"stimuli", &Project::stimuli, "which stimuli fire, each with the areas that it projects to"},
      Field{"areas", &Project::areas, "which areas fire, each with the areas that it projects to"},
      Field{"rounds", &Project::rounds, "how many rounds at most", 1.0, 1e9},
      Field{"stable", &Project::stable,
            "ends after so many rounds in which no neuron was new and no winner changed; 0: never", 0.0, 1e9},
      Field{"few", &Project::few, "ends after a round in which no target gained more neurons than this; default: never",
            0.0, 1e9},
  };
  void check_together(const Report&) const;
  void check(Expected&) const;
  /// Returns the areas projected to, none where the step has ended.
  std::vector<std::string> run(Stage&, int round) const;
  /// So many rounds in one call, which run() would leave in the same state.
  std::vector<std::string> run_many(Stage&, Index count) const;
  /// Whether what a round did decides about the next.
  bool watched() const { return stable > 0 || few; }
  /// Areas that are named as targets, each once.
  std::vector<std::string> targets() const;
};
/// Keeps the winners of an area in the rounds to come, while fibres into it learn; or lets it choose them again.
template <bool on>
struct SetFixed : OfArea {
  static constexpr const char *name = on ? "fix" : "unfix",
                              *help = on ? "an area keeps its winners in the rounds to come; fibres into it learn"
                                         : "an area chooses its winners again";
  void check(Expected& e) const { on ? e.fires(area, "to fix") : e.area(area); }
  void run(Stage& s) const { on ? s.brain.fix(area) : s.brain.unfix(area); }
};
using Fix = SetFixed<true>;
using Unfix = SetFixed<false>;

struct Activate : OfArea {
  static constexpr const char *name = "activate", *help = "fires a block of k neurons of an area and fixes it";
  Index index = 0;
  static constexpr auto fields =
      std::tuple_cat(OfArea::fields, std::tuple{required(Field{"index", &Activate::index, "which block, from 0"})});
  void check(Expected& e) const {
    e.block(area, index);
    e.firing.insert(area);
  }
  void run(Stage& s) const { s.brain.activate(area, index); }
};

struct Fire : OfArea {
  static constexpr const char *name = "fire", *help = "fires a part of a remembered assembly, chosen at random";
  std::string assembly;
  double fraction = 1;
  bool join = false;
  static constexpr auto fields = std::tuple_cat(
      OfArea::fields, std::tuple{
                          required(Field{"assembly", &Fire::assembly, "name of the assembly"}),
                          Field{"fraction", &Fire::fraction, "share of its neurons", 0.0, 1.0},
                          Field{"join", &Fire::join, "beside the neurons that fire already, instead of in their place"},
                      });
  void check(Expected&) const;
  void run(Stage&) const;
};
struct Winners : OfArea {
  static constexpr const char *name = "winners", *help = "fires these neurons of an area; none silences it";
  std::vector<Index> neurons;
  static constexpr auto fields =
      std::tuple_cat(OfArea::fields, std::tuple{
                                         required(Field{"neurons", &Winners::neurons, "distinct neurons, from 0"}),
                                     });
  void check(Expected&) const;
  void run(Stage& s) const { s.brain.set_winners(area, neurons); }
};
struct Plasticity {
  static constexpr const char *name = "plasticity", *help = "whether weights learn from now on";
  bool on = true;
  static constexpr auto fields = std::tuple{required(Field{"on", &Plasticity::on, "learning is on"})};
  void check(Expected&) const {}
  void run(Stage& s) const { s.brain.set_plasticity(on); }
};
struct Rate {
  static constexpr const char *name = "rate", *help = "learning rate of one fibre from now on";
  std::string from, to;
  std::optional<double> beta = {};
  static constexpr auto fields = std::tuple{
      required(Field{"from", &Rate::from, "area or stimulus"}),
      required(Field{"to", &Rate::to, "area"}),
      Field{"beta", &Rate::beta, "default: that of the target area again", 0.0, 1e6},
  };
  void check(Expected& e) const {
    e.area_or_stimulus(from);
    e.area(to);
  }
  void run(Stage& s) const { beta ? s.brain.set_beta(from, to, *beta) : s.brain.clear_beta(from, to); }
};
/// See Brain::inhibit, Brain::disinhibit.
template <bool on>
struct Gate : OfArea {
  static constexpr const char *name = on ? "inhibit" : "disinhibit",
                              *help = on ? "closes an area, or the fibres between it and another source"
                                         : "takes back a reason of inhibit";
  std::string other = {};
  int reason = 0;
  static constexpr auto fields = std::tuple_cat(
      OfArea::fields,
      std::tuple{Field{"other", &Gate::other, "area or stimulus; \"\": the whole area"},
                 Field{"reason", &Gate::reason, "number of the reason; all are taken back before it opens again"}});
  void check(Expected& e) const {
    e.area(area);
    if (!other.empty()) e.area_or_stimulus(other);
  }
  void run(Stage& s) const { on ? s.brain.inhibit(area, other, reason) : s.brain.disinhibit(area, other, reason); }
};
using Inhibit = Gate<true>;
using Disinhibit = Gate<false>;

/// See Brain::exclude, Brain::include.
template <bool on>
struct Competition {
  static constexpr const char *name = on ? "exclude" : "include",
                              *help = on ? "of these areas, only the one that receives most fires in a round"
                                         : "these areas, which excluded each other, no longer do";
  std::vector<std::string> areas;
  static constexpr auto fields =
      std::tuple{required(Field{"areas", &Competition::areas, "two or more areas", 1.0, no_limit})};
  void check(Expected& e) const { on ? e.compete(areas) : e.no_longer_compete(areas); }
  void run(Stage& s) const { on ? s.brain.exclude(areas) : s.brain.include(areas); }
};
using Exclude = Competition<true>;
using Include = Competition<false>;

/// See Brain::normalise.
struct Normalise : OfArea {
  static constexpr const char *name = "normalise",
                              *help = "scales the weights from areas onto each neuron, fibre by fibre";
  double total = 0;
  static constexpr auto fields = std::tuple_cat(
      OfArea::fields,
      std::tuple{
          Field{"total", &Normalise::total, "their new sum; 0: what a fresh fibre has on average", 0.0, 1e30},
      });
  void check(Expected& e) const {
    e.area(area);
    if (e.brain.connectome() == Connectome::lazy) e.fail("columns of a lazy brain cannot be normalised");
  }
  void run(Stage& s) const { s.brain.normalise(area, total); }
};
struct Inhibition : OfArea {
  static constexpr const char *name = "inhibition", *help = "strength of long-range inhibition from now on";
  double strength = 0;
  bool clear = false;
  static constexpr auto fields = std::tuple_cat(
      OfArea::fields, std::tuple{
                          required(Field{"strength", &Inhibition::strength,
                                         "subtracted from the input of neurons that fired lately", 0.0, 1e30}),
                          Field{"clear", &Inhibition::clear, "forget which neurons fired lately"},
                      });
  void run(Stage& s) const {
    s.brain.set_inhibition(area, strength);
    if (clear) s.brain.clear_refraction(area);
  }
};
struct Remember {
  static constexpr const char *name = "remember", *help = "keeps the present winners of an area as an assembly";
  std::string as, area;
  static constexpr auto fields = std::tuple{
      required(Field{"name", &Remember::as, "name of the assembly"}),
      required(Field{"area", &Remember::area, "area"}),
  };
  void check(Expected& e) const {
    e.area(area);
    e.assemblies.insert(as);
  }
  void run(Stage& s) const { s.assemblies[as] = s.brain.winners(area); }
};
struct Save {
  static constexpr const char *name = "save", *help = "keeps a copy of the whole brain";
  std::string as;
  static constexpr auto fields = std::tuple{required(Field{"name", &Save::as, "name of the copy"})};
  void check(Expected& e) const { e.saved[as] = e.firing; }
  void run(Stage& s) const { s.saved.insert_or_assign(as, s.brain.clone()); }
};
struct Restore {
  static constexpr const char *name = "restore", *help = "goes on from a copy of the brain";
  std::string from;
  static constexpr auto fields = std::tuple{required(Field{"name", &Restore::from, "name of the copy"})};
  void check(Expected& e) const {
    if (!e.saved.contains(from)) e.fail("nothing has been saved as \"" + from + "\" at this point");
    e.firing = e.saved[from];
  }
  void run(Stage& s) const { s.brain = s.copy(from).clone(); }
};
/// Ends when an assembly comes again (overlap above 0.9), when none is known (best overlap below 0.3), or after
/// `max_steps`.
struct OrderedRecall {
  static constexpr const char
      *name = "recall",
      *help = "fires a cue once, then lets the area run alone: which remembered assemblies come, in order, as numbers";
  std::string label, stimulus, area;
  std::vector<std::string> known;
  int max_steps = 20;
  static constexpr auto fields = std::tuple{
      required(Field{"label", &OrderedRecall::label, "name of the result"}),
      required(Field{"stimulus", &OrderedRecall::stimulus, "the cue"}),
      required(Field{"area", &OrderedRecall::area, "area"}),
      required(Field{"known", &OrderedRecall::known, "names of assemblies, which count from 0", 1.0, no_limit}),
      Field{"max_steps", &OrderedRecall::max_steps, "rounds at most", 1.0, 1e6},
  };
  void check(Expected&) const;
  void run(Stage&) const;
};
/// A machine whose states are blocks of neurons: fires the block of the present state in `state`, and that of the next
/// symbol in `symbol` unless it is "", projects them to `via` and that to `next`, where the block that answers is the
/// state to come. Ends after all symbols, or `steps` where there are none, or where fewer than `least` of a block
/// answer.
struct Walk {
  static constexpr const char *name = "walk",
                              *help = "runs a machine whose states are blocks of neurons: its states, as numbers";
  std::string label, state, symbol, via, next;
  Index start = 0;
  std::vector<Index> symbols = {};
  std::optional<int> steps = {};
  double least = 0.75;
  static constexpr auto fields = std::tuple{
      required(Field{"label", &Walk::label, "name of the result"}),
      required(Field{"state", &Walk::state, "area of the present state"}),
      Field{"symbol", &Walk::symbol, "area of the present symbol; \"\": none"},
      required(Field{"via", &Walk::via, "area that state and symbol project to"}),
      required(Field{"next", &Walk::next, "area of the state to come"}),
      Field{"start", &Walk::start, "first state"},
      Field{"symbols", &Walk::symbols, "with symbol: one a step"},
      Field{"steps", &Walk::steps, "without symbol: how many; default 1", 1.0, 1e6},
      Field{"least", &Walk::least, "share of a block that has to answer", 0.0, 1.0},
  };
  void check_together(const Report&) const;
  void check(Expected&) const;
  void run(Stage&) const;
};

}  // namespace engram::calculus
