// Cases of select_top_k, collect and sample.
#include <cmath>

#include "conformance/cases.hpp"

namespace engram::conformance {

namespace {

using Score = real (*)(Draws&, Index unit, Index units);
struct Scores {
  const char* name;
  Score score;
};

constexpr Scores score_kinds[] = {
    {"random", [](Draws& d, Index, Index) { return d.between(-1, 1); }},
    {"equal", [](Draws&, Index, Index) -> real { return real(0.25); }},
    {"silent", [](Draws&, Index, Index) -> real { return 0; }},
    {"ties=40", [](Draws& d, Index, Index) { return static_cast<real>(d.below(40)); }},
    {"ties=2", [](Draws& d, Index, Index) -> real { return d.chance(0.02) ? real(1) : real(0); }},
    {"ascending", [](Draws&, Index i, Index) { return static_cast<real>(i); }},
    {"descending", [](Draws&, Index i, Index n) { return static_cast<real>(n - i); }},
    {"signed_zeros", [](Draws& d, Index, Index) -> real { return d.chance(0.5) ? real(0) : real(-0.0); }},
    {"extreme",
     [](Draws& d, Index, Index) {
       constexpr double values[] = {-INFINITY, -3e38, -1, -1e-42, -0.0, 0, 1e-42, 1.2e-38, 2, 3e38, INFINITY};
       return static_cast<real>(values[d.below(11)]);
     }},
    {"some_nan", [](Draws& d, Index, Index) { return d.chance(0.2) ? static_cast<real>(NAN) : d.between(-1, 1); }},
    {"mostly_nan", [](Draws& d, Index, Index) { return d.chance(0.95) ? static_cast<real>(NAN) : d.between(-1, 1); }},
};

void add_top_k(std::vector<Case>& all, const Scores& kind, Index units, Index k, Index batches) {
  const std::string name = std::string("top_k/") + kind.name + "/n=" + std::to_string(units) +
                           ",k=" + std::to_string(k) + ",B=" + std::to_string(batches);
  all.push_back({name, [=]() -> Inputs {
                   Draws draws(name);
                   TopKInputs p{units, batches, k, std::vector<real>(std::size_t{units} * batches)};
                   for (std::size_t i = 0; i < p.score.size(); ++i)
                     p.score[i] = kind.score(draws, static_cast<Index>(i % units), units);
                   return p;
                 }});
}

void add_collect(std::vector<Case>& all, Index units, Index room, bool with_values, const char* what, real above,
                 double rate) {
  const std::string name = std::string("collect/") + what + (with_values ? ",values" : "") +
                           "/n=" + std::to_string(units) + ",room=" + std::to_string(room);
  all.push_back({name, [=]() -> Inputs {
                   Draws draws(name);
                   CollectInputs p{units, 3, room, with_values, above, std::vector<real>(std::size_t{units} * 3)};
                   for (real& x : p.x) {
                     x = draws.chance(rate) ? draws.between(real(0.5), 2) : real(0);
                     if (draws.chance(0.02)) x = static_cast<real>(NAN);
                     if (draws.chance(0.02)) x = above;  // equal is not above
                   }
                   return p;
                 }});
}

}  // namespace

void add_selection_cases(std::vector<Case>& all) {
  constexpr Index sizes[][2] = {{1, 1},   {31, 5},    {32, 32},    {33, 1},     {64, 63},     {255, 40},
                                {257, 1}, {1000, 50}, {1000, 999}, {5000, 100}, {20000, 141}, {100000, 1000}};
  for (const Scores& kind : score_kinds)
    for (const auto& [units, k] : sizes) add_top_k(all, kind, units, k, units < 5000 ? 3 : 1);
  add_top_k(all, score_kinds[0], 20000, 20000, 1);
  add_top_k(all, score_kinds[3], 20000, 15000, 4);

  for (const Index units : {Index{1}, Index{31}, Index{33}, Index{257}, Index{1000}, Index{40000}})
    for (const bool with_values : {false, true}) {
      add_collect(all, units, units, with_values, "sparse", 0, 0.05);
      add_collect(all, units, units, with_values, "all", static_cast<real>(-1), 1);
      add_collect(all, units, units, with_values, "none", 5, 0.5);
      add_collect(all, units, ceil_div<Index>(units, 8), with_values, "full", 0, 0.5);
    }

  const std::vector<std::uint64_t> seeds{1, 0x123456789abcdefULL, ~0ULL};
  for (const Index units : {Index{0}, Index{1}, Index{3}, Index{4}, Index{31}, Index{33}, Index{1000}, Index{10001}})
    for (const Tick tick : {Tick{0}, (Tick{1} << 33) + 5}) {
      const auto add = [&](const char* what, const Distribution& distribution) {
        all.push_back({std::string("sample/") + what + "/n=" + std::to_string(units) + ",tick=" + std::to_string(tick),
                       [=]() -> Inputs {
                         return SampleInputs{distribution, seeds, Stream::stimulus, tick, units};
                       }});
      };
      add("uniform", Uniform{});
      add("uniform,low=-3,high=0.5", Uniform{-3, real(0.5)});
      add("normal", Normal{});
      add("normal,mean=0.5,sd=0.05", Normal{real(0.5), real(0.05)});
    }
}

}  // namespace engram::conformance
