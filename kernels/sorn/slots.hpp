// The slots of SORN's rows: walks over a chain, and rows that are rewritten or change places in it.
#pragma once

#include "engram/sorn/steps.hpp"

namespace engram::bodies {

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

/// Drops the empty slots of one row, and puts a synapse in its place among the others unless `pre` is sorn::no_synapse.
/// Returns how many slots the row has then. Changes no sum but by the new synapse.
ENGRAM_HD Index rewrite_row(const IncomingView& rows, Slice& slice, Index lane, Index pre, real weight) {
  SlotWalk from = walk_slots(rows, slice);
  RowWriter write{&rows, lane, from};
  Index held = pre;
  real held_weight = weight;
  for (Index k = 0; k < slice.used; ++k) {
    const Index p = rows.pre[from.at(lane)];
    const real w = rows.weight[from.at(lane)];
    if (k + 1 < slice.used) from.advance();
    if (w == real(0)) continue;
    if (held < p) {  // sorn::no_synapse is above every unit
      write(held, held_weight);
      held = p;
      held_weight = w;
    } else {
      write(p, w);
    }
  }
  if (held != sorn::no_synapse) write(held, held_weight);
  const Index kept = write.written;
  while (write.written < slice.used) write(0, 0);
  return kept;
}

/// Any row that reaches slot k, or slice_lanes.
ENGRAM_HD Index row_at_slot(const IncomingView& rows, const Slice& slice, Index k) {
  const std::size_t slot = walk_from(rows, slice, k).at(0);
  Index lane = 0;
  while (lane < slice_lanes && rows.weight[slot + lane] == real(0)) ++lane;
  return lane;
}
/// Any row that ends before slot k, or slice_lanes; the chain has that slot.
ENGRAM_HD Index row_before_slot(const IncomingView& rows, const Slice& slice, Index k) {
  for (Index lane = 0; lane < slice_lanes; ++lane) {
    bool ends = true;
    SlotWalk walk = walk_from(rows, slice, k);
    for (Index i = k; i < slice.used && ends; ++i) {
      ends = rows.weight[walk.at(lane)] == real(0);
      if (i + 1 < slice.used) walk.advance();
    }
    if (ends) return lane;
  }
  return slice_lanes;
}

template <class T>
ENGRAM_HD void exchange(T& a, T& b) {
  const T held = a;
  a = b;
  b = held;
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

ENGRAM_HD void tidy(const IncomingView& rows, Index replica, Index s) {
  Slice& slice = rows.at(replica, s);
  Index used = 0;
  for (Index l = 0; l < slice_lanes; ++l) {
    const Index kept = rewrite_row(rows, slice, l, sorn::no_synapse, 0);
    used = kept > used ? kept : used;
  }
  slice.used = used;
  if (!rows.unit || s % window_slices == 0) return;
  for (Index moved = 0; moved < slice_lanes && move_up(rows, replica, s);) ++moved;
}

}  // namespace engram::bodies
