// The work of fibres on the CPU: what Connections asks of a backend, with threads over rows or targets.
#pragma once

#include "engram/calculus/connections.hpp"

namespace engram::cpu {

class CpuFibres final : public calculus::Connections {
 public:
  explicit CpuFibres(int threads) : threads_(threads) {}

  void count(const Fibre&, Span<const Index> sources, bool remove, Span<Index> counts) override;
  void find(const Fibre&, Span<const Index> sources, Span<const Index> targets, std::vector<Synapse>& found) override;
  void add_counts(Span<const Index> counts, const OverlayView&, Span<const Index> sources, Index n_pre,
                  Span<real> input) override;
  void learn_overlay(const OverlayView&, Span<const Index> sources, Index n_pre, Span<const Index> targets,
                     Potentiation) override;
  void add(Span<const float> values, Span<real> input) override;
  void add_scaled(Span<const real> values, Span<const float> factor, Span<real> input) override;
  void learn(Span<float> values, Span<const Index> targets, Potentiation) override;
  void add_rows(const MatrixView&, Span<const Index> sources, Span<real> input) override;
  void learn_rows(const MatrixView&, Span<const Index> sources, Span<const Index> targets, Potentiation) override;
  void subtract_at(Span<const Index> units, Span<const float> values, Span<real> input) override;
  void gather(Span<const real> input, Span<const Index> units, std::vector<float>& values) override;

 private:
  int threads_;
};

}  // namespace engram::cpu
