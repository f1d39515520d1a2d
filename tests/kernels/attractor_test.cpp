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

INSTANTIATE_TEST_SUITE_P(Orders, AttractorKernels, testing::Values(Order::ascending, Order::descending, Order::shuffled),
                         [](const auto& order) { return testing_kernels::name_of(order.param); });

}  // namespace
}  // namespace engram
