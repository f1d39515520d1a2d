// A convolution as a list of its products: which weight meets which number of the input, for each of the output.
#pragma once

#include "engram/nef/operations.hpp"
#include "engram/nef/transforms.hpp"

namespace engram::nef {

struct ConvolutionTaps {
  Operations::Sources sources;
  std::size_t inputs = 0, outputs = 0;
};
/// Throws Error where shapes do not fit.
ConvolutionTaps taps_of(const Convolution&);

}  // namespace engram::nef
