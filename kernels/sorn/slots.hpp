// The slots of SORN's rows: walks over a chain, and rows that are rewritten or change places in it.
#pragma once

#include <bit>

#include "engram/sorn/steps.hpp"

namespace engram::bodies {

ENGRAM_HD Index lowest_bit(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return static_cast<Index>(__ffs(static_cast<int>(bits))) - 1;
#else
  return static_cast<Index>(std::countr_zero(bits));
#endif
}

/// Where slot k of a chain is; steps through it in order.
struct SlotWalk {
  const IncomingView* rows;
  Index block, slot;

  ENGRAM_HD std::size_t at(Index lane) const {
    return (static_cast<std::size_t>(block) * block_slots + slot) * slice_lanes + lane;
  }
  ENGRAM_HD bool last_of_chain() const { return slot + 1 == block_slots && rows->next[block] == no_block; }
  ENGRAM_HD void advance() {
    if (++slot == block_slots) {
      slot = 0;
      block = rows->next[block];
    }
  }
};
ENGRAM_HD SlotWalk walk_slots(const IncomingView& rows, const Slice& slice) { return {&rows, slice.first_block, 0}; }
/// From slot k on; its block is no_block where the chain is shorter.
ENGRAM_HD SlotWalk walk_from(const IncomingView& rows, const Slice& slice, Index k) {
  Index block = slice.first_block;
  for (Index b = k / block_slots; b > 0 && block != no_block; --b) block = rows.next[block];
  return {&rows, block, k % block_slots};
}

/// A free block for a slice whose rows are full. The host has made sure that there is one (Incoming::reserve).
ENGRAM_HD Index take_block(const IncomingView& rows) {
#if defined(__CUDA_ARCH__)
  const Index block = atomicAdd(rows.taken, 1u);
#else
  const Index block = __atomic_fetch_add(rows.taken, 1u, __ATOMIC_RELAXED);
#endif
#if defined(__CUDA_ARCH__)
#pragma unroll 1  // else its stores are a good part of every kernel that may lengthen a chain
#endif
  for (Index i = 0; i < block_size; ++i) {
    rows.pre[static_cast<std::size_t>(block) * block_size + i] = 0;
    rows.weight[static_cast<std::size_t>(block) * block_size + i] = 0;
  }
  rows.next[block] = no_block;
  return block;
}

/// Writes a row from its first slot on.
struct RowWriter {
  const IncomingView* rows;
  Index lane;
  SlotWalk to;
  Index written = 0;

  ENGRAM_HD void operator()(Index pre, real weight) {
    if (written > 0) {
      if (to.last_of_chain()) rows->next[to.block] = take_block(*rows);
      to.advance();
    }
    rows->pre[to.at(lane)] = pre;
    rows->weight[to.at(lane)] = weight;
    ++written;
  }
};

/// The slots of one row in one block of a chain, read together: a thread that waits for memory waits once for all.
/// Those beyond the last in use hold weight 0.
struct RowPart {
  Index pre[block_slots];
  real weight[block_slots];

  ENGRAM_HD RowPart(const IncomingView& rows, Index block, Index lane) {
    const std::size_t first = static_cast<std::size_t>(block) * block_size + lane;
    for (Index q = 0; q < block_slots; ++q) {
      pre[q] = rows.pre[first + q * slice_lanes];
      weight[q] = rows.weight[first + q * slice_lanes];
    }
  }
};

template <class T>
ENGRAM_HD void exchange(T& a, T& b) {
  const T held = a;
  a = b;
  b = held;
}

/// Drops the empty slots of one row, and puts a synapse in its place among the others unless `pre` is sorn::no_synapse.
/// Returns how many slots the row has then. Changes no sum but by the new synapse.
ENGRAM_HD Index rewrite_row(const IncomingView& rows, const Slice& slice, Index lane, Index pre, real weight) {
  const Index used = slice.used;
  RowWriter write{&rows, lane, walk_slots(rows, slice)};
  Index held = pre;
  real held_weight = weight;
  for (Index k = 0, block = slice.first_block, next; k < used; k += block_slots, block = next) {
    next = rows.next[block];
    const RowPart part(rows, block, lane);
    for (Index q = 0; q < block_slots; ++q) {
      Index p = part.pre[q];
      real w = part.weight[q];
      if (w == real(0)) continue;
      if (held < p) {  // sorn::no_synapse is above every unit
        exchange(held, p);
        exchange(held_weight, w);
      }
      write(p, w);
    }
  }
  if (held != sorn::no_synapse) write(held, held_weight);
  const Index kept = write.written;
  while (write.written < used) write(0, 0);
  return kept;
}

/// The rows that reach a slot, a bit each.
ENGRAM_HD std::uint32_t rows_at(const SlotWalk& slot) {
  const real* weight = slot.rows->weight + slot.at(0);
  std::uint32_t there = 0;
  for (Index lane = 0; lane < slice_lanes; ++lane) there |= (weight[lane] != real(0) ? 1u : 0u) << lane;
  return there;
}
/// Any row that reaches slot k, or slice_lanes.
ENGRAM_HD Index row_at_slot(const IncomingView& rows, const Slice& slice, Index k) {
  const std::uint32_t there = rows_at(walk_from(rows, slice, k));
  return there ? lowest_bit(there) : slice_lanes;
}
/// Any row that ends before slot k, or slice_lanes; the chain has that slot.
ENGRAM_HD Index row_before_slot(const IncomingView& rows, const Slice& slice, Index k) {
  std::uint32_t there = 0;
  SlotWalk walk = walk_from(rows, slice, k);
  for (Index i = k; i < slice.used; ++i) {
    there |= rows_at(walk);
    if (i + 1 < slice.used) walk.advance();
  }
  const std::uint32_t ends = ~there & 0xffffu;
  return ends ? lowest_bit(ends) : slice_lanes;
}

/// Exchanges a longest row of slice s, whose rows have no holes, with a shorter one of the slice before, if there is
/// one and the chain there is long enough. Returns whether it did. No sum depends on where a row stands.
ENGRAM_HD bool move_up(const IncomingView& rows, Index replica, Index s) {
  Slice &upper = rows.at(replica, s - 1), &lower = rows.at(replica, s);
  Index from = slice_lanes;
  while (lower.used > 0 && (from = row_at_slot(rows, lower, lower.used - 1)) == slice_lanes) --lower.used;
  const Index length = lower.used;
  if (length == 0 || walk_from(rows, upper, length - 1).block == no_block) return false;
  const Index to = row_before_slot(rows, upper, length - 1);
  if (to == slice_lanes) return false;
  SlotWalk a = walk_slots(rows, upper), b = walk_slots(rows, lower);
  for (Index k = 0; k < length; ++k) {
    exchange(rows.pre[a.at(to)], rows.pre[b.at(from)]);
    exchange(rows.weight[a.at(to)], rows.weight[b.at(from)]);
    if (k + 1 == length) break;
    a.advance();
    b.advance();
  }
  if (upper.used < length) upper.used = length;
  Index &first = rows.units(replica, s - 1)[to], &second = rows.units(replica, s)[from];
  exchange(rows.place_of(replica, first), rows.place_of(replica, second));
  exchange(first, second);
  return true;
}

/// Slots emptied by pruning are dropped now and then, and rows that have grown beyond those of the slice before move
/// there; which rows when changes no sum.
inline constexpr Index tidy_period = 256;
ENGRAM_HD bool is_tidied(Index slice, Tick tick) { return (slice + tick) % tidy_period == 0; }

/// The first slice whose turn it is; every `tidy_period`-th after it has its turn as well.
ENGRAM_HD Index first_tidied(Tick tick) { return static_cast<Index>((tidy_period - tick % tidy_period) % tidy_period); }

/// Drops the empty slots of a row; those of a slice may do so at once, for none grows. Returns what is left.
ENGRAM_HD Index tidy_row(const IncomingView& rows, const Slice& slice, Index lane) {
  return rewrite_row(rows, slice, lane, sorn::no_synapse, 0);
}
/// After all rows of slice s were: `used` slots are left of the longest.
ENGRAM_HD void tidy_order(const IncomingView& rows, Index replica, Index s, Index used) {
  rows.at(replica, s).used = used;
  if (!rows.unit || s % window_slices == 0) return;
  for (Index moved = 0; moved < slice_lanes && move_up(rows, replica, s);) ++moved;
}
ENGRAM_HD void tidy(const IncomingView& rows, Index replica, Index s) {
  Index used = 0;
  for (Index l = 0; l < slice_lanes; ++l) {
    const Index kept = tidy_row(rows, rows.at(replica, s), l);
    used = kept > used ? kept : used;
  }
  tidy_order(rows, replica, s, used);
}

}  // namespace engram::bodies
