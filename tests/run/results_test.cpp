// Mean and deviation over replicas.
#include "engine/run/results.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace engram::test {
namespace {

TEST(Results, ALargeMeanCancelsNoDeviation) {
  const std::vector<double> values{1e9 + 1, 1e9 + 2, 1e9 + 4};
  const Moments all = moments_of(values);
  EXPECT_EQ(all.mean, (values[0] + values[1] + values[2]) / 3);
  EXPECT_NEAR(all.sd(), std::sqrt(7.0 / 3), 1e-6);  // the mean of squares minus the square of the mean gives 0
  EXPECT_NEAR(all.population_sd(), std::sqrt(14.0 / 9), 1e-6);
}

TEST(Results, WhatIsNotFiniteIsLeftOut) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  nlohmann::ordered_json results;
  put_mean(results, "some", std::vector{none, 3.0, 5.0});
  put_mean(results, "one", std::vector{none, 3.0});
  put_mean(results, "nothing", std::vector{none, std::numeric_limits<double>::infinity()});
  results.erase(each_network);
  EXPECT_EQ(results.dump(), R"({"some":4.0,"some, sd":1.4142135623730951,"one":3.0,"nothing":null})");
}

}  // namespace
}  // namespace engram::test
