// Attractor networks on the kernels of the CUDA backend, run on the host: the bits of the CPU, in any order of threads.
#include <gtest/gtest.h>

#include "tests/models/attractor/kernels_cases.hpp"
#include "tests/testing/emulated_backend.hpp"

namespace engram {
namespace {

using namespace testing_kernels;

AttractorOutcome run(Backend& backend, const attractor::Options& options) {
  return run_attractor_network(backend, options, 6);
}

class AttractorKernels : public testing::TestWithParam<Order> {};

TEST_P(AttractorKernels, GiveTheBitsOfTheCpu) {
  for (const attractor::UpdateOrder order : update_orders)
    for (const bool learn : {false, true})
      for (const bool graphs : {false, true}) {
        const attractor::Options options = attractor_step_by_step(order, learn);
        cpu::CpuBackend reference(1);
        EmulatedBackend emulated(GetParam(), graphs);
        EXPECT_TRUE(run(emulated, options) == run(reference, options))
            << "order " << static_cast<int>(order) << ", learning " << learn << ", graphs " << graphs;
        if (order == attractor::UpdateOrder::synchronous) {
          EXPECT_EQ(emulated.replays(), 0) << "two launches a step, without operations of its own";
        }
      }
}

TEST_P(AttractorKernels, OfABlockTakeANetworkThroughAllStepsOfACall) {
  EmulatedBackend emulated(GetParam());
  expect_attractor_blocks_of_the_cpu(emulated);
  EXPECT_EQ(emulated.replays(), 0) << "no step of its own";
}

/// A network whose weights are too many for a block of this device goes step by step.
TEST(AttractorBlocks, NeedTheSharedMemoryOfTheDevice) {
  attractor::Options options;
  options.units = 100;
  options.learning_rate = static_cast<real>(0.05);
  cpu::CpuBackend reference(1);
  EmulatedBackend large, small;
  small.set_shared_memory(100 * 100 * sizeof(real));  // the weights alone
  EXPECT_TRUE(run(large, options) == run(reference, options));
  EXPECT_TRUE(run(small, options) == run(reference, options));
}

/// Blocks whose threads are threads of the host: small networks, and units that follow each other.
TEST(AttractorBlocks, RunOnThreadsOfTheirOwn) {
  for (const attractor::UpdateOrder order : {attractor::UpdateOrder::synchronous, attractor::UpdateOrder::sequential}) {
    attractor::Options options;
    options.units = 13;
    options.learning_rate = static_cast<real>(0.05);
    options.order = order;
    cpu::CpuBackend reference(1);
    EmulatedBackend emulated(Order::whole_threads);
    EXPECT_TRUE(run(emulated, options) == run(reference, options)) << static_cast<int>(order);
  }
}

/// Recorded draws take the place of the generator's, also in a block.
TEST_P(AttractorKernels, OfABlockTakeGivenDraws) {
  attractor::Options options;
  options.units = 20;
  const std::uint64_t seed[] = {1};
  const auto outcome = [&](Backend& backend) {
    attractor::Network network(backend, options, seed);
    std::vector<real> draws(20);
    for (std::uint32_t i = 0; i < 20; ++i) draws[i] = Random{4, Stream::test, 0, i}.uniform();
    network.step(draws);
    return std::pair{network.state(), draws};
  };
  cpu::CpuBackend reference(1);
  EmulatedBackend emulated(GetParam());
  const auto [state, draws] = outcome(emulated);
  EXPECT_EQ(state, outcome(reference).first);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(state[i], real(2) * draws[i] - real(1));
}

/// One thread for eight states of a unit gives each the bits of a walk of its own.
TEST_P(AttractorKernels, ReadTheWeightsOnceForEightStates) {
  const attractor::Options options = attractor_of_many_states();
  cpu::CpuBackend reference(1);
  EmulatedBackend emulated(GetParam());
  EXPECT_TRUE(run(emulated, options) == run(reference, options));
}

TEST_P(AttractorKernels, TakeFastSumsFromWhateverHasMatrices) {
  for (const bool graphs : {false, true}) {
    EmulatedBackend emulated(GetParam(), graphs);
    expect_fast_sums_within_their_tolerance(emulated);
  }
}

TEST(AttractorFastSums, AreProductsOnTheCpuAndOfMemoryThatTheHostCannotTouch) {
  for (const int threads : {1, 3}) {
    cpu::CpuBackend cpu(threads);
    expect_fast_sums_within_their_tolerance(cpu);
  }
  EmulatedBackend guarded(Order::ascending, true, Memory::guarded);
  expect_fast_sums_within_their_tolerance(guarded);
}

/// States go through the steps of a call together or in blocks, as threads are many or few. Tiles of a product do not
/// depend on either, so a fast run can be repeated with any number of threads; an exact one is that of single steps.
TEST(AttractorStates, InBlocksOrTogetherAreTheSame) {
  for (const auto& [units, states] : {std::pair<Index, Index>{60, 1100}, {300, 600}})
    for (const Sums sums : {Sums::exact, Sums::fast})
      for (const attractor::UpdateOrder order :
           {attractor::UpdateOrder::synchronous, attractor::UpdateOrder::sequential}) {
        attractor::Options options;
        options.units = units;
        options.states = order == attractor::UpdateOrder::synchronous ? states : states / 4;
        options.learning_rate = 0;
        options.precision_weighted = true;
        options.sums = sums;
        options.order = order;
        cpu::CpuBackend one(1);
        const AttractorOutcome expected = run_attractor_network(one, options, 4, 1);
        for (const int threads : {1, 3, 16}) {
          cpu::CpuBackend several(threads);
          EXPECT_TRUE(run_attractor_network(several, options, 2, 2) == expected)
              << units << " units, " << threads << " threads, order " << static_cast<int>(order);
        }
      }
}

INSTANTIATE_TEST_SUITE_P(Orders, AttractorKernels,
                         testing::Values(Order::ascending, Order::descending, Order::shuffled),
                         [](const auto& order) { return name_of(order.param); });

}  // namespace
}  // namespace engram
