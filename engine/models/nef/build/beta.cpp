// The regularised incomplete beta function by its continued fraction (Abramowitz and Stegun, 26.5.8), and its inverse
// by bisection with Newton steps.
#include <cmath>

#include "engram/nef/distributions.hpp"

namespace engram::nef {

namespace {

/// Evaluated by Lentz's method.
double beta_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  const auto away_from_zero = [](double v) { return std::abs(v) < tiny ? tiny : v; };
  double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m < 10000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    h *= d * c;
    if (std::abs(d * c - 1) < 1e-16) break;
  }
  return h;
}

double log_density(double a, double b, double x) {
  return std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + (a - 1) * std::log(x) + (b - 1) * std::log1p(-x);
}

}  // namespace

double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(log_density(a, b, x)) * x * (1 - x);
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double inverse_incomplete_beta(double a, double b, double y) {
  if (y <= 0) return 0;
  if (y >= 1) return 1;
  double low = 0, high = 1, x = a / (a + b);
  for (int i = 0; i < 200 && high - low > 1e-17 * high; ++i) {
    const double off = incomplete_beta(a, b, x) - y;
    (off > 0 ? high : low) = x;
    const double step = off / std::exp(log_density(a, b, x)), newton = x - step;
    const double next = newton > low && newton < high ? newton : (low + high) / 2;
    if (next == x) break;
    x = next;
  }
  return x;
}

}  // namespace engram::nef
