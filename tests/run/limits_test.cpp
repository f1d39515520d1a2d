// Input and surroundings of unusual size: refused, or taken without more time and memory than their size asks for.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "engram/run/experiment.hpp"
#include "tests/testing/process.hpp"
#include "tests/testing/scratch.hpp"

namespace engram::test {
namespace {

using Json = nlohmann::ordered_json;

Json assembly() {
  return Json::parse(
      R"({"schema": "engram/1", "model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 10}}, "stages": [{"A": {"inputs": ["x"], "n": 80, "k": 10}}]},
      "simulator": {"epoch_size": 2}, "samples": 2, "protocol": [{"do": "simulate"}]})");
}

std::vector<Problem> problems_of(const Json& document) {
  try {
    read_experiment(document, ".", "limits");
  } catch (const ConfigError& error) {
    return error.problems();
  }
  return {};
}

TEST(Limits, PointersHaveAtMost64Levels) {
  std::string deep = "/model";
  for (int level = 0; level < 100000; ++level) deep += "/a";
  Json document = assembly();
  EXPECT_THROW(set_at(document, deep, 1), ConfigError);
  document["replicas"] = {{"grid", {{deep, {1}}}}};
  const auto problems = problems_of(document);
  ASSERT_FALSE(problems.empty());
  EXPECT_NE(problems[0].text.find("at most 64 levels"), std::string::npos) << problems[0].text;
  EXPECT_LT(problems[0].path.size(), 400u) << "a path that fills the screen";
}

TEST(Limits, EachPointOfAGridHoldsItsValuesAlone) {
  Json document = assembly(), values = Json::array();
  for (int value = 1; value <= 3000; ++value) values.push_back(value);
  document["replicas"] = {{"seeds", 2}, {"grid", {{"/simulator/epoch_size", values}}}};
  const Experiment experiment = read_experiment(document, ".", "limits");
  ASSERT_EQ(experiment.points.size(), 3000u);
  EXPECT_EQ(experiment.points[2].dump(), R"({"/simulator/epoch_size":3})");
  const Json third = document_of(experiment, 2);
  EXPECT_EQ(third["simulator"]["epoch_size"], 3);
  EXPECT_EQ(third["replicas"].dump(), R"({"seeds":2})");
}

TEST(Limits, ThousandsOfStimuliAreReadInOnePass) {
  Json document = assembly();
  Json names = Json::array();
  for (int i = 0; i < 20000; ++i) {
    const std::string name = "s" + std::to_string(i);
    document["model"]["stimuli"].push_back({name, {{"n", 100}, {"k", 10}}});
    names.push_back(name);
  }
  document["protocol"][0]["stimuli"] = names;
  EXPECT_TRUE(problems_of(document).empty());  // comparing all with all would take minutes
  document["protocol"][0]["stimuli"].push_back("nobody");
  ASSERT_EQ(problems_of(document).size(), 1u);
}

TEST(Limits, TheEnvironmentBringsNoMoreThreadsThanProcessors) {
  const Finished done = engram({"info", "--json"}, [] { ::setenv("OMP_NUM_THREADS", "100000", 1); });
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_LE(Json::parse(done.out)["cpu"]["threads"].get<unsigned>(), std::thread::hardware_concurrency());
}

TEST(Limits, ThreadsThatTheSystemRefusesChangeNoResult) {
  if (!memory_is_engrams) GTEST_SKIP();
  const Scratch scratch;
  const std::string file = (scratch / "e.json").string();
  Json document = assembly();
  document["model"]["stages"][0]["A"]["n"] = 4000;
  document["model"]["stages"][0]["A"]["k"] = 100;
  spit(file, document.dump());
  const auto run = [&](const char* threads, rlim_t bytes) {
    const std::string out = (scratch / (std::string("out") + threads)).string();
    const Finished done = engram({"run", file, "--out", out, "--threads", threads, "--backend", "cpu", "--quiet"}, [=] {
      const struct rlimit space { bytes, bytes };
      ::setrlimit(RLIMIT_AS, &space);
    });
    EXPECT_EQ(done.code, 0) << done.error;
    return done.out;
  };
  // The stacks of 512 threads alone would take 4 GiB.
  EXPECT_EQ(run("512", rlim_t{1} << 30), run("1", rlim_t{1} << 30));
}

TEST(Limits, AStackThatIsTooSmallIsAnError) {
  const Finished done = engram({"info"}, [] {
    struct rlimit stack {
      128 << 10, 128 << 10
    };
    ::setrlimit(RLIMIT_STACK, &stack);
  });
  EXPECT_EQ(done.code, 4) << done.error;
  EXPECT_NE(done.error.find("the stack may have 128 kB"), std::string::npos) << done.error;
}

}  // namespace
}  // namespace engram::test
