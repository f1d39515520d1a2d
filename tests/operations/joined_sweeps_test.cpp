// Sweeps over outgoing rows that wait within a step and are launched together: the bits of the CPU, whatever follows.
#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.hpp"
#include "tests/testing/emulated_backend.hpp"

namespace engram {
namespace {

using testing_kernels::EmulatedBackend;
using testing_kernels::Order;

/// Two projections with outgoing rows onto one area, and lists of active units.
class Area {
 public:
  static constexpr Index units = 60, active = 9, replicas = 2;

  explicit Area(Backend& backend) : backend_(backend), from_{rows(1), rows(2)} {
    for (Array<Index>* list : {&stimulus_, &winners_})
      *list = Array<Index>(backend, std::vector<Index>(std::size_t{replicas} * active));
    std::vector<Index> some;
    for (Index r = 0; r < replicas; ++r)
      for (Index a = 0; a < active; ++a) some.push_back(a * 5 + r);
    stimulus_.upload(some);
    winners_.upload(some);
    count_ = Array<Index>(backend, std::vector<Index>(replicas, active));
    drive_ = Array<real>(backend, std::size_t{replicas} * units);
    other_ = Array<real>(backend, std::size_t{replicas} * units);
  }

  /// What a step does is told by `kind`; nothing of it may change a bit.
  void step(int kind) {
    backend_.begin_step(static_cast<std::uint64_t>(kind), 0);
    if (kind != 1) drive_.zero();
    if (kind == 2) other_.zero();
    drive(0, kind == 3 ? other_ : drive_, real(0.7));
    drive(1, drive_, real(1.3));
    if (kind == 4) drive(0, drive_, real(0.1));
    if (kind == 5) learn(0);
    backend_.select_top_k(drive_.batch(units, replicas), active, list(winners_));
    learn(0);
    learn(kind == 6 ? 0 : 1);
    if (kind == 7) drive(0, other_, real(1));
    if (kind == 8) drive_.zero();
    backend_.end_step();
  }
  std::vector<std::vector<real>> outcome() {
    return {from_[0].weight(), from_[1].weight(), drive_.download(), other_.download()};
  }
  std::vector<Index> winners() { return winners_.download(); }

 private:
  Outgoing rows(std::uint64_t seed) {
    std::vector<std::uint64_t> start = {0};
    std::vector<Index> target;
    std::vector<real> weight;
    for (Index row = 0; row < replicas * units; ++row) {
      for (Index i = 0; i < units; ++i) {
        const Random random{seed, Stream::test, row, i};
        if (random.uniform() > real(0.3)) continue;
        target.push_back(i);
        weight.push_back(random.uniform() + real(0.1));
      }
      start.push_back(target.size());
    }
    return Outgoing(backend_, units, units, replicas, start, target, weight);
  }
  Active list(Array<Index>& index) { return {index.view().data, count_.view().data, nullptr, active, units, replicas}; }
  void drive(int which, Array<real>& to, real gain) {
    backend_.sweep(from_[which].view(),
                   {.source = list(which ? winners_ : stimulus_), .gain = gain, .drive = to.batch(units, replicas)});
  }
  void learn(int which) {
    const SynapseRule rule = Hebb{};
    backend_.sweep(from_[which].view(), {.learn = &rule, .pre = list(stimulus_), .post = list(winners_)});
  }

  Backend& backend_;
  Outgoing from_[2];
  Array<Index> stimulus_, winners_, count_;
  Array<real> drive_, other_;
};

TEST(JoinedSweeps, GiveTheBitsOfTheCpu) {
  for (const Order order : {Order::ascending, Order::shuffled, Order::real_threads})
    for (const bool graphs : {false, true})
      for (int kind = 0; kind < 9; ++kind) {
        cpu::CpuBackend reference(1);
        EmulatedBackend emulated(order, graphs);
        Area expected(reference), found(emulated);
        for (int step = 0; step < 4; ++step) {
          expected.step(kind);
          found.step(kind);
        }
        EXPECT_EQ(found.outcome(), expected.outcome()) << "kind " << kind << ", graphs " << graphs;
        EXPECT_EQ(found.winners(), expected.winners()) << "kind " << kind;
      }
}

/// A download within a step sees what the operations before it wrote.
TEST(JoinedSweeps, DoNotKeepTheHostWaitingForWhatTheyHold) {
  cpu::CpuBackend reference(1);
  EmulatedBackend emulated;
  std::vector<std::vector<std::vector<real>>> seen;
  for (Backend* backend : {static_cast<Backend*>(&reference), emulated.operator->()}) {
    Area area(*backend);
    area.step(7);
    backend->begin_step(99, 0);
    seen.push_back(area.outcome());
    backend->end_step();
  }
  EXPECT_EQ(seen[0], seen[1]);
}

}  // namespace
}  // namespace engram
