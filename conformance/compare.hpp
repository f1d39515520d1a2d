// Results compared bit by bit.
#pragma once

#include <string>

#include "conformance/cases.hpp"

namespace engram::conformance {

/// "array[element]: a, b" where two results first differ, or an empty string. All NaN are one value: which of its many
/// encodings an operation gives is left to the processor.
std::string first_difference(const Result& a, const Result& b);

}  // namespace engram::conformance
