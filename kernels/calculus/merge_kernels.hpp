// How a round adds the synapses that it found to what a fibre has learned. Found synapses are bits of a matrix
// [winner][source], set in any order and read in ascending order, so nothing is sorted and no list can overflow.
#pragma once

#include "kernels/calculus/round_kernels.hpp"

namespace engram::kernels {

/// Where the row of a target is, or would be.
struct Place {
  Index row, there;
};

/// Before synapses are looked for: sources and targets that are not known, each in its place, and where the rows are.
struct Look {
  GrowingOverlay overlay;
  Span<const Index> sources, targets, known_sources, known_targets;
  Index *fresh_sources, *fresh_targets;
  Place* place;
  std::uint64_t* added;
  Span<std::uint32_t> hits;

  static constexpr std::size_t parts = 3;
  ENGRAM_HD void operator()(Index i, std::size_t part) const {
    if (part == 0) {
      if (i < hits.size) hits[i] = 0;
      if (i < sources.size) fresh_sources[i] = unless_in(known_sources, sources[i]);
    } else if (i < targets.size) {
      if (part == 1) {
        fresh_targets[i] = unless_in(known_targets, targets[i]);
      } else {
        const OverlayView kept = overlay.view();
        const Index row = position({kept.unit, kept.rows}, targets[i]);
        place[i] = {row, row < kept.rows && kept.unit[row] == targets[i]};
        added[i] = 0;
      }
    }
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

ENGRAM_HD Index bits_in(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return static_cast<Index>(__popc(bits));
#else
  return static_cast<Index>(__builtin_popcount(bits));
#endif
}

/// Strikes out hits that are kept already; counts the others. The lanes of a target share its words.
struct CountNew {
  GrowingOverlay overlay;
  Span<const Index> sources;
  Index targets;
  const Place* place;
  std::uint32_t* hits;
  Index words;
  std::uint64_t* added;  ///< [target], zero before

  ENGRAM_HD void operator()(Index x, std::size_t y) const {
    const Index t = lanes_item(x, y);
    if (t >= targets) return;
    const OverlayView kept = overlay.view();
    const Index row = place[t].row, there = place[t].there;
    const Index begin = there ? kept.start[row] : 0, end = there ? kept.start[row + 1] : 0;
    std::uint32_t* const own = hits + std::size_t{t} * words;
    Index count = 0;
    for (Index w = lane_of(x); w < words; w += lanes)
      if (const std::uint32_t found = own[w]; found) {
        const std::uint32_t fresh = new_among(kept, begin, end, found, w);
        if (fresh != found) own[w] = fresh;
        count += bits_in(fresh);
      }
    if (count) atomic_add(added + t, count * one_entry);
  }
  /// From the first one on, both lists are walked.
  ENGRAM_HD std::uint32_t new_among(const OverlayView& kept, Index begin, Index end, std::uint32_t found,
                                    Index w) const {
    if (begin == end) return found;
    Index e = begin + position({kept.pre + begin, end - begin}, sources[w * 32 + lowest_bit(found)]);
    std::uint32_t fresh = found;
    for (std::uint32_t left = found; left; left &= left - 1) {
      const Index bit = lowest_bit(left), pre = sources[w * 32 + bit];
      while (e < end && kept.pre[e] < pre) ++e;
      if (e < end && kept.pre[e] == pre) fresh &= ~(1u << bit);
    }
    return fresh;
  }
};

/// Counts, and a row for each target that gets its first synapse, become the sums over the targets before; the last one
/// tells whether all fits.
struct PlaceNew {
  static constexpr Index threads = 1024;
  using Shared = Scan<threads>;
  GrowingOverlay overlay;
  const Place* place;
  std::uint64_t* added;  ///< [targets + 1]
  Index targets;
  Index* grown;  ///< the sizes of the overlay afterwards
  RoundsDone* done;

  ENGRAM_HD void operator()(const Block& block, std::size_t, Shared& shared) const {
    const Index slice = ceil_div(targets, threads);
    const auto end = [&](Index t) { return (t + 1) * slice < targets ? (t + 1) * slice : targets; };
    const auto here = [&](Index i) { return added[i] + (added[i] > 0 && !place[i].there ? one_row : 0); };
    scan(block, shared, [&](Index t) {
      std::uint64_t sum = 0;
      for (Index i = t * slice; i < end(t); ++i) sum += here(i);
      return sum;
    });
    block.each([&](Index t) {
      std::uint64_t sum = shared.before(t);
      for (Index i = t * slice; i < end(t); ++i) {
        const std::uint64_t own = here(i);
        added[i] = sum;
        sum += own;
      }
      if (t != 0) return;
      const std::uint64_t total = shared.total();
      added[targets] = total;
      const std::uint64_t rows = overlay.size[0] + (total & 0xFFFFFFFFu), entries = overlay.size[1] + (total >> 32);
      grown[0] = static_cast<Index>(rows);
      grown[1] = static_cast<Index>(entries);
      if (rows > overlay.row_room || entries > overlay.entry_room) done->full = 1;
    });
  }
};

/// Where rows go, given the sums of what is added before them.
struct Moved {
  Index row, start;
  ENGRAM_HD Moved(Index row_before, Index start_before, std::uint64_t added)
      : row(row_before + static_cast<Index>(added)), start(start_before + static_cast<Index>(added >> 32)) {}
};

/// Rows of the targets after a merge.
struct MovedRows {
  const Place* place;
  const std::uint64_t* added;
  ENGRAM_HD Index operator()(const OverlayView& overlay, Index t, Index) const {
    const bool there = place[t].there || added[t] != added[t + 1];
    return there ? place[t].row + static_cast<Index>(added[t]) : overlay.rows;
  }
};

/// Writes the overlay with what is new to another place. Lanes share a row that was there, and move its entries; or a
/// target, and put its new ones between them.
struct MergeRows {
  OverlayView kept;  ///< but for its rows, which `size` tells
  const Index* size;
  Index row_room;
  Span<const Index> sources, targets;
  const std::uint32_t* hits;
  Index words;
  const Place* place;
  const std::uint64_t* added;
  Index *unit, *start, *pre;
  float* weight;

  ENGRAM_HD void operator()(Index x, std::size_t y) const {
    if (added[targets.size] == 0) return;
    const Index i = lanes_item(x, y), lane = lane_of(x);
    if (i < row_room) {
      if (i < size[0]) move(i, lane);
    } else if (const Index t = i - row_room; t < targets.size && added[t + 1] != added[t]) {
      insert(t, lane);
    }
  }

 private:
  ENGRAM_HD void move(Index row, Index lane) const {
    const Index post = kept.unit[row], begin = kept.start[row], end = kept.start[row + 1], t = position(targets, post);
    const Moved to(row, begin, added[t]);
    if (lane == 0) {
      unit[to.row] = post;
      start[to.row] = to.start;
    }
    const bool grows = t < targets.size && targets[t] == post && added[t + 1] != added[t];
    for (std::size_t e = std::size_t{begin} + lane; e < end; e += lanes) {
      const Index source = kept.pre[e];
      const float w = kept.weight[e];
      const std::size_t at = to.start + (e - begin) + (grows ? new_before(t, position(sources, source)) : 0);
      pre[at] = source;
      weight[at] = w;
    }
  }
  ENGRAM_HD Index new_before(Index t, Index source) const {
    const std::uint32_t* const own = hits + std::size_t{t} * words;
    Index before = 0;
    for (Index w = 0; w < source / 32; ++w) before += bits_in(own[w]);
    return before + (source % 32 ? bits_in(own[source / 32] & ((1u << (source % 32)) - 1)) : 0);
  }

  ENGRAM_HD void insert(Index t, Index lane) const {
    const Place old = place[t];
    const Index begin = kept.start[old.row], end = old.there ? kept.start[old.row + 1] : begin;
    const Moved to(old.row, begin, added[t]);
    if (lane == 0 && !old.there) {
      unit[to.row] = targets[t];
      start[to.row] = to.start;
    }
    // All lanes read all words, several at once, to know how many come before.
    constexpr Index ahead = 8;
    const std::uint32_t* const own = hits + std::size_t{t} * words;
    Index before = 0;
    for (Index first = 0; first < words; first += ahead) {
      std::uint32_t found[ahead];
      for (Index q = 0; q < ahead; ++q) found[q] = first + q < words ? own[first + q] : 0;
      for (Index q = 0; q < ahead; before += bits_in(found[q++]))
        if (q % lanes == lane) put(to.start + before, begin, end, found[q], first + q);
    }
  }
  ENGRAM_HD void put(Index at, Index begin, Index end, std::uint32_t found, Index w) const {
    for (std::uint32_t left = found; left; left &= left - 1, ++at) {
      const Index source = sources[w * 32 + lowest_bit(left)];
      const Index to = at + position({kept.pre + begin, end - begin}, source);
      pre[to] = source;
      weight[to] = 1;
    }
  }
};

/// Back again; and the lists between which all is known now.
struct UngroupRows {
  GrowingOverlay overlay;
  CopyPadded sources, targets;
  const std::uint64_t* total;
  const Index* grown;
  const Index *unit, *start, *pre;
  const float* weight;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    sources(i, 0);
    targets(i, 0);
    if (*total == 0) return;
    if (i < grown[0]) {
      overlay.unit[i] = unit[i];
      overlay.start[i] = start[i];
    }
    if (i < grown[1]) {
      overlay.pre[i] = pre[i];
      overlay.weight[i] = weight[i];
    }
    if (i != 0) return;
    overlay.start[grown[0]] = grown[1];
    overlay.size[0] = grown[0];
    overlay.size[1] = grown[1];
  }
};

}  // namespace engram::kernels
