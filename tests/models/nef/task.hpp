// Runs NEF experiments inside a test: the examples as they are shipped, or with changes.
#pragma once

#include <memory>

#include "engram/run/config_reader.hpp"
#include "engram/run/task.hpp"
#include "tests/testing/recorder.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::test {

inline nlohmann::ordered_json nef_example(const std::string& name) {
  return read_config_file(source_dir() + "/examples/nef/" + name + ".json");
}

inline std::unique_ptr<Plan> nef_plan(const nlohmann::ordered_json& document) {
  for (const Family& family : families()) {
    if (std::string(family.name) != "nef") continue;
    ConfigReader reader(document, source_dir() + "/examples/nef");
    std::unique_ptr<Plan> plan = family.read(reader);
    for (const char* key : {"schema", "name", "seed", "replicas", "record", "checkpoint"}) reader.member(key);
    reader.finish();
    return plan;
  }
  throw Error("no nef family");
}

inline std::unique_ptr<Task> nef_task(const nlohmann::ordered_json& document, Backend& backend, std::size_t seeds) {
  TaskContext context{backend, {}, 1};
  for (std::size_t i = 0; i < seeds; ++i) context.seeds.push_back(i + 1);
  return nef_plan(document)->build(context);
}

struct NefOutcome {
  KeptRecorder kept;
  nlohmann::ordered_json results;
};
inline NefOutcome run_nef(const nlohmann::ordered_json& document, Backend& backend, std::size_t seeds,
                          Tick at_once = 0) {
  const auto task = nef_task(document, backend, seeds);
  NefOutcome outcome;
  for (Tick t = 0; t < task->ticks();)
    t += task->advance(t, at_once ? std::min(at_once, task->ticks() - t) : task->ticks() - t, outcome.kept);
  task->finish(outcome.kept);
  outcome.results = task->results();
  return outcome;
}

}  // namespace engram::test
