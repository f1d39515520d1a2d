// The experiments of examples/sorn, with the outcomes that the reference showed over its seeds.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "engram/experiment.hpp"
#include "engram/models/sorn.hpp"

namespace engram {
namespace {

using Json = nlohmann::ordered_json;

struct Silent : Recorder {
  void metric(Tick, Index, std::string_view, std::string_view, double, std::int64_t) override {}
  void append(std::string_view, std::span<const std::uint64_t>, std::size_t) override {}
  void append(std::string_view, std::span<const std::uint32_t>, std::size_t) override {}
  void append(std::string_view, std::span<const double>, std::size_t) override {}
  void append(std::string_view, std::span<const float>, std::size_t) override {}
};

/// Results of an example with some values replaced: {"/pointer": value}.
Json run_example(const std::string& name, const std::map<std::string, Json>& changes = {}) {
  std::ifstream in(std::string(ENGRAM_SOURCE_DIR) + "/examples/sorn/" + name + ".json");
  Json document = Json::parse(in);
  document["replicas"].erase("grid");
  for (const auto& [pointer, value] : changes) document[Json::json_pointer(pointer)] = value;
  const Experiment experiment = read_experiment(document, ".", name);
  const auto backend = make_backend("cpu");
  ConfigReader reader(experiment.points.at(0).document);
  const TaskContext context{*backend, experiment.seeds, "."};
  const auto task = experiment.family->make(reader, &context);
  Silent recorder;
  for (Tick t = 0; t < task->ticks(); ++t) task->tick(t, recorder);
  return task->results();
}

void expect_within(const Json& results, const std::string& name, double low, double high) {
  ASSERT_TRUE(results.contains(name)) << name << " is not among " << results.dump();
  EXPECT_GE(results[name].get<double>(), low) << name;
  EXPECT_LE(results[name].get<double>(), high) << name;
}

TEST(SornScenarios, ReadmeRunHasTheConnectionsAndTheRateOfThePackage) {
  const Json r = run_example("readme");
  expect_within(r, "simulate, EE synapses", 3896.7 - 15, 3896.7 + 15);
  expect_within(r, "simulate, EI synapses", 1503 - 28, 1503 + 28);
  expect_within(r, "simulate, rate", 0.0337 - 0.0039, 0.0337 + 0.0039);
  expect_within(r, "simulate, rows without synapses", 0, 0);
}

TEST(SornScenarios, DevelopmentReachesTheTargetRateAfterPruningAndRegrowth) {
  const Json r = run_example("development");
  expect_within(r, "develop, rate of the last fifth", 0.1 - 0.002, 0.1 + 0.002);
  expect_within(r, "develop, least EE synapses", 900, 0.4 * 3900);
  expect_within(r, "develop, step of the least", 10000, 35000);
  expect_within(r, "develop, EE synapses", 1600, 3400);
  expect_within(r, "develop, EI synapses", 250, 850);
}

TEST(SornScenarios, PlasticNetworksCountToEightAndStaticOnesDoNot) {
  const Json plastic = run_example("counting_plastic"), fixed = run_example("counting_static");
  expect_within(plastic, "test, final letter", 0.99, 1);
  expect_within(plastic, "test, next symbol", 0.95, 1);
  expect_within(plastic, "test, next position", 0.95, 1);
  expect_within(fixed, "test, final letter", 0, 0.5);
}

TEST(SornScenarios, FrozenNetworksForgetAPerturbation) {
  const Json r = run_example("perturbation");
  expect_within(r, "frozen, distance at the end", 0, 0.5);
  expect_within(r, "frozen without noise, distance at the end", 0, 0.5);
  expect_within(r, "plastic, steps apart", 10, 200);
}

}  // namespace
}  // namespace engram
