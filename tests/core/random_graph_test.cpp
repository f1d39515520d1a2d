// The generator of random graphs: its format, and that what it makes is independent Bernoulli(p) pairs.
#include "engram/synapses/random_graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace engram {
namespace {

std::vector<Index> targets(const Fibre& fibre, Index pre) {
  std::vector<Index> found;
  for_each_target(fibre, pre, [&](Index post) { found.push_back(post); });
  return found;
}

/// Probability that the alias table gives each gap, counted over its columns.
std::vector<double> gap_probability(const SkipTable& table) {
  const Index columns = Index{1} << table.columns_log2();
  const bool wide = !table.wide().empty();
  const double room = std::ldexp(1.0, (wide ? 64 : 32)) / columns;
  std::vector<double> probability(columns);
  for (Index c = 0; c < columns; ++c) {
    const std::uint64_t entry = wide ? table.wide()[c] : table.narrow()[c];
    const double cut = static_cast<double>(entry >> table.columns_log2());
    probability[c] += cut / room / columns;
    probability[entry & (columns - 1)] += (room - cut) / room / columns;
  }
  return probability;
}

TEST(SkipTable, GivesTheGeometricDistributionForBothWidths) {
  for (int bits : {32, 64})
    for (double p : {0.9, 0.5, 0.05, 0.01, 0.001, 1e-6}) {
      const SkipTable table(p, bits);
      const auto probability = gap_probability(table);
      double q = 1;
      for (std::size_t m = 0; m + 1 < probability.size(); ++m, q *= 1 - p)
        ASSERT_NEAR(probability[m], q * p, bits == 32 ? std::ldexp(1.0, -32) : 1e-15) << "p " << p << ", gap " << m;
      ASSERT_NEAR(probability.back(), q, bits == 32 ? std::ldexp(1.0, -32) : 1e-12) << "p " << p;
    }
}

TEST(SkipTable, RefusesADensityThatIsNoProbability) {
  for (double p : {-0.1, 1.1, std::nan("")}) EXPECT_THROW(SkipTable{p}, Error);
  EXPECT_THROW(SkipTable(0.1, 16), Error);
}

TEST(SegmentWidth, IsThePowerOfTwoNear32OverP) {
  EXPECT_EQ(segment_width(1), 1024u);
  EXPECT_EQ(segment_width(0.05), 1024u);
  EXPECT_EQ(segment_width(0.01), 4096u);
  EXPECT_EQ(segment_width(0.001), 32768u);
  EXPECT_EQ(segment_width(0), 65536u);
}

TEST(Fibre, IsEmptyAtDensity0AndFullAtDensity1) {
  EXPECT_TRUE(targets(SkipTable(0).fibre(1, 5000), 3).empty());
  std::vector<Index> all(5000);
  std::iota(all.begin(), all.end(), 0u);
  EXPECT_EQ(targets(SkipTable(1).fibre(1, 5000), 3), all);
}

TEST(Fibre, IsTheSameOnEveryMachine) {
  // Recorded from this format; a change here changes every recorded run.
  EXPECT_EQ(fibre_key(1, "A", "B"), fibre_key(1, "A", "B"));
  EXPECT_NE(fibre_key(1, "A", "B"), fibre_key(2, "A", "B"));
  EXPECT_NE(fibre_key(1, "A", "B"), fibre_key(1, "B", "A"));
  EXPECT_NE(fibre_key(1, "AB", ""), fibre_key(1, "A", "B"));
  std::uint64_t hash = fibre_key(1, "A", "B");
  for (int bits : {32, 64})
    for (double p : {0.3, 0.01, 0.0005}) {
      const SkipTable table(p, bits);
      for (Index pre : {0u, 7u, 123456u})
        for (Index post : targets(table.fibre(42, 200000), pre)) hash = (hash ^ post) * 0x9E3779B97F4A7C15u;
    }
  EXPECT_EQ(hash, 12938407016815267398u);
}

TEST(Fibre, OfALargerPopulationOnlyAppends) {
  const SkipTable table(0.01);
  const auto small = targets(table.fibre(5, 6000), 11), large = targets(table.fibre(5, 50000), 11);
  ASSERT_LT(small.size(), large.size());
  EXPECT_TRUE(std::equal(small.begin(), small.end(), large.begin()));
  EXPECT_GE(large[small.size()], 6000u);
}

TEST(Fibre, StopsWhereTheVisitorSaysSo) {
  const SkipTable table(0.01);
  int calls = 0;
  for_each_target(table.fibre(5, 50000), 1, 0, [&](Index) { return ++calls < 3; });
  EXPECT_EQ(calls, 3);
}

class Statistics : public testing::TestWithParam<std::tuple<double, int>> {};

// Bounds are five standard errors: a right generator fails one test in a million, and the seeds are fixed.
TEST_P(Statistics, OutDegreesAreBinomial) {
  const auto [p, bits] = GetParam();
  const Index n_post = static_cast<Index>(400 / p), n_pre = 2000;
  const SkipTable table(p, bits);
  const Fibre fibre = table.fibre(fibre_key(1, "A", "B"), n_post);
  double sum = 0, squares = 0;
  for (Index j = 0; j < n_pre; ++j) {
    const auto degree = static_cast<double>(targets(fibre, j).size());
    sum += degree;
    squares += degree * degree;
  }
  const double mean = sum / n_pre, variance = squares / n_pre - mean * mean, expected = n_post * p * (1 - p);
  EXPECT_NEAR(mean, n_post * p, 5 * std::sqrt(expected / n_pre));
  EXPECT_NEAR(variance / expected, 1, 5 * std::sqrt(2.0 / n_pre));
}

TEST_P(Statistics, InputsFromContiguousAndScatteredSourcesAreBinomial) {
  const auto [p, bits] = GetParam();
  const Index n_post = 20000, sources = 400;
  const SkipTable table(p, bits);
  const Fibre fibre = table.fibre(fibre_key(2, "A", "B"), n_post);
  for (Index stride : {1u, 64u, 1999u}) {
    std::vector<int> input(n_post);
    for (Index s = 0; s < sources; ++s) for_each_target(fibre, s * stride, [&](Index post) { ++input[post]; });
    double sum = 0, squares = 0;
    for (int x : input) sum += x;
    const double mean = sum / n_post, expected = sources * p * (1 - p);
    for (int x : input) squares += (x - mean) * (x - mean);
    EXPECT_NEAR(mean, sources * p, 5 * std::sqrt(expected / n_post)) << "stride " << stride;
    // The variance of a sample variance, with the fourth moment of a binomial.
    const double fourth = expected * (1 + 3 * expected * (1 - 2.0 / sources));
    EXPECT_NEAR(squares / n_post, expected, 5 * std::sqrt((fourth - expected * expected) / n_post))
        << "stride " << stride;
  }
}

TEST_P(Statistics, NeighboursAreIndependent) {
  const auto [p, bits] = GetParam();
  const Index n_post = static_cast<Index>(200 / p), n_pre = 500;
  const SkipTable table(p, bits);
  const Fibre fibre = table.fibre(fibre_key(3, "A", "B"), n_post);
  std::vector<bool> before(n_post), row(n_post);
  double same_pre = 0, same_post = 0;  // pairs of neighbours that both exist
  for (Index j = 0; j < n_pre; ++j) {
    std::fill(row.begin(), row.end(), false);
    for (Index post : targets(fibre, j)) row[post] = true;
    for (Index i = 0; i < n_post; ++i) {
      same_pre += i > 0 && row[i] && row[i - 1];
      same_post += j > 0 && row[i] && before[i];
    }
    before = row;
  }
  const double pairs_pre = static_cast<double>(n_pre) * (n_post - 1),
               pairs_post = static_cast<double>(n_pre - 1) * n_post;
  // Overlapping pairs: the variance of a count of runs, p^2 (1 - p^2) + 2 p^3 (1 - p) a pair.
  const double variance = p * p * (1 - p * p) + 2 * p * p * p * (1 - p);
  EXPECT_NEAR(same_pre, pairs_pre * p * p, 5 * std::sqrt(pairs_pre * variance));
  EXPECT_NEAR(same_post, pairs_post * p * p, 5 * std::sqrt(pairs_post * variance));
}

TEST_P(Statistics, InDegreesAreBinomial) {
  const auto [p, bits] = GetParam();
  const Index n_post = 2000, n_pre = static_cast<Index>(400 / p);
  const SkipTable table(p, bits);
  const Fibre fibre = table.fibre(fibre_key(5, "A", "B"), n_post);
  std::vector<double> degree(n_post);
  for (Index j = 0; j < n_pre; ++j) for_each_target(fibre, j, [&](Index post) { degree[post] += 1; });
  double sum = 0, squares = 0;
  for (const double d : degree) {
    sum += d;
    squares += d * d;
  }
  const double mean = sum / n_post, variance = squares / n_post - mean * mean, expected = n_pre * p * (1 - p);
  EXPECT_NEAR(mean, n_pre * p, 5 * std::sqrt(expected / n_post));
  EXPECT_NEAR(variance / expected, 1, 5 * std::sqrt(2.0 / n_post));
}

TEST_P(Statistics, FibresOfOtherNamesAndSeedsAreIndependent) {
  const auto [p, bits] = GetParam();
  const Index n_post = static_cast<Index>(200 / p), n_pre = 500;
  const SkipTable table(p, bits);
  const Fibre fibre = table.fibre(fibre_key(6, "A", "B"), n_post);
  for (const std::uint64_t key : {fibre_key(6, "A", "C"), fibre_key(6, "B", "A"), fibre_key(7, "A", "B")}) {
    const Fibre other = table.fibre(key, n_post);
    double both = 0;
    for (Index j = 0; j < n_pre; ++j) {
      const auto a = targets(fibre, j), b = targets(other, j);
      std::vector<Index> common;
      std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
      both += static_cast<double>(common.size());
    }
    const double pairs = static_cast<double>(n_pre) * n_post;
    EXPECT_NEAR(both, pairs * p * p, 5 * std::sqrt(pairs * p * p * (1 - p * p)));
  }
}

TEST_P(Statistics, GapsAreGeometricByChiSquare) {
  const auto [p, bits] = GetParam();
  const SkipTable table(p, bits);
  const Fibre fibre = table.fibre(fibre_key(4, "A", "B"), static_cast<Index>(500 / p));
  // Bins of about equal probability, by the distribution function.
  constexpr int bins = 50;
  std::vector<double> count(bins), share(bins);
  const auto bin_of = [&](std::uint64_t gap) {
    return std::min(bins - 1, static_cast<int>(bins * -std::expm1(static_cast<double>(gap) * std::log1p(-p))));
  };
  double total = 0, q = 1;
  for (std::uint64_t gap = 0; q > 1e-12; ++gap, q *= 1 - p) share[static_cast<std::size_t>(bin_of(gap))] += q * p;
  for (Index j = 0; j < 400; ++j) {
    std::int64_t last = -1;
    for (Index post : targets(fibre, j)) {
      count[static_cast<std::size_t>(bin_of(static_cast<std::uint64_t>(post - last - 1)))] += 1;
      total += 1;
      last = post;
    }
  }
  double chi_square = 0;
  int used = -1;
  for (int b = 0; b < bins; ++b)
    if (const double expected = total * share[static_cast<std::size_t>(b)]; expected > 5) {
      chi_square += std::pow(count[static_cast<std::size_t>(b)] - expected, 2) / expected;
      ++used;
    }
  // Gaps are cut off by the end of a row, one in 500: a bias below a fifth of this bound.
  EXPECT_LT(chi_square, used + 5 * std::sqrt(2.0 * used));
}

INSTANTIATE_TEST_SUITE_P(Densities, Statistics,
                         testing::Combine(testing::Values(0.3, 0.05, 0.01), testing::Values(32, 64)));

}  // namespace
}  // namespace engram
