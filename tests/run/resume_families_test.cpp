// Every model family: a run that a full disk ended in the middle continues with the same bits, recorded series
// included.
#include <gtest/gtest.h>

#include "tests/testing/run_outcome.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Example {
  const char* file;
  Json settings;  ///< merged into the experiment
};

void PrintTo(const Example& e, std::ostream* out) { *out << e.file; }

class EveryFamily : public testing::TestWithParam<Example> {};

TEST_P(EveryFamily, ContinuesWithTheSameBitsWhereItBrokeOff) {
  const Scratch folder;
  const fs::path examples = fs::path(engram::test::source_dir()) / "examples";
  Json document = Json::parse(slurp(examples / GetParam().file));
  document.merge_patch(GetParam().settings);
  document["backend"] = "cpu";
  for (const auto& entry : fs::directory_iterator((examples / GetParam().file).parent_path()))
    if (entry.path().extension() == ".csv") fs::copy(entry.path(), folder / entry.path().filename().string());
  const std::string file = (folder / "e.json").string(), run = (folder / "run").string(),
                    whole = (folder / "whole").string();
  spit(file, document.dump());
  const Finished uninterrupted = engram({"run", file, "--out", whole});
  ASSERT_EQ(uninterrupted.code, 0) << uninterrupted.error;
  const std::string expected = outcome(whole);

  int continued = 0;
  for (int fail_at = 12;; fail_at += 37) {
    fs::remove_all(run);
    const Finished broken = engram({"run", file, "--out", run}, shim("ENGRAM_FAIL_AT", std::to_string(fail_at)));
    if (broken.error.find("injected fault") == std::string::npos) break;
    if (broken.code == 0) continue;  // what failed was not needed
    ASSERT_EQ(broken.code, 5) << fail_at << broken.error;
    const bool has_checkpoint = last_checkpoint(run) > 0;
    const bool begun = fs::exists(fs::path(run) / "manifest.json");
    const Finished resumed =
        engram(begun ? std::vector<std::string>{"resume", run} : std::vector<std::string>{"run", file, "--out", run});
    ASSERT_EQ(resumed.code, 0) << fail_at << resumed.error;
    EXPECT_TRUE(outcome(run) == expected) << "broken off at the " << fail_at << "th call";
    continued += has_checkpoint;
    if (continued == 3) break;
  }
  EXPECT_GT(continued, 0) << "no run was continued from a checkpoint";
}

const Example examples[] = {
    {"assembly/simulate.json", {{"samples", 4}, {"checkpoint", {{"every", 5}}}}},
    {"sorn/readme.json", {{"replicas", {{"seeds", 2}}}, {"checkpoint", {{"every", 20}}}}},
    {"attractor/bars.json", {{"checkpoint", {{"every", 40}}}}},
    {"leabra/iris.json",
     {{"replicas", {{"seeds", 2}}},
      {"protocol", {{{"do", "train"}, {"epochs", 4}, {"evaluate_every", 2}, {"order", "shuffled"}}}},
      {"checkpoint", {{"every", 1}}}}},
    {"nef/learning_new_associations.json", {{"run", {{"seconds", 0.3}}}, {"checkpoint", {{"every", 70}}}}},
    {"calculus/project.json", {{"model", {{"defaults", {{"n", 20000}}}}}, {"checkpoint", {{"every", 3}}}}},
    {"calculus/sequence.json", {{"checkpoint", {{"every", 3}}}}},
    {"calculus/parser_english.json", {{"replicas", {{"seeds", 1}}}, {"checkpoint", {{"every", 2}}}}},
};
INSTANTIATE_TEST_SUITE_P(Examples, EveryFamily, testing::ValuesIn(examples), [](const auto& info) {
  std::string name = info.param.file;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

}  // namespace
}  // namespace engram::test
