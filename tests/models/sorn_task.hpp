// SORN experiments in memory: what they record, kept as text.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "engine/many_ticks.hpp"
#include "engram/experiment.hpp"
#include "tests/test_backend.hpp"

namespace engram::test {

using Json = nlohmann::ordered_json;

/// Keeps everything, to the last bit.
struct KeptSeries : Recorder {
  std::map<std::string, std::string> series;

  void metric(Tick time, Index replica, std::string_view layer, std::string_view attribute, double value,
              std::int64_t unit) override {
    std::ostringstream row;
    row << time << " " << replica << " " << layer << " " << attribute << " " << unit << " " << std::hexfloat << value
        << "\n";
    series["metrics"] += row.str();
  }
  template <class T>
  void keep(std::string_view name, std::span<const T> values) {
    series[std::string(name)].append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }
  void append(std::string_view name, std::span<const std::uint64_t> values, std::size_t) override {
    keep(name, values);
  }
  void append(std::string_view name, std::span<const std::uint32_t> values, std::size_t) override {
    keep(name, values);
  }
  void append(std::string_view name, std::span<const double> values, std::size_t) override { keep(name, values); }
  void append(std::string_view name, std::span<const float> values, std::size_t) override { keep(name, values); }
};

/// An example with some values replaced: {"/pointer": value}; its grid goes.
inline Json sorn_example(const std::string& name, const std::map<std::string, Json>& changes = {}) {
  std::ifstream in(std::string(ENGRAM_SOURCE_DIR) + "/examples/sorn/" + name + ".json");
  Json document = Json::parse(in);
  if (document.contains("replicas")) document["replicas"].erase("grid");
  for (const auto& [pointer, value] : changes) document[Json::json_pointer(pointer)] = value;
  return document;
}

inline std::unique_ptr<Task> make_sorn_task(const Json& document, Backend& backend, const std::string& base = ".") {
  const Experiment experiment = read_experiment(document, base, "test");
  ConfigReader reader(experiment.points.at(0).document, base);
  const TaskContext context{backend, experiment.seeds, base};
  return experiment.family->make(reader, &context);
}

/// Runs a task from `t` to `end`, in strides of up to `most` ticks.
inline void run_ticks(Task& task, Tick t, Tick end, Tick most, Recorder& recorder) {
  auto& many = dynamic_cast<ManyTicks&>(task);
  while (t < end) t += many.advance(t, std::min(most, end - t), recorder);
}

/// Results of an example.
inline Json run_sorn_example(const std::string& name, const std::map<std::string, Json>& changes = {}) {
  const auto backend = test::test_backend();
  const auto task = make_sorn_task(sorn_example(name, changes), *backend);
  KeptSeries recorder;
  run_ticks(*task, 0, task->ticks(), task->ticks(), recorder);
  return task->results();
}

inline void expect_within(const Json& results, const std::string& name, double low, double high) {
  ASSERT_TRUE(results.contains(name)) << name << " is not among " << results.dump();
  EXPECT_GE(results[name].get<double>(), low) << name;
  EXPECT_LE(results[name].get<double>(), high) << name;
}

}  // namespace engram::test
