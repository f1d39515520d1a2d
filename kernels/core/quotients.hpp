// Quotients of many numbers by one. A GPU divides by way of a reciprocal, a test of the operands and a jump that no
// other division may overlap; here all numbers share the first, the range of all is tested once, and several quotients
// are made side by side. The bits are those of division.
#pragma once

#include <cmath>

#include "engram/core/portable.hpp"

namespace engram::kernels {

/// The smallest number that is not 0.
template <class R>
struct Least {
  R value = static_cast<R>(INFINITY);

  ENGRAM_HD void add(R x) {
    const R there = x != R(0) ? x : static_cast<R>(INFINITY);
#if defined(__CUDA_ARCH__)
    value = fmin(value, there);
#else
    value = there < value ? there : value;
#endif
  }
};

/// Correctly rounded quotients (Markstein 1990, IBM J. Res. Dev. 34, 111): with y = 1/b rounded to nearest and q within
/// an ulp of a/b, the rest r = a - bq has no error and q + ry, rounded once, is a/b rounded to nearest, as long as
/// nothing over- or underflows. The first q = ay is within two ulps, and the same correction brings it within one.
template <class R>
class Quotients {
 public:
  /// Quotients by their sum `b`, added up in any order, of numbers of which this is the least; or by another number,
  /// where all are 0. So none is larger than b, unless one is below 0 or no number, which the least or the sum shows.
  ENGRAM_HD Quotients(R b, const Least<R>& least) : b_(b) {
    // The last bit of a rest is some 2 p bits below the number; p = 24 or 53.
    constexpr R far = sizeof(R) == sizeof(float) ? static_cast<R>(0x1p90) : static_cast<R>(0x1p900);
    constexpr R near = static_cast<R>(0x1p30);
    quick_ = b >= 1 / near && b <= near && least.value >= 1 / far;
    y_ = R(1) / b;
  }
  /// Divides all of them; 0 stays 0, without its sign.
  template <Index n>
  ENGRAM_HD void divide(R* a) const {
    if (quick_)
      for (Index i = 0; i < n; ++i) a[i] = corrected(a[i], corrected(a[i], a[i] * y_));
    else
      for (Index i = 0; i < n; ++i) a[i] = a[i] / b_;
  }

 private:
  ENGRAM_HD R corrected(R a, R q) const { return product_and_sum(product_and_sum(-b_, q, a), y_, q); }
  /// xy + z, rounded once. The remark lets the report of kernels tell it from products that a compiler joined.
  ENGRAM_HD static float product_and_sum(float x, float y, float z) {
#if defined(__CUDA_ARCH__)
    float sum;
    asm("fma.rn.f32 %0, %1, %2, %3; // of a quotient" : "=f"(sum) : "f"(x), "f"(y), "f"(z));
    return sum;
#else
    return std::fma(x, y, z);
#endif
  }
  ENGRAM_HD static double product_and_sum(double x, double y, double z) {
#if defined(__CUDA_ARCH__)
    double sum;
    asm("fma.rn.f64 %0, %1, %2, %3; // of a quotient" : "=d"(sum) : "d"(x), "d"(y), "d"(z));
    return sum;
#else
    return std::fma(x, y, z);
#endif
  }

  R b_, y_;
  bool quick_;
};

}  // namespace engram::kernels
