// The kernels of the assembly calculus. Counts are integers, added by atomics in any order; sums of input have one
// thread a unit, which takes the terms in the order of the CPU. Not tuned: no GPU has run them yet.
#pragma once

#include "engram/backend.hpp"
#include "engram/calculus/rounds.hpp"
#include "kernels/calculus/fibre_bodies.hpp"
#include "kernels/core/cooperate.hpp"
#include "kernels/core/launch.hpp"

namespace engram::kernels {

using namespace bodies;

/// Whose synapses are counted; no_unit stands for nobody.
struct Counted {
  Span<const Index> units;
  std::size_t added;  ///< the first so many count 1, the others -1

  ENGRAM_HD Index change(std::size_t i) const { return i < added ? Index{1} : ~Index{0}; }
};

/// One chain of gaps: the synapses of a unit in a segment.
struct CountChain {
  Fibre fibre;
  Counted sources;
  Index* counts;

  ENGRAM_HD void operator()(Index source, std::size_t segment) const {
    const Index unit = sources.units[source], change = sources.change(source);
    if (unit == no_unit) return;
    for_each_target(fibre, unit, static_cast<Index>(segment), [&](Index post) {
      atomic_add(counts + post, change);
      return true;
    });
  }
};

/// All sources in one segment, counted in memory of the block, so that the device's counts are touched once a unit.
struct CountSegment {
  static constexpr Index threads = 256, most_units = 8192;
  struct Shared {
    Index counts[most_units];
  };
  Fibre fibre;
  Counted sources;
  Index* counts;

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& s) const {
    const auto segment = static_cast<Index>(at);
    const Index first = segment << fibre.width_log2, length = fibre.length(segment);
    block.each([&](Index t) {
      for (Index i = t; i < length; i += threads) s.counts[i] = 0;
    });
    block.each([&](Index t) {
      for (std::size_t source = t; source < sources.units.size; source += threads)
        if (sources.units[source] != no_unit)
          for_each_target(fibre, sources.units[source], segment, [&, change = sources.change(source)](Index post) {
            atomic_add(s.counts + (post - first), change);
            return true;
          });
    });
    block.each([&](Index t) {
      for (Index i = t; i < length; i += threads) counts[first + i] += s.counts[i];
    });
  }
};

/// Whether that pays: where the segment fits, and visits are no fewer than a quarter of its units, for an atomic of the
/// device moves 32 bytes and a count 8. An estimate; not measured.
inline bool count_in_blocks(const Fibre& fibre, std::size_t sources) {
  return fibre.width() <= CountSegment::most_units && sources * 128 >= fibre.width();
}

struct SetMarks {
  Span<const Index> units;
  std::uint32_t* bits;
  bool on;

  ENGRAM_HD void operator()(Index i, std::size_t) const {
    std::uint32_t* const word = bits + (units[i] >> 5);
    const std::uint32_t bit = 1u << (units[i] & 31);
    if (on)
      atomic_or(word, bit);
    else
      atomic_and(word, ~bit);
  }
};

struct FindChain {
  Fibre fibre;
  Span<const Index> sources;
  const std::uint32_t* targets;
  Synapse* found;
  Index capacity;
  Index* count;

  ENGRAM_HD void operator()(Index source, std::size_t segment) const {
    const Index pre = sources[source];
    for_each_target(fibre, pre, static_cast<Index>(segment), [&](Index post) {
      if (bit_at(targets, post)) {
        const Index at = next();
        if (at < capacity) found[at] = {post, pre};
      }
      return true;
    });
  }
  ENGRAM_HD Index next() const {
#if defined(__CUDA_ARCH__)
    return atomicAdd(count, 1u);
#else
    return std::atomic_ref<Index>(*count).fetch_add(1, std::memory_order_relaxed);
#endif
  }
};

ENGRAM_HD const OverlayView& view_of(const OverlayView& overlay) { return overlay; }
ENGRAM_HD OverlayView view_of(const GrowingOverlay& overlay) { return overlay.view(); }

/// One thread a row; of an overlay that grows, a row that there may be.
template <class Overlay>
struct RowInput {
  Overlay stored;
  const std::uint32_t* firing;
  const Index* counts;
  const real* input;
  real* learned;

  ENGRAM_HD void operator()(Index row, std::size_t) const {
    const OverlayView overlay = view_of(stored);
    if (row >= overlay.rows) return;
    const Index unit = overlay.unit[row];
    learned[row] = add_float(input[unit], row_input(overlay, row, firing, counts[unit]));
  }
};

struct AddCounts {
  const Index* counts;
  real* input;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    input[i] = add_float(input[i], static_cast<float>(static_cast<std::int32_t>(counts[i])));
  }
};

template <class Overlay>
struct PutRows {
  Overlay stored;
  const real* learned;
  real* input;
  ENGRAM_HD void operator()(Index row, std::size_t) const {
    const OverlayView overlay = view_of(stored);
    if (row < overlay.rows) input[overlay.unit[row]] = learned[row];
  }
};

template <class Overlay>
struct LearnOverlay {
  Overlay stored;
  const std::uint32_t* firing;
  Span<const Index> targets;
  Potentiation rule;
  ENGRAM_HD void operator()(Index t, std::size_t) const {
    const OverlayView overlay = view_of(stored);
    if (const Index row = find_row(overlay, targets[t]); row < overlay.rows) learn_row(overlay, row, firing, rule);
  }
};

struct AddValues {
  const float* values;
  real* input;
  ENGRAM_HD void operator()(Index i, std::size_t) const { input[i] = add_float(input[i], values[i]); }
};

struct AddScaled {
  const real* values;
  const float* factor;
  real* input;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    input[i] = add_float(input[i], static_cast<float>(values[i]) * factor[i]);
  }
};

struct LearnValues {
  float* values;
  Span<const Index> targets;
  Potentiation rule;
  ENGRAM_HD void operator()(Index t, std::size_t) const { values[targets[t]] = rule(values[targets[t]]); }
};

struct AddRows {
  MatrixView matrix;
  Span<const Index> sources;
  real* input;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    real sum = input[i];
    for (std::size_t s = 0; s < sources.size; ++s) sum = add_float(sum, matrix.row(sources[s])[i]);
    input[i] = sum;
  }
};

struct LearnRows {
  MatrixView matrix;
  Span<const Index> sources, targets;
  Potentiation rule;
  ENGRAM_HD void operator()(Index t, std::size_t s) const {
    float& weight = matrix.row(sources[s])[targets[t]];
    weight = rule(weight);
  }
};

struct SubtractAt {
  Span<const Index> units;
  const float* values;
  real* input;
  ENGRAM_HD void operator()(Index i, std::size_t) const { input[units[i]] = add_float(input[units[i]], -values[i]); }
};

struct Gather {
  const real* input;
  Span<const Index> units;
  float* values;
  ENGRAM_HD void operator()(Index i, std::size_t) const { values[i] = static_cast<float>(input[units[i]]); }
};

}  // namespace engram::kernels
