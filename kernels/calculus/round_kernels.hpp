// What a round of the assembly calculus needs beyond the operations of fibre_kernels.hpp when it never asks the host:
// lists are compared, synapses found and kept on the device. Found synapses are bits of a matrix [winner][source], set
// in any order and read in ascending order, so nothing is sorted and no list can overflow.
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
  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& shared) const {
    if (!done->full) f(block, at, shared);
  }
};

/// Position of the first element of an ascending list that is not below x.
ENGRAM_HD Index position(Span<const Index> list, Index x) {
  Index begin = 0, end = static_cast<Index>(list.size);
  while (begin < end) {
    const Index middle = begin + (end - begin) / 2;
    if (list[middle] < x)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}
ENGRAM_HD bool contains(Span<const Index> list, Index x) {
  const Index at = position(list, x);
  return at < list.size && list[at] == x;
}
/// x, or no_unit where it is nobody or in the list.
ENGRAM_HD Index unless_in(Span<const Index> list, Index x) { return x == no_unit || contains(list, x) ? no_unit : x; }

/// Who came, then who went.
struct Changes {
  Span<const Index> now, before;
  Index* changed;  ///< [now, before]
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    const auto n = static_cast<Index>(now.size);
    changed[i] = i < n ? unless_in(before, now[i]) : unless_in(now, before[i - n]);
  }
};

/// Those of a list that are not in another, each in its place.
struct Missing {
  Span<const Index> list, known;
  Index* missing;
  ENGRAM_HD void operator()(Index i, std::size_t) const { missing[i] = unless_in(known, list[i]); }
};

struct CopyPadded {
  Span<const Index> from;
  Index* to;
  ENGRAM_HD void operator()(Index i, std::size_t) const { to[i] = i < from.size ? from[i] : no_unit; }
};

/// How many units of each segment a walk must go through to meet all winners, and those that are new among them.
struct Reach {
  Span<const Index> targets;
  const Index* fresh;  ///< no_unit where the target is known
  Index width_log2;
  Index *all, *only_fresh;  ///< [segments], zero before
  ENGRAM_HD void operator()(Index t, std::size_t) const {
    const Index segment = targets[t] >> width_log2, length = targets[t] - (segment << width_log2) + 1;
    atomic_max(all + segment, length);
    if (fresh[t] != no_unit) atomic_max(only_fresh + segment, length);
  }
};

/// The synapses of a source in a segment, to winners; of a known source only those to new winners.
struct FindHits {
  Fibre fibre;
  Span<const Index> sources, targets;
  const Index *fresh_sources, *fresh_targets;
  const Index *reach, *reach_fresh;
  const std::uint32_t* winners;  ///< the targets as bits
  std::uint32_t* hits;           ///< [target][words], zero before
  Index words;

  ENGRAM_HD void operator()(Index source, std::size_t at) const {
    const auto segment = static_cast<Index>(at);
    const bool fresh = fresh_sources[source] != no_unit;
    const Index limit = fresh ? reach[segment] : reach_fresh[segment], first = segment << fibre.width_log2;
    if (limit == 0) return;
    for_each_target(fibre, sources[source], segment, [&](Index post) {
      if (post - first >= limit) return false;
      if (bit_at(winners, post)) {
        const Index t = position(targets, post);
        if (fresh || fresh_targets[t] != no_unit)
          atomic_or(hits + std::size_t{t} * words + source / 32, 1u << (source % 32));
      }
      return true;
    });
  }
};

ENGRAM_HD Index lowest_bit(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return static_cast<Index>(__ffs(static_cast<int>(bits)) - 1);
#else
  return static_cast<Index>(__builtin_ctz(bits));
#endif
}

/// Synapses and rows that a round adds, counted in one word: there are fewer than 2^32 of each.
inline constexpr std::uint64_t one_entry = std::uint64_t{1} << 32, one_row = 1;

/// Strikes out hits that are kept already; counts the others.
struct CountNew {
  GrowingOverlay overlay;
  Span<const Index> sources, targets;
  std::uint32_t* hits;
  Index words;
  std::uint64_t* added;  ///< [target]

  ENGRAM_HD void operator()(Index t, std::size_t) const {
    const OverlayView kept = overlay.view();
    const Index row = find_row(kept, targets[t]);
    const bool there = row < kept.rows;
    Index e = there ? kept.start[row] : 0;
    const Index end = there ? kept.start[row + 1] : 0;
    std::uint32_t* const own = hits + std::size_t{t} * words;
    std::uint64_t count = 0;
    for (Index w = 0; w < words; ++w) {
      std::uint32_t fresh = own[w];
      for (std::uint32_t left = fresh; left; left &= left - 1) {
        const Index bit = lowest_bit(left), pre = sources[w * 32 + bit];
        while (e < end && kept.pre[e] < pre) ++e;
        if (e < end && kept.pre[e] == pre)
          fresh &= ~(1u << bit);
        else
          count += one_entry;
      }
      own[w] = fresh;
    }
    added[t] = count + (count > 0 && !there ? one_row : 0);
  }
};

/// Counts become the sums over the targets before; the last one tells whether all fits.
struct PlaceNew {
  static constexpr Index threads = 1024;
  using Shared = Scan<threads>;
  GrowingOverlay overlay;
  std::uint64_t* added;  ///< [targets + 1]
  Index targets;
  RoundsDone* done;

  ENGRAM_HD void operator()(const Block& block, std::size_t, Shared& shared) const {
    const Index slice = ceil_div(targets, threads);
    const auto end = [&](Index t) { return (t + 1) * slice < targets ? (t + 1) * slice : targets; };
    scan(block, shared, [&](Index t) {
      std::uint64_t sum = 0;
      for (Index i = t * slice; i < end(t); ++i) sum += added[i];
      return sum;
    });
    block.each([&](Index t) {
      std::uint64_t sum = shared.before(t);
      for (Index i = t * slice; i < end(t); ++i) {
        const std::uint64_t here = added[i];
        added[i] = sum;
        sum += here;
      }
      if (t != 0) return;
      const std::uint64_t total = shared.total();
      added[targets] = total;
      if (overlay.size[0] + (total & 0xFFFFFFFFu) > overlay.row_room ||
          overlay.size[1] + (total >> 32) > overlay.entry_room)
        done->full = 1;
    });
  }
};

/// Where rows go, given the sums of what is added before them.
struct Moved {
  Index row, start;
  ENGRAM_HD Moved(Index row_before, Index start_before, std::uint64_t added)
      : row(row_before + static_cast<Index>(added)), start(start_before + static_cast<Index>(added >> 32)) {}
};

/// Writes the overlay with what is new to another place: a row that was there, or that of a target that had none.
struct MergeRows {
  OverlayView kept;  ///< but for its rows, which `size` tells
  const Index* size;
  Index row_room;
  Span<const Index> sources, targets;
  const std::uint32_t* hits;
  Index words;
  const std::uint64_t* added;
  Index *unit, *start, *pre;
  float* weight;

  ENGRAM_HD void operator()(Index i, std::size_t) const {
    if (added[targets.size] == 0) return;
    OverlayView old = kept;
    old.rows = size[0];
    if (i < row_room) {
      if (i >= old.rows) return;
      const Index t = position(targets, old.unit[i]);
      const bool wins = t < targets.size && targets[t] == old.unit[i];
      merge(old.unit[i], Moved(i, old.start[i], added[t]), old.start[i], old.start[i + 1], t,
            wins && added[t + 1] != added[t]);
    } else {
      const Index t = i - row_room;
      if (added[t + 1] == added[t]) return;
      const Index row = position({old.unit, old.rows}, targets[t]);
      if (row < old.rows && old.unit[row] == targets[t]) return;
      merge(targets[t], Moved(row, old.start[row], added[t]), 0, 0, t, true);
    }
  }
  ENGRAM_HD void merge(Index post, Moved to, Index e, Index end, Index t, bool grows) const {
    unit[to.row] = post;
    start[to.row] = to.start;
    Index at = to.start;
    const auto keep = [&] {
      pre[at] = kept.pre[e];
      weight[at++] = kept.weight[e++];
    };
    for (Index w = 0; grows && w < words; ++w)
      for (std::uint32_t left = hits[std::size_t{t} * words + w]; left; left &= left - 1) {
        const Index source = sources[w * 32 + lowest_bit(left)];
        while (e < end && kept.pre[e] < source) keep();
        pre[at] = source;
        weight[at++] = 1;
      }
    while (e < end) keep();
  }
};

/// Back again.
struct TakeRows {
  GrowingOverlay overlay;
  const std::uint64_t* total;
  const Index *unit, *start, *pre;
  const float* weight;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    if (*total == 0) return;
    if (i < overlay.size[0] + static_cast<Index>(*total)) {
      overlay.unit[i] = unit[i];
      overlay.start[i] = start[i];
    }
    if (i < overlay.size[1] + static_cast<Index>(*total >> 32)) {
      overlay.pre[i] = pre[i];
      overlay.weight[i] = weight[i];
    }
  }
};
struct Grow {
  GrowingOverlay overlay;
  const std::uint64_t* total;
  ENGRAM_HD void operator()(Index, std::size_t) const {
    overlay.size[0] += static_cast<Index>(*total);
    overlay.size[1] += static_cast<Index>(*total >> 32);
    overlay.start[overlay.size[0]] = overlay.size[1];
  }
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
