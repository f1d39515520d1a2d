// Which values of a long row are not 0?
#pragma once

#include <span>

#include "engram/core/portable.hpp"

namespace engram::cpu {

/// Copies the values that are not 0 in their order, each times its factor unless `factor` is null; how many these are.
/// `to` has room for as many as there are values, and for a vector of 16 beyond.
std::size_t copy_non_zero(std::span<const real> values, const real* factor, real* to);

}  // namespace engram::cpu
