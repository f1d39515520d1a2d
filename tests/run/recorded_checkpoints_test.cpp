// Runs that other versions stopped in the middle: tests/run/checkpoints/VERSION/FAMILY. Version 0.1.0 drew other random
// numbers, so none of its runs goes on.
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

TEST(RecordedCheckpoints, OfVersionsWithOtherRandomNumbersAreRefusedAndStay) {
  EXPECT_GE(recorded().size(), 7u);
  for (const fs::path& old : recorded()) {
    const Scratch folder;
    const std::string run = (folder / "run").string();
    fs::copy(old, run, fs::copy_options::recursive);
    const Finished done = engram({"resume", run});
    EXPECT_EQ(done.code, 5) << old << done.error;
    EXPECT_NE(done.error.find("engram 0.1.0"), std::string::npos) << done.error;
    for (const auto& entry : fs::recursive_directory_iterator(old))
      if (entry.is_regular_file() && entry.path().filename() != "manifest.json") {
        EXPECT_EQ(slurp(fs::path(run) / fs::relative(entry.path(), old)), slurp(entry.path())) << entry.path();
      }
  }
}

}  // namespace
}  // namespace engram::test
