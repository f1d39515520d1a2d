// Which values of a long row are infinite or not numbers?
#pragma once

#include <span>

namespace engram::cpu {

/// The index of the first value that is not finite, or the size.
std::size_t first_not_finite(std::span<const float> values);
std::size_t first_not_finite(std::span<const double> values);

}  // namespace engram::cpu
