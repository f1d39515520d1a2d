// Radix selection as the device runs it, against a plain sort: one block and several, all orders of threads, both
// precisions of scores whatever `real` is.
#include "kernels/operations/top_k.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/testing/host_launcher.hpp"

namespace engram {
namespace {

using testing_kernels::HostLauncher;
using testing_kernels::Order;

template <class T>
std::vector<Index> by_sort(const std::vector<T>& score, Index k) {
  std::vector<Index> order(score.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    if (std::isnan(score[a]) || std::isnan(score[b])) return !std::isnan(score[a]) && std::isnan(score[b]);
    return score[a] > score[b];
  });
  order.resize(k);
  std::sort(order.begin(), order.end());
  return order;
}

/// Selects from `batches` batches that lie `stride` apart, with guards around the lists, on a device of so many
/// processors whose blocks have so much memory.
template <class T>
std::vector<std::vector<Index>> by_kernels(Order order, const std::vector<std::vector<T>>& batches, Index k,
                                           Index processors = 132, std::size_t memory = 232448) {
  constexpr std::size_t gap = 3;
  const std::size_t n = batches[0].size(), stride = n + gap, room = k + gap;
  std::vector<T> score(batches.size() * stride, std::numeric_limits<T>::max());
  for (std::size_t b = 0; b < batches.size(); ++b)
    std::copy(batches[b].begin(), batches[b].end(), score.begin() + static_cast<std::ptrdiff_t>(b * stride));
  std::vector<Index> index(batches.size() * room, 0xdeadbeef), count(batches.size(), 0xdeadbeef);
  const auto units = static_cast<Index>(n), number = static_cast<Index>(batches.size());
  HostLauncher launch(order, false);
  launch.many_processors = processors;
  launch.shared.of_one_block = memory;
  for (int again = 0; again < 2; ++again)  // what the first call leaves must serve the second
    kernels::select_top_k(launch, Batch<const T>{score.data(), units, number, stride}, k,
                          Active{index.data(), count.data(), nullptr, room, units, number});
  std::vector<std::vector<Index>> winners;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    EXPECT_EQ(count[b], k);
    const auto begin = index.begin() + static_cast<std::ptrdiff_t>(b * room);
    winners.emplace_back(begin, begin + k);
    for (std::size_t i = k; i < room; ++i)
      EXPECT_EQ(begin[static_cast<std::ptrdiff_t>(i)], 0xdeadbeef) << "written past the list";
  }
  return winners;
}

template <class T>
std::vector<T> scores(const std::string& kind, std::size_t n, unsigned seed = 1) {
  constexpr T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  std::mt19937_64 generator(seed);
  std::vector<T> x(n);
  for (std::size_t i = 0; i < n; ++i) {
    const T u = static_cast<T>(static_cast<double>(generator() >> 11) / 9007199254740992.0);
    if (kind == "equal") x[i] = T(0.25);
    if (kind == "ties") x[i] = std::floor(u * 5);
    if (kind == "random") x[i] = (u - T(0.5)) * 100;
    if (kind == "negative") x[i] = -u;
    if (kind == "zeros") x[i] = generator() % 2 ? T(0) : -T(0);
    if (kind == "nan") x[i] = nan;
    if (kind == "bits") x[i] = math::number_of<T>(static_cast<typename math::Format<T>::Bits>(generator()));
    if (kind == "special") {
      const T some[] = {inf,
                        -inf,
                        nan,
                        -nan,
                        T(0),
                        -T(0),
                        std::numeric_limits<T>::denorm_min(),
                        -std::numeric_limits<T>::denorm_min(),
                        std::numeric_limits<T>::max(),
                        std::numeric_limits<T>::lowest(),
                        T(1),
                        -T(1)};
      x[i] = some[generator() % 12];
    }
    if (kind == "one_large") x[i] = i == n / 2 ? T(1) : T(0);
    if (kind == "last_digit") x[i] = T(1) + std::numeric_limits<T>::epsilon() * static_cast<T>(generator() % 64);
  }
  return x;
}

const char* const all_kinds[] = {"equal", "ties", "random",  "negative",  "zeros",
                                 "nan",   "bits", "special", "one_large", "last_digit"};

template <class T>
void expect_as_sorted(Order order, std::size_t n) {
  for (const char* kind : all_kinds) {
    const auto x = scores<T>(kind, n);
    for (Index k : {Index{1}, static_cast<Index>(n / 3 + 1), static_cast<Index>(n)})
      EXPECT_EQ(by_kernels<T>(order, {x}, k)[0], by_sort(x, k)) << kind << " n=" << n << " k=" << k;
  }
}

template <class T>
class TopK : public testing::Test {};
using Scores = testing::Types<float, double>;
TYPED_TEST_SUITE(TopK, Scores);

TYPED_TEST(TopK, EqualsASortInOneBlock) {
  for (std::size_t n : {1, 2, 31, 32, 33, 1000, 2048, 2049, 16384}) expect_as_sorted<TypeParam>(Order::ascending, n);
}
TYPED_TEST(TopK, EqualsASortInSeveralBlocks) {
  for (std::size_t n : {16385, 20480, 100003}) expect_as_sorted<TypeParam>(Order::ascending, n);
}
TYPED_TEST(TopK, DoesNotDependOnTheOrderOfThreadsAndBlocks) {
  for (Order order : {Order::descending, Order::shuffled})
    for (std::size_t n : {33, 3000, 20481}) expect_as_sorted<TypeParam>(order, n);
}
TYPED_TEST(TopK, ReadsAgainWhatABlockCannotKeep) {
  for (Index processors : {0, 1, 3})
    for (const char* kind : {"special", "ties", "random"})
      for (std::size_t n : {3000, 20481}) {
        const auto x = scores<TypeParam>(kind, n);
        EXPECT_EQ(by_kernels<TypeParam>(Order::shuffled, {x}, 100, processors, 40000)[0], by_sort(x, 100))
            << kind << " n=" << n << " processors=" << processors;
      }
}
TYPED_TEST(TopK, SharesProcessorsAmongBatches) {
  for (Index processors : {2, 7, 25}) {
    std::vector<std::vector<TypeParam>> batches;
    for (const char* kind : {"special", "ties", "random"}) batches.push_back(scores<TypeParam>(kind, 17000));
    const auto winners = by_kernels<TypeParam>(Order::descending, batches, 50, processors);
    for (std::size_t b = 0; b < batches.size(); ++b) EXPECT_EQ(winners[b], by_sort(batches[b], 50)) << b;
  }
}
TYPED_TEST(TopK, RunsInBlocksSideBySide) {
  const auto x = scores<TypeParam>("ties", 20481);
  EXPECT_EQ(by_kernels<TypeParam>(Order::real_blocks, {x}, 100)[0], by_sort(x, 100));
}
TYPED_TEST(TopK, RunsOnRealThreads) {
  for (const char* kind : {"special", "ties"})
    for (std::size_t n : {1000, 20481}) {
      const auto x = scores<TypeParam>(kind, n);
      EXPECT_EQ(by_kernels<TypeParam>(Order::real_threads, {x}, 100)[0], by_sort(x, 100)) << kind << " n=" << n;
    }
}
TYPED_TEST(TopK, RunsOnThreadsOfItsOwn) {
  for (std::size_t n : {1000, 3000, 16385}) {
    const auto x = scores<TypeParam>("ties", n);
    EXPECT_EQ(by_kernels<TypeParam>(Order::whole_threads, {x}, 100)[0], by_sort(x, 100)) << "n=" << n;
  }
}
TYPED_TEST(TopK, TreatsBatchesSeparately) {
  for (std::size_t n : {100, 3000, 17000}) {
    std::vector<std::vector<TypeParam>> batches;
    for (const char* kind : all_kinds) batches.push_back(scores<TypeParam>(kind, n));
    const auto winners = by_kernels<TypeParam>(Order::shuffled, batches, 50);
    for (std::size_t b = 0; b < batches.size(); ++b)
      EXPECT_EQ(winners[b], by_sort(batches[b], 50)) << all_kinds[b] << " n=" << n;
  }
}

TEST(TopKKernels, RefuseMoreWinnersThanUnitsAndGiveNoneForNone) {
  const std::vector<float> x(10);
  EXPECT_THROW(by_kernels<float>(Order::ascending, {x}, 11), Error);
  EXPECT_TRUE(by_kernels<float>(Order::ascending, {x, x}, 0)[1].empty());
}

TEST(TopKKeys, OrderScoresAsTheirValuesWithNanLowest) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const float ascending[] = {std::numeric_limits<float>::quiet_NaN(),
                             -inf,
                             std::numeric_limits<float>::lowest(),
                             -1.0f,
                             -1e-45f,
                             0.0f,
                             1e-45f,
                             1.0f,
                             std::numeric_limits<float>::max(),
                             inf};
  for (std::size_t i = 1; i < std::size(ascending); ++i)
    EXPECT_LT(kernels::Key<float>::of(ascending[i - 1]), kernels::Key<float>::of(ascending[i])) << i;
  EXPECT_EQ(kernels::Key<float>::of(-0.0f), kernels::Key<float>::of(0.0f));
  EXPECT_EQ(kernels::Key<double>::of(-0.0), kernels::Key<double>::of(0.0));
}

TEST(Scan, SumsOverAllThreadsBefore) {
  for (Order order : {Order::ascending, Order::descending, Order::shuffled, Order::real_threads}) {
    kernels::Scan<256> s;
    kernels::scan(kernels::Block{256, testing_kernels::runner_of(order)}, s,
                  [](Index t) { return std::uint64_t{t} * t; });
    std::uint64_t sum = 0;
    for (Index t = 0; t < 256; ++t) {
      EXPECT_EQ(s.before(t), sum) << t;
      sum += std::uint64_t{t} * t;
    }
    EXPECT_EQ(s.total(), sum);
  }
}

}  // namespace
}  // namespace engram
