// The CPU's operations over fibres against the plain walk of one chain at a time, on any number of threads.
#include "engram/calculus/connections.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "engram/backend.hpp"

namespace engram {
namespace {

struct Case {
  double p;
  int bits;
  Index n_post, n_sources, n_targets;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << "p " << c.p << ", " << c.bits << " bits, " << c.n_post << " targets, " << c.n_sources << " sources";
}

class ConnectionsTest : public testing::TestWithParam<Case> {
 protected:
  /// Every third unit or so, by a fixed pattern.
  static std::vector<Index> some_units(Index n, Index count, std::uint64_t seed) {
    std::vector<Index> all;
    for (Index i = 0; all.size() < count && i < n; ++i)
      if (Random{seed, Stream::test, 0, i}.below(n - i) < count - all.size()) all.push_back(i);
    return all;
  }
};

TEST_P(ConnectionsTest, CountAndFindAgreeWithTheWalkOfEachChain) {
  const Case c = GetParam();
  const Index n_pre = 3000;
  const auto sources = some_units(n_pre, c.n_sources, 1), targets = some_units(c.n_post, c.n_targets, 2);
  const SkipTable table(c.p, c.bits);
  const Fibre fibre = table.fibre(fibre_key(9, "A", "B"), c.n_post);
  std::vector<Index> expected_counts(c.n_post);
  std::vector<Synapse> expected;
  for (const Index j : sources)
    for_each_target(fibre, j, [&](Index i) {
      ++expected_counts[i];
      if (std::binary_search(targets.begin(), targets.end(), i)) expected.push_back({i, j});
    });
  std::sort(expected.begin(), expected.end());
  for (int threads : {1, 2, 3, 4, 7}) {
    const auto backend = make_backend("cpu", {threads});
    const Array<Index> from(*backend, sources), to(*backend, targets);
    Array<Index> counts(*backend, c.n_post);
    backend->need_extension<calculus::Connections>().count(fibre, from.view(), false, counts.view());
    EXPECT_EQ(counts.download(), expected_counts) << threads << " threads";
    std::vector<Synapse> found{{1, 1}};
    backend->need_extension<calculus::Connections>().find(fibre, from.view(), to.view(), found);
    EXPECT_EQ(found, expected) << threads << " threads";
    backend->need_extension<calculus::Connections>().count(fibre, from.view(), true, counts.view());
    EXPECT_EQ(counts.download(), std::vector<Index>(c.n_post)) << "removed again";
  }
}

INSTANTIATE_TEST_SUITE_P(Fibres, ConnectionsTest,
                         testing::Values(Case{0.01, 32, 50000, 300, 200}, Case{0.01, 64, 50000, 33, 200},
                                         Case{0.5, 32, 5000, 17, 4999}, Case{0.001, 32, 100001, 100, 1},
                                         Case{0.0001, 32, 70000, 500, 5000}, Case{1, 32, 3000, 5, 10},
                                         Case{0, 32, 3000, 5, 10}, Case{0.05, 32, 1, 100, 1},
                                         Case{0.05, 32, 1024, 1, 1024}, Case{0.05, 32, 1025, 16, 1025},
                                         Case{0.2, 32, 2000, 0, 5}, Case{0.2, 32, 2000, 40, 0}));

TEST(Connections, AddCountsPutsLearnedSynapsesOnTopOfTheCounts) {
  for (int threads : {1, 2, 3}) {
    const auto backend = make_backend("cpu", {threads});
    const Index n = 70000;  // enough for more than one thread
    std::vector<Index> counts(n, 2);
    const Array<Index> count(*backend, counts), unit(*backend, std::vector<Index>{3, 69999}),
        start(*backend, std::vector<Index>{0, 2, 3}), pre(*backend, std::vector<Index>{1, 5, 5}),
        sources(*backend, std::vector<Index>{0, 5});
    Array<float> weight(*backend, std::vector<float>{9, 1.5f, 3});
    Array<real> input(*backend, std::vector<real>(n, real(10)));
    const OverlayView overlay{unit.view().data, start.view().data, pre.view().data, weight.view().data, 2};
    backend->need_extension<calculus::Connections>().add_counts(count.view(), overlay, sources.view(), 10,
                                                                input.view());
    const auto result = input.download();
    EXPECT_EQ(result[0], real(12));
    EXPECT_EQ(result[3], real(12.5));    // 2 + (1.5 - 1); unit 1 is silent
    EXPECT_EQ(result[69999], real(14));  // 2 + (3 - 1)
    const Array<Index> targets(*backend, std::vector<Index>{3});
    backend->need_extension<calculus::Connections>().learn_overlay(overlay, sources.view(), 10, targets.view(),
                                                                   Potentiation{2, 2.5f});
    EXPECT_EQ(weight.download(), (std::vector<float>{9, 2.5f, 3}));  // 1.5 * 2, at the ceiling
  }
}

TEST(Potentiation, FormsTheProductInDoubleAndRoundsOnce) {
  const Potentiation rule{1.05, 0};
  float w = 1;
  for (int i = 0; i < 20; ++i) w = rule(w);
  double exact = 1;
  for (int i = 0; i < 20; ++i) exact = static_cast<double>(static_cast<float>(exact * 1.05));
  EXPECT_EQ(static_cast<double>(w), exact);
  EXPECT_EQ((Potentiation{2, 3})(4), 4.0f) << "a ceiling lowers nothing";
  EXPECT_EQ((Potentiation{2, 3})(0), 0.0f) << "an absent synapse stays absent";
}

}  // namespace
}  // namespace engram
