// A configuration is read once for a run: what was checked is what the forecast and the task come from.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/io/checksum.hpp"
#include "engine/io/file.hpp"
#include "engram/run/experiment.hpp"
#include "tests/testing/process.hpp"
#include "tests/testing/scratch.hpp"

namespace engram::test {
namespace {

using Json = nlohmann::ordered_json;

int reads = 0;

struct CountedPlan final : Plan {
  std::size_t n;
  explicit CountedPlan(std::size_t size) : n(size) {}
  std::size_t memory(std::size_t replicas) const override {
    if (n == 13) throw MemoryError("more than any memory holds");
    return n * replicas;
  }
  std::unique_ptr<Task> build(const TaskContext&) const override { return nullptr; }
};

const Family counted[] = {{"counted", "counts how often its configuration is read",
                           [](ConfigReader& experiment) -> std::unique_ptr<Plan> {
                             ++reads;
                             const ConfigReader model = experiment.object("model");
                             const auto n = model.get<std::size_t>("n", {1, 100});
                             if (model.has("file")) model.file("file");
                             if (!experiment.ok()) return nullptr;
                             return std::make_unique<CountedPlan>(n);
                           },
                           [] { return Json::object(); }}};

Json document() {
  return Json::parse(R"({"schema": "engram/1", "replicas": {"seeds": 2}, "model": {"type": "counted", "n": 5}})");
}

Experiment read(const Json& document, const std::string& folder = ".") {
  reads = 0;
  return read_experiment(document, folder, "plan", counted);
}

TEST(Plans, ARunReadsItsConfigurationOnce) {
  const Experiment experiment = read(document());
  EXPECT_EQ(memory_needed(experiment), 10u);
  EXPECT_EQ(plan_of(experiment, 0).plan, experiment.first.plan);
  EXPECT_EQ(reads, 1);
}

TEST(Plans, APointOfAGridIsReadOnceMoreWhenItsTurnComes) {
  Json grid = document();
  grid["replicas"]["grid"] = {{"/model/n", {3, 9, 4}}};
  const Experiment experiment = read(grid);
  EXPECT_EQ(memory_needed(experiment), 18u) << "of the largest point";
  EXPECT_EQ(reads, 3);
  EXPECT_EQ(plan_of(experiment, 2).plan->memory(1), 4u);
  EXPECT_EQ(reads, 4);
}

TEST(Plans, WhatNoMemoryHoldsIsValidAndSaidWhereItIsToRun) {
  Json grid = document();
  grid["replicas"]["grid"] = {{"/model/n", {13, 9}}};
  const Experiment experiment = read(grid);
  EXPECT_THROW(memory_needed(experiment), MemoryError);
}

TEST(Plans, AFileIsKnownByWhatItHeldWhenItWasRead) {
  const Scratch folder;
  spit(folder / "d.csv", "1,2");
  Json with_file = document();
  with_file["model"]["file"] = "d.csv";
  const Experiment experiment = read(with_file, folder.path().string());
  const std::string hash = io::checksum("1,2", 3);
  spit(folder / "d.csv", "3,4");
  EXPECT_EQ(experiment.files, (std::map<std::string, std::string>{{"d.csv", hash}}));
  EXPECT_EQ(plan_of(experiment, 0).files, experiment.files);
}

}  // namespace
}  // namespace engram::test
