// Numbers that a script measures for its results.
#pragma once

#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "engram/calculus/stage.hpp"
#include "engram/core/field_kinds.hpp"

namespace engram::calculus {

namespace measures {

struct Overlap {
  static constexpr const char *name = "overlap", *help = "neurons of assembly b that are in a, a share of b";
  std::string a, b;
  static constexpr auto fields = std::tuple{
      required(Field{"a", &Overlap::a, "assembly"}),
      required(Field{"b", &Overlap::b, "assembly"}),
  };
  void check(Expected& e) const {
    e.assembly(a);
    e.assembly(b);
  }
  double value(const Stage& s) const {
    return s.remembered(b).empty() ? std::numeric_limits<double>::quiet_NaN()
                                   : relative_overlap(s.remembered(a), s.remembered(b));
  }
};
struct Support : OfArea {
  static constexpr const char *name = "support", *help = "neurons that ever won a round";
  double value(const Stage& s) const { return s.brain.support(area); }
};
struct Newcomers : OfArea {
  static constexpr const char *name = "newcomers", *help = "neurons that won their first round in the last one";
  double value(const Stage& s) const { return s.brain.newcomers(area); }
};
struct Input : OfArea {
  static constexpr const char *name = "input", *help = "total input of the winners of the last round";
  double value(const Stage& s) const { return s.brain.total_input(area); }
};
struct Block : OfArea {
  static constexpr const char *name = "block",
                              *help = "winners among neurons index * k .. index * k + k - 1, a share of k";
  Index index = 0;
  static constexpr auto fields =
      std::tuple_cat(OfArea::fields, std::tuple{required(Field{"index", &Block::index, "which block, from 0"})});
  double value(const Stage&) const;
};
struct BestBlock : OfArea {
  static constexpr const char *name = "best_block", *help = "the block with most winners, -1 where nothing fires";
  double value(const Stage& s) const { return best_block(s.brain.winners(area), s.brain.k(area)).first; }
};
struct Active {
  static constexpr const char *name = "active",
                              *help = "which of these areas fires, the first one, as a number; -1 for none";
  std::vector<std::string> areas;
  static constexpr auto fields = std::tuple{required(Field{"areas", &Active::areas, "areas", 1.0, no_limit})};
  void check(Expected& e) const {
    for (const auto& area : areas) e.area(area);
  }
  double value(const Stage&) const;
};
struct Mean {
  static constexpr const char *name = "mean", *help = "mean of all values measured under a label";
  std::string of;
  static constexpr auto fields = std::tuple{required(Field{"of", &Mean::of, "label"})};
  void check(Expected& e, const std::string& label) const { e.measurement(of, label); }
  double value(const Stage&) const;
};
struct Passed {
  static constexpr const char *name = "passed", *help = "how many of these labels were last measured as least or more";
  std::vector<std::string> labels;
  double least = 0;
  static constexpr auto fields = std::tuple{
      required(Field{"labels", &Passed::labels, "labels", 1.0, no_limit}),
      required(Field{"least", &Passed::least, "the least value that passes"}),
  };
  void check(Expected& e, const std::string& own) const {
    for (const auto& label : labels) e.measurement(label, own);
  }
  double value(const Stage&) const;
};
struct First {
  static constexpr const char
      *name = "first",
      *help = "number, from 1 on, of the first value under a label that is least or more; 0 where none is";
  std::string of;
  double least = 0;
  static constexpr auto fields = std::tuple{
      required(Field{"of", &First::of, "label"}),
      required(Field{"least", &First::least, "the least value that passes"}),
  };
  void check(Expected& e, const std::string& label) const { e.measurement(of, label); }
  double value(const Stage&) const;
};
/// Synapses among the neurons of an assembly.
struct Inside : OfArea {
  std::string assembly;
  static constexpr auto fields = std::tuple_cat(
      OfArea::fields, std::tuple{required(Field{"assembly", &Inside::assembly, "name of the assembly"})});
  void check(Expected& e) const {
    e.area(area);
    e.assembly(assembly);
  }
};
struct Density : Inside {
  static constexpr const char *name = "density", *help = "synapses inside an assembly, a share of all pairs";
  double value(Stage&) const;
};
struct Weight : Inside {
  static constexpr const char *name = "weight", *help = "mean weight of the synapses inside an assembly";
  double value(Stage&) const;
};

using Any =
    std::variant<Overlap, Support, Newcomers, Input, Block, BestBlock, Active, Mean, Passed, First, Density, Weight>;

}  // namespace measures

struct Measure {
  static constexpr const char *name = "measure", *help = "puts a number into the results";
  std::string label;
  measures::Any what = {};
  static constexpr auto fields = std::tuple{
      required(Field{"label", &Measure::label, "name of the result"}),
      required(Field{"what", &Measure::what, "what is measured"}),
  };
  void check(Expected& e) const {
    e.measured.insert(label);
    std::visit(
        [&](const auto& one) {
          if constexpr (requires { one.check(e, label); })
            one.check(e, label);
          else
            one.check(e);
        },
        what);
  }
  void run(Stage& s) const {
    s.put(label, std::visit([&](const auto& one) { return one.value(s); }, what));
  }
};

}  // namespace engram::calculus
