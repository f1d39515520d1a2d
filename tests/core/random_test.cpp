// Random numbers: published answers, distributions, independence.
#include "engram/core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace engram {
namespace {

/// The answers published with Random123 (kat_vectors, philox4x32 10).
TEST(Philox, GivesThePublishedAnswers) {
  struct Answer {
    Words counter;
    std::uint32_t key[2];
    Words expected;
  };
  const Answer answers[] = {
      {{{0, 0, 0, 0}}, {0, 0}, {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}},
      {{{~0u, ~0u, ~0u, ~0u}}, {~0u, ~0u}, {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}},
      {{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
       {0xa4093822, 0x299f31d0},
       {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}},
  };
  for (const Answer& a : answers) {
    const Words found = philox(a.counter, a.key[0], a.key[1]);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(found.w[i], a.expected.w[i]);
  }
}

TEST(Random, SpreadsSeedStreamTickUnitAndDrawOverCounterAndKey) {
  const Random r{0x299f31d0a4093822ULL, Stream::weight, 0x0370734413198a2eULL, 0x243f6a88};
  const Words expected = philox({{0x243f6a88, (5u << 8) | 3u, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(r.words(5).w[i], expected.w[i]);
}

TEST(Random, NeverGivesOneNumberToTwoUses) {
  std::set<std::uint64_t> seen;
  std::size_t drawn = 0;
  for (const std::uint64_t seed : {0ULL, 1ULL, 1ULL << 32})
    for (const Stream stream : {Stream::test, Stream::stimulus, Stream::connect, Stream::weight})
      for (const Tick tick : {Tick{0}, Tick{1}, Tick{256}, Tick{1} << 32})
        for (const std::uint32_t unit : {0u, 1u, 255u, 256u, 65536u})
          for (const std::uint32_t draw : {0u, 1u, 256u, (1u << 24) - 1}) {
            const Words x = Random{seed, stream, tick, unit}.words(draw);
            seen.insert((std::uint64_t{x.w[0]} << 32) | x.w[1]);
            ++drawn;
          }
  EXPECT_EQ(seen.size(), drawn);
}

constexpr int n = 200000;

/// Largest distance of the empirical distribution from `cdf`, times sqrt(n): above 1.95 with probability 0.001.
template <class Cdf>
double kolmogorov_smirnov(std::vector<double> x, Cdf cdf) {
  std::sort(x.begin(), x.end());
  const auto size = static_cast<double>(x.size());
  double most = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = cdf(x[i]), rank = static_cast<double>(i);
    most = std::max({most, expected - rank / size, (rank + 1) / size - expected});
  }
  return most * std::sqrt(size);
}

std::vector<double> normals(std::uint64_t seed, Tick tick) {
  std::vector<double> x;
  for (std::uint32_t block = 0; block < n / 4; ++block) {
    real four[4];
    normal_block(seed, Stream::test, tick, block, four);
    x.insert(x.end(), four, four + 4);
  }
  return x;
}

/// Mean of x^power in units of its standard error, given the exact moments of that power and of twice that power.
double moment_error(const std::vector<double>& x, int power, double mean, double mean_of_square) {
  double sum = 0;
  for (const double v : x) sum += std::pow(v, power);
  const auto size = static_cast<double>(x.size());
  return (sum / size - mean) / std::sqrt((mean_of_square - mean * mean) / size);
}

TEST(Uniform, HasTheMomentsAndTheDistribution) {
  std::vector<double> x;
  for (std::uint32_t unit = 0; unit < n; ++unit) {
    x.push_back(static_cast<double>(Random{7, Stream::test, 3, unit}.uniform()));
    ASSERT_GE(x.back(), 0);
    ASSERT_LT(x.back(), 1);
  }
  for (int p = 1; p <= 4; ++p) EXPECT_LT(std::abs(moment_error(x, p, 1.0 / (p + 1), 1.0 / (2 * p + 1))), 4) << p;
  EXPECT_LT(kolmogorov_smirnov(x, [](double v) { return v; }), 1.95);
}

TEST(Uniform, CoversItsWordExactly) {
  EXPECT_EQ(uniform_of(0), real(0));
  EXPECT_EQ(uniform_of(0x80000000u), real(0.5));
  EXPECT_LT(uniform_of(~0u), real(1));
  EXPECT_GT(uniform_of(~0u), real(0.9999999));
}

TEST(Normal, HasTheMomentsAndTheDistribution) {
  const std::vector<double> x = normals(11, 0);
  const double even_moments[] = {1, 1, 3, 15, 105};  // of order 0, 2, 4, 6, 8
  for (int p = 1; p <= 4; ++p)
    EXPECT_LT(std::abs(moment_error(x, p, p % 2 ? 0 : even_moments[p / 2], even_moments[p])), 4) << p;
  EXPECT_LT(kolmogorov_smirnov(x, [](double v) { return 0.5 * std::erfc(-v / std::sqrt(2.0)); }), 1.95);
}

TEST(Normal, StaysFiniteForEveryWord) {
  for (const std::uint32_t first : {0u, 1u, 255u, 256u, 0x7fffffffu, 0xffffff00u, ~0u})
    for (const std::uint32_t second : {0u, 0x40000000u, ~0u}) {
      real x, y;
      normals_of(first, second, x, y);
      EXPECT_TRUE(std::isfinite(x) && std::isfinite(y)) << first << ", " << second;
    }
}

TEST(Streams, UnitsTicksAndSeedsAreUncorrelated) {
  const auto draw = [](std::uint64_t seed, Stream stream, Tick tick, std::uint32_t unit) {
    return static_cast<double>(Random{seed, stream, tick, unit}.uniform()) - 0.5;
  };
  double between[5] = {};
  for (std::uint32_t i = 0; i < n; ++i) {
    const double x = draw(5, Stream::test, 0, i);
    const double others[] = {draw(5, Stream::stimulus, 0, i), draw(5, Stream::test, 1, i), draw(6, Stream::test, 0, i),
                             draw(5, Stream::test, 0, i + 1),
                             static_cast<double>(Random{5, Stream::test, 0, i}.uniform(1)) - 0.5};
    for (int k = 0; k < 5; ++k) between[k] += x * others[k];
  }
  for (const double sum : between)
    EXPECT_LT(std::abs(sum * 12 / std::sqrt(static_cast<double>(n))), 4);  // a correlation in standard errors
}

TEST(NormalBlock, ItsFourDeviatesAreUncorrelated) {
  const std::vector<double> x = normals(13, 9);
  for (std::size_t a = 0; a < 4; ++a)
    for (std::size_t b = a + 1; b < 4; ++b) {
      double sum = 0, squares = 0;
      for (std::size_t i = 0; i < x.size(); i += 4) {
        sum += x[i + a] * x[i + b];
        squares += (x[i + a] * x[i + a] - 1) * (x[i + b] * x[i + b] - 1);
      }
      EXPECT_LT(std::abs(sum) / std::sqrt(n / 4.0), 4);
      EXPECT_LT(std::abs(squares) / (2 * std::sqrt(n / 4.0)), 5);
    }
}

TEST(Below, IsUniformAndReachesBothEnds) {
  std::vector<double> count(7);
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint64_t x = Random{3, Stream::test, 0, i}.below(7);
    ASSERT_LT(x, 7u);
    ++count[x];
  }
  double chi_square = 0;
  for (const double c : count) chi_square += (c - n / 7.0) * (c - n / 7.0) / (n / 7.0);
  EXPECT_LT(chi_square, 22.5);  // 6 degrees of freedom, probability 0.001
  for (std::uint32_t i = 0; i < 100; ++i) {
    const Random r{3, Stream::test, 0, i};
    EXPECT_EQ(r.below(1), 0u);
    const Words w = r.words(0);
    EXPECT_EQ(r.below(std::uint64_t{1} << 32), w.w[0]);  // the leading word
  }
}

TEST(Bernoulli, HitsItsProbabilityAndItsLimits) {
  int hits = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const Random r{4, Stream::test, 0, i};
    hits += r.bernoulli(0.3);
    ASSERT_FALSE(r.bernoulli(0));
    ASSERT_TRUE(r.bernoulli(1));
  }
  EXPECT_LT(std::abs(hits - 0.3 * n), 4 * std::sqrt(n * 0.21));
}

}  // namespace
}  // namespace engram
