// Conversion to integer sums.
#include <gtest/gtest.h>

#include <cmath>

#include "engram/core/random.hpp"

namespace engram {
namespace {

constexpr double unit = 1.0 / 4294967296.0;
constexpr fixed limit = 2251799813685247;  // 2^51 - 1

TEST(ToFixed, CountsUnitsOfTwoToMinus32) {
  EXPECT_EQ(to_fixed(0), 0);
  EXPECT_EQ(to_fixed(-0.0), 0);
  EXPECT_EQ(to_fixed(1), fixed{1} << 32);
  EXPECT_EQ(to_fixed(-2.5), -5 * (fixed{1} << 31));
  EXPECT_EQ(to_fixed(unit), 1);
  EXPECT_EQ(to_fixed(-3 * unit), -3);
}

TEST(ToFixed, RoundsTiesToEven) {
  EXPECT_EQ(to_fixed(0.5 * unit), 0);
  EXPECT_EQ(to_fixed(1.5 * unit), 2);
  EXPECT_EQ(to_fixed(2.5 * unit), 2);
  EXPECT_EQ(to_fixed(-0.5 * unit), 0);
  EXPECT_EQ(to_fixed(-1.5 * unit), -2);
  EXPECT_EQ(to_fixed(std::nextafter(0.5 * unit, 1)), 1);
}

TEST(ToFixed, SaturatesAtTwoToThe19) {
  EXPECT_EQ(to_fixed(524288), limit);
  EXPECT_EQ(to_fixed(-524288), -limit);
  EXPECT_EQ(to_fixed(524287), fixed{524287} << 32);
  EXPECT_EQ(to_fixed(1e300), limit);
  EXPECT_EQ(to_fixed(-1e300), -limit);
  EXPECT_EQ(to_fixed(INFINITY), limit);
  EXPECT_EQ(to_fixed(-INFINITY), -limit);
}

TEST(ToFixed, TakesNanAsTheUpperLimit) { EXPECT_EQ(to_fixed(NAN), limit); }

TEST(ToFixed, AgreesWithTheLibrarysRoundingForManyValues) {
  for (std::uint32_t i = 0; i < 500000; ++i) {
    const Random r{1, Stream::test, 0, i};
    const double sign = r.words(1).w[1] & 1 ? -1 : 1;
    const double fraction = r.words(1).w[0] * 0x1p-32 + 0.5;
    const double x = sign * std::ldexp(fraction, static_cast<int>(r.below(56)) - 37);  // 2^-38 .. 2^18
    ASSERT_EQ(to_fixed(x), std::llrint(x * 4294967296.0)) << x;
    // Halves exactly between two units.
    const double tie = (std::floor(x * 1048576.0) + 0.5) * unit;
    if (std::abs(tie) < 500000) {
      ASSERT_EQ(to_fixed(tie), std::llrint(tie * 4294967296.0)) << tie;
    }
  }
}

TEST(FromFixed, GivesBackWhatFits) {
  EXPECT_EQ(from_fixed(0), real(0));
  EXPECT_EQ(from_fixed(fixed{1} << 32), real(1));
  EXPECT_EQ(from_fixed(-3 * (fixed{1} << 31)), real(-1.5));
  for (std::uint32_t i = 0; i < 10000; ++i) {
    const auto x = static_cast<real>(static_cast<float>(Random{2, Stream::test, 0, i}.below(1 << 24)) / 1024);
    EXPECT_EQ(from_fixed(to_fixed(static_cast<double>(x))), x);
  }
}

TEST(FixedSums, DoNotDependOnTheirOrder) {
  fixed forward = 0, backward = 0;
  const auto term = [](std::uint32_t i) {
    return to_fixed(static_cast<double>(Random{3, Stream::test, 0, i}.uniform()) - 0.4);
  };
  for (std::uint32_t i = 0; i < 20000; ++i) forward += term(i);
  for (std::uint32_t i = 20000; i-- > 0;) backward += term(i);
  EXPECT_EQ(forward, backward);
}

}  // namespace
}  // namespace engram
