// Rows in slices: what goes in comes out, however they are arranged.
#include "engram/incoming.hpp"

#include <gtest/gtest.h>

#include "engine/transposed.hpp"
#include "engram/backend.hpp"
#include "engram/random.hpp"
#include "tests/test_backend.hpp"

namespace engram {
namespace {

/// Rows of 0 to 30 synapses, some of them empty.
Rows random_rows(Index n_pre, Index n_post, Tick which) {
  Rows rows;
  rows.n_pre = n_pre;
  for (Index i = 0; i < n_post; ++i) {
    const std::uint64_t length = Random{1, Stream::test, which, i}.below(31);
    for (Index j = 0; j < n_pre; ++j)
      if (Random{2, Stream::test, which, i * n_pre + j}.below(n_pre) < length) {
        rows.pre.push_back(j);
        rows.weight.push_back(static_cast<real>(j + 1) / static_cast<real>(i + 1));
      }
    rows.start.push_back(rows.pre.size());
  }
  return rows;
}

void expect_same(const Rows& a, const Rows& b) {
  EXPECT_EQ(a.n_pre, b.n_pre);
  EXPECT_EQ(a.start, b.start);
  EXPECT_EQ(a.pre, b.pre);
  EXPECT_EQ(a.weight, b.weight);
}

TEST(Incoming, RowsComeBackAsTheyWereInEitherArrangement) {
  const auto backend = test::test_backend();
  for (const Index units : {1u, 16u, 37u, 256u, 300u, 1000u}) {
    SCOPED_TRACE(units);
    const std::vector<Rows> rows{random_rows(90, units, 0), random_rows(90, units, 1)};
    for (const bool by_length : {false, true}) {
      const Incoming stored(*backend, rows, by_length);
      const auto read = stored.download(0, 2);
      for (std::size_t r = 0; r < 2; ++r) expect_same(read[r], rows[r]);
      expect_same(stored.download(1, 1)[0], rows[1]);
    }
  }
}

TEST(Incoming, RowsByLengthStandLongestFirstWithinTheirWindowAndPadLess) {
  const auto backend = test::test_backend();
  const std::vector<Rows> rows{random_rows(90, 1000, 3)};
  const Incoming plain(*backend, rows), sorted(*backend, rows, true);
  constexpr Index window = window_slices * slice_lanes;
  const IncomingView view = sorted.view();
  std::uint64_t slots[2] = {0, 0};
  for (Index s = 0; s < view.slices(); ++s) {
    slots[0] += plain.view().at(0, s).used;
    slots[1] += view.at(0, s).used;
  }
  std::vector<bool> seen(1000);
  for (Index at = 0; at < 1000; ++at) {
    const Index unit = view.unit[at];
    ASSERT_LT(unit, 1000u);
    EXPECT_FALSE(seen[unit]);
    seen[unit] = true;
    EXPECT_EQ(unit / window, at / window);
    const auto length = [&](Index i) { return rows[0].start[i + 1] - rows[0].start[i]; };
    if (at % window != 0) {
      EXPECT_GE(length(view.unit[at - 1]), length(unit)) << at;
    }
  }
  EXPECT_LT(slots[1] * slice_lanes, 1.15 * static_cast<double>(rows[0].pre.size()));
  EXPECT_GT(slots[0] * slice_lanes, 1.5 * static_cast<double>(rows[0].pre.size()));
  EXPECT_LT(sorted.bytes(), plain.bytes());
}

TEST(Incoming, TransposedTwiceIsTheSame) {
  const Rows rows = random_rows(80, 500, 5);
  const Rows other = transposed(rows);
  EXPECT_EQ(other.n_pre, 500u);
  EXPECT_EQ(other.n_post(), 80u);
  for (Index j = 0; j < 80; ++j)
    for (std::uint64_t s = other.start[j] + 1; s < other.start[j + 1]; ++s) EXPECT_LT(other.pre[s - 1], other.pre[s]);
  expect_same(transposed(other), rows);
}

}  // namespace
}  // namespace engram
