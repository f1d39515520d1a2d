#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engram/core/field_kinds.hpp"

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

struct Slow {
  static constexpr const char* name = "slow";
  static constexpr const char* help = "moves by a rate";
  double rate = 0.5;
  static constexpr auto fields = std::tuple{Field{"rate", &Slow::rate, "a rate", 0.0, 1.0}};
};
struct Still {
  static constexpr const char* name = "still";
  static constexpr const char* help = "does not move";
  static constexpr auto fields = std::tuple{};
};
struct Whole {
  int n = 4, k = 2;
  std::optional<double> share = {};
  std::variant<Slow, Still> motion = {};
  Example part = {};
  std::vector<Example> parts = {};
  std::vector<std::string> words = {};
  static constexpr auto fields = std::tuple{
      Field{"n", &Whole::n, "how many", 1, 10},
      Field{"k", &Whole::k, "how many of these", 0, 10},
      Field{"share", &Whole::share, "a share", 0, 1},
      Field{"motion", &Whole::motion, "a motion"},
      Field{"part", &Whole::part, "a part"},
      Field{"parts", &Whole::parts, "parts"},
      Field{"words", &Whole::words, "words", 0, 0, "yes|no"},
  };
  void check_together(const Report& problem) const {
    if (k > n) problem("k", "more than there are");
  }
};

std::string faults(const Whole& whole) {
  std::string all;
  for (const Problem& p : problems_of(whole)) all += p.path + ": " + p.text + "\n";
  return all;
}

TEST(Fields, ThatCppHasSetAreCheckedByTheSameTable) {
  EXPECT_EQ(faults({}), "");
  EXPECT_EQ(faults({.n = 11}), "n: found 11; allowed are 1 to 10\n");
  EXPECT_EQ(faults({.n = 1}), "k: more than there are\n");
  EXPECT_EQ(faults({.share = 0.5}), "");
  EXPECT_EQ(faults({.share = -1}), "share: found -1; allowed are 0 to 1\n");
  EXPECT_EQ(faults({.share = std::nan("")}), "share: found nan; allowed are 0 to 1\n");
  EXPECT_EQ(faults({.motion = Still{}}), "");
  EXPECT_EQ(faults({.motion = Slow{2}}), "rate: found 2; allowed are 0 to 1\n") << "its keys stand beside the name";
  EXPECT_EQ(faults({.part = {.mode = "slow"}}), "part/mode: found \"slow\"; allowed are \"fast\", \"exact\"\n");
  EXPECT_EQ(faults({.parts = {{}, {.rate = 3}}}), "parts/1/rate: found 3; allowed are 0 to 1\n");
  EXPECT_EQ(faults({.words = {"yes", "maybe"}}), "words/1: found \"maybe\"; allowed are \"yes\", \"no\"\n");
}

TEST(Fields, NumbersAreShownAsAPersonWritesThem) {
  EXPECT_EQ(shown(0.1), "0.1");
  EXPECT_EQ(shown(4294967295.0), "4294967295");
  EXPECT_EQ(shown(1e30), "1e+30");
  EXPECT_EQ(shown(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(shown_range(0, no_limit), "0 or more");
  EXPECT_EQ(shown_range(-no_limit, 1e-6), "1e-06 or less");
}

}  // namespace
}  // namespace engram
