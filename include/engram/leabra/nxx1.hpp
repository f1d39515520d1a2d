// The activation function of Leabra's rate-coded units: x / (x + 1) of gain max(x, 0), smoothed by Gaussian noise.
#pragma once

#include <vector>

#include "engram/rules/leabra.hpp"

namespace engram::leabra {

/// A smoothed function: f(x) = u / (u + 1) of u = gain max(x, 0), noise up to 0.01.
struct Nxx1 {
  double gain = 40, noise = 0.01;
  bool operator==(const Nxx1&) const = default;
};

/// The table that nxx1::at interpolates in, in double: the function at x = -0.03, -0.029, ..., 1.0, each the sum over
/// the points of the kernel.
std::vector<double> nxx1_table(const Nxx1& = {});
/// The same values as numbers of this build.
std::vector<real> nxx1_values(const Nxx1& = {});
/// The smoothing kernel, normalised: exp(-t^2 / noise^2) at every t = k / 1000 up to 3 times the noise on both sides;
/// 61 points where the noise is 0.01.
std::vector<double> nxx1_kernel(double noise = Nxx1{}.noise);

}  // namespace engram::leabra
