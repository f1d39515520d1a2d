// Runs that released versions stopped in the middle go on: tests/run/checkpoints/VERSION/FAMILY.
#include <gtest/gtest.h>

#include "engram/core/portable.hpp"
#include "tests/testing/run_outcome.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::vector<fs::path> recorded() {
  std::vector<fs::path> all;
  for (const auto& version : fs::directory_iterator(fs::path(engram::test::source_dir()) / "tests/run/checkpoints"))
    for (const auto& run : fs::directory_iterator(version)) all.push_back(run.path());
  std::sort(all.begin(), all.end());
  return all;
}

TEST(RecordedCheckpoints, OfEveryVersionAndFamilyGoOnToTheSameBits) {
  EXPECT_GE(recorded().size(), 7u);
  for (const fs::path& old : recorded()) {
    const Scratch folder;
    const std::string run = (folder / "run").string(), whole = (folder / "whole").string(),
                      file = (folder / "e.json").string();
    fs::copy(old, run, fs::copy_options::recursive);
    spit(file, Json::parse(slurp(old / "manifest.json"))["config"].dump());
    const Finished done = engram({"resume", run});
    if (std::string(precision_name) != "float") {  // they are of the release
      EXPECT_EQ(done.code, 5) << old << done.error;
      EXPECT_NE(done.error.find("precision"), std::string::npos) << done.error;
      continue;
    }
    ASSERT_EQ(done.code, 0) << old << done.error;
    EXPECT_NE(done.error.find("continues at tick"), std::string::npos) << done.error;
    ASSERT_EQ(engram({"run", file, "--out", whole}).code, 0);
    EXPECT_EQ(outcome(run), outcome(whole)) << old;
  }
}

}  // namespace
}  // namespace engram::test
