// The elementary functions against long double, their special values, and hashes of their bits: a compiler or a machine
// that changes one bit is caught here, before it changes a model.
#include "engram/core/math.hpp"

#include <gtest/gtest.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace engram {
namespace {

template <class T>
class Math : public testing::Test {};
using Precisions = testing::Types<float, double>;
TYPED_TEST_SUITE(Math, Precisions);

template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T>
constexpr T nan_of = std::numeric_limits<T>::quiet_NaN();

/// Distance in units of the last place of the exact value.
template <class T>
double ulps(T found, long double exact) {
  if (std::isnan(found) || std::isinf(found)) return static_cast<long double>(found) == exact ? 0 : INFINITY;
  int exponent = 0;
  std::frexp(static_cast<T>(exact), &exponent);
  const long double ulp =
      std::ldexp(1.0L, std::max(exponent - std::numeric_limits<T>::digits,
                                std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits));
  return static_cast<double>(std::fabs(static_cast<long double>(found) - exact) / ulp);
}

/// `count` numbers spread evenly over [low, high], and as many of every magnitude in it.
template <class T>
std::vector<T> grid(double low, double high, int count = 60000) {
  std::vector<T> all;
  for (int i = 0; i <= count; ++i) all.push_back(static_cast<T>(std::min(high, low + (high - low) * i / count)));
  for (int i = 0; i <= count; ++i) {
    const double x = std::exp2(-60 + 70.0 * i / count);
    for (const double signed_x : {x, -x})
      if (signed_x >= low && signed_x <= high) all.push_back(static_cast<T>(signed_x));
  }
  return all;
}

template <class T>
double worst(const std::vector<T>& xs, T (*f)(T), long double (*exact)(long double)) {
  double most = 0;
  for (const T x : xs) most = std::max(most, ulps(f(x), exact(static_cast<long double>(x))));
  return most;
}

TYPED_TEST(Math, ExpIsWithinTwoUlp) {
  using T = TypeParam;
  const double top = math::Format<T>::exp_max, bottom = math::Format<T>::exp_min;
  EXPECT_LE(worst<T>(grid<T>(bottom, top), &math::exp<T>, [](long double x) { return std::exp(x); }), 2);
}
TYPED_TEST(Math, Expm1IsWithinTwoUlp) {
  using T = TypeParam;
  EXPECT_LE(
      worst<T>(grid<T>(-80, math::Format<T>::exp_max), &math::expm1<T>, [](long double x) { return std::expm1(x); }),
      2);
  EXPECT_LE(worst<T>(grid<T>(-1, 1), &math::expm1<T>, [](long double x) { return std::expm1(x); }), 2);
}
TYPED_TEST(Math, LogIsWithinTwoUlp) {
  using T = TypeParam;
  std::vector<T> all = grid<T>(0.25, 4);
  for (T x = std::numeric_limits<T>::min(); x < infinity<T>; x *= static_cast<T>(1.00713)) all.push_back(x);
  EXPECT_LE(worst<T>(all, &math::log<T>, [](long double x) { return std::log(x); }), 2);
}
TYPED_TEST(Math, Log1pIsWithinTwoUlp) {
  using T = TypeParam;
  EXPECT_LE(worst<T>(grid<T>(-0.999, 4), &math::log1p<T>, [](long double x) { return std::log1p(x); }), 2);
  EXPECT_LE(worst<T>(grid<T>(0, 1e6), &math::log1p<T>, [](long double x) { return std::log1p(x); }), 2);
}
TYPED_TEST(Math, TanhIsWithinThreeUlp) {  // 2.49 measured
  using T = TypeParam;
  EXPECT_LE(worst<T>(grid<T>(-25, 25), &math::tanh<T>, [](long double x) { return std::tanh(x); }), 3);
}
TYPED_TEST(Math, SineAndCosineOfTurnsAreWithinTwoEpsilon) {
  using T = TypeParam;
  double most = 0;
  for (const T u : grid<T>(0, 1)) {
    T sine, cosine;
    math::sincos_turns(u, sine, cosine);
    const long double angle = 2 * std::numbers::pi_v<long double> * static_cast<long double>(u);
    most = std::max({most, static_cast<double>(std::fabs(sine - std::sin(angle))),
                     static_cast<double>(std::fabs(cosine - std::cos(angle)))});
  }
  EXPECT_LE(most, 2 * std::numeric_limits<T>::epsilon());
}

TYPED_TEST(Math, HasTheSpecialValuesOfTheLibrary) {
  using T = TypeParam;
  const T inf = infinity<T>, nan = nan_of<T>;
  EXPECT_EQ(math::exp(T(0)), T(1));
  EXPECT_EQ(math::exp(inf), inf);
  EXPECT_EQ(math::exp(-inf), T(0));
  EXPECT_EQ(math::exp(T(1e5)), inf);
  EXPECT_EQ(math::exp(T(-1e5)), T(0));
  EXPECT_TRUE(std::isnan(math::exp(nan)));
  EXPECT_EQ(math::expm1(T(0)), T(0));
  EXPECT_EQ(math::expm1(inf), inf);
  EXPECT_EQ(math::expm1(-inf), T(-1));
  EXPECT_TRUE(std::isnan(math::expm1(nan)));
  EXPECT_EQ(math::log(T(1)), T(0));
  EXPECT_EQ(math::log(T(0)), -inf);
  EXPECT_EQ(math::log(inf), inf);
  EXPECT_TRUE(std::isnan(math::log(T(-1))));
  EXPECT_TRUE(std::isnan(math::log(-inf)));
  EXPECT_TRUE(std::isnan(math::log(nan)));
  EXPECT_EQ(math::log1p(T(0)), T(0));
  EXPECT_EQ(math::log1p(T(-1)), -inf);
  EXPECT_EQ(math::log1p(inf), inf);
  EXPECT_TRUE(std::isnan(math::log1p(T(-2))));
  EXPECT_TRUE(std::isnan(math::log1p(nan)));
  EXPECT_EQ(math::tanh(T(0)), T(0));
  EXPECT_EQ(math::tanh(inf), T(1));
  EXPECT_EQ(math::tanh(-inf), T(-1));
  EXPECT_TRUE(std::isnan(math::tanh(nan)));
}

TYPED_TEST(Math, QuarterTurnsAreExact) {
  using T = TypeParam;
  const int expected[4][2] = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}};
  for (int q = 0; q < 8; ++q) {
    T sine, cosine;
    math::sincos_turns(static_cast<T>(q) / 4, sine, cosine);
    EXPECT_EQ(sine, T(expected[q % 4][0])) << q;
    EXPECT_EQ(cosine, T(expected[q % 4][1])) << q;
  }
}

/// Neighbouring numbers around the places where an approximation changes its piece.
TYPED_TEST(Math, IsMonotoneAcrossItsSeams) {
  using T = TypeParam;
  const auto rises = [](T (*f)(T), double centre, const char* name) {
    T x = static_cast<T>(centre);
    for (int i = 0; i < 200; ++i) x = std::nextafter(x, -infinity<T>);
    for (int i = 0; i < 400; ++i) {
      const T next = std::nextafter(x, infinity<T>);
      const T rise = f(next) - f(x);
      EXPECT_GE(rise, -2 * std::numeric_limits<T>::epsilon() * std::fabs(f(x))) << name << " at " << x;
      x = next;
    }
  };
  const double ln2 = std::numbers::ln2;
  for (const double k : {-3.5, -0.5, 0.5, 1.5, 7.5}) rises(&math::exp<T>, k * ln2, "exp");
  for (const double x : {-0.34, 0.34, ln2 / 2, 1.5 * ln2}) rises(&math::expm1<T>, x, "expm1");
  for (const double x : {0.5 * std::numbers::sqrt2, 1.0, std::numbers::sqrt2, 2.0}) rises(&math::log<T>, x, "log");
  for (const double x : {-0.17, 0.17, 1.0}) rises(&math::tanh<T>, x, "tanh");
}

template <class T>
std::uint64_t bits_hash(T (*f)(T), double low, double high) {
  std::vector<T> values;
  for (int i = 0; i <= 100000; ++i) {
    const T x = static_cast<T>(low + (high - low) * i / 100000);
    values.push_back(f(x));
  }
  return XXH3_64bits(values.data(), values.size() * sizeof(T));
}

TYPED_TEST(Math, KeepsEveryRecordedBit) {
  using T = TypeParam;
  const auto sine = +[](T u) {
    T s, c;
    math::sincos_turns(u, s, c);
    return s;
  };
  const auto cosine = +[](T u) {
    T s, c;
    math::sincos_turns(u, s, c);
    return c;
  };
  const std::uint64_t found[] = {bits_hash<T>(&math::exp<T>, -87, 88),
                                 bits_hash<T>(&math::expm1<T>, -20, 20),
                                 bits_hash<T>(&math::log<T>, 1e-6, 50),
                                 bits_hash<T>(&math::log1p<T>, -0.999, 50),
                                 bits_hash<T>(&math::tanh<T>, -12, 12),
                                 bits_hash<T>(sine, 0, 1),
                                 bits_hash<T>(cosine, 0, 1)};
  constexpr std::uint64_t recorded[2][7] = {
      {0xf86a99ed55297527ULL, 0x2bb17107d32de07dULL, 0x5b8427ae03cdefa3ULL, 0x74502d08e4d4b882ULL,
       0x11a9c397d2b52b09ULL, 0x4ea87801ade7a4d9ULL, 0x84ab7facb53a79d5ULL},
      {0x965c806accc63967ULL, 0x87a8e2db55c6a7bfULL, 0xfe480657c2391f08ULL, 0xa4a32b2bb9a80c42ULL,
       0x1dce84c6a7399babULL, 0xd2da32fddba1a80cULL, 0xf6060524221d10a5ULL},
  };
  constexpr const char* names[] = {"exp", "expm1", "log", "log1p", "tanh", "sine", "cosine"};
  for (int f = 0; f < 7; ++f) EXPECT_EQ(found[f], recorded[sizeof(T) == 8][f]) << names[f];
}

}  // namespace
}  // namespace engram
