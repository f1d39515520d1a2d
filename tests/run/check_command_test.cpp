// engram check as a process.
#include <gtest/gtest.h>

#include "tests/testing/process.hpp"

namespace engram::test {
namespace {

TEST(CheckCommand, prints_each_case_when_it_is_known) {
  Process check({"check", "--filter", "model/sorn/*", "--steps", "600"});
  const std::string first = check.first_output();
  EXPECT_TRUE(check.running()) << "nothing was printed before the end";
  EXPECT_EQ(first.find("pass  model/sorn/small\n"), 0u) << first;
}

TEST(CheckCommand, knows_many_steps_of_sorn_in_a_call) {
  const Finished done = engram({"check", "--list", "--filter", "model/sorn/*/20_at_once"});
  EXPECT_EQ(done.out, "model/sorn/small/20_at_once\nmodel/sorn/options/20_at_once\nmodel/sorn/large/20_at_once\n")
      << done.error;
}

}  // namespace
}  // namespace engram::test
