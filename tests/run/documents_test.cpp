// Generated documents are current, and the published schema agrees with the program.
#include <gtest/gtest.h>

#include "tests/testing/process.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::test {
namespace {

TEST(Documents, rules_are_what_the_program_describes) {
  const Finished done = engram({"describe", "--markdown"});
  ASSERT_EQ(done.code, 0);
  EXPECT_EQ(slurp(test::source() / "docs/rules.md"), done.out)
      << "docs/rules.md is out of date: engram describe --markdown >docs/rules.md";
}

TEST(Documents, the_schema_is_what_the_program_describes) {
  const Finished done = engram({"describe", "--schema"});
  ASSERT_EQ(done.code, 0);
  EXPECT_EQ(slurp(test::source() / "docs/engram-1.schema.json"), done.out)
      << "docs/engram-1.schema.json is out of date: engram describe --schema >docs/engram-1.schema.json";
}

TEST(Documents, the_schema_and_the_program_agree_on_good_and_bad_experiments) {
  const std::string python = "/usr/bin/python3";
  if (Process({"-c", "import jsonschema"}, nullptr, python).wait().code != 0)
    GTEST_SKIP() << "python3-jsonschema is not installed";
  const Finished done =
      Process({(test::source() / "tests/run/schema_test.py").string(), ENGRAM_PROGRAM, test::source_dir()}, nullptr,
              python)
          .wait();
  EXPECT_EQ(done.code, 0) << done.out << done.error;
}

}  // namespace
}  // namespace engram::test
