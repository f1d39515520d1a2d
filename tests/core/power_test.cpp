// The power function against long double, its special values against the library, and a hash of its bits.
#include "engram/core/power.hpp"

#include <gtest/gtest.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace engram {
namespace {

template <class T>
class Power : public testing::Test {};
using Precisions = testing::Types<float, double>;
TYPED_TEST_SUITE(Power, Precisions);

template <class T>
struct Arguments {
  T x, y;
};

/// Powers over the whole range of results, from bases near 1 with huge exponents to subnormal bases.
template <class T>
std::vector<Arguments<T>> arguments(int count) {
  std::mt19937_64 generator(7);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(generator() >> 11) / 9007199254740992.0;
  };
  const double least = std::log2(static_cast<double>(std::numeric_limits<T>::denorm_min())),
               most = std::log2(static_cast<double>(std::numeric_limits<T>::max()));
  std::vector<Arguments<T>> all;
  while (static_cast<int>(all.size()) < count) {
    const double kind = uniform(0, 4);
    T x = static_cast<T>(std::exp2(uniform(least, most)));                                    // any base
    if (kind < 2) x = static_cast<T>(1 + std::exp2(uniform(-30, -1)) * (kind < 1 ? 1 : -1));  // near 1
    if (kind > 3) x = static_cast<T>(uniform(0.5, 2));
    const double log = std::log2(static_cast<double>(x));
    const T y = static_cast<T>(uniform(least - 1, most) / log * (generator() & 1 ? 1 : uniform(0, 1)));
    if (x > T(0) && log != 0 && std::isfinite(y)) all.push_back({x, y});
  }
  return all;
}

template <class T>
double error_of(T found, long double exact) {
  if (std::fabs(exact) > static_cast<long double>(std::numeric_limits<T>::max()))
    return std::isinf(found) || found == std::numeric_limits<T>::max() ? 0 : INFINITY;
  if (!std::isfinite(found)) return INFINITY;
  int exponent = 0;
  std::frexp(exact, &exponent);
  const int digits = std::numeric_limits<T>::digits;
  const long double ulp = std::ldexp(1.0L, std::max(exponent, std::numeric_limits<T>::min_exponent) - digits);
  return static_cast<double>(std::fabs(static_cast<long double>(found) - exact) / ulp);
}

TYPED_TEST(Power, IsWithinOneUlpInFloatAndTwoInDouble) {
  using T = TypeParam;
  double worst = 0;
  Arguments<T> at{};
  for (const auto& [x, y] : arguments<T>(400000)) {
    const double off = error_of(math::pow(x, y), std::pow(static_cast<long double>(x), static_cast<long double>(y)));
    if (off > worst) {
      worst = off;
      at = {x, y};
    }
  }
  EXPECT_LE(worst, sizeof(T) == 4 ? 1 : 2) << at.x << "^" << at.y;
  EXPECT_GT(worst, 0.4);  // the measure sees a rounding
}

TYPED_TEST(Power, OfSmallIntegersIsExact) {
  using T = TypeParam;
  for (int base = 1; base <= 10; ++base) {
    T product = 1;
    for (int n = 0; product <= T(1 << 20); ++n, product *= static_cast<T>(base)) {
      EXPECT_EQ(math::pow(static_cast<T>(base), static_cast<T>(n)), product) << base << "^" << n;
      EXPECT_EQ(math::pow(static_cast<T>(-base), static_cast<T>(n)), n % 2 ? -product : product) << -base << "^" << n;
      if (base == 1 && n > 3) break;
    }
  }
}

TYPED_TEST(Power, HasTheSpecialValuesOfTheLibrary) {
  using T = TypeParam;
  constexpr T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN(),
              tiny = std::numeric_limits<T>::min(), huge = std::numeric_limits<T>::max();
  const T values[] = {0,       T(-0.0), 1,    -1,  2,       -2,       3,    -3,    T(0.5), T(-0.5), T(2.5),
                      T(-2.5), inf,     -inf, nan, T(1e30), T(-1e30), tiny, -tiny, huge,   -huge};
  for (const T x : values)
    for (const T y : values) {
      const T found = math::pow(x, y), expected = std::pow(x, y);
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(found)) << x << "^" << y << " is " << found;
      } else if (expected == T(0) || std::isinf(expected) || std::fabs(expected) == T(1)) {
        EXPECT_EQ(found, expected) << x << "^" << y;
        EXPECT_EQ(std::signbit(found), std::signbit(expected)) << x << "^" << y;
      } else {
        EXPECT_NEAR(found / expected, 1, 4 * std::numeric_limits<T>::epsilon()) << x << "^" << y;
      }
    }
}

TYPED_TEST(Power, KeepsEveryRecordedBit) {
  using T = TypeParam;
  std::vector<T> values;
  for (int i = 1; i <= 400; ++i)
    for (int k = -200; k <= 200; ++k) values.push_back(math::pow(static_cast<T>(i) / 64, static_cast<T>(k) / 16));
  constexpr std::uint64_t recorded[2] = {0xb3acb8db1d6e19f1ULL, 0x64893d528088423bULL};
  EXPECT_EQ(XXH3_64bits(values.data(), values.size() * sizeof(T)), recorded[sizeof(T) == 8])
      << std::hex << XXH3_64bits(values.data(), values.size() * sizeof(T));
}

}  // namespace
}  // namespace engram
