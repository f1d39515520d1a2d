// The continuous Bernoulli variable on [-1, 1]: a unit x with density proportional to exp(b x), b being its log-odds.
// Mean, variance, log-partition, entropy, density and inverse-CDF sample, stable for every finite b (Spisak and Friston
// 2025, "Self-orthogonalizing attractor neural networks emerging from the free energy principle", appendix 1 to 3).
// Built from math.hpp alone, so every backend gives the same bits; free of branches, so loops over units vectorise.
#pragma once

#include "engram/core/math.hpp"

namespace engram::langevin {

namespace detail {

template <class T>
ENGRAM_HD T magnitude(T x) {
  return x < T(0) ? -x : x;
}

/// Below this the closed forms cancel and the series take over.
inline constexpr double series_below = 0.5;
/// At 0.5 each term is 1/39 of the one before; the first one left out is below an ulp.
template <class T>
inline constexpr int series_terms = sizeof(T) == 4 ? 5 : 11;

enum class Of { mean, variance, log_partition };
/// L(x) = sum over k >= 1 of c_k x^(2k-1), c_k = 2^(2k) B_2k / (2k)!, and its derivative and integral likewise:
/// sum of c_k f_k z^(k-1), f_k being 1 for L, 2k-1 for L', 1/(2k) for the log-partition.
template <Of of, class T>
ENGRAM_HD T series_in(T z) {
  constexpr double series[] = {1.0 / 3,
                               -1.0 / 45,
                               2.0 / 945,
                               -1.0 / 4725,
                               2.0 / 93555,
                               -1382.0 / 638512875,
                               4.0 / 18243225,
                               -3617.0 / 162820783125,
                               87734.0 / 38979295480125,
                               -349222.0 / 1531329465290625.0,
                               310732.0 / 13447856940643125.0};
  T sum = 0;
#pragma GCC unroll 16
  for (int k = series_terms<T>; k >= 1; --k) {
    const double factor = of == Of::variance ? 2.0 * k - 1 : of == Of::log_partition ? 1.0 / (2.0 * k) : 1.0;
    sum = sum * z + static_cast<T>(series[k - 1] * factor);
  }
  return sum;
}

}  // namespace detail

/// Langevin function L(b) = coth b - 1/b: the mean of the unit. L(0) = 0, L(+-infinity) = +-1.
template <class T>
ENGRAM_HD T mean(T b) {
  const T a = detail::magnitude(b);
  const bool near = a < T(detail::series_below);
  const T safe = near ? T(1) : a;
  const T e = math::exp(T(-2) * safe);
  const T closed = (T(1) + e) / (T(1) - e) - T(1) / safe;
  const T series = a * detail::series_in<detail::Of::mean>(a * a);
  const T y = near ? series : closed;
  return b < T(0) ? -y : y;
}

/// L'(b) = 1/b^2 - 1/sinh^2 b: the variance of the unit, which is its Fisher information. L'(0) = 1/3.
template <class T>
ENGRAM_HD T variance(T b) {
  const T a = detail::magnitude(b);
  const bool near = a < T(detail::series_below);
  const T safe = near ? T(1) : a;
  const T e = math::exp(T(-2) * safe);
  const T closed = T(1) / (safe * safe) - T(4) * e / ((T(1) - e) * (T(1) - e));
  return near ? detail::series_in<detail::Of::variance>(a * a) : closed;
}

/// psi(b) = log(2 sinh(b) / b); psi' = L. psi(0) = log 2.
template <class T>
ENGRAM_HD T log_partition(T b) {
  const T a = detail::magnitude(b);
  const bool near = a < T(detail::series_below);
  const T safe = near ? T(1) : a;
  const T closed = safe - math::log(safe) + math::log1p(-math::exp(T(-2) * safe));
  return near ? T(0.69314718055994531) + a * a * detail::series_in<detail::Of::log_partition>(a * a) : closed;
}

/// Differential entropy psi(b) - b L(b), written so that the large terms cancel before they are rounded.
template <class T>
ENGRAM_HD T entropy(T b) {
  const T a = detail::magnitude(b);
  const bool near = a < T(detail::series_below);
  const T safe = near ? T(1) : a;
  const T e = math::exp(T(-2) * safe);
  const T closed = T(1) - math::log(safe) + math::log1p(-e) - T(2) * safe * e / (T(1) - e);
  const T z = a * a;
  const T series = T(0.69314718055994531) +
                   z * (detail::series_in<detail::Of::log_partition>(z) - detail::series_in<detail::Of::mean>(z));
  return near ? series : closed;
}

/// Density at x in [-1, 1]: b exp(b x) / (2 sinh b).
template <class T>
ENGRAM_HD T density(T x, T b) {
  const T a = detail::magnitude(b);
  const T toward = b < T(0) ? -x : x;
  const T y = a * math::exp(a * (toward - T(1))) / -math::expm1(T(-2) * a);
  return a < T(1e-30) ? T(0.5) : y;
}

/// The log-odds b of a unit whose probability parameter is p, 0 < p < 1: log(p / (1 - p)).
template <class T>
ENGRAM_HD T log_odds(T p) {
  return math::log(p) - math::log1p(-p);
}

/// Log-odds beyond this do not change a sample.
inline constexpr double max_log_odds = 500;

/// The value whose distribution function is u, 0 <= u <= 1: log(e^-b + u (e^b - e^-b)) / b, in [-1, 1]; where |b| does
/// not exceed `uniform_below` it is 2 u - 1.
template <class T>
ENGRAM_HD T sample(T b, T u, T uniform_below = T(1e-8)) {
  const T unclipped = detail::magnitude(b);
  const T a = unclipped < T(max_log_odds) ? unclipped : T(max_log_odds);
  const bool flat = !(unclipped > uniform_below);
  const T safe = flat ? T(1) : a;
  // By symmetry for b > 0 only: x = 1 + log(p + q e) / a, e = exp(-2a), p being u and q its complement.
  const T p = b > T(0) ? u : T(1) - u, q = b > T(0) ? T(1) - u : u;
  const T e = math::exp(T(-2) * safe);
  const T less = safe < T(0.17) ? math::detail::expm1_series(T(-2) * safe) : e - T(1);
  const T v = p + q * e;
  // Near 1 the rounding of v is made good from q (e - 1), which is v - 1 and keeps small log-odds exact.
  const T correction = v > T(0.5) ? (q * less - (v - T(1))) / v : T(0);
  const T inside = T(1) + (math::log(v) + correction) / safe;
  const T x = inside > T(-1) ? (inside < T(1) ? inside : T(1)) : T(-1);
  const T y = flat ? T(2) * p - T(1) : x;
  return b != b ? b : (b > T(0) ? y : -y);
}

/// Rational approximation of the inverse Langevin function, y (3 - y^2) / (1 - y^2) (Cohen 1991): L of it is off by up
/// to 0.012. |y| < 1.
template <class T>
ENGRAM_HD T inverse_rational(T y) {
  return y * (T(3) - y * y) / (T(1) - y * y);
}

/// Inverse Langevin function, |y| < 1; +-1 and beyond give the value at +-(1 - 1e-9). Newton's method from the rational
/// approximation; the number of steps is fixed, so that all backends agree.
template <class T>
ENGRAM_HD T inverse(T y) {
  const T limit = T(1) - T(sizeof(T) == 4 ? 1e-6 : 1e-9);
  const T target = y > limit ? limit : (y < -limit ? -limit : y);
  T x = inverse_rational(target);
  for (int step = 0; step < 8; ++step) x = x - (mean(x) - target) / variance(x);
  return x;
}

}  // namespace engram::langevin
