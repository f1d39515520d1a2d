// Rows in slices: what goes in comes out, however they are arranged.
#include "engram/synapses/incoming.hpp"

#include <gtest/gtest.h>

#include "engine/core/transposed.hpp"
#include "engram/backend.hpp"
#include "engram/core/random.hpp"
#include "kernels/sorn/slots.hpp"
#include "tests/testing/test_backend.hpp"

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
  const auto backend = make_backend("cpu", {1});  // the rows are read where they stand
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

TEST(Incoming, TidyingDropsHolesAndKeepsRowsByLengthWhateverTheyLost) {
  const auto backend = make_backend("cpu", {1});
  const Rows rows = random_rows(90, 600, 7);
  const Incoming stored(*backend, std::span(&rows, 1), true);
  const IncomingView view = stored.view();
  // Rows of even units lose most of their synapses: their order is another one.
  Rows left;
  left.n_pre = rows.n_pre;
  const auto loses = [](Index i, Index pre) {
    return Random{3, Stream::test, i, pre}.below(8) < (i % 2 == 0 ? 6u : 1u);
  };
  for (Index i = 0; i < 600; ++i) {
    for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s)
      if (!loses(i, rows.pre[s])) {
        left.pre.push_back(rows.pre[s]);
        left.weight.push_back(rows.weight[s]);
      }
    left.start.push_back(left.pre.size());
  }
  const auto length = [&](Index i) { return i < 600 ? left.start[i + 1] - left.start[i] : 0; };
  for (Index s = 0; s < view.slices(); ++s)
    for (Index l = 0; l < slice_lanes; ++l) {
      bodies::SlotWalk walk = bodies::walk_slots(view, view.at(0, s));
      for (Index k = 0; k < view.at(0, s).used; ++k) {
        if (loses(view.units(0, s)[l], view.pre[walk.at(l)])) view.weight[walk.at(l)] = 0;
        if (k + 1 < view.at(0, s).used) walk.advance();
      }
    }
  for (Index pass = 0; pass < 2 * window_slices; ++pass) {
    for (Index s = 0; s < view.slices(); ++s) bodies::tidy(view, 0, s);
    expect_same(stored.download(0, 1)[0], left);
  }
  for (Index s = 0; s < view.slices(); ++s)
    for (Index l = 0; l < slice_lanes; ++l) {
      const Index unit = view.units(0, s)[l];
      EXPECT_EQ(view.place_of(0, unit), s * slice_lanes + l);
      EXPECT_EQ(unit / (window_slices * slice_lanes), s / window_slices);
      EXPECT_LE(length(unit), view.at(0, s).used);
      if (s % window_slices == 0) continue;
      for (Index other = 0; other < slice_lanes; ++other) {
        EXPECT_LE(length(unit), length(view.units(0, s - 1)[other])) << s;
      }
    }
}

TEST(Incoming, ARowThatGrewIsReadThroughItsLinks) {
  const auto backend = make_backend("cpu", {1});
  Rows rows;
  rows.n_pre = 9;
  for (Index i = 0; i < 2 * slice_lanes; ++i) {
    rows.pre.push_back(1);
    rows.weight.push_back(2);
    rows.start.push_back(i + 1);
  }
  Incoming stored(*backend, std::span(&rows, 1));
  stored.reserve(1);
  const IncomingView view = stored.view();
  const Index free = 2;  // each slice has one block
  view.next[view.at(0, 0).first_block] = free;
  view.at(0, 0).used = block_slots + 1;
  view.pre[free * block_size] = 7;
  view.weight[free * block_size] = 3;
  const Rows read = stored.download(0, 1)[0];
  EXPECT_EQ(std::vector<Index>(read.pre.begin(), read.pre.begin() + 3), (std::vector<Index>{1, 7, 1}));
  EXPECT_EQ(read.weight[1], real(3));
  EXPECT_EQ(read.pre.size(), rows.pre.size() + 1);
}

TEST(Incoming, RowsThatNameAUnitBeyondTheLastOrOneTwiceAreRefused) {
  const auto of = [](std::vector<Index> pre) {
    Rows rows;
    rows.n_pre = 5;
    rows.weight.assign(pre.size(), real(1));
    rows.pre.assign(pre.begin(), pre.end());
    rows.start = {0, pre.size()};
    return rows;
  };
  EXPECT_NO_THROW(check_rows(of({0, 4})));
  for (const std::vector<Index>& wrong : {std::vector<Index>{0, 5}, {1, 1}, {2, 1}, {~Index{0}}})
    EXPECT_THROW(check_rows(of(wrong)), Error);
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
