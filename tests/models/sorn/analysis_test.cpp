#include "engram/sorn/analysis.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engram/core/random.hpp"

namespace engram {
namespace {

sorn::Raster raster(std::vector<std::vector<int>> rows) {
  sorn::Raster r{rows.size(), rows[0].size(), {}};
  for (const auto& row : rows) r.active.insert(r.active.end(), row.begin(), row.end());
  return r;
}

const sorn::Raster example = raster({{1, 0, 0}, {0, 1, 0}, {1, 0, 0}, {1, 1, 0}, {0, 0, 0}, {1, 0, 0}});

TEST(SornAnalysis, CountsSpikesRatesAndIntervals) {
  EXPECT_EQ(sorn::analysis::network_rate(example), (std::vector<double>{1, 1, 1, 2, 0, 1}));
  EXPECT_EQ(sorn::analysis::spike_times(example, 0), (std::vector<std::size_t>{0, 2, 3, 5}));
  EXPECT_EQ(sorn::analysis::intervals(example, 0), (std::vector<std::size_t>{2, 1, 2}));
  EXPECT_DOUBLE_EQ(sorn::analysis::spikes_per_bin(example, 0, 3), 2);
  EXPECT_THROW(sorn::analysis::spike_times(example, 3), Error);
}

TEST(SornAnalysis, SilentUnitsMakeNothingNaN) {
  const sorn::analysis::Correlation c = sorn::analysis::correlation(example);
  EXPECT_EQ(c.silent, 1u);
  EXPECT_EQ(c.matrix[8], 0);
  EXPECT_DOUBLE_EQ(c.matrix[0], 1);
  EXPECT_TRUE(std::isfinite(c.mean()));
  EXPECT_TRUE(std::isfinite(sorn::analysis::source_entropy(example)));
  EXPECT_EQ(sorn::analysis::fano_factor(example, 2, 3).factor, 0);
}

TEST(SornAnalysis, EntropyIsOneForEqualUnitsAndZeroForOne) {
  EXPECT_DOUBLE_EQ(sorn::analysis::source_entropy(raster({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}})), 1);
  EXPECT_DOUBLE_EQ(sorn::analysis::source_entropy(raster({{1, 0, 0}, {1, 0, 0}})), 0);
}

TEST(SornAnalysis, FanoFactorComparesEqualParts) {
  const sorn::analysis::Fano f = sorn::analysis::fano_factor(example, 0, 3);  // counts 1, 2, 1
  EXPECT_DOUBLE_EQ(f.mean, 4.0 / 3);
  EXPECT_NEAR(f.variance, 2.0 / 9, 1e-15);
  EXPECT_THROW(sorn::analysis::fano_factor(example, 0, 4), Error);
}

TEST(SornAnalysis, HammingDistanceCountsUnitsThatDiffer) {
  sorn::Raster other = example;
  other.active[0] = 0;
  other.active[5] = 1;
  EXPECT_EQ(sorn::analysis::hamming(example, other), (std::vector<std::size_t>{1, 1, 0, 0, 0, 0}));
  other.steps = 1;
  EXPECT_THROW(sorn::analysis::hamming(example, other), Error);
}

TEST(SornAnalysis, HistogramPutsEdgesIntoTheUpperBinAndTheLargestIntoTheLast) {
  const std::vector<double> values{0, 0.25, 0.5, 0.75, 1};
  EXPECT_EQ(sorn::analysis::histogram(values, 4).counts, (std::vector<std::size_t>{1, 1, 1, 2}));
  EXPECT_EQ(sorn::analysis::histogram({}, 2).counts, (std::vector<std::size_t>{0, 0}));
}

TEST(SornAnalysis, LogNormalFitFindsItsParametersAndFitsBetterThanNormal) {
  std::vector<double> w, logs;
  for (Index b = 0; b < 2000; ++b) {
    real four[4];
    normal_block(1, Stream::test, 0, b, four);
    for (const real z : four) logs.push_back(-2 + 0.5 * static_cast<double>(z));
  }
  for (const double l : logs) w.push_back(std::exp(l));
  const sorn::analysis::LogNormal fit = sorn::analysis::fit_lognormal(w, 0);
  EXPECT_NEAR(fit.mu, -2, 0.02);
  EXPECT_NEAR(fit.sigma, 0.5, 0.02);
  EXPECT_NEAR(fit.mode(), std::exp(-2.25), 0.01);
  EXPECT_NEAR(fit.mean(), std::exp(-1.875), 0.01);
  EXPECT_LT(sorn::analysis::distance_to_normal(logs), 0.02);
  EXPECT_GT(sorn::analysis::distance_to_normal(w), 0.05);
}

TEST(SornAnalysis, AvalanchesAreRunsAboveTheThreshold) {
  const std::vector<double> rate{5, 1, 3, 4, 1, 0, 2, 1, 9};
  const sorn::analysis::Avalanches a = sorn::analysis::avalanches(rate, 1);
  EXPECT_EQ(a.duration, (std::vector<std::size_t>{2, 1}));
  EXPECT_EQ(a.size, (std::vector<std::size_t>{5, 1}));
}

TEST(SornAnalysis, PowerLawExponentIsFoundFromItsOwnSample) {
  std::vector<std::size_t> values;
  for (std::size_t v = 1; v <= 100; ++v)
    values.insert(values.end(), static_cast<std::size_t>(std::llround(1e5 * std::pow(v, -1.5))), v);
  EXPECT_NEAR(sorn::analysis::power_law_exponent(values, 1, 100), 1.5, 0.01);
}

TEST(OneHotCode, GivesEachLabelItsOwnUnits) {
  const sorn::OneHot code = sorn::multi_one_hot(20, 3, 4, 7);
  for (const auto& units : code.units_of) EXPECT_EQ(units.size(), 4u);
  for (std::size_t s = 0; s < 4; ++s) {
    EXPECT_NE(code.units_of[0][s], code.units_of[1][s]);
    EXPECT_NE(code.units_of[1][s], code.units_of[2][s]);
    EXPECT_EQ(code.matrix[code.units_of[2][s] * 3 + 2], 1);
  }
  EXPECT_THROW(sorn::multi_one_hot(2, 3, 1, 7), Error);
}

}  // namespace
}  // namespace engram
