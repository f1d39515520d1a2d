// Runs attractor experiments inside a test: the examples as they are shipped, or with changes.
#pragma once

#include <map>
#include <memory>

#include "engram/run/config_reader.hpp"
#include "engram/run/task.hpp"
#include "tests/testing/recorder.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::test {

inline const Family& attractor_family() {
  for (const Family& family : families())
    if (std::string(family.name) == "attractor") return family;
  throw Error("no attractor family");
}

inline nlohmann::ordered_json example(const std::string& name) {
  return read_config_file(engram::test::source_dir() + "/examples/attractor/" + name + ".json");
}

inline std::unique_ptr<Task> make_task(const nlohmann::ordered_json& document, Backend& backend, std::size_t seeds) {
  const std::string folder = engram::test::source_dir() + "/examples/attractor";
  ConfigReader reader(document, folder);
  const auto plan = attractor_family().read(reader);
  TaskContext context{backend, {}, reader.optional_object("record").get_or<Tick>("every", 1)};
  for (std::size_t i = 0; i < seeds; ++i) context.seeds.push_back(i + 1);
  for (const char* key : {"schema", "name", "seed", "replicas", "record"}) reader.member(key);  // the driver's keys
  reader.finish();
  return plan->build(context);
}

inline KeptRecorder run_task(const nlohmann::ordered_json& document, std::size_t seeds, Backend& backend) {
  const auto task = make_task(document, backend, seeds);
  KeptRecorder kept;
  for (Tick t = 0; t < task->ticks();) t += task->advance(t, task->ticks() - t, kept);
  task->finish(kept);
  return kept;
}
inline KeptRecorder run_task(const nlohmann::ordered_json& document, std::size_t seeds, int threads = 1) {
  const auto backend = make_backend("cpu", {threads});
  return run_task(document, seeds, *backend);
}

}  // namespace engram::test
