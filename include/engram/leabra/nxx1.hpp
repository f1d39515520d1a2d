// The activation function of Leabra's rate-coded units: x / (x + 1) of 40 max(x, 0), smoothed by Gaussian noise.
#pragma once

#include <vector>

#include "engram/rules/leabra.hpp"

namespace engram::leabra {

/// The table that nxx1::at interpolates in, in double: the function at x = -0.03, -0.029, ..., 1.0, each the sum over
/// 61 points of a normalised kernel exp(-t^2 / 0.01^2), t = -0.03, -0.029, ..., 0.03.
const std::vector<double>& nxx1_table();
/// The same values as numbers of this build.
std::vector<real> nxx1_values();
/// The smoothing kernel.
const std::vector<double>& nxx1_kernel();

}  // namespace engram::leabra
