// What a wrong assembly experiment is told: every fault at once, at its place in the file.
#include "engram/run/task.hpp"

#include <gtest/gtest.h>

#include "engram/run/config_reader.hpp"

namespace engram {
namespace {

TEST(AssemblyTask, ReportsFaultsOfKeysAndBetweenKeysTogether) {
  ConfigReader reader(parse_config(R"({"model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 200}},
    "stages": [{"A": {"inputs": ["y"], "n": 50, "k": 60, "p_synapse": 1.5, "ruel": "hebb"}}]},
    "protocol": [{"do": "simulate"}]})",
                                   "test"));
  EXPECT_EQ(families()[0].read(reader), nullptr);
  try {
    reader.finish();
    FAIL() << "taken as valid";
  } catch (const ConfigError& error) {
    std::vector<std::string> paths;
    for (const Problem& p : error.problems()) paths.push_back(p.path);
    for (const char* path : {"/model/stimuli/x/k", "/model/stages/0/A/k", "/model/stages/0/A/inputs",
                             "/model/stages/0/A/p_synapse", "/model/stages/0/A/ruel"})
      EXPECT_EQ(std::count(paths.begin(), paths.end(), path), 1) << path << "\n" << error.what();
    EXPECT_EQ(paths.size(), 5u) << error.what();
  }
}

}  // namespace
}  // namespace engram
