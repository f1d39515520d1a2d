// Values that are not 0, kept in their order by vectors and by single ones alike.
#include "engine/cpu/non_zero.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace engram::cpu {
namespace {

TEST(NonZero, AreKeptInTheirOrder) {
  std::mt19937 draw(5);
  for (const double share : {0.0, 0.05, 0.5, 1.0})
    for (const std::size_t length : {0, 1, 7, 15, 16, 17, 33, 200}) {
      std::vector<real> values(length), factor(length), expected, scaled;
      for (std::size_t i = 0; i < length; ++i) {
        factor[i] = static_cast<real>(1 + i % 5) / 3;
        if (!std::bernoulli_distribution(share)(draw)) {
          values[i] = i % 2 ? real(0) : -real(0);
          continue;
        }
        values[i] = i % 9 == 4 ? static_cast<real>(-INFINITY)
                               : static_cast<real>(std::ldexp(1.0 + static_cast<double>(i), -140));
        expected.push_back(values[i]);
        scaled.push_back(factor[i] * values[i]);
      }
      std::vector<real> to(length + 16);
      to.resize(copy_non_zero(values, nullptr, to.data()));
      EXPECT_EQ(to, expected);
      to.resize(length + 16);
      to.resize(copy_non_zero(values, factor.data(), to.data()));
      EXPECT_EQ(to, scaled);
    }
  std::vector<real> to(17);
  ASSERT_EQ(copy_non_zero(std::vector<real>{static_cast<real>(NAN)}, nullptr, to.data()), 1u) << "NaN is not 0";
  EXPECT_TRUE(std::isnan(to[0]));
}

}  // namespace
}  // namespace engram::cpu
