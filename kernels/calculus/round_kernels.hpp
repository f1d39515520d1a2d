// What a round of the assembly calculus needs beyond the operations of fibre_kernels.hpp when it never asks the host:
// lists are compared and kept on the device.
#pragma once

#include "kernels/calculus/fibre_kernels.hpp"

namespace engram::kernels {

/// How far the rounds have come.
struct RoundsDone {
  Index rounds;
  Index full;  ///< a round was met whose synapses do not fit: it and those after it do nothing
};

/// A kernel that does nothing once a round did not fit.
template <class F>
struct WhileThereIsRoom {
  const RoundsDone* done;
  F f;
  ENGRAM_HD void operator()(Index x, std::size_t y) const {
    if (!done->full) f(x, y);
  }
};
template <class F>
struct BlockWhileThereIsRoom {
  static constexpr Index threads = F::threads;
  using Shared = typename F::Shared;
  const RoundsDone* done;
  F f;
  std::size_t shared_bytes() const requires requires(const F& own) { own.shared_bytes(); }
  { return f.shared_bytes(); }
  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& shared) const {
    if (!done->full) f(block, at, shared);
  }
};

ENGRAM_HD bool contains(Span<const Index> list, Index x) {
  const Index at = position(list, x);
  return at < list.size && list[at] == x;
}
/// x, or no_unit where it is nobody or in the list.
ENGRAM_HD Index unless_in(Span<const Index> list, Index x) { return x == no_unit || contains(list, x) ? no_unit : x; }

/// Who came and who went, as Counted wants them. Their order depends on the machine, and nothing on their order.
struct SetDifference {
  Span<const Index> now, before;
  Index* changed;  ///< [now, before]
  Index* sizes;    ///< zero before
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    const auto n = static_cast<Index>(now.size), all = n + static_cast<Index>(before.size);
    const bool came = i < n;
    const Index unit = came ? unless_in(before, now[i]) : unless_in(now, before[i - n]);
    if (unit == no_unit) return;
    const Index at = atomic_next(sizes + !came);
    changed[came ? at : all - 1 - at] = unit;
  }
};

/// Returns the word as it was.
ENGRAM_HD std::uint32_t atomic_fetch_or(std::uint32_t* at, std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return atomicOr(at, bits);
#else
  return std::atomic_ref<std::uint32_t>(*at).fetch_or(bits, std::memory_order_relaxed);
#endif
}

struct CopyPadded {
  Span<const Index> from;
  Span<Index> to;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    if (i < to.size) to[i] = i < from.size ? from[i] : no_unit;
  }
};

/// The sources are counted; nobody has come or gone.
struct KeepCounted {
  Span<const Index> sources;
  Span<Index> counted;
  Index* sizes;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    if (i < 2) sizes[i] = 0;
    CopyPadded{sources, counted}(i, 0);
  }
};

/// Sum of the first terms of an input, those of stimuli.
struct Terms {
  static constexpr int most = 4;
  const float* values[most] = {};
  int count = 0;

  ENGRAM_HD real operator()(std::size_t unit) const {
    real sum = 0;
    for (int v = 0; v < most; ++v)
      if (v < count) sum = add_float(sum, values[v][unit]);
    return sum;
  }
};

struct FillInput {
  Terms terms;
  real* input;
  ENGRAM_HD void operator()(Index i, std::size_t) const { input[i] = terms(i); }
};

/// The same, and what the first fibre adds but for units that have learned; its sources are the counted ones now.
struct FillCounts {
  Terms terms;
  const Index* counts;
  Span<real> input;
  KeepCounted keep;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    if (i < input.size) input[i] = add_float(terms(i), static_cast<float>(static_cast<std::int32_t>(counts[i])));
    keep(i, 0);
  }
};

/// Those that have learned, over what FillCounts wrote.
struct FillRows {
  GrowingOverlay stored;
  Terms terms;
  const std::uint32_t* firing;
  const Index* counts;
  real* input;
  ENGRAM_HD void operator()(Index row, std::size_t) const {
    const OverlayView overlay = stored.view();
    if (row >= overlay.rows) return;
    const Index unit = overlay.unit[row];
    input[unit] = add_float(terms(unit), row_input<entries_ahead>(overlay, row, firing, counts[unit]));
  }
};

/// What is told of the winners of a round, and the marks of those before them come off.
struct Tell {
  Span<const Index> before, winners;
  std::uint32_t *firing, *ever;
  const real* input;
  float* value;
  const RoundsDone* done;
  Index* newcomers;  ///< of this area, a round every `stride`
  std::size_t stride;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    if (i < before.size) SetMarks{before, firing, false}(i, 0);
    if (i >= winners.size) return;
    value[i] = static_cast<float>(input[winners[i]]);
    const std::uint32_t bit = 1u << (winners[i] & 31);
    if (!(atomic_fetch_or(ever + (winners[i] >> 5), bit) & bit))
      atomic_add(newcomers + done->rounds * stride, Index{1});
  }
};

/// The winners are those that fire; with the last area, a round is over.
struct Fire {
  Span<const Index> winners;
  std::uint32_t* firing;
  Span<Index> now;
  RoundsDone* over;  ///< null: not yet
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    SetMarks{winners, firing, true}(i, 0);
    now[i] = winners[i];
    if (over && i == 0) ++over->rounds;
  }
};

/// Where no area selects.
struct NextRound {
  RoundsDone* done;
  ENGRAM_HD void operator()(Index, std::size_t) const { ++done->rounds; }
};

}  // namespace engram::kernels
