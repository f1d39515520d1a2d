// The first value that is not finite, wherever it stands.
#include "engine/cpu/finite.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace engram::cpu {
namespace {

template <class T>
class Finite : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Finite, Types);

TYPED_TEST(Finite, the_first_that_is_not_is_found) {
  using Limits = std::numeric_limits<TypeParam>;
  for (const std::size_t length : {1, 7, 16, 100, 4096, 4097, 9000}) {
    std::vector<TypeParam> values(length, Limits::max());
    for (std::size_t i = 0; i < length; i += 3) values[i] = -Limits::denorm_min();
    const auto found = [&] { return first_not_finite(std::span<const TypeParam>(values)); };
    EXPECT_EQ(found(), length);
    for (const TypeParam wrong : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), -Limits::quiet_NaN()})
      for (const std::size_t at : {std::size_t{0}, length / 2, length - 1}) {
        std::vector<TypeParam> kept = values;
        values[at] = values[length - 1] = wrong;
        EXPECT_EQ(found(), at) << length;
        values = kept;
      }
  }
  EXPECT_EQ(first_not_finite(std::span<const TypeParam>()), 0u);
}

}  // namespace
}  // namespace engram::cpu
