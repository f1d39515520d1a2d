// The CPU backend against plain double arithmetic, and against itself with other numbers of threads.
#include "tests/oracle/oracle.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "conformance/cases.hpp"
#include "conformance/compare.hpp"

namespace engram::conformance {
namespace {

std::string difference(const Output& found, const oracle::Expected& expected) {
  return std::visit(
      [&](const auto& values) -> std::string {
        if (found.name != expected.name || values.size() != expected.value.size())
          return found.name + " has " + std::to_string(values.size()) + " values, expected are " +
                 std::to_string(expected.value.size()) + " of " + expected.name;
        for (std::size_t i = 0; i < values.size(); ++i) {
          const auto value = static_cast<double>(values[i]);
          if (value == expected.value[i] || std::abs(value - expected.value[i]) <= expected.tolerance[i]) continue;
          if (std::isnan(value) && std::isnan(expected.value[i])) continue;
          return found.name + "[" + std::to_string(i) + "] is " + std::to_string(value) + ", expected " +
                 std::to_string(expected.value[i]) + " +- " + std::to_string(expected.tolerance[i]);
        }
        return "";
      },
      found.values);
}

TEST(Cpu, AgreesWithPlainDoubleArithmeticInEveryCase) {
  const auto cpu = make_backend("cpu", {1});
  for (const Case& c : cases()) {
    const Inputs inputs = c.make();
    const Result found = run(*cpu, inputs);
    const std::vector<oracle::Expected> expected = oracle::solve(inputs);
    ASSERT_EQ(found.size(), expected.size()) << c.name;
    for (std::size_t a = 0; a < found.size(); ++a) EXPECT_EQ(difference(found[a], expected[a]), "") << c.name;
  }
}

TEST(Cpu, GivesTheSameBitsWithAnyNumberOfThreads) {
  const auto one = make_backend("cpu", {1});
  std::vector<std::unique_ptr<Backend>> several;
  for (const int threads : {2, 3, 4, 7}) several.push_back(make_backend("cpu", {threads}));
  for (const Case& c : cases()) {
    const Inputs inputs = c.make();
    const Result expected = run(*one, inputs);
    for (const auto& backend : several)
      EXPECT_EQ(first_difference(expected, run(*backend, inputs)), "")
          << c.name << ", " << backend->info().threads << " threads";
  }
}

TEST(Cases, HaveUniqueNames) {
  std::set<std::string> names;
  for (const Case& c : cases()) EXPECT_TRUE(names.insert(c.name).second) << c.name;
  EXPECT_GT(names.size(), 500u);
}

TEST(Cases, CoverEveryRule) {
  for_each_rule<SynapseRule>([]<class Rule>() {
    int found = 0;
    for (const Case& c : cases()) found += matches(std::string("rule/") + Rule::name + "/*", c.name);
    EXPECT_GE(found, 20) << Rule::name;
  });
}

TEST(Pattern, StarStandsForAnyTextAndQuestionMarkForOneCharacter) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*", "top_k/n=1"));
  EXPECT_TRUE(matches("top_k/*,k=?", "top_k/n=10,k=1"));
  EXPECT_TRUE(matches("*a*b*", "xxayyabzz"));
  EXPECT_FALSE(matches("top_k/*,k=?", "top_k/n=10,k=12"));
  EXPECT_FALSE(matches("", "x"));
  EXPECT_FALSE(matches("x", ""));
  EXPECT_FALSE(matches("a*b", "acbd"));
}

TEST(Comparison, TakesAllNansAsOneButTellsZerosApart) {
  const Result a{{"x", std::vector<real>{real(NAN), 0}}}, b{{"x", std::vector<real>{-real(NAN), 0}}},
      c{{"x", std::vector<real>{real(NAN), real(-0.0)}}};
  EXPECT_EQ(first_difference(a, b), "");
  EXPECT_NE(first_difference(a, c), "");
}

}  // namespace
}  // namespace engram::conformance
