// Attractor networks on the kernels of the CUDA backend, run on the host: the bits of the CPU, in any order of threads.
#include <gtest/gtest.h>

#include "emulated_backend.hpp"
#include "engine/cpu/cpu_backend.hpp"
#include "engram/models/attractor.hpp"

namespace engram {
namespace {

using testing_kernels::EmulatedBackend;
using testing_kernels::Order;

struct Outcome {
  std::vector<real> state, weights, drive, error;
  bool operator==(const Outcome&) const = default;
};

Outcome run(Backend& backend, AttractorOptions options) {
  std::vector<std::uint64_t> seeds(std::size_t{options.networks} * options.states);
  for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = i + 5;
  AttractorNetwork network(backend, options, seeds);
  std::vector<real> bias(seeds.size() * options.units), weights(std::size_t{options.networks} * options.units * options.units);
  for (std::uint32_t i = 0; i < bias.size(); ++i) bias[i] = real(6) * Random{1, Stream::test, 0, i}.uniform() - real(3);
  for (std::uint32_t i = 0; i < weights.size(); ++i) weights[i] = Random{2, Stream::test, 0, i}.uniform() - real(0.5);
  network.set_bias(bias);
  network.set_weights(weights);
  for (Tick t = 0; t < 6; ++t) network.step(t);
  return {network.state(), network.weights(), network.drive(), network.error()};
}

class AttractorKernels : public testing::TestWithParam<Order> {};

TEST_P(AttractorKernels, GiveTheBitsOfTheCpu) {
  for (const UpdateOrder order : {UpdateOrder::synchronous, UpdateOrder::sequential, UpdateOrder::random_order})
    for (const bool learn : {false, true})
      for (const bool graphs : {false, true}) {
        AttractorOptions options;
        options.units = 130;
        options.networks = 2;
        options.states = learn ? 1 : 3;
        options.learning_rate = learn ? static_cast<real>(0.05) : real(0);
        options.order = order;
        options.precision_weighted = true;
        cpu::CpuBackend reference(1);
        EmulatedBackend emulated(GetParam(), graphs);
        EXPECT_TRUE(run(emulated, options) == run(reference, options))
            << "order " << static_cast<int>(order) << ", learning " << learn << ", graphs " << graphs;
        if (graphs && order == UpdateOrder::synchronous) {
          EXPECT_GT(emulated.replays(), 0) << "a step is the same operations every time";
        }
      }
}

/// Sizes up to that of a block, every option a run has, in calls of several steps: one launch takes a network through them.
TEST_P(AttractorKernels, OfABlockTakeANetworkThroughAllStepsOfACall) {
  for (const Index units : {Index{1}, Index{7}, Index{64}, Index{67}, Index{128}})
    for (const int variant : {0, 1, 2, 3, 4}) {
      AttractorOptions options;
      options.units = units;
      options.networks = 2;
      options.states = variant == 1 ? 3 : 1;
      options.learning_rate = variant == 1 ? real(0) : static_cast<real>(0.05);
      options.deterministic = variant == 2;
      options.precision_weighted = variant == 3;
      options.learn_self_weights = variant == 4;
      options.clipped = variant == 4;
      const auto outcome = [&](Backend& backend, bool one_by_one) {
        std::vector<std::uint64_t> seeds(std::size_t{options.networks} * options.states);
        for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = i + 5;
        AttractorNetwork network(backend, options, seeds);
        std::vector<real> bias(seeds.size() * units), weights(std::size_t{2} * units * units), states;
        for (std::uint32_t i = 0; i < bias.size(); ++i) bias[i] = real(6) * Random{1, Stream::test, 0, i}.uniform() - real(3);
        for (std::uint32_t i = 0; i < weights.size(); ++i) weights[i] = Random{2, Stream::test, 0, i}.uniform() - real(0.5);
        network.set_bias(bias);
        network.set_weights(weights);
        for (Tick t = 0; t < 9; t += one_by_one ? 1 : 3) {
          const std::vector<real> some = network.run_and_record(t, one_by_one ? 1 : 3);
          states.insert(states.end(), some.begin(), some.end());
        }
        return std::vector<std::vector<real>>{states, network.state(), network.weights(), network.drive(), network.error()};
      };
      cpu::CpuBackend reference(1);
      EmulatedBackend emulated(GetParam());
      EXPECT_TRUE(outcome(emulated, false) == outcome(reference, true)) << units << " units, variant " << variant;
      EXPECT_EQ(emulated.replays(), 0) << "no step of its own";
    }
}

/// A network whose weights are too many for a block of this device goes step by step.
TEST(AttractorBlocks, NeedTheSharedMemoryOfTheDevice) {
  AttractorOptions options;
  options.units = 100;
  options.learning_rate = static_cast<real>(0.05);
  cpu::CpuBackend reference(1);
  EmulatedBackend large, small;
  small.set_shared_memory(100 * 100 * sizeof(real));  // the weights alone
  EXPECT_TRUE(run(large, options) == run(reference, options));
  EXPECT_TRUE(run(small, options) == run(reference, options));
  EXPECT_EQ(large.replays(), 0);
  EXPECT_EQ(small.replays(), 5);
}

/// Blocks whose threads are threads of the host: small networks, and units that follow each other.
TEST(AttractorBlocks, RunOnThreadsOfTheirOwn) {
  for (const UpdateOrder order : {UpdateOrder::synchronous, UpdateOrder::sequential}) {
    AttractorOptions options;
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
  AttractorOptions options;
  options.units = 20;
  const std::uint64_t seed[] = {1};
  const auto outcome = [&](Backend& backend) {
    AttractorNetwork network(backend, options, seed);
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
  AttractorOptions options;
  options.units = 131;
  options.networks = 2;
  options.states = 21;
  options.learning_rate = 0;
  cpu::CpuBackend reference(1);
  EmulatedBackend emulated(GetParam());
  EXPECT_TRUE(run(emulated, options) == run(reference, options));
}

INSTANTIATE_TEST_SUITE_P(Orders, AttractorKernels, testing::Values(Order::ascending, Order::descending, Order::shuffled),
                         [](const auto& order) { return testing_kernels::name_of(order.param); });

}  // namespace
}  // namespace engram
