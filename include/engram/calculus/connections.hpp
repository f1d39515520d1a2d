// What the assembly calculus asks of a backend: operations over fibres, which are random synapses that are never
// stored, what was learned on top of them, and plain matrices. Inputs are sums of float in every build, in an order
// that is defined; counts are integers, whose order is free.
#pragma once

#include <vector>

#include "engram/core/array.hpp"
#include "engram/extension.hpp"
#include "engram/rules/potentiation.hpp"
#include "engram/synapses/random_graph.hpp"

namespace engram {

/// The synapses of a fibre whose weight is no longer 1, as rows of postsynaptic units.
struct OverlayView {
  const Index* unit = nullptr;   ///< [rows] postsynaptic units, ascending
  const Index* start = nullptr;  ///< [rows + 1]
  const Index* pre = nullptr;    ///< ascending within a row
  float* weight = nullptr;
  Index rows = 0;
};

/// All pairs, [pre][post]; 0: no synapse.
struct MatrixView {
  float* weight = nullptr;
  Index n_pre = 0, n_post = 0;

  ENGRAM_HD float* row(Index pre) const { return weight + static_cast<std::size_t>(pre) * n_post; }
};

struct Synapse {
  Index post, pre;
  bool operator==(const Synapse&) const = default;
  auto operator<=>(const Synapse&) const = default;
};

namespace calculus {

/// Lists of units are on the device, without repeats; `sources` and `targets` ascending unless said otherwise.
class Connections : public Extension {
 public:
  static constexpr ExtensionId id = "calculus.connections/1";
  /// Its results reach select_top_k, which is traced.
  Extension* traced(Tracer&) override { return this; }

  /// counts[post] += the number of synapses from `sources`; or -=, with `remove`.
  virtual void count(const Fibre&, Span<const Index> sources, bool remove, Span<Index> counts) = 0;
  /// All synapses from `sources` to `targets`, ordered by (post, pre), to the host; replaces the content of `found`.
  virtual void find(const Fibre&, Span<const Index> sources, Span<const Index> targets,
                    std::vector<Synapse>& found) = 0;
  /// input[i] += float(counts[i] + sum over row i of (weight - 1) of firing sources). The bracket is summed in double
  /// in the order of the row, and rounded once.
  virtual void add_counts(Span<const Index> counts, const OverlayView&, Span<const Index> sources, Index n_pre,
                          Span<real> input) = 0;
  /// Potentiates the learned synapses between the lists.
  virtual void learn_overlay(const OverlayView&, Span<const Index> sources, Index n_pre, Span<const Index> targets,
                             Potentiation) = 0;

  /// input[i] += values[i]
  virtual void add(Span<const float> values, Span<real> input) = 0;
  /// input[i] += float(values[i]) * factor[i], each rounded to float.
  virtual void add_scaled(Span<const real> values, Span<const float> factor, Span<real> input) = 0;
  /// values[i] grows for the listed units.
  virtual void learn(Span<float> values, Span<const Index> targets, Potentiation) = 0;
  /// input += the rows of `sources`, one after the other in the order of the list, which is free.
  virtual void add_rows(const MatrixView&, Span<const Index> sources, Span<real> input) = 0;
  virtual void learn_rows(const MatrixView&, Span<const Index> sources, Span<const Index> targets, Potentiation) = 0;

  /// input[units[i]] -= values[i]
  virtual void subtract_at(Span<const Index> units, Span<const float> values, Span<real> input) = 0;
  /// values[i] = input[units[i]], to the host.
  virtual void gather(Span<const real> input, Span<const Index> units, std::vector<float>& values) = 0;
};

}  // namespace calculus

}  // namespace engram
