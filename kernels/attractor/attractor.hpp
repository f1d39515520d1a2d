// Small attractor networks as kernels: a block takes one through all steps of a run, its weights in shared memory, a
// thread a unit; nothing is launched in between. Larger ones go step by step, as operations of their own.
#pragma once

#include "engram/attractor/steps.hpp"
#include "kernels/core/block.hpp"
#include "kernels/core/launch.hpp"
#include "kernels/operations/bodies.hpp"

namespace engram::kernels {

using namespace bodies;

/// 64 kB of weights in float: three such networks fit a processor of an H100.
inline constexpr Index attractor_block_units = 128;

template <class Rule>
struct AttractorBlock {
  static constexpr Index threads = attractor_block_units;
  struct Shared {
    real state[attractor_block_units], error[attractor_block_units];
    alignas(16) real weight[attractor_block_units * attractor_block_units];  ///< [pre][post]; only n * n are there
  };
  attractor::View net;
  attractor::Run run;
  Rule rule;

  /// Memory a block asks for.
  std::size_t shared_bytes() const { return bytes_for(net.state.units); }
  static std::size_t bytes_for(Index units) {
    return offsetof(Shared, weight) + std::size_t{units} * units * sizeof(real);
  }

  ENGRAM_HD real draw(std::size_t batch, Tick step, Index i) const {
    if (run.uniform) return run.uniform[step * run.stride + batch * net.state.units + i];
    return uniform_of(Random{net.seed[batch], Stream::attractor_sample, run.first + step, i / 4}.words(0).w[i % 4]);
  }

  /// One unit: its draw, the precision of its error, its new state. The columns stay in device memory, which only this
  /// thread touches; what other threads need goes to shared memory.
  ENGRAM_HD void update(std::size_t batch, Tick step, Index i, Shared& memory) const {
    using namespace langevin_column;
    const auto b = static_cast<Index>(batch);
    if (run.precision_weighted) {
      const UnitPointers p = columns_of(UnitColumns{{net.precision, net.drive, net.inverse_temperature}}, b);
      update_unit(LangevinPrecision{}, p, i, nullptr);
    }
    real c[Rule::n_columns];
    c[state] = 0;
    c[error] = 0;
    c[drive] = net.drive.at(b)[i];
    c[bias] = net.bias.at(b)[i];
    c[inverse_temperature] = net.inverse_temperature.at(b)[i];
    c[precision] = net.precision.at(b)[i];
    if constexpr (Rule::n_columns > uniform) c[uniform] = draw(batch, step, i);
    rule(c, nullptr);
    memory.state[i] = c[state];
    memory.error[i] = c[error];
  }

  /// Learning of the weights onto one unit, and its next drive.
  ENGRAM_HD void walk(Index b, Index i, Shared& memory) const {
    const Index n = net.state.units;
    const DenseView w{memory.weight, n, n, 1, 1, n};
    real sum = 0;
    if (run.learning_rate > real(0)) {
      const Attractor plasticity{run.learning_rate};
      dense_learn_and_drive<1, true>(plasticity, w, 0, i, 1, {{memory.state}}, {{memory.error}}, nullptr,
                                     !run.learn_self_weights, memory.state, real(1), &sum);
    } else {
      dense_drive<1>(w, 0, i, 1, {nullptr, memory.state, n}, real(1), nullptr, &sum);
    }
    net.drive.at(b)[i] = sum;
  }

  ENGRAM_HD void operator()(const Block& block, std::size_t batch, Shared& memory) const {
    const Index n = net.state.units, b = static_cast<Index>(batch), network = b / net.states;
    block.each([&](Index i) {
      for (Index j = 0; i < n && j < n; j += rows_at_once) {  // rows are read before one is written
        real row[rows_at_once];
        for (Index q = 0; q < rows_at_once && j + q < n; ++q) row[q] = net.weights.row(network, j + q)[i];
        for (Index q = 0; q < rows_at_once && j + q < n; ++q) memory.weight[(j + q) * n + i] = row[q];
      }
    });
    for (Tick step = 0; step < run.steps; ++step) {
      block.each([&](Index i) {
        if (i < n) update(batch, step, i, memory);
      });
      block.each([&](Index i) {
        if (i >= n) return;
        walk(b, i, memory);
        if (run.states) run.states[step * run.stride + batch * n + i] = memory.state[i];
      });
    }
    block.each([&](Index i) {
      if (i >= n || run.steps == 0) return;
      net.state.at(b)[i] = memory.state[i];
      net.error.at(b)[i] = memory.error[i];
      for (Index j = 0; run.learning_rate > real(0) && j < n; ++j)
        net.weights.row(network, j)[i] = memory.weight[j * n + i];
    });
  }
};

/// Whether a block takes a network through all steps: where its weights fit, and units do not wait for each other.
inline bool fits_block(const attractor::View& net, const attractor::Run& run, const SharedMemory& memory) {
  return net.state.units <= attractor_block_units && !run.order &&
         AttractorBlock<LangevinSample>::bytes_for(net.state.units) <= memory.of_one_block;
}

template <class Launcher>
void run_attractor(Launcher& launch, const attractor::View& net, const attractor::Run& run) {
  std::visit(
      [&](const auto& rule) {
        using Rule = std::decay_t<decltype(rule)>;
        if constexpr (!std::is_same_v<Rule, LangevinPrecision>)
          launch.blocks("run_attractor", net.batches(), AttractorBlock<Rule>{net, run, rule});
        else
          throw Error("run_attractor: langevin_precision is no unit of a network");
      },
      run.unit);
}

}  // namespace engram::kernels
