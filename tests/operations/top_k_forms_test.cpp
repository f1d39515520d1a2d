// Both forms of the selection, which must agree where a processor has both.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/cpu/cpu_backend.hpp"
#include "engram/core/random.hpp"

namespace engram::cpu {
namespace {

std::vector<Index> sorted_winners(const std::vector<real>& score, Index k) {
  std::vector<Index> order(score.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return score[a] > score[b]; });
  order.resize(k);
  std::sort(order.begin(), order.end());
  return order;
}

std::vector<Index> winners(const std::vector<real>& score, Index k, TopKScratch& scratch) {
  std::vector<Index> index(k + 1, 12345678);
  top_k(score.data(), static_cast<Index>(score.size()), k, index.data(), scratch);
  EXPECT_EQ(index[k], 12345678u) << "wrote beyond the list";
  index.resize(k);
  return index;
}

void expect_all_agree(const std::vector<real>& score, Index k, const char* what) {
  TopKScratch fast, portable;
  portable.portable = true;
  const std::vector<Index> expected = sorted_winners(score, k);
  EXPECT_EQ(winners(score, k, fast), expected) << what << ", n=" << score.size() << ", k=" << k;
  EXPECT_EQ(winners(score, k, portable), expected) << what << ", n=" << score.size() << ", k=" << k << ", portable";
}

TEST(TopK, AgreesWithASortForManySizes) {
  for (std::uint32_t i = 0; i < 300; ++i) {
    const Random random{1, Stream::test, 0, i};
    const auto n = static_cast<Index>(1 + random.below(i % 10 == 0 ? 60000 : 3000, 0));
    const auto k = static_cast<Index>(1 + random.below(i % 3 == 0 ? n : std::min<Index>(n, 200), 1));
    const std::uint64_t values = i % 2 ? 1 + random.below(200, 2) : 0;  // 0: all different
    std::vector<real> score(n);
    for (Index u = 0; u < n; ++u) {
      const Random draw{2, Stream::test, i, u};
      score[u] = values ? static_cast<real>(draw.below(values)) : draw.uniform() - real(0.5);
    }
    expect_all_agree(score, k, "random");
  }
}

/// Orders that make a sample lie: the guess is too high, too low, or the threshold must rise all the way.
TEST(TopK, AgreesWithASortWhereTheSampleMisleads) {
  constexpr Index n = 100000;
  std::vector<real> score(n);
  const auto fill = [&](auto f) {
    for (Index i = 0; i < n; ++i) score[i] = static_cast<real>(f(i));
  };
  fill([](Index i) { return i; });
  expect_all_agree(score, 700, "ascending");
  fill([](Index i) { return n - i; });
  expect_all_agree(score, 700, "descending");
  fill([](Index i) { return i % 48 == 0 ? 2.0 : 1.0; });  // 48: the distance of two samples
  expect_all_agree(score, 5000, "sampled units are high");
  fill([](Index i) { return i % 48 == 0 ? 0.0 : 1.0; });
  expect_all_agree(score, 5000, "sampled units are low");
  fill([](Index i) { return i % 48 == 0 && i < 48 * 500 ? 1e6 + i : i % 7; });
  expect_all_agree(score, 1000, "few sampled units are high");
  fill([](Index i) { return (i * 2654435761u) % 3; });
  expect_all_agree(score, 12000, "three values");
  fill([](Index) { return -INFINITY; });
  expect_all_agree(score, 1000, "all minus infinity");
  fill([](Index i) { return i % 2 ? INFINITY : -INFINITY; });
  expect_all_agree(score, 1000, "infinities");
}

TEST(TopK, TakesNoUnitWhereNoneIsAskedFor) {
  TopKScratch scratch;
  EXPECT_TRUE(winners({1, 2, 3}, 0, scratch).empty());
}

TEST(TopK, RefusesNoWinnersAndMoreThanUnits) {
  const auto cpu = make_backend("cpu", {1});
  const Array<real> score(*cpu, 5);
  const Array<Index> index(*cpu, 6), count(*cpu, 1);
  for (const Index k : {Index{0}, Index{6}})
    EXPECT_THROW(cpu->select_top_k(score.batch(5), k, {index.view().data, count.view().data, nullptr, 6, 5, 1}), Error)
        << k;
}

TEST(TopK, RanksNanBelowMinusInfinity) {
  TopKScratch scratch;
  const std::vector<real> score{real(NAN), 1, real(-INFINITY), real(NAN), 2};
  EXPECT_EQ(winners(score, 3, scratch), (std::vector<Index>{1, 2, 4}));
  EXPECT_EQ(winners(score, 4, scratch), (std::vector<Index>{0, 1, 2, 4}));
  // Of those that are none the first win, in few units and in many.
  const std::vector<real> equal{real(NAN), 3, 3, 3, real(NAN), real(NAN), 5};
  EXPECT_EQ(winners(equal, 5, scratch), (std::vector<Index>{0, 1, 2, 3, 6}));
  std::vector<real> many(70, real(NAN));
  for (Index i = 20; i < 60; ++i) many[i] = 1;
  std::vector<Index> expected{0};
  for (Index i = 20; i < 60; ++i) expected.push_back(i);
  EXPECT_EQ(winners(many, 41, scratch), expected);
}

}  // namespace
}  // namespace engram::cpu
