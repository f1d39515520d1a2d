// The walk over incoming rows, for sweeps and for families.
#pragma once

#include "engram/synapses/incoming.hpp"

namespace engram::bodies {

/// Calls f(pre, weight) with the entries of `lane` in each slot of a slice, in order; those of the next lanes follow
/// them.
template <class F>
ENGRAM_HD void for_slots(const IncomingView& rows, const Slice& slice, Index lane, F&& f) {
  for (Index k = 0, block = slice.first_block; k < slice.used; k += block_slots) {
    const std::size_t at = std::size_t{block} * block_size + lane;
    for (Index q = 0; q < block_slots && k + q < slice.used; ++q)
      f(rows.pre + at + q * slice_lanes, rows.weight + at + q * slice_lanes);
    if (k + block_slots < slice.used) block = rows.next[block];
  }
}

}  // namespace engram::bodies
