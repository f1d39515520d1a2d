// What active units send over a sparse projection with short rows.
#pragma once

#include <span>

#include "engram/synapses.hpp"

namespace engram::cpu {

/// sum[i] += the weights of the `active` sources (ascending) of one replica onto target i, in units of 2^-32.
void scatter_rows(const OutgoingView& w, Index replica, std::span<const Index> active, fixed* sum);

}  // namespace engram::cpu
