// Recorded steps: what a model sees must not depend on whether a graph ran.
#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.hpp"
#include "tests/testing/emulated_backend.hpp"

namespace engram {
namespace {

using testing_kernels::EmulatedBackend;
using testing_kernels::Order;

/// A recurrent area in miniature: noise, drive through a dense matrix, k winners, plasticity.
class Area {
 public:
  explicit Area(Backend& backend, Index units = 100)
      : backend_(backend),
        units_(units),
        seeds_(backend, std::vector<std::uint64_t>{42}),
        noise_(backend, units),
        drive_(backend, units),
        lists_{Array<Index>(backend, k), Array<Index>(backend, k)},
        counts_{Array<Index>(backend, 1), Array<Index>(backend, 1)},
        weights_(backend, units, units) {
    std::vector<real> w(std::size_t{units} * units);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<real>(i * 2654435761u % 1000) / 1000;
    weights_.upload(w);
  }

  void step(Tick tick, bool swap, bool extra = false, bool look = false) {
    backend_.begin_step(1, tick);
    backend_.zero(drive_.view().data, drive_.bytes());
    backend_.sample(Normal{}, seeds_.view(), Stream::test, tick, noise_.batch(units_));
    backend_.collect(noise_.batch(units_), real(0.5), list(now_));
    if (look) seen_ = noise_.download();
    {
      const SynapseRule rule = Hebb{static_cast<real>(0.01), 0};  // gone when the graph is recorded
      Sweep sweep;
      sweep.source = list(now_);
      sweep.drive = drive_.batch(units_);
      if (extra) {
        sweep.learn = &rule;
        sweep.pre = sweep.post = list(now_);
      }
      backend_.sweep(weights_.view(), sweep);
    }
    // Sums of chunks are scratch memory.
    backend_.sweep(weights_.view(), {.source = Columns{{noise_.batch(units_)}}, .drive = drive_.batch(units_)});
    backend_.sample(Uniform{}, seeds_.view(), Stream::stimulus, tick + 7, noise_.batch(units_));
    backend_.select_top_k(drive_.batch(units_), k, list(1 - now_));
    if (extra) backend_.copy(noise_.view().data, drive_.view().data, drive_.bytes());
    backend_.end_step();
    if (swap) now_ = 1 - now_;
  }
  void replace_noise() { noise_ = Array<real>(backend_, units_); }

  std::vector<double> state() {
    std::vector<double> all;
    const auto add = [&](const auto& values) { all.insert(all.end(), values.begin(), values.end()); };
    add(noise_.download());
    add(drive_.download());
    for (auto& array : lists_) add(array.download());
    for (auto& array : counts_) add(array.download());
    add(weights_.download());
    add(seen_);
    return all;
  }

 private:
  static constexpr Index k = 10;
  Active list(int which) { return {lists_[which].view().data, counts_[which].view().data, nullptr, k, units_, 1}; }
  Backend& backend_;
  Index units_;
  Array<std::uint64_t> seeds_;
  Array<real> noise_, drive_;
  Array<Index> lists_[2], counts_[2];
  Dense weights_;
  std::vector<real> seen_;
  int now_ = 0;
};

/// Runs `script` on the CPU, and emulated with and without graphs; all must leave the same. Returns captures and
/// replays.
template <class Script>
std::pair<int, int> expect_same_state(Script script) {
  cpu::CpuBackend reference(1);
  EmulatedBackend recorded, direct(Order::ascending, false);
  Area a(reference), b(recorded), c(direct);
  script(a, reference);
  script(b, recorded);
  script(c, direct);
  const std::vector<double> expected = a.state();
  EXPECT_EQ(b.state(), expected);
  EXPECT_EQ(c.state(), expected);
  EXPECT_EQ(direct.replays(), 0);
  return {recorded.captures(), recorded.replays()};
}

TEST(RecordedStep, IsReplayedFromTheSecondTimeOnWithTheTickOfEachStep) {
  const auto [captures, replays] = expect_same_state([](Area& area, Backend&) {
    for (Tick t = 0; t < 6; ++t) area.step(t, false);
  });
  EXPECT_EQ(captures, 1);
  EXPECT_EQ(replays, 5);
}

TEST(RecordedStep, OfSwappedListsIsRecordedOncePerSide) {
  const auto [captures, replays] = expect_same_state([](Area& area, Backend&) {
    for (Tick t = 0; t < 10; ++t) area.step(t * 1000000007u, true);
  });
  EXPECT_EQ(captures, 2);
  EXPECT_EQ(replays, 8);
}

TEST(RecordedStep, WithOtherOperationsInTheMiddleOrAtTheEndIsFoundOut) {
  const auto [captures, replays] = expect_same_state([](Area& area, Backend&) {
    for (Tick t = 0; t < 12; ++t) area.step(t, false, t % 3 == 2);
  });
  EXPECT_EQ(captures, 2);
  EXPECT_EQ(replays, 10);
}

TEST(RecordedStep, WithADownloadInsideRunsOneByOne) {
  const auto [captures, replays] = expect_same_state([](Area& area, Backend&) {
    for (Tick t = 0; t < 6; ++t) area.step(t, false, false, t > 2);
  });
  EXPECT_EQ(captures, 1);
  EXPECT_EQ(replays, 2);
}

TEST(RecordedStep, SurvivesArraysThatMove) {
  expect_same_state([](Area& area, Backend&) {
    for (Tick t = 0; t < 12; ++t) {
      if (t % 4 == 3) area.replace_noise();
      area.step(t, true);
    }
  });
}

TEST(RecordedStep, SurvivesScratchMemoryThatGrows) {
  const auto [captures, replays] = expect_same_state([](Area& area, Backend& backend) {
    for (Tick t = 0; t < 3; ++t) area.step(t, false);
    Area large(backend, 500);
    for (Tick t = 0; t < 3; ++t) large.step(t, false);
    for (Tick t = 3; t < 6; ++t) area.step(t, false);
  });
  EXPECT_EQ(captures, 3);
  EXPECT_EQ(replays, 2 + 2 + 3);
}

TEST(RecordedStep, ManyDifferentOnesAreForgottenAgain) {
  expect_same_state([](Area& area, Backend&) {
    for (Tick t = 0; t < 40; ++t) {
      area.replace_noise();
      area.step(t, true, t % 5 == 0, t % 7 == 0);
    }
  });
}

TEST(RecordedStep, AbandonedByAnExceptionLeavesTheNextOneWhole) {
  expect_same_state([](Area& area, Backend& backend) {
    for (Tick t = 0; t < 6; ++t) {
      if (t == 3) {
        backend.begin_step(1, 99);  // and no end_step
        backend.synchronize();
      }
      area.step(t, false);
    }
  });
}

}  // namespace
}  // namespace engram
