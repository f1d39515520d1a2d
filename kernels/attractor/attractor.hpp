// Attractor networks as kernels. Small ones take one launch for all steps (block.hpp), larger ones two a step: the
// units, which add what the last walk over the weights left in chunks, and the walk that learns and sums anew, or the
// product of a library.
#pragma once

#include "kernels/attractor/block.hpp"
#include "kernels/operations/sweep_dense.hpp"

namespace engram::kernels {

/// All units through one step.
template <class Rule>
struct UpdateAttractor {
  AttractorUnit<Rule> unit;
  Tick step;

  /// The drive that a walk adds to is 0 until then.
  ENGRAM_HD void update(Index i, std::size_t batch, real drive) const {
    const auto b = static_cast<Index>(batch);
    const attractor::View& net = unit.net;
    const auto [state, error] = unit.update(batch, step, i, drive);
    net.state.at(b)[i] = state;
    if (unit.rule.keep_error != real(0)) net.error.at(b)[i] = error;
    net.drive.at(b)[i] = 0;
    if (unit.run.states) unit.run.states[step * unit.run.stride + batch * net.state.units + i] = state;
  }
  ENGRAM_HD void operator()(Index i, std::size_t batch) const {
    update(i, batch, unit.net.drive.at(static_cast<Index>(batch))[i]);
  }
};

/// The same from the sums of chunks. A block takes sum_units units of one batch.
template <class Rule>
struct UpdateFromChunks {
  static constexpr Index threads = sum_threads;
  using Shared = OrderedSum;
  UpdateAttractor<Rule> units;
  OpenDrive open;

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& s) const {
    const Index n = units.unit.net.state.units;
    const Part part = part_of(at, n);
    add_chunks(block, s, open.sums + std::size_t{part.batch} * open.chunks * n, open.chunks, n, part.first);
    block.each([&](Index t) {
      if (t < sum_units && part.first + t < n) units.update(part.first + t, part.batch, real(0) + s.total[t]);
    });
  }
};

template <class Launcher, class Rule>
void run_large_attractor(Launcher& launch, const AttractorUnit<Rule>& unit) {
  const attractor::View& net = unit.net;
  const SynapseRule plasticity = Attractor{unit.run.learning_rate};
  const Sweep walk = attractor::walk_of(net, unit.run, plasticity);
  const bool product = attractor::multiplies(unit.run.sums, net.states, unit.run.learning_rate);
  OpenDrive open;
  for (Tick step = 0; step < unit.run.steps; ++step) {
    const UpdateAttractor<Rule> update{{net, unit.run, std::get<Rule>(unit.run.unit_of(step))}, step};
    if (open.sums)
      launch.blocks("run_attractor", parts(net.batches(), net.state.units), UpdateFromChunks<Rule>{update, open});
    else
      launch.items("run_attractor", net.state.units, net.batches(), update);
    if (product)
      launch.multiply(net.weights, net.state, net.states, net.drive);
    else
      open = begin_sweep_dense(launch, net.weights, walk);
  }
  if (!product) end_sweep_dense(launch, net.weights, walk, open);
}

/// Units must not wait for each other (Run::order).
template <class Launcher>
void run_attractor(Launcher& launch, const attractor::View& net, const attractor::Run& run) {
  std::visit(
      [&](const auto& rule) {
        using Rule = std::decay_t<decltype(rule)>;
        if constexpr (!std::is_same_v<Rule, LangevinSample> && !std::is_same_v<Rule, LangevinMean>)
          throw Error(std::string("run_attractor: ") + Rule::name + " is no unit of a network");
        else if (!attractor::multiplies(run.sums, net.states, run.learning_rate) && fits_block(launch, net.state.units))
          launch.blocks("run_attractor", net.batches(), AttractorBlock<Rule>{net, run, rule});
        else
          run_large_attractor(launch, AttractorUnit<Rule>{net, run, rule});
      },
      run.unit);
}

}  // namespace engram::kernels
