// Attractor networks: draws, unit updates, rank-one learning and the next drive in one walk; all at once and in order.
#include "engram/models/attractor.hpp"
#include "models.hpp"

namespace engram::conformance {

namespace {

Result run_network(Backend& backend, Tick steps, UpdateOrder order) {
  AttractorOptions options;
  options.units = 150;  // more than two chunks of a sum, and no multiple of a warp
  options.networks = 3;
  options.learning_rate = static_cast<real>(0.02);
  options.precision_weighted = true;
  options.order = order;
  const std::uint64_t seeds[] = {1, 2, 3};
  AttractorNetwork network(backend, options, seeds);
  std::vector<real> bias(450);
  for (std::uint32_t i = 0; i < bias.size(); ++i) bias[i] = real(4) * Random{7, Stream::test, 0, i}.uniform() - real(2);
  network.set_bias(bias);
  network.set_inverse_temperature(std::vector<real>{real(0.25), real(1), real(4)});
  for (Tick t = 0; t < steps; ++t) {
    if (order != UpdateOrder::synchronous) backend.begin_step(2, t);
    network.step(t);
    if (order != UpdateOrder::synchronous) backend.end_step();
  }
  return {{"state", network.state()}, {"error", network.error()}, {"drive", network.drive()}, {"weights", network.weights()}};
}

}  // namespace

Result run_attractor(Backend& backend, Tick steps) { return run_network(backend, steps, UpdateOrder::synchronous); }
Result run_attractor_in_order(Backend& backend, Tick steps) { return run_network(backend, steps, UpdateOrder::random_order); }

}  // namespace engram::conformance
