// Cases of summarize and gather: one segment and several, short ones and some that take several blocks, all kinds of
// numbers.
#include <cmath>

#include "conformance/cases.hpp"

namespace engram::conformance {

namespace {

constexpr const char* names[] = {"sum", "mean", "max", "kth_largest", "mean_of_largest", "dot"};
constexpr std::size_t kth = 3, of_largest = 4, dot = 5;

struct Values {
  const char* name;
  real (*draw)(Draws&);
};
constexpr Values random_values = {"random", [](Draws& d) { return d.between(-1, 1); }};
constexpr Values values[] = {
    {"tiny", [](Draws& d) { return static_cast<real>(d.uniform() * real(1e-12)); }},
    {"spread",
     [](Draws& d) -> real { return static_cast<real>(std::pow(10.0, -8 + 13 * static_cast<double>(d.uniform()))); }},
    {"ties", [](Draws& d) { return static_cast<real>(d.below(5)) - 2; }},
    {"signed_zeros", [](Draws& d) -> real { return d.chance(0.5) ? real(0) : real(-0.0); }},
    {"huge", [](Draws& d) -> real { return d.chance(0.3) ? real(1e12) : real(-1e30); }}};
constexpr Values with_nan = {"nan", [](Draws& d) { return d.chance(0.3) ? static_cast<real>(NAN) : d.between(-1, 1); }};
constexpr Values infinite = {"infinite", [](Draws& d) -> real {
                               constexpr double all[] = {-INFINITY, -3e38, -1e-42, 0, 1e-42, 2, INFINITY};
                               return static_cast<real>(all[d.below(7)]);
                             }};

void add(std::vector<Case>& all, std::size_t kind, const Values& of, Index units, Index batches, bool segments) {
  const std::string name = std::string("summarize/") + names[kind] + "/" + of.name + (segments ? ",segments" : "") +
                           "/n=" + std::to_string(units) + ",B=" + std::to_string(batches);
  all.push_back({name, [=]() -> Inputs {
                   Draws draws(name);
                   SummaryInputs p{kind, units, batches, {}, {}, {}, {}};
                   if (segments) p.segments = layers_of(units);
                   p.x.resize(std::size_t{units} * batches);
                   for (real& x : p.x) x = of.draw(draws);
                   if (kind == dot) {
                     p.with.resize(p.x.size());
                     for (real& x : p.with) x = random_values.draw(draws);
                   }
                   if (kind == kth || kind == of_largest)
                     for (Index s = 0; s < p.count(); ++s) p.k.push_back(draws.below(units + 2));
                   return p;
                 }});
}

void add_gather(std::vector<Case>& all, Index units, Index count, Index batches, bool one_for_all) {
  const std::string name = "gather/n=" + std::to_string(units) + ",of=" + std::to_string(count) +
                           ",B=" + std::to_string(batches) + (one_for_all ? ",one_for_all" : "");
  all.push_back({name, [=]() -> Inputs {
                   Draws draws(name);
                   GatherInputs p{units, batches, one_for_all, {}, {}};
                   for (Index i = 0; i < count; ++i) p.at.push_back(draws.below(units));
                   for (std::size_t i = 0; i < std::size_t{units} * batches; ++i) p.from.push_back(draws.uniform());
                   return p;
                 }});
}

}  // namespace

void add_summary_cases(std::vector<Case>& all) {
  for (std::size_t kind = 0; kind < std::size(names); ++kind) {
    for (const bool segments : {false, true})
      for (const Index units : {Index{1}, Index{31}, Index{257}, Index{5000}})
        add(all, kind, random_values, units, 3, segments);
    for (const Values& of : values) add(all, kind, of, 300, 2, true);
    add(all, kind, random_values, 0, 2, false);
    add(all, kind, random_values, 100000, 1, false);
    add(all, kind, random_values, 70000, 2, true);
    if (kind < 2 || kind == dot) continue;  // order only
    add(all, kind, with_nan, 300, 3, true);
    if (kind != of_largest) add(all, kind, infinite, 300, 3, true);
  }
  for (const bool one_for_all : {false, true}) {
    add_gather(all, 1, 1, 1, one_for_all);
    add_gather(all, 100, 33, 3, one_for_all);
    add_gather(all, 33, 1000, 2, one_for_all);
    add_gather(all, 50000, 20000, 3, one_for_all);
  }
  add_gather(all, 10, 0, 2, false);
}

}  // namespace engram::conformance
