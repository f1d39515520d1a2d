// The kernels of the assembly calculus beside those that walk chains (walk.hpp). Sums of input have one thread a unit,
// which takes the terms in the order of the CPU.
#pragma once

#include "engram/backend.hpp"
#include "kernels/calculus/fibre_bodies.hpp"
#include "kernels/calculus/walk.hpp"
#include "kernels/core/launch.hpp"

namespace engram::kernels {

using namespace bodies;

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

/// A place of a list whose order does not matter, or is mended afterwards.
ENGRAM_HD Index atomic_next(Index* count) {
#if defined(__CUDA_ARCH__)
  return atomicAdd(count, 1u);
#else
  return std::atomic_ref<Index>(*count).fetch_add(1, std::memory_order_relaxed);
#endif
}

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
        const Index at = atomic_next(count);
        if (at < capacity) found[at] = {post, pre};
      }
      return true;
    });
  }
};

// Items that several neighbouring threads share: items("...", lanes_wide, lanes_high(count), f) calls f(x, y) for each
// lane of each, and for some beyond the last one.
inline constexpr Index lanes = 8, lanes_wide = 128;
ENGRAM_HD Index lane_of(Index x) { return x % lanes; }
ENGRAM_HD Index lanes_item(Index x, std::size_t y) { return static_cast<Index>(y * (lanes_wide / lanes) + x / lanes); }
inline std::size_t lanes_high(std::size_t count) { return ceil_div<std::size_t>(count, lanes_wide / lanes); }

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
    learned[row] = add_float(input[unit], row_input<entries_ahead>(overlay, row, firing, counts[unit]));
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

/// Where the row of each target is; overlay.rows: it has none.
struct SearchedRows {
  ENGRAM_HD Index operator()(const OverlayView& overlay, Index, Index target) const {
    return find_row(overlay, target);
  }
};

/// The lanes of a target share its row.
template <class Overlay, class Rows>
struct LearnOverlay {
  Overlay stored;
  Rows rows;
  const std::uint32_t* firing;
  Span<const Index> targets;
  Potentiation rule;
  ENGRAM_HD void operator()(Index x, std::size_t y) const {
    const Index t = lanes_item(x, y);
    if (t >= targets.size) return;
    const OverlayView overlay = view_of(stored);
    if (const Index row = rows(overlay, t, targets[t]); row < overlay.rows)
      learn_row<entries_ahead>(overlay, row, firing, rule, lane_of(x), lanes);
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
