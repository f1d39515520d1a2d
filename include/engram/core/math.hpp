// Elementary functions made of + - * / sqrt and integer operations on the bits, which IEEE 754 rounds identically
// everywhere: the CPU at any instruction set and the GPU give the same bits. Free of branches, so that loops vectorise.
// Accuracy (tests/core/math_test.cpp): at most 2 ulp for exp, log, log1p and expm1, 3 for tanh; sine and cosine to 2
// epsilon.
#pragma once

#include <cmath>

#include "engram/core/portable.hpp"

namespace engram::math {

template <class T>
struct Format;
template <>
struct Format<float> {
  using Bits = std::uint32_t;
  using Signed = std::int32_t;
  static constexpr int mantissa = 23, bias = 127;
  static constexpr int exp_terms = 7, log_terms = 5, sine_terms = 5;
  static constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;  // high part has few bits: k*high is exact
  static constexpr float round_magic = 12582912.0f;                           // 1.5 * 2^23
  static constexpr float exp_max = 88.72f, exp_min = -87.33f, smallest_normal = 1.17549435e-38f;
};
template <>
struct Format<double> {
  using Bits = std::uint64_t;
  using Signed = std::int64_t;
  static constexpr int mantissa = 52, bias = 1023;
  static constexpr int exp_terms = 13, log_terms = 11, sine_terms = 9;
  static constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
  static constexpr double round_magic = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double exp_max = 709.78, exp_min = -708.39, smallest_normal = 2.2250738585072014e-308;
};

template <class T>
ENGRAM_HD typename Format<T>::Bits bits_of(T x) {
  union {
    T number;
    typename Format<T>::Bits bits;
  } both;
  both.number = x;
  return both.bits;
}
template <class T>
ENGRAM_HD T number_of(typename Format<T>::Bits bits) {
  union {
    T number;
    typename Format<T>::Bits bits;
  } both;
  both.bits = bits;
  return both.number;
}

/// 2^k for an integral k in the range of normal numbers.
template <class T>
ENGRAM_HD T power_of_two(T k) {
  using F = Format<T>;
  const auto exponent = static_cast<typename F::Signed>(k) + F::bias;
  return number_of<T>(static_cast<typename F::Bits>(exponent) << F::mantissa);
}

namespace detail {

/// exp(r) - 1 by its Taylor series, |r| <= ln(2)/2: the first term left out is below half an ulp.
template <class T>
ENGRAM_HD T expm1_series(T r) {
  constexpr double inverse_factorial[] = {
      1.0,        1.0,         1.0 / 2,      1.0 / 6,       1.0 / 24,       1.0 / 120,       1.0 / 720,
      1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800.0};
  T sum = static_cast<T>(inverse_factorial[Format<T>::exp_terms]);
#pragma GCC unroll 16
  for (int i = Format<T>::exp_terms - 1; i >= 2; --i) sum = sum * r + static_cast<T>(inverse_factorial[i]);
  return r + r * r * sum;
}

/// x = k ln 2 + r.
template <class T>
ENGRAM_HD T reduce_by_ln2(T x, T& k) {
  using F = Format<T>;
  const T scaled = x * static_cast<T>(1.4426950408889634);
  k = (scaled + F::round_magic) - F::round_magic;
  return (x - k * F::ln2_high) - k * F::ln2_low;
}

}  // namespace detail

/// e^x. Saturates to infinity above the largest finite result, to 0 below the smallest normal one.
template <class T>
ENGRAM_HD T exp(T x) {
  using F = Format<T>;
  const T inside = x > F::exp_min ? (x < F::exp_max ? x : F::exp_max) : F::exp_min;
  T k;
  const T r = detail::reduce_by_ln2(inside, k);
  const T half = static_cast<T>(static_cast<typename F::Signed>(k) / 2);  // two factors: k may be one past the range
  const T y = (T(1) + detail::expm1_series(r)) * power_of_two(half) * power_of_two(k - half);
  const T clipped = x > F::exp_max ? static_cast<T>(INFINITY) : (x < F::exp_min ? T(0) : y);
  return x != x ? x : clipped;
}

/// e^x - 1, exact near 0.
template <class T>
ENGRAM_HD T expm1(T x) {
  using F = Format<T>;
  const T inside = x > T(-60) ? (x < F::exp_max ? x : F::exp_max) : T(-60);
  T k;
  const T r = detail::reduce_by_ln2(inside, k);
  const T half = static_cast<T>(static_cast<typename F::Signed>(k) / 2);
  const T low = power_of_two(half), high = power_of_two(k - half);
  const T y = (detail::expm1_series(r) * low) * high + (low * high - T(1));
  const T near = detail::expm1_series(x);
  const T big = T(1) + detail::expm1_series(r);
  const T upper = k > T(F::mantissa + 2) ? (big * low) * high : y;  // avoids infinity minus something
  const T chosen = (x < T(0.34) && x > T(-0.34)) ? near : upper;
  const T clipped = x > F::exp_max ? static_cast<T>(INFINITY) : chosen;
  return x != x ? x : clipped;
}

/// Natural logarithm. 0 gives -infinity, negative numbers NaN; subnormal numbers count as 0.
template <class T>
ENGRAM_HD T log(T x) {
  using F = Format<T>;
  using Bits = typename F::Bits;
  const Bits offset = bits_of(x) - bits_of(static_cast<T>(0.70710678118654752));
  const auto k = static_cast<typename F::Signed>(offset) >> F::mantissa;
  const T m = number_of<T>((offset & ((Bits(1) << F::mantissa) - 1)) + bits_of(static_cast<T>(0.70710678118654752)));
  // log m = 2 atanh(s), s = (m-1)/(m+1), |s| <= 0.1716; written as f - s (f - R) it keeps log(1+f) exact near 0.
  const T f = m - T(1);
  const T s = f / (T(2) + f);
  const T z = s * s;
  T series = T(2) / T(2 * F::log_terms + 1);
#pragma GCC unroll 16
  for (int i = F::log_terms - 1; i >= 1; --i) series = series * z + T(2) / static_cast<T>(2 * i + 1);
  const T rest = series * z;
  const T half_square = T(0.5) * f * f;
  const T e = static_cast<T>(k);
  const T y = e * F::ln2_high - ((half_square - (s * (half_square + rest) + e * F::ln2_low)) - f);
  const T low = x < F::smallest_normal ? (x < T(0) ? static_cast<T>(NAN) : static_cast<T>(-INFINITY)) : y;
  return x != x ? x : (x > T(3e38) && x == static_cast<T>(INFINITY) ? x : low);
}

/// log(1 + x), exact near 0.
template <class T>
ENGRAM_HD T log1p(T x) {
  const T u = T(1) + x;
  const T correction = (x - (u - T(1))) / u;
  const T y = log(u) + correction;
  return u <= T(0) || !(u < static_cast<T>(INFINITY)) ? log(u) : y;
}

template <class T>
ENGRAM_HD T tanh(T x) {
  const T a = x < T(0) ? -x : x;
  const T capped = a < T(30) ? a : T(30);
  const T e = expm1(T(-2) * capped);
  const T y = -e / (T(2) + e);
  return x < T(0) ? -y : (x != x ? x : y);
}

/// sin(2 pi u) and cos(2 pi u) for 0 <= u < 2^20.
template <class T>
ENGRAM_HD void sincos_turns(T u, T& sine, T& cosine) {
  using F = Format<T>;
  const T quarter = (T(4) * u + F::round_magic) - F::round_magic;
  const T r = (u - T(0.25) * quarter) * static_cast<T>(6.2831853071795864769);  // |r| <= pi/4
  const T z = r * r;
  // Taylor coefficients of sin(r)/r and cos(r) in z.
  constexpr double sine_c[] = {1.0,
                               -1.0 / 6,
                               1.0 / 120,
                               -1.0 / 5040,
                               1.0 / 362880,
                               -1.0 / 39916800,
                               1.0 / 6227020800.0,
                               -1.0 / 1307674368000.0,
                               1.0 / 355687428096000.0,
                               -1.0 / 121645100408832000.0};
  constexpr double cosine_c[] = {1.0,
                                 -0.5,
                                 1.0 / 24,
                                 -1.0 / 720,
                                 1.0 / 40320,
                                 -1.0 / 3628800,
                                 1.0 / 479001600.0,
                                 -1.0 / 87178291200.0,
                                 1.0 / 20922789888000.0,
                                 -1.0 / 6402373705728000.0};
  T s = static_cast<T>(sine_c[F::sine_terms]), c = static_cast<T>(cosine_c[F::sine_terms]);
#pragma GCC unroll 16
  for (int i = F::sine_terms - 1; i >= 0; --i) {
    s = s * z + static_cast<T>(sine_c[i]);
    c = c * z + static_cast<T>(cosine_c[i]);
  }
  s = s * r;
  const auto quadrant = static_cast<int>(quarter) & 3;
  const T a = (quadrant & 1) ? c : s, b = (quadrant & 1) ? s : c;
  sine = (quadrant & 2) ? -a : a;
  cosine = ((quadrant + 1) & 2) ? -b : b;
}

ENGRAM_HD float square_root(float x) { return sqrtf(x); }
ENGRAM_HD double square_root(double x) { return ::sqrt(x); }

}  // namespace engram::math
