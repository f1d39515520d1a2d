// Attractor networks: draws, unit updates, rank-one learning and the next drive in one walk; all at once and in order.
#include <algorithm>

#include "conformance/models.hpp"
#include "engram/attractor/attractor.hpp"

namespace engram::conformance {

namespace {

Result run_network(Backend& backend, Tick steps, attractor::UpdateOrder order) {
  attractor::Options options;
  options.units = 150;  // more than two chunks of a sum, and no multiple of a warp
  options.networks = 3;
  options.learning_rate = static_cast<real>(0.02);
  options.precision_weighted = true;
  options.order = order;
  const std::uint64_t seeds[] = {1, 2, 3};
  attractor::Network network(backend, options, seeds);
  std::vector<real> bias(450);
  for (std::uint32_t i = 0; i < bias.size(); ++i) bias[i] = real(4) * Random{7, Stream::test, 0, i}.uniform() - real(2);
  network.set_bias(bias);
  network.set_inverse_temperature(std::vector<real>{real(0.25), real(1), real(4)});
  for (Tick t = 0; t < steps; ++t) network.step(t);
  return {{"state", network.state()},
          {"error", network.error()},
          {"drive", network.drive()},
          {"weights", network.weights()}};
}

/// Networks that a block of a GPU takes through several steps of a call, and their states after each.
Result run_small(Backend& backend, Tick steps) {
  attractor::Options options;
  options.units = 67;
  options.networks = 3;
  options.learning_rate = static_cast<real>(0.02);
  const std::uint64_t seeds[] = {1, 2, 3};
  attractor::Network network(backend, options, seeds);
  std::vector<real> bias(201), states;
  for (std::uint32_t i = 0; i < bias.size(); ++i) bias[i] = real(4) * Random{7, Stream::test, 1, i}.uniform() - real(2);
  network.set_bias(bias);
  for (Tick t = 0; t < steps; t += 4) {
    const std::vector<real> some = network.run_and_record(t, std::min<Tick>(4, steps - t));
    states.insert(states.end(), some.begin(), some.end());
  }
  return {{"states", states}, {"error", network.error()}, {"drive", network.drive()}, {"weights", network.weights()}};
}

/// Eleven states on the weights of each of two networks.
Result run_shared(Backend& backend, Tick steps) {
  attractor::Options options;
  options.units = 150;
  options.networks = 2;
  options.states = 11;
  options.learning_rate = 0;
  std::vector<std::uint64_t> seeds(22);
  for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = i + 1;
  attractor::Network network(backend, options, seeds);
  std::vector<real> weights(2 * 150 * 150);
  for (std::uint32_t i = 0; i < weights.size(); ++i) weights[i] = Random{8, Stream::test, 0, i}.uniform() - real(0.5);
  network.set_weights(weights);
  for (Tick t = 0; t < steps; ++t) network.step(t);
  return {{"state", network.state()}, {"drive", network.drive()}};
}

}  // namespace

Result run_attractor(Backend& backend, Tick steps) {
  return run_network(backend, steps, attractor::UpdateOrder::synchronous);
}
Result run_attractor_in_order(Backend& backend, Tick steps) {
  return run_network(backend, steps, attractor::UpdateOrder::random_order);
}
Result run_attractor_small(Backend& backend, Tick steps) { return run_small(backend, steps); }
Result run_attractor_shared(Backend& backend, Tick steps) { return run_shared(backend, steps); }

}  // namespace engram::conformance
