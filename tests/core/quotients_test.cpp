// Quotients by a shared reciprocal: the bits of division, for any numbers.
#include "kernels/core/quotients.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <random>

namespace engram::kernels {
namespace {

template <class R>
class QuotientsOf : public testing::Test {
 protected:
  static constexpr int p = std::numeric_limits<R>::digits;
  static constexpr R infinity = std::numeric_limits<R>::infinity();

  /// A number in [1, 2) with these bits behind the point.
  static R mantissa(std::uint64_t bits) { return 1 + std::ldexp(static_cast<R>(bits >> (65 - p)), 1 - p); }
  static void expect_divided(const std::array<R, 4>& numbers, R by) {
    Least<R> least;
    for (const R x : numbers) least.add(x);
    std::array<R, 4> found = numbers;
    Quotients<R>(by, least).template divide<4>(found.data());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const R wanted = numbers[i] / by;
      if (!(wanted != wanted && found[i] != found[i])) {
        ASSERT_EQ(std::memcmp(&found[i], &wanted, sizeof(R)), 0)
            << numbers[i] << " / " << by << " is " << wanted << ", found " << found[i];
      }
    }
  }
};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(QuotientsOf, Numbers);

TYPED_TEST(QuotientsOf, RandomNumbersAreThoseOfDivision) {
  std::mt19937_64 bits(1);
  for (int turn = 0; turn < 500000; ++turn) {
    std::array<TypeParam, 4> numbers;
    for (TypeParam& x : numbers) x = std::ldexp(this->mantissa(bits()), static_cast<int>(bits() % 110) - 85);
    if (turn % 4 == 0) numbers[turn / 4 % 4] = 0;
    this->expect_divided(numbers, std::ldexp(this->mantissa(bits()), static_cast<int>(bits() % 60) - 30));
  }
}

// Products of a divisor with a number half way between two others, rounded: their quotients are hardest to round.
TYPED_TEST(QuotientsOf, NumbersBetweenTwoOthersAreThoseOfDivision) {
  std::mt19937_64 bits(2);
  using Wide = std::conditional_t<sizeof(TypeParam) == 4, double, long double>;
  for (int turn = 0; turn < 500000; ++turn) {
    TypeParam by = this->mantissa(bits());
    if (turn % 8 == 0) by = 2 - std::numeric_limits<TypeParam>::epsilon() * static_cast<TypeParam>(1 + turn % 3);
    if (turn % 8 == 1) by = 1 + std::numeric_limits<TypeParam>::epsilon() * static_cast<TypeParam>(turn % 3);
    std::array<TypeParam, 4> numbers;
    for (TypeParam& x : numbers) {
      const Wide middle = Wide{this->mantissa(bits())} + Wide{std::numeric_limits<TypeParam>::epsilon()} / 2;
      x = static_cast<TypeParam>(middle * by);
    }
    numbers[1] = std::nextafter(numbers[0], TypeParam(0));
    numbers[2] = std::nextafter(numbers[0], this->infinity);
    this->expect_divided(numbers, by);
  }
}

// Where a rest would be too small or a product too large, or where there is no number. What is divided is divided by
// its sum.
TYPED_TEST(QuotientsOf, ExtremeNumbersAreThoseOfDivision) {
  using R = TypeParam;
  const R most = std::numeric_limits<R>::max(), least = std::numeric_limits<R>::min(),
          denormal = std::numeric_limits<R>::denorm_min();
  const R all[] = {0,      denormal, 3 * denormal, least, 1 / most, R(1e-30), R(1e-20),       R(0.3),  1,
                   R(0.7), R(-0.7),  R(1e9),       most,  -most,    R(1e30),  this->infinity, R(-1e30)};
  for (const R a : all)
    for (const R b : all)
      for (const R c : all) {
        const R sum = ((a + b) + c) + R(0.25);
        this->expect_divided({a, b, c, R(0.25)}, sum == 0 ? R(1) : sum);
        const R without = (a + b) + c;
        this->expect_divided({a, b, c, 0}, without == 0 ? R(1) : without);
      }
}

}  // namespace
}  // namespace engram::kernels
