// A step of attractor networks as a sequence of operations, which every backend can run.
#include "engram/attractor/steps.hpp"

#include <algorithm>

#include "engram/backend.hpp"

namespace engram::attractor {

namespace {

/// All networks through one step after the other.
void run_together(Backend& backend, const View& net, const Run& run) {
  const SynapseRule plasticity = Attractor{run.learning_rate};
  const Sweep walk = walk_of(net, run, plasticity);
  const Batch<real> weighed[] = {net.precision, net.drive, net.inverse_temperature};
  const std::size_t values = std::size_t{net.batches()} * net.state.units;
  const bool draws = std::holds_alternative<LangevinSample>(run.unit) && !run.uniform;
  for (Tick s = 0; s < run.steps; ++s) {
    Batch<real> columns[] = {net.state,     net.drive,  net.error, net.bias, net.inverse_temperature,
                             net.precision, net.uniform};
    if (run.uniform)
      columns[langevin_column::uniform].data = const_cast<real*>(run.uniform) + s * run.stride;  // only read
    backend.begin_step(reinterpret_cast<std::uintptr_t>(net.state.data), run.first + s);
    if (draws)
      backend.sample(Uniform{}, {net.seed, net.batches()}, Stream::attractor_sample, run.first + s, net.uniform);
    const UnitRule unit = run.unit_of(s);
    if (run.precision_weighted && run.keeps_errors(s)) backend.update(LangevinPrecision{}, weighed, {}, {});
    if (run.order) {
      backend.update_in_order(unit, columns, {}, net.weights, run.order, net.states);
      backend.zero(net.drive.data, values * sizeof(real));
    } else {
      backend.update(unit, columns, {}, {});
    }
    if (multiplies(run.sums, net.states, run.learning_rate))
      backend.multiply(net.weights, net.state, net.states, net.drive);
    else
      backend.sweep(net.weights, walk);
    backend.end_step();
    if (run.states) backend.copy(run.states + s * run.stride, net.state.data, values * sizeof(real));
  }
}

/// States that go through all steps one block after the other, so that their columns stay in the second cache where the
/// weights do not fill it. Blocks are those of the tiles of Backend::multiply, so that taking them changes no bit of a
/// product.
Index states_at_once(const View& net, const Run& run) {
  constexpr Index block = 256, small_units = 256;
  return run.learns() || net.weights.n_post > small_units ? net.states : std::min(net.states, block);
}

/// Whether so many parts fill the jobs that run at the same time, so that none is idle for long.
bool fill_jobs(const View& net, std::size_t parts, std::size_t jobs) {
  constexpr std::size_t small = 4096;  // synapses; threads that share so few gain nothing
  const std::size_t synapses = std::size_t{net.weights.n_post} * net.weights.n_pre;
  return parts % jobs == 0 || parts >= 8 * jobs || synapses < small;
}

}  // namespace

void run_steps(Backend& backend, const View& net, const Run& run) {
  const auto jobs = static_cast<std::size_t>(backend.info().jobs);
  const Index block = states_at_once(net, run), blocks = ceil_div(net.states, block);
  const std::size_t parts = std::size_t{net.networks()} * blocks;
  if (jobs == 0 || parts < 2 || !fill_jobs(net, parts, jobs)) return run_together(backend, net, run);
  const std::size_t synapses = std::size_t{net.weights.n_post} * net.weights.n_pre;
  backend.split(parts, net.batches() * synapses * run.steps, [&](Backend& one, std::size_t part) {
    const auto r = static_cast<Index>(part / blocks), first = static_cast<Index>(part % blocks) * block,
               count = std::min(block, net.states - first);
    run_together(one, net.part(r, first, count), run.part(net, r, first, count));
  });
}

}  // namespace engram::attractor
