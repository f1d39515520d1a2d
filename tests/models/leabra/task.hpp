// Runs Leabra experiments inside a test: the examples as they are shipped, or with changes.
#pragma once

#include <memory>

#include "engram/run/config_reader.hpp"
#include "engram/run/task.hpp"
#include "tests/testing/recorder.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::test {

inline nlohmann::ordered_json leabra_example(const std::string& name) {
  return read_config_file(source_dir() + "/examples/leabra/" + name + ".json");
}

inline std::unique_ptr<Task> make_leabra_task(const nlohmann::ordered_json& document, Backend& backend,
                                              std::size_t seeds) {
  ConfigReader reader(document, source_dir() + "/examples/leabra");
  TaskContext context{backend, {}, reader.optional_object("record").get_or<Tick>("every", 1)};
  for (std::size_t i = 0; i < seeds; ++i) context.seeds.push_back(i + 1);
  for (const char* key : {"schema", "name", "seed", "replicas", "record"}) reader.member(key);  // the driver's keys
  for (const Family& family : families())
    if (std::string(family.name) == "leabra") {
      const auto plan = family.read(reader);
      reader.finish();
      return plan->build(context);
    }
  throw Error("no Leabra family");
}

struct LeabraOutcome {
  KeptRecorder kept;
  nlohmann::ordered_json results;
};

inline LeabraOutcome run_leabra(const nlohmann::ordered_json& document, std::size_t seeds, int threads = 1) {
  const auto backend = make_backend("cpu", {threads});
  const auto task = make_leabra_task(document, *backend, seeds);
  LeabraOutcome outcome;
  for (Tick t = 0; t < task->ticks();) t += task->advance(t, task->ticks() - t, outcome.kept);
  task->finish(outcome.kept);
  outcome.results = task->results();
  return outcome;
}

}  // namespace engram::test
