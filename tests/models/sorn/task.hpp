// SORN experiments in memory: what they record, kept as text.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "engine/run/checkpoint.hpp"
#include "engram/run/experiment.hpp"
#include "tests/testing/recorder.hpp"
#include "tests/testing/source_dir.hpp"
#include "tests/testing/state.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::test {

using Json = nlohmann::ordered_json;

/// An example with some values replaced: {"/pointer": value}; its grid goes.
inline Json sorn_example(const std::string& name, const std::map<std::string, Json>& changes = {}) {
  std::ifstream in(engram::test::source_dir() + "/examples/sorn/" + name + ".json");
  Json document = Json::parse(in);
  if (document.contains("replicas")) document["replicas"].erase("grid");
  for (const auto& [pointer, value] : changes) document[Json::json_pointer(pointer)] = value;
  return document;
}

inline std::unique_ptr<Task> make_sorn_task(const Json& document, Backend& backend, const std::string& base = ".") {
  const Experiment experiment = read_experiment(document, base, "test");
  return experiment.first.plan->build({backend, experiment.seeds});
}

/// Runs a task from `t` to `end`, in strides of up to `most` ticks.
inline void run_ticks(Task& task, Tick t, Tick end, Tick most, Recorder& recorder) {
  while (t < end) t += task.advance(t, std::min(most, end - t), recorder);
}

/// Results of an example.
inline Json run_sorn_example(const std::string& name, const std::map<std::string, Json>& changes = {}) {
  const auto backend = test::test_backend();
  const auto task = make_sorn_task(sorn_example(name, changes), *backend);
  KeptRecorder recorder;
  run_ticks(*task, 0, task->ticks(), task->ticks(), recorder);
  return task->results();
}

/// All that an experiment can do, in 190 steps of two networks.
inline Json counting_experiment() {
  return Json::parse(R"({
    "schema": "engram/1", "seed": 5, "replicas": {"seeds": 2}, "threads": 1,
    "model": {"type": "sorn", "ne": 60, "nu": 12, "lambda_ee": 10, "lambda_ei": 12, "h_ip": 0.1, "noise_sigma_e": 0.1},
    "input": {"source": "counting", "n": 4, "pool": 2},
    "callbacks": {"every": 7, "series": ["ExcitatoryActivation", "InhibitoryActivation", "RecurrentActivation", "WEE", "WEI", "WIE", "TE", "TI",
                                         "EEConnectionCounts", "EIConnectionCounts", "IEConnectionCounts"]},
    "phases": [{"steps": 60}, {"do": "train_readout", "steps": 50, "freeze": ["sp"]}, {"do": "test_readout", "steps": 40, "phase": "training"},
               {"do": "perturb", "steps": 40, "unit": 7}]})");
}

struct Outcome {
  std::map<std::string, std::string> series;
  Json results;
  std::vector<std::string> state;
  bool operator==(const Outcome&) const = default;
};

inline Outcome outcome(Task& task, const KeptRecorder& recorder) {
  std::map<std::string, std::string> metadata;
  Outcome o{recorder.bytes, task.results(), recorder.lines()};
  for (const io::Tensor& tensor : collect_state(task, metadata)) o.state.push_back(tensor.name + ":" + tensor.bytes);
  for (const auto& [name, value] : metadata) o.state.push_back(name + ":" + value);
  return o;
}

inline Outcome run_in_strides(const Json& document, Tick most, int threads = 1) {
  const auto backend = make_backend("cpu", {.threads = threads});
  const auto task = make_sorn_task(document, *backend);
  KeptRecorder recorder;
  run_ticks(*task, 0, task->ticks(), most, recorder);
  return outcome(*task, recorder);
}

/// Problems of a document, as "path: text".
inline std::vector<std::string> problems(const std::map<std::string, Json>& changes,
                                         const Json& base = counting_experiment(), const std::string& folder = ".") {
  Json document = base;
  for (const auto& [pointer, value] : changes) document[Json::json_pointer(pointer)] = value;
  std::vector<std::string> found;
  try {
    read_experiment(document, folder, "test");
  } catch (const ConfigError& error) {
    for (const Problem& p : error.problems()) found.push_back(p.path + ": " + p.text);
  }
  return found;
}

inline void expect_problem(const std::map<std::string, Json>& changes, const std::string& path,
                           const std::vector<std::string>& words, const std::string& folder = ".") {
  const auto found = problems(changes, counting_experiment(), folder);
  ASSERT_EQ(found.size(), 1u) << path << (found.empty() ? " was accepted" : ": " + found[0]);
  EXPECT_EQ(found[0].substr(0, found[0].find(": ")), path);
  for (const std::string& word : words)
    EXPECT_NE(found[0].find(word), std::string::npos) << found[0] << " does not say " << word;
}

inline void expect_within(const Json& results, const std::string& name, double low, double high) {
  ASSERT_TRUE(results.contains(name)) << name << " is not among " << results.dump();
  EXPECT_GE(results[name].get<double>(), low) << name;
  EXPECT_LE(results[name].get<double>(), high) << name;
}

}  // namespace engram::test
