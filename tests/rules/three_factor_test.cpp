// Rules that a layer's signal steers, against their equations, and subtractive inhibition.
#include "engram/rules/three_factor.hpp"

#include <gtest/gtest.h>

#include "engram/rules/inhibition.hpp"

namespace engram {
namespace {

constexpr real near_zero = static_cast<real>(1e-6);

real learned(const ModulatedHebb& rule, real w, real x, real o, real m) {
  rule(&w, &x, &o, &m);
  return w;
}

TEST(ModulatedHebb, ChangesCoactiveSynapsesByTheSignal) {
  const ModulatedHebb rule{real(0.5), 1};
  EXPECT_NEAR(learned(rule, real(0.2), 1, real(0.5), real(0.4)), 0.2 + 0.5 * 0.4 * 0.5, near_zero);
  EXPECT_NEAR(learned(rule, real(0.5), 1, 1, real(-0.4)), 0.5 - 0.2, near_zero);
  EXPECT_EQ(learned(rule, real(0.2), 0, 1, 1), real(0.2));
  EXPECT_EQ(learned(rule, real(0.2), 1, 1, 0), real(0.2));
}

TEST(ModulatedHebb, KeepsItsBoundsAndCreatesNothing) {
  const ModulatedHebb rule{1, 1};
  EXPECT_EQ(learned(rule, real(0.9), 1, 1, 1), real(1));
  EXPECT_EQ(learned(rule, real(1.5), 1, 1, 1), real(1.5)) << "what is above the bound is not lowered";
  EXPECT_EQ(learned(rule, real(0.1), 1, 1, -1), real(0));
  EXPECT_EQ(learned(rule, 0, 1, 1, 1), real(0));
}

TEST(EligibilityTrace, TurnsIntoChangeWhenTheSignalComes) {
  const EligibilityTrace rule{real(0.1), real(0.5), 1};
  real s[2] = {real(0.3), 0};
  const real on = 1, off = 0;
  rule(s, &on, &on, &off);  // both ends fire, no signal yet
  EXPECT_EQ(s[0], real(0.3));
  EXPECT_EQ(s[1], real(1));
  rule(s, &off, &on, &off);
  EXPECT_EQ(s[1], real(0.5));
  rule(s, &off, &off, &on);  // the signal finds a quarter of it
  EXPECT_NEAR(s[0], 0.3 + 0.1 * 0.25, near_zero);
}

TEST(SubtractiveInhibition, TakesTheSameOfAllDownToZero) {
  const SubtractiveInhibition rule{real(0.5)};
  const real mean = real(0.6);
  real strong = 1, weak = real(0.2);
  rule(&strong, &mean);
  rule(&weak, &mean);
  EXPECT_NEAR(strong, 0.7, near_zero);
  EXPECT_EQ(weak, real(0));
}

}  // namespace
}  // namespace engram
