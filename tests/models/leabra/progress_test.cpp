// How learning rates change over the epochs of a phase, and what a prediction is worth, in numbers worked out by hand.
#include "engine/models/leabra/progress.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace engram {
namespace {

using namespace leabra;

double factor_of(const RateSchedule& schedule, std::uint64_t epoch) { return rate_factor(schedule, epoch, {}); }

TEST(LeabraRates, FollowTheirSchedules) {
  RateSchedule s{.lrate_every = 10, .lrate_factor = 0.5};
  EXPECT_EQ(factor_of(s, 1000), 1) << "fixed";
  s.lrate_schedule = Schedule::step;
  EXPECT_EQ(factor_of(s, 9), 1);
  EXPECT_EQ(factor_of(s, 10), 0.5);
  EXPECT_EQ(factor_of(s, 29), 0.25);
  s.lrate_schedule = Schedule::exponential;
  EXPECT_NEAR(factor_of(s, 5), std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(factor_of(s, 20), 0.25, 1e-15);
  s.lrate_schedule = Schedule::cosine;
  EXPECT_EQ(factor_of(s, 0), 1);
  EXPECT_NEAR(factor_of(s, 5), 0.5, 1e-15);
  EXPECT_NEAR(factor_of(s, 10), 0, 1e-15);
  EXPECT_NEAR(factor_of(s, 15), 0, 1e-15) << "it does not rise again";
  for (const Schedule kind : {Schedule::step, Schedule::exponential, Schedule::cosine}) {
    s.lrate_schedule = kind;
    s.lrate_floor = 0.3;
    EXPECT_EQ(factor_of(s, 1000), 0.3);
  }
}

/// Three evaluations without a better loss change the rate; the two after a change do not count.
TEST(LeabraRates, FallOnAPlateauDownToTheirFloor) {
  Phase phase;
  phase.schedule = {.lrate_schedule = Schedule::plateau,
                    .lrate_cooldown = 2,
                    .lrate_patience = 3,
                    .lrate_factor = 0.5,
                    .lrate_floor = 0.3};
  Progress progress;
  const double wanted[] = {1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.3, 0.3};
  for (std::uint64_t k = 0; k < std::size(wanted); ++k) {
    progress.judge(phase, {.loss = 1, .values = 1, .patterns = 1}, k + 1);
    EXPECT_EQ(rate_factor(phase.schedule, k, progress.plateau), wanted[k]) << k;
  }
  Progress better;
  for (std::uint64_t k = 0; k < 20; ++k)
    better.judge(phase, {.loss = 1 / (1.0 + static_cast<double>(k)), .values = 1, .patterns = 1}, k + 1);
  EXPECT_EQ(rate_factor(phase.schedule, 20, better.plateau), 1);
}

TEST(LeabraRates, StopAfterPerfectEpochsInARow) {
  Phase phase;
  phase.stop_after = 3;
  Progress progress;
  const double losses[] = {0, 0, 1, 0, 0, 0};
  for (std::uint64_t k = 0; k < std::size(losses); ++k) {
    EXPECT_LT(progress.perfect, 3u) << k;
    progress.judge(phase, {.loss = losses[k], .values = 1, .patterns = 1}, k + 1);
  }
  EXPECT_EQ(progress.perfect, 3u);
}

TEST(LeabraScore, CountsErrorsOfAHalfAndMore) {
  Score score;
  const std::vector<real> found{real(0.9), real(0.25), real(0.75)};
  score.add(found, std::vector<double>{1, 0, 0});
  EXPECT_NEAR(score.loss, 0.5625, 1e-6);
  EXPECT_NEAR(score.squares, 0.01 + 0.0625 + 0.5625, 1e-6);
  EXPECT_EQ(score.right, 1);
  score.add(std::vector<real>{real(0.5), real(0.5), 0}, std::vector<double>{0, 1, 0});
  EXPECT_EQ(score.right, 1) << "the first of equal answers counts";
  EXPECT_NEAR(score.loss, 0.5625 + 0.25 + 0.25, 1e-6);
}

}  // namespace
}  // namespace engram
