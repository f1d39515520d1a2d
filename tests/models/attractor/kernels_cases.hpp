// Attractor networks in every way that the kernels take them: step by step, many steps of a call in a block, units in
// order, many states on the same weights. Compared with the CPU on the emulated device and on a real one.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "engine/cpu/cpu_backend.hpp"
#include "engram/attractor/attractor.hpp"

namespace engram::testing_kernels {

struct AttractorOutcome {
  std::vector<real> states, state, weights, drive, error;
  bool operator==(const AttractorOutcome&) const = default;
};

/// `calls` calls of `at_once` steps; where that is not 0, the states after each are recorded.
inline AttractorOutcome run_attractor_network(Backend& backend, const attractor::Options& options, Tick calls,
                                              Tick at_once = 0) {
  std::vector<std::uint64_t> seeds(std::size_t{options.networks} * options.states);
  for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = i + 5;
  attractor::Network network(backend, options, seeds);
  std::vector<real> bias(seeds.size() * options.units),
      weights(std::size_t{options.networks} * options.units * options.units), states;
  for (std::uint32_t i = 0; i < bias.size(); ++i) bias[i] = real(6) * Random{1, Stream::test, 0, i}.uniform() - real(3);
  for (std::uint32_t i = 0; i < weights.size(); ++i) weights[i] = Random{2, Stream::test, 0, i}.uniform() - real(0.5);
  network.set_bias(bias);
  network.set_weights(weights);
  for (Tick call = 0; call < calls; ++call) {
    if (at_once == 0) {
      network.step(call);
    } else {
      const std::vector<real> some = network.run_and_record(call * at_once, at_once);
      states.insert(states.end(), some.begin(), some.end());
    }
  }
  return {states, network.state(), network.weights(), network.drive(), network.error()};
}

/// Too large for a block: recorded steps.
inline attractor::Options attractor_step_by_step(attractor::UpdateOrder order, bool learn) {
  attractor::Options options;
  options.units = 130;
  options.networks = 2;
  options.states = learn ? 1 : 3;
  options.learning_rate = learn ? static_cast<real>(0.05) : real(0);
  options.order = order;
  options.precision_weighted = true;
  return options;
}

inline constexpr attractor::UpdateOrder update_orders[] = {
    attractor::UpdateOrder::synchronous, attractor::UpdateOrder::sequential, attractor::UpdateOrder::random_order};

/// Sizes up to that of a block.
inline constexpr Index attractor_block_units[] = {1, 7, 64, 67, 128};
inline constexpr int attractor_block_variants = 5;
/// Every option that a run has.
inline attractor::Options attractor_in_a_block(Index units, int variant) {
  attractor::Options options;
  options.units = units;
  options.networks = 2;
  options.states = variant == 1 ? 3 : 1;
  options.learning_rate = variant == 1 ? real(0) : static_cast<real>(0.05);
  options.deterministic = variant == 2;
  options.precision_weighted = variant == 3;
  options.learn_self_weights = variant == 4;
  options.clipped = variant == 4;
  return options;
}

/// One launch takes a network through the steps of a call; on the CPU one step follows the other.
inline void expect_attractor_blocks_of_the_cpu(Backend& backend) {
  cpu::CpuBackend reference(1);
  for (const Index units : attractor_block_units)
    for (int variant = 0; variant < attractor_block_variants; ++variant) {
      const attractor::Options options = attractor_in_a_block(units, variant);
      EXPECT_TRUE(run_attractor_network(backend, options, 3, 3) == run_attractor_network(reference, options, 9, 1))
          << units << " units, variant " << variant;
    }
}

/// Read the weights once for eight states.
inline attractor::Options attractor_of_many_states() {
  attractor::Options options;
  options.units = 131;
  options.networks = 2;
  options.states = 21;
  options.learning_rate = 0;
  return options;
}

/// Fast sums of many states, as a call of several steps leaves them, against the exact ones of the same states; those
/// of a network that learns or has one state are exact anyway.
inline void expect_fast_sums_within_their_tolerance(Backend& backend) {
  double largest = 0;
  for (const Index units : {Index{64}, Index{131}})
    for (const attractor::UpdateOrder order :
         {attractor::UpdateOrder::synchronous, attractor::UpdateOrder::sequential}) {
      attractor::Options options;
      options.units = units;
      options.networks = 2;
      options.states = 21;
      options.learning_rate = 0;
      options.order = order;
      attractor::Options fast_options = options;
      fast_options.sums = Sums::fast;
      const AttractorOutcome fast = run_attractor_network(backend, fast_options, 3, 2);
      const std::vector<std::uint64_t> seeds(42, 1);
      attractor::Network exact(backend, options, seeds);
      exact.set_weights(fast.weights);
      exact.set_state(fast.state);
      const std::vector<real> drive = exact.drive();
      double most = 0;  // distance as a share of what is allowed
      for (std::size_t at = 0; at < drive.size(); ++at) {
        const std::size_t batch = at / units, i = at % units;
        double magnitudes = 0;
        for (std::size_t j = 0; j < units; ++j)
          magnitudes += std::abs(static_cast<double>(fast.weights[(batch / 21 * units + i) * units + j]) *
                                 static_cast<double>(fast.state[batch * units + j]));
        const double off = std::abs(static_cast<double>(fast.drive[at]) - static_cast<double>(drive[at]));
        most = std::max(most, off / (2 * error_of_sum(units) * magnitudes));
      }
      EXPECT_LE(most, 1) << units << " units, order " << static_cast<int>(order);
      largest = std::max(largest, most);

      options.states = fast_options.states = 1;
      for (const real rate : {real(0), static_cast<real>(0.05)}) {
        options.learning_rate = fast_options.learning_rate = rate;
        EXPECT_TRUE(run_attractor_network(backend, fast_options, 3, 2) == run_attractor_network(backend, options, 3, 2))
            << units << " units, learning rate " << rate;
      }
    }
  EXPECT_GT(largest, 0) << "no library took part";  // small networks may have the bits of exact sums
}

}  // namespace engram::testing_kernels
