// A step of attractor networks as a sequence of operations, which every backend can run.
#include "engram/backend.hpp"

namespace engram {

void Backend::run_attractor(const AttractorView& net, const AttractorRun& run) {
  const Batch<const real> one_layer = {};
  const SynapseRule plasticity = Attractor{run.learning_rate};
  // Learning needs the new state and so does the next drive: one walk over the weights does both.
  Sweep walk;
  if (run.learning_rate > real(0)) {
    walk.learn = &plasticity;
    walk.pre = Columns{{net.state}};
    walk.post = Columns{{net.error}};
    walk.keep_diagonal = !run.learn_self_weights;
  }
  walk.source = Columns{{net.state}};
  walk.drive = net.drive;
  walk.group = net.states;

  const std::size_t values = std::size_t{net.batches()} * net.state.units;
  const bool draws = std::holds_alternative<LangevinSample>(run.unit) && !run.uniform;
  for (Tick s = 0; s < run.steps; ++s) {
    UnitColumns columns{
        {net.state, net.drive, net.error, net.bias, net.inverse_temperature, net.precision, net.uniform}};
    if (run.uniform)
      columns.at[langevin_column::uniform].data = const_cast<real*>(run.uniform) + s * run.stride;  // only read
    begin_step(reinterpret_cast<std::uintptr_t>(net.state.data), run.first + s);
    if (draws) sample(Uniform{}, {net.seed, net.batches()}, Stream::attractor_sample, run.first + s, net.uniform);
    if (run.precision_weighted)
      update(LangevinPrecision{}, {{net.precision, net.drive, net.inverse_temperature}}, one_layer);
    if (run.order) {
      update_in_order(run.unit, columns, one_layer, net.weights, run.order, net.states);
      zero(net.drive.data, values * sizeof(real));
    } else {
      update(run.unit, columns, one_layer);
    }
    sweep(net.weights, walk);
    end_step();
    if (run.states) copy(run.states + s * run.stride, net.state.data, values * sizeof(real));
  }
}

}  // namespace engram
