// The grid of Simulation 2: 380 networks at once. Shortened training; the figures of the table are for 1500 epochs.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/attractor_task.hpp"

namespace engram {
namespace {

TEST(LongAttractor, TheGridOfEvidenceAndTemperatureHasItsRegimes) {
  auto experiment = test::example("digits_grid");
  experiment["protocol"][0]["epochs"] = 1500;
  experiment["protocol"][1]["max_steps"] = 600;
  for (int p : {2, 3}) experiment["protocol"][static_cast<std::size_t>(p)]["trials"] = 50;
  const test::Kept kept = test::run_task(experiment, 1);
  const auto& retrieval = kept.of("retrieval", "median gain of R2");
  const auto& generalisation = kept.of("generalisation", "median gain of R2");
  ASSERT_EQ(retrieval.size(), 380u);
  const auto cell = [](int evidence, double beta) {
    const auto column = static_cast<int>(std::lround((std::log10(beta) + 2) * 9));
    return static_cast<std::size_t>((evidence - 1) * 19 + column);
  };
  // Evidence, inverse temperature, measured gains of retrieval and generalisation.
  const struct {
    int evidence;
    double beta, retrieval, generalisation;
  } table[] = {{8, 0.01, 0.00, -0.01}, {8, 0.1668, 0.26, 0.10}, {8, 0.3594, 0.31, 0.07}, {14, 0.0464, 0.17, 0.09},
               {14, 0.1668, 0.28, 0.10}, {14, 1.0, 0.19, -0.03}, {20, 0.0464, 0.17, 0.07}, {20, 0.3594, 0.29, 0.07}};
  for (const auto& row : table) {
    EXPECT_NEAR(retrieval[cell(row.evidence, row.beta)], row.retrieval, 0.07) << row.evidence << ", " << row.beta;
    EXPECT_NEAR(generalisation[cell(row.evidence, row.beta)], row.generalisation, 0.07) << row.evidence << ", " << row.beta;
  }
  const auto& distinct = kept.of("attractors", "distinct attractors");
  EXPECT_EQ(distinct[cell(8, 0.01)], 1);
  EXPECT_GE(distinct[cell(20, 1.0)], 7);
}

}  // namespace
}  // namespace engram
