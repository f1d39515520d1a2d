// Small attractor networks as kernels: a block takes one through all steps of a run, its weights in shared memory, a
// thread a unit; nothing is launched in between.
#pragma once

#include "kernels/attractor/unit.hpp"
#include "kernels/core/block.hpp"
#include "kernels/core/launch.hpp"

namespace engram::kernels {

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
        if (i >= n) return;
        const auto [state, error] = AttractorUnit<Rule>{net, run, rule}.update(batch, step, i, net.drive.at(b)[i]);
        memory.state[i] = state;
        memory.error[i] = error;
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

/// Whether a block takes a network through all steps: where its weights fit.
template <class Launcher>
bool fits_block(const Launcher& launch, Index units) {
  return units <= attractor_block_units &&
         AttractorBlock<LangevinSample>::bytes_for(units) <= launch.shared_memory().of_one_block;
}

}  // namespace engram::kernels
