// Rows of synapses: what they must be, and the same by their other end.
#pragma once

#include "engram/synapses/incoming.hpp"

namespace engram {

/// Throws Error where they are not rows: starts that do not ascend from 0 to the number of synapses, presynaptic units
/// that do not ascend within a row or are beyond n_pre.
void check_rows(const Rows&);
/// The same of the rows of all replicas, which must have as many units.
void check_replicas(std::span<const Rows>);

/// The same synapses, in rows of what were the presynaptic units. Ascending as well.
Rows transposed(const Rows&);

}  // namespace engram
