#include "engram/core/fields.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace engram {
namespace {

struct Example {
  double rate = 0.5;
  int count = 3;
  std::string mode = "fast";
  static constexpr auto fields = std::tuple{
      Field{"rate", &Example::rate, "a rate", 0.0, 1.0},
      Field{"count", &Example::count, "a count"},
      Field{"mode", &Example::mode, "a mode", 0.0, 0.0, "fast|exact"},
  };
};

TEST(Fields, AreVisitedInOrderWithTheirTypes) {
  std::vector<std::string> seen;
  for_each_field<Example>([&](const auto& field) { seen.push_back(field.name); });
  EXPECT_EQ(seen, (std::vector<std::string>{"rate", "count", "mode"}));
}

TEST(Fields, ReadAndWriteTheirMember) {
  Example example;
  for_each_field<Example>([&](const auto& field) {
    if constexpr (std::is_same_v<std::decay_t<decltype(example.*field.member)>, int>) example.*field.member = 8;
  });
  EXPECT_EQ(example.count, 8);
  EXPECT_EQ(example.rate, 0.5);
}

TEST(Fields, WithoutLimitsHaveNone) {
  const auto& count = std::get<1>(Example::fields);
  EXPECT_EQ(count.min, -no_limit);
  EXPECT_EQ(count.max, no_limit);
  EXPECT_EQ(count.choices, nullptr);
  EXPECT_STREQ(std::get<2>(Example::fields).choices, "fast|exact");
}

}  // namespace
}  // namespace engram
