// x to the power y, made like the functions of math.hpp: the same bits everywhere, free of branches. The logarithm and
// its product with y are carried as sums of two doubles, since an exponential turns an absolute error of its argument
// into a relative one of its result. Accuracy (tests/core/power_test.cpp): at most 1 ulp in float, 2 in double,
// subnormal arguments and results included.
#pragma once

#include "engram/core/math.hpp"

namespace engram::math {

namespace detail {

/// high + low, where |low| is at most half an ulp of high or a few of them.
struct Pair {
  double high, low;
};

/// a + b without error, |a| >= |b| or a = 0 (Dekker 1971).
ENGRAM_HD Pair exact_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

/// a * b without error, where neither is above 1e300 (Veltkamp's splitting, Dekker 1971); an exact fused
/// multiply-add would be faster, but not every instruction set has one.
ENGRAM_HD Pair exact_product(double a, double b) {
  constexpr double splitter = 134217729.0;  // 2^27 + 1
  const double a_scaled = splitter * a, b_scaled = splitter * b;
  const double a_high = a_scaled - (a_scaled - a), b_high = b_scaled - (b_scaled - b);
  const double a_low = a - a_high, b_low = b - b_high;
  const double product = a * b;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

/// log x to about 63 bits, for finite x > 0: log m = 2 atanh(s), s = (m - 1) / (m + 1), with the first two terms of the
/// series as pairs.
ENGRAM_HD Pair log_pair(double x) {
  using F = Format<double>;
  const bool subnormal = x < F::smallest_normal;
  const F::Bits root_half = bits_of(0.70710678118654752);
  const F::Bits offset = bits_of(subnormal ? x * 0x1p54 : x) - root_half;
  const double k = static_cast<double>(static_cast<F::Signed>(offset) >> F::mantissa) - (subnormal ? 54.0 : 0.0);
  const double m = number_of<double>((offset & ((F::Bits(1) << F::mantissa) - 1)) + root_half);

  const double f = m - 1.0, t = 2.0 + f, t_low = f - (t - 2.0);
  const double s = f / t;
  const Pair back = exact_product(s, t);
  const double s_low = (((f - back.high) - back.low) - s * t_low) / t;
  Pair z = exact_product(s, s);
  z.low += 2.0 * s * s_low;
  constexpr int terms = 14;  // the first one left out is below 2^-70
  double tail = 1.0 / (2 * terms + 1);
#pragma GCC unroll 16
  for (int i = terms - 1; i >= 2; --i) tail = tail * z.high + 1.0 / static_cast<double>(2 * i + 1);
  Pair factor = exact_sum(0x1.5555555555555p-2, tail * z.high);
  factor.low += 0x1.5555555555555p-56;  // the rest of 1/3
  Pair u = exact_product(z.high, factor.high);
  u.low += z.high * factor.low + z.low * factor.high;
  Pair v = exact_product(s, u.high);
  v.low += s * u.low + s_low * u.high;
  const Pair half = exact_sum(s, v.high);
  const double half_low = half.low + (s_low + v.low);

  const Pair all = exact_sum(k * F::ln2_high, 2.0 * half.high);
  return exact_sum(all.high, all.low + (2.0 * half_low + k * F::ln2_low));
}

/// exp(x.high + x.low); infinity and 0 beyond the range.
ENGRAM_HD double exp_pair(Pair x) {
  constexpr double limit = 800;  // far beyond both ends
  const bool inside = x.high > -limit && x.high < limit;
  const double high = inside ? x.high : (x.high > 0 ? limit : -limit);
  double k;
  const double r = reduce_by_ln2(high, k) + (inside ? x.low : 0.0);
  const double half = static_cast<double>(static_cast<std::int64_t>(k) / 2);
  return (1.0 + expm1_series(r)) * power_of_two(half) * power_of_two(k - half);
}

ENGRAM_HD double positive_power(double x, double y) {
  const Pair log = log_pair(x);
  Pair product = exact_product(y, log.high);
  product.low += y * log.low;
  return exp_pair(product);
}
/// In double a plain logarithm has digits to spare.
ENGRAM_HD float positive_power(float x, float y) {
  return static_cast<float>(math::exp(static_cast<double>(y) * math::log(static_cast<double>(x))));
}

}  // namespace detail

/// x^y with the special values of IEEE 754's pow: x^0 = 1^y = 1 even for NaN, negative x with a y that is no integer
/// gives NaN.
template <class T>
ENGRAM_HD T pow(T x, T y) {
  using F = Format<T>;
  constexpr T inf = static_cast<T>(INFINITY), most = T(1e20);  // any x but 1 is beyond all numbers at that power
  constexpr T even = static_cast<T>(std::uint64_t{1} << (F::mantissa + 1));  // all numbers from here on are even
  const T a = x < T(0) ? -x : x;
  const T bounded = y > -most ? (y < most ? y : most) : -most;  // NaN is given back below
  const T near = y > -even ? (y < even ? y : even) : -even;
  const auto whole = static_cast<typename F::Signed>(near);
  const bool integer = static_cast<T>(whole) == near, odd = integer && (whole & 1) != 0;

  const bool zero = a == T(0), infinite = a == inf;
  const T ordinary = detail::positive_power(zero || infinite || a != a ? T(1) : a, bounded);
  const T magnitude = zero || infinite ? ((y < T(0)) == zero ? inf : T(0)) : ordinary;
  const bool negative = (bits_of(x) >> (8 * sizeof(T) - 1)) != 0;
  const T value = negative && odd ? -magnitude : magnitude;
  const T real_only = negative && !integer && !zero && !infinite ? static_cast<T>(NAN) : value;
  const T known = x != x || y != y ? static_cast<T>(NAN) : real_only;
  return y == T(0) || x == T(1) ? T(1) : known;
}

}  // namespace engram::math
