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
struct Changes {
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

/// The sources are counted; nobody has come or gone.
struct KeepCounted {
  Span<const Index> sources;
  Span<Index> counted;
  Index* sizes;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    if (i < 2) sizes[i] = 0;
    if (i < counted.size) counted[i] = i < sources.size ? sources[i] : no_unit;
  }
};

struct CopyPadded {
  Span<const Index> from;
  Index* to;
  ENGRAM_HD void operator()(Index i, std::size_t) const { to[i] = i < from.size ? from[i] : no_unit; }
};

struct CountNewcomers {
  Span<const Index> winners;
  const std::uint32_t* ever;
  const RoundsDone* done;
  Index* newcomers;  ///< of this area, a round every `stride`
  std::size_t stride;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    if (!bit_at(ever, winners[i])) atomic_add(newcomers + done->rounds * stride, Index{1});
  }
};

struct NextRound {
  RoundsDone* done;
  ENGRAM_HD void operator()(Index, std::size_t) const { ++done->rounds; }
};

}  // namespace engram::kernels
