#include "engram/leabra/nxx1.hpp"

#include <algorithm>
#include <cmath>

namespace engram::leabra {

std::vector<double> nxx1_kernel(double noise) {
  const auto reach = static_cast<int>(std::lround(3 * noise / nxx1::resolution));
  std::vector<double> values;
  double sum = 0;
  for (int k = -reach; k <= reach; ++k) {
    const double t = reach > 0 ? nxx1::resolution * k / noise : 0;
    values.push_back(math::exp(-t * t));
    sum += values.back();
  }
  for (double& v : values) v /= sum;
  return values;
}

std::vector<double> nxx1_table(const Nxx1& function) {
  const auto at_point = [&](int point) {
    const double u = function.gain * std::max(nxx1::first + nxx1::resolution * point, 0.0);
    return u / (u + 1);
  };
  const std::vector<double> kernel = nxx1_kernel(function.noise);
  const int reach = static_cast<int>(kernel.size()) / 2;
  std::vector<double> values(nxx1::points);
  for (int i = 0; i < nxx1::points; ++i)
    for (int k = -reach; k <= reach; ++k)
      values[static_cast<std::size_t>(i)] += kernel[static_cast<std::size_t>(k + reach)] * at_point(i - k);
  return values;
}

std::vector<real> nxx1_values(const Nxx1& function) {
  const std::vector<double> table = nxx1_table(function);
  return {table.begin(), table.end()};
}

}  // namespace engram::leabra
