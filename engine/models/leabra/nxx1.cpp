#include "engram/leabra/nxx1.hpp"

#include <cmath>

namespace engram::leabra {

namespace {

constexpr int reach = 30;  // points of the kernel on each side
constexpr double width = 0.01, gain = 40;

double at_point(int point) {
  const double u = gain * std::max(nxx1::first + nxx1::resolution * point, 0.0);
  return u / (u + 1);
}

std::vector<double> kernel() {
  std::vector<double> values;
  double sum = 0;
  for (int k = -reach; k <= reach; ++k) {
    const double t = nxx1::resolution * k / width;
    values.push_back(math::exp(-t * t));
    sum += values.back();
  }
  for (double& v : values) v /= sum;
  return values;
}

}  // namespace

const std::vector<double>& nxx1_kernel() {
  static const std::vector<double> values = kernel();
  return values;
}

const std::vector<double>& nxx1_table() {
  static const std::vector<double> table = [] {
    std::vector<double> values(nxx1::points);
    for (int i = 0; i < nxx1::points; ++i)
      for (int k = -reach; k <= reach; ++k)
        values[static_cast<std::size_t>(i)] += nxx1_kernel()[static_cast<std::size_t>(k + reach)] * at_point(i - k);
    return values;
  }();
  return table;
}

std::vector<real> nxx1_values() { return {nxx1_table().begin(), nxx1_table().end()}; }

}  // namespace engram::leabra
