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
  /// `slots` further on; the block is no_block where the chain is shorter.
  ENGRAM_HD void skip(Index slots) {
    for (slot += slots; slot >= block_slots && block != no_block; slot -= block_slots) block = rows->next[block];
  }
};
ENGRAM_HD SlotWalk walk_slots(const IncomingView& rows, const Slice& slice) { return {&rows, slice.first_block, 0}; }
/// From slot k on; its block is no_block where the chain is shorter.
ENGRAM_HD SlotWalk walk_from(const IncomingView& rows, const Slice& slice, Index k) {
  SlotWalk walk = walk_slots(rows, slice);
  walk.skip(k);
  return walk;
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

/// The slots of a row up to its last synapse.
ENGRAM_HD Index row_length(const IncomingView& rows, const Slice& slice, Index lane) {
  Index length = 0;
  for (Index k = 0, block = slice.first_block, next; k < slice.used; k += block_slots, block = next) {
    next = rows.next[block];
    const RowPart part(rows, block, lane);
    for (Index q = 0; q < block_slots; ++q)
      if (part.weight[q] != real(0)) length = k + q + 1;
  }
  return length;
}

/// Rows of slice s, which have no holes, that change places with shorter ones of the slice before. No sum depends on
/// where a row stands. Which rows follows from their lengths alone, so the slots may be exchanged by many threads.
struct RowExchanges {
  Index upper[slice_lanes], lower[slice_lanes];  ///< lengths of the rows of the slice before, and of slice s
  Index count;
  struct {
    Index length;
    std::uint8_t to, from;  ///< lanes there and here
  } rows_at[slice_lanes];   ///< one after the other, the longest first

  /// Whether the rows of slice s may leave it.
  ENGRAM_HD static bool may_be(const IncomingView& rows, Index s) { return rows.unit && s % window_slices != 0; }

  /// A longest row goes where there is a shorter one, as long as there is one and the chain there is long enough.
  ENGRAM_HD void choose(const IncomingView& rows, Index replica, Index s) {
    const bool may = may_be(rows, s);
    Index longest = 0;
    for (count = 0; count < slice_lanes; ++count) {
      Index from = 0;
      for (Index l = 1; l < slice_lanes; ++l)
        if (lower[l] > lower[from]) from = l;
      longest = lower[from];
      if (!may) break;
      std::uint32_t shorter = 0;
      for (Index l = 0; l < slice_lanes; ++l) shorter |= (upper[l] < longest ? 1u : 0u) << l;
      if (!shorter || (count == 0 && walk_from(rows, rows.at(replica, s - 1), longest - 1).block == no_block)) break;
      const Index to = lowest_bit(shorter);
      rows_at[count] = {longest, static_cast<std::uint8_t>(to), static_cast<std::uint8_t>(from)};
      exchange(upper[to], lower[from]);
    }
    rows.at(replica, s).used = longest;
    if (count > 0 && rows.at(replica, s - 1).used < rows_at[0].length) rows.at(replica, s - 1).used = rows_at[0].length;
  }
  /// Slots first, first + stride and so on of all rows that change places.
  ENGRAM_HD void exchange_slots(const IncomingView& rows, Index replica, Index s, Index first, Index stride) const {
    if (count == 0 || first >= rows_at[0].length) return;
    SlotWalk a = walk_from(rows, rows.at(replica, s - 1), first), b = walk_from(rows, rows.at(replica, s), first);
    for (Index k = first;;) {
      for (Index i = 0; i < count && k < rows_at[i].length; ++i) {
        exchange(rows.pre[a.at(rows_at[i].to)], rows.pre[b.at(rows_at[i].from)]);
        exchange(rows.weight[a.at(rows_at[i].to)], rows.weight[b.at(rows_at[i].from)]);
      }
      if ((k += stride) >= rows_at[0].length) return;
      a.skip(stride);
      b.skip(stride);
    }
  }
  ENGRAM_HD void exchange_units(const IncomingView& rows, Index replica, Index s) const {
    for (Index i = 0; i < count; ++i) {
      const Index to = rows_at[i].to, from = rows_at[i].from;
      const Index there = rows.units(replica, s - 1)[to], here = rows.units(replica, s)[from];
      rows.units(replica, s - 1)[to] = here;
      rows.units(replica, s)[from] = there;
      rows.place_of(replica, here) = (s - 1) * slice_lanes + to;
      rows.place_of(replica, there) = s * slice_lanes + from;
    }
  }
};

/// Slots emptied by pruning are dropped now and then, and rows that have grown beyond those of the slice before move
/// there; which rows when changes no sum.
inline constexpr Index tidy_period = 256;
ENGRAM_HD bool is_tidied(Index slice, Tick tick) { return (slice + tick) % tidy_period == 0; }

/// The first slice from `begin` on whose turn it is; every `tidy_period`-th after it has its turn as well.
ENGRAM_HD Index first_tidied(Tick tick, Index begin = 0) {
  return begin + static_cast<Index>((tidy_period - (begin + tick) % tidy_period) % tidy_period);
}

/// Drops the empty slots of a row; those of a slice may do so at once, for none grows. Returns what is left.
ENGRAM_HD Index tidy_row(const IncomingView& rows, const Slice& slice, Index lane) {
  return rewrite_row(rows, slice, lane, sorn::no_synapse, 0);
}
ENGRAM_HD void tidy(const IncomingView& rows, Index replica, Index s) {
  RowExchanges exchanges;
  for (Index l = 0; l < slice_lanes; ++l) {
    exchanges.lower[l] = tidy_row(rows, rows.at(replica, s), l);
    exchanges.upper[l] = RowExchanges::may_be(rows, s) ? row_length(rows, rows.at(replica, s - 1), l) : 0;
  }
  exchanges.choose(rows, replica, s);
  exchanges.exchange_slots(rows, replica, s, 0, 1);
  exchanges.exchange_units(rows, replica, s);
}

}  // namespace engram::bodies
