#include <gtest/gtest.h>

#include "engram/sorn/draws.hpp"
#include "engram/sorn/sorn.hpp"

namespace engram {
namespace {

real after(const auto& rule, real w, real x, real x_before, real y, real y_before) {
  const real pre[2] = {x, x_before}, post[2] = {y, y_before};
  rule(&w, pre, post, nullptr);
  return w;
}

const real eta = static_cast<real>(0.004);

TEST(Stdp, PreBeforePostGrowsPostBeforePreShrinksBothCancel) {
  const Stdp rule;
  EXPECT_EQ(after(rule, real(0.5), 0, 1, 1, 0), real(0.5) + eta);
  EXPECT_EQ(after(rule, real(0.5), 1, 0, 0, 1), real(0.5) - eta);
  EXPECT_EQ(after(rule, real(0.5), 1, 1, 1, 1), real(0.5));
  EXPECT_EQ(after(rule, real(0.5), 1, 0, 1, 0), real(0.5));
}

TEST(Stdp, PrunesAtZeroCapsAtOneAndLeavesAbsentSynapsesAlone) {
  const Stdp rule;
  EXPECT_EQ(after(rule, real(0.003), 1, 0, 0, 1), real(0));
  EXPECT_EQ(after(rule, eta, 1, 0, 0, 1), real(0));
  EXPECT_EQ(after(rule, real(0.999), 0, 1, 1, 0), real(1));
  EXPECT_EQ(after(rule, real(0), 0, 1, 1, 0), real(0));
}

TEST(Stdp, PrunesAtAValueAboveZeroWhatIsThereAndNoMore) {
  Stdp rule;
  rule.prune_at = real(0.25);
  EXPECT_EQ(after(rule, real(0.25), 0, 0, 0, 0), real(0));
  EXPECT_EQ(after(rule, real(0.25) + eta, 1, 0, 0, 1), real(0));
  EXPECT_EQ(after(rule, real(0.25), 0, 1, 1, 0), real(0.25) + eta);
  EXPECT_EQ(after(rule, real(0.5), 1, 0, 0, 1), real(0.5) - eta);
  EXPECT_EQ(after(rule, real(0), 0, 1, 1, 0), real(0));
}

TEST(Stdp, LowerBoundRaisesAbsentSynapsesOnlyOnRequest) {
  Stdp rule;
  rule.w_min = real(0.25);
  EXPECT_EQ(after(rule, real(0), 0, 0, 0, 0), real(0));
  EXPECT_EQ(after(rule, real(0.125), 0, 0, 0, 0), real(0.25));
  rule.clamp_absent = true;
  EXPECT_EQ(after(rule, real(0), 0, 0, 0, 0), real(0.25));
  EXPECT_EQ(after(rule, real(0), 0, 1, 1, 0), real(0.25));  // and learns nothing while it is absent
}

TEST(Istdp, InhibitionOfSilentUnitsFallsAndOfActiveOnesGrowsTenTimesAsMuch) {
  const Istdp rule;
  const real step = static_cast<real>(0.001);
  EXPECT_EQ(after(rule, real(0.5), 0, 1, 0, 0), real(0.5) - step);
  EXPECT_NEAR(static_cast<double>(after(rule, real(0.5), 0, 1, 1, 0)), 0.51, 1e-6);
  EXPECT_EQ(after(rule, real(0.5), 1, 0, 1, 0), real(0.5));  // reads the inhibitory activity of before
}

TEST(Istdp, FloorKeepsWhatZeroWouldPrune) {
  Istdp rule;
  EXPECT_EQ(after(rule, real(0.0005), 0, 1, 0, 0), real(0));
  rule.w_min = static_cast<real>(0.001);
  EXPECT_EQ(after(rule, real(0.0005), 0, 1, 0, 0), static_cast<real>(0.001));
  EXPECT_EQ(after(rule, real(0), 0, 1, 0, 0), real(0));
}

TEST(IntrinsicPlasticity, MovesTowardsTheTargetWithinItsBounds) {
  const IntrinsicPlasticity rule{real(0.25), 0, 1};
  EXPECT_EQ(rule(real(0.5), 1, real(0.5)), real(0.625));
  EXPECT_EQ(rule(real(0.5), 0, real(0.5)), real(0.375));
  EXPECT_EQ(rule(real(1), 1, real(0.5)), real(1));
  EXPECT_EQ(rule(real(0), 0, real(0.5)), real(0));
}

TEST(Threshold, EqualityFiresOnlyIfInclusive) {
  EXPECT_FALSE(Threshold{false}(real(0)));
  EXPECT_TRUE(Threshold{true}(real(0)));
  EXPECT_TRUE(Threshold{false}(real(0.1)));
  EXPECT_FALSE(Threshold{true}(real(-0.1)));
}

TEST(SornDegree, IsTheTruncatedQuantile) {
  EXPECT_EQ(sorn::in_degree(20, 0.5), 20u);
  EXPECT_EQ(sorn::in_degree(20, 0.84134474606), 20u);  // just below one standard deviation
  EXPECT_EQ(sorn::in_degree(20, 0.84134474607), 21u);
  EXPECT_EQ(sorn::in_degree(20, 0.0227501319481792), 18u);
  EXPECT_EQ(sorn::in_degree(1, 1e-10), 0u);
}

}  // namespace
}  // namespace engram
