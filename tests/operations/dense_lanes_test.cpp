// Dense kernels of four neighbouring units a thread, which only large matrices take, against one unit a thread.
#include <gtest/gtest.h>

#include "kernels/operations/sweep_dense.hpp"
#include "tests/testing/host_launcher.hpp"

namespace engram {
namespace {

using testing_kernels::HostLauncher;
using testing_kernels::Order;

constexpr Index n_pre = 137, chunks = 3, replicas = 2;

/// A matrix and its columns, of numbers that round in every sum.
struct Matrix {
  explicit Matrix(Index units) : n_post(units), pitch((units + 3) / 4 * 4 + 4) {
    memory.resize(replicas * n_pre * pitch + 3);
    real* from = view().weight;  // wherever the heap put it, so that two of them are equal
    for (std::size_t i = 0; i < replicas * n_pre * pitch; ++i) from[i] = number(1, i);
    for (std::size_t i = 0; i < replicas * n_pre; ++i) pre.push_back(number(2, i)), source.push_back(number(3, i));
    for (std::size_t i = 0; i < replicas * n_post; ++i) post.push_back(number(4, i));
    sums.assign(replicas * chunks * n_post, 9);
  }
  static real number(std::uint64_t seed, std::size_t i) {
    return Random{seed, Stream::test, 0, static_cast<std::uint32_t>(i)}.uniform() - real(0.5);
  }
  DenseView view() {
    auto at = reinterpret_cast<std::uintptr_t>(memory.data());
    while (at % sizeof(kernels::Lanes<4>)) at += sizeof(real);
    return {reinterpret_cast<real*>(at), n_pre, n_post, replicas, 1, pitch};
  }
  Batch<const real> batch(const std::vector<real>& values) const {
    const auto units = static_cast<Index>(values.size() / replicas);
    return {values.data(), units, replicas, units};
  }

  Index n_post;
  std::size_t pitch;
  std::vector<real> memory;
  std::vector<real> pre, source, post, sums;
};

template <int N>
std::vector<real> learned(Order order, Index units, bool drive, bool keep_diagonal, bool one_array) {
  Matrix m(units);
  HostLauncher launch(order, false);
  const Batch<const real> source = m.batch(one_array ? m.pre : m.source);
  const Sweep sweep{
      .pre = Columns{{m.batch(m.pre)}}, .post = Columns{{m.batch(m.post)}}, .keep_diagonal = keep_diagonal};
  launch.items("learn", ceil_div<Index>(units, N), replicas * chunks,
               kernels::LearnChunk<Attractor, N>{bodies::column_plasticity(Attractor{}, sweep), m.view(), source,
                                                 chunks, drive ? m.sums.data() : nullptr});
  std::vector<real> all(m.sums);
  const DenseView w = m.view();
  all.insert(all.end(), w.weight, w.weight + replicas * n_pre * m.pitch);
  return all;
}

template <int N>
std::vector<real> summed(Order order, Index units, bool listed) {
  Matrix m(units);
  std::vector<Index> index = {0, 3, 63, 64, 130, 136}, count = {6};
  HostLauncher launch(order, false);
  kernels::Source source{{}, m.batch(m.source)};
  if (listed) source = {{index.data(), count.data(), nullptr, 0, n_pre, 1}, {}};
  launch.items("sum", ceil_div<Index>(units, N), replicas * chunks,
               kernels::SumChunk<N>{m.view(), source, 1, chunks, m.sums.data()});
  return m.sums;
}

TEST(DenseLanes, LearnAsOneUnitDoes) {
  for (const Order order : {Order::ascending, Order::shuffled, Order::real_threads})
    for (const Index units : {1, 3, 4, 131, 136})
      for (const bool drive : {false, true})
        for (const bool diagonal : {false, true})
          for (const bool one_array : {false, true})
            EXPECT_EQ(learned<4>(order, units, drive, diagonal, one_array),
                      learned<1>(order, units, drive, diagonal, one_array))
                << units << " units, drive " << drive << ", diagonal kept " << diagonal << ", one array " << one_array;
}

TEST(DenseLanes, SumAsOneUnitDoes) {
  for (const Index units : {1, 3, 4, 131, 136})
    for (const bool listed : {false, true})
      EXPECT_EQ(summed<4>(Order::ascending, units, listed), summed<1>(Order::ascending, units, listed)) << units;
}

/// Rows that do not begin where four units may be read at once, and matrices too small to need it.
TEST(DenseLanes, AreTakenWhereRowsAllowIt) {
  Matrix m(136);
  DenseView w = m.view();
  const std::size_t enough = kernels::enough_threads;
  EXPECT_TRUE(kernels::by_wide_lanes(w, enough));
  EXPECT_FALSE(kernels::by_wide_lanes(w, enough - 1));
  w.pitch += 1;
  EXPECT_FALSE(kernels::by_wide_lanes(w, enough));
  w.pitch -= 1;
  w.weight += 1;
  EXPECT_FALSE(kernels::by_wide_lanes(w, enough));
}

}  // namespace
}  // namespace engram
