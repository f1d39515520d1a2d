// Rows of synapses by their other end.
#pragma once

#include "engram/incoming.hpp"

namespace engram {

/// The same synapses, in rows of what were the presynaptic units. Ascending as well.
Rows transposed(const Rows&);

}  // namespace engram
