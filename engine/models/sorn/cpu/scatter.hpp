// Which units of SORN are active, and what they send over a sparse projection with short rows.
#pragma once

#include <span>

#include "engram/synapses/synapses.hpp"

namespace engram::cpu {

/// The active units of words [begin, end) of activity, ascending; until the same thread asks again.
std::span<const Index> list_active(const std::uint32_t* x, Index begin, Index end);

/// sum[i] += the weights of the `active` sources (ascending) of one replica onto target i, in units of 2^-32.
void scatter_rows(const OutgoingView& w, Index replica, std::span<const Index> active, fixed* sum);

/// drive[i] = the sum over all threads, for units [begin, end); `sums` are [thread][units] and zero afterwards.
/// Integers: who added what is no matter.
void gather_sums(std::span<fixed> sums, Index units, Index begin, Index end, real* drive);

}  // namespace engram::cpu
