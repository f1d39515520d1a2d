// What scripts of the calculus share.
#pragma once

#include <string>
#include <vector>

#include "engram/calculus/presets.hpp"

namespace engram::calculus {

/// Appends one round with the maps `first`, then the others of `rounds` with `later`.
void phase(Script&, const Map& stimuli, const Map& first, const Map& later, int rounds, int stable = 0);

}  // namespace engram::calculus
