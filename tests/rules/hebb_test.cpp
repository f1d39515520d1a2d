// The rules of the assembly family, by hand. All values are exact in binary.
#include "engram/rules/hebb.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "engram/rules/registry.hpp"

namespace engram {
namespace {

template <class Rule>
real after(const Rule& rule, double w, double x, double o) {
  real s = static_cast<real>(w);
  const real pre = static_cast<real>(x), post = static_cast<real>(o);
  rule(&s, &pre, &post, nullptr);
  return s;
}

TEST(Hebb, GrowsAWeightByItsShareWhereBothEndsFire) {
  const Hebb rule{real(0.5), 0};
  EXPECT_EQ(after(rule, 2, 1, 1), real(3));
  EXPECT_EQ(after(rule, 2, 1, 0), real(2));
  EXPECT_EQ(after(rule, 2, 0, 1), real(2));
  EXPECT_EQ(after(rule, 2, 0.5, 0.5), real(2.25));
}
TEST(Hebb, LeavesAnAbsentSynapseAbsent) { EXPECT_EQ(after(Hebb{1, 0}, 0, 1, 1), real(0)); }
TEST(Hebb, StopsAtItsCeiling) {
  const Hebb rule{1, 3};
  EXPECT_EQ(after(rule, 1, 1, 1), real(2));
  EXPECT_EQ(after(rule, 2, 1, 1), real(3));
  EXPECT_EQ(after(rule, 3, 1, 1), real(3));
}
TEST(Hebb, NeverLowersAWeightAboveItsCeiling) {
  EXPECT_EQ(after(Hebb{1, 3}, 5, 1, 1), real(5));
  EXPECT_EQ(after(Hebb{1, 3}, 5, 0, 1), real(5));
}
TEST(Hebb, GrowsGeometrically) {
  const Hebb rule{real(0.25), 0};
  real w = 1;
  for (int i = 0; i < 4; ++i) w = after(rule, static_cast<double>(w), 1, 1);
  EXPECT_EQ(w, real(2.44140625));  // (5/4)^4
}

TEST(HebbAdditive, AddsTheProductOfItsEnds) {
  const HebbAdditive rule{real(0.5), 0};
  EXPECT_EQ(after(rule, 2, 1, 1), real(2.5));
  EXPECT_EQ(after(rule, 2, 0, 1), real(2));
  EXPECT_EQ(after(rule, 2, 1, 0), real(2));
  EXPECT_EQ(after(rule, 2, 2, 0.5), real(2.5));
}
TEST(HebbAdditive, CreatesASynapse) { EXPECT_EQ(after(HebbAdditive{real(0.5), 0}, 0, 1, 1), real(0.5)); }
TEST(HebbAdditive, StopsAtItsCeilingAndNeverLowers) {
  const HebbAdditive rule{1, real(1.5)};
  EXPECT_EQ(after(rule, 0, 1, 1), real(1));
  EXPECT_EQ(after(rule, 1, 1, 1), real(1.5));
  EXPECT_EQ(after(rule, 4, 1, 1), real(4));
}

TEST(Willshaw, SwitchesASynapseOnceAndForAll) {
  EXPECT_EQ(after(Willshaw{}, 0, 1, 1), real(1));
  EXPECT_EQ(after(Willshaw{}, 1, 1, 1), real(1));
  EXPECT_EQ(after(Willshaw{}, 0, 1, 0), real(0));
  EXPECT_EQ(after(Willshaw{}, 1, 0, 0), real(1));
  EXPECT_EQ(after(Willshaw{}, 0.25, 0.5, 1), real(0.75));
}

TEST(EveryRule, HasANameHelpAndDefaultsInsideItsRanges) {
  std::set<std::string> names;
  for_each_rule<SynapseRule>([&]<class Rule>() {
    EXPECT_TRUE(names.insert(Rule::name).second) << Rule::name;
    EXPECT_GT(std::string(Rule::help).size(), 10u) << Rule::name;
    std::set<std::string> fields;
    const Rule rule;
    std::apply(
        [&](const auto&... field) {
          [[maybe_unused]] const auto look = [&](const auto& f) {
            EXPECT_TRUE(fields.insert(f.name).second) << Rule::name << "." << f.name;
            EXPECT_GT(std::string(f.help).size(), 3u) << Rule::name << "." << f.name;
            if constexpr (std::is_arithmetic_v<std::decay_t<decltype(rule.*f.member)>>) {
              EXPECT_LE(f.min, f.max) << Rule::name << "." << f.name;
              EXPECT_GE(static_cast<double>(rule.*f.member), f.min) << Rule::name << "." << f.name;
              EXPECT_LE(static_cast<double>(rule.*f.member), f.max) << Rule::name << "." << f.name;
            }
          };
          (look(field), ...);
        },
        Rule::fields);
  });
}

/// A backend may leave silent pairs out where a rule promises that nothing happens there.
TEST(EveryRule, KeepsItsPromiseAboutSilence) {
  for_each_rule<SynapseRule>([]<class Rule>() {
    if constexpr (Rule::identity_when_silent) {
      for (const double w : {0.0, 0.25, 0.75, 1.0})
        for (const auto& [x, o] : {std::pair{0.0, 0.0}, {0.0, 1.0}, {1.0, 0.0}, {0.0, 0.5}, {0.5, 0.0}}) {
          real s[Rule::n_values], pre[Rule::n_pre + 1] = {}, post[Rule::n_post + 1] = {},
                                                    shared[8] = {1, 1, 1, 1, 1, 1, 1, 1};
          for (real& v : s) v = static_cast<real>(w);
          for (real& v : pre) v = static_cast<real>(x);
          for (real& v : post) v = static_cast<real>(o);
          Rule{}(s, pre, post, shared);
          for (const real v : s) EXPECT_EQ(v, static_cast<real>(w)) << Rule::name << " x=" << x << " o=" << o;
        }
    }
    if constexpr (!Rule::creates_synapses && Rule::identity_when_silent && Rule::n_values == 1) {
      real s = 0;
      const real one[4] = {1, 1, 1, 1}, shared[8] = {1, 1, 1, 1, 1, 1, 1, 1};
      Rule{}(&s, one, one, shared);
      EXPECT_EQ(s, real(0)) << Rule::name;
    }
  });
}

}  // namespace
}  // namespace engram
