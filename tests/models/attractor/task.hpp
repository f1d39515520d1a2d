// Runs attractor experiments inside a test: the examples as they are shipped, or with changes.
#pragma once

#include <map>
#include <memory>

#include "engram/run/config_reader.hpp"
#include "engram/run/task.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::test {

/// Keeps the metrics: value by (label, attribute), one entry a network, the last of each.
class Kept final : public Recorder {
 public:
  void metric(Tick, Index replica, std::string_view layer, std::string_view attribute, double value,
              std::int64_t unit) override {
    auto& values = metrics[{std::string(layer), std::string(attribute)}];
    if (values.size() <= replica) values.resize(replica + 1);
    values[replica] = value;
    ++rows;
    static_cast<void>(unit);
  }
  void append(std::string_view, std::span<const std::uint64_t>, std::size_t) override {}
  void append(std::string_view, std::span<const std::uint32_t>, std::size_t) override {}
  void append(std::string_view name, std::span<const double> values, std::size_t) override { keep(name, values); }
  void append(std::string_view name, std::span<const float> values, std::size_t) override { keep(name, values); }

  const std::vector<double>& of(const std::string& label, const std::string& attribute) const {
    return metrics.at({label, attribute});
  }
  std::map<std::pair<std::string, std::string>, std::vector<double>> metrics;
  std::map<std::string, std::vector<double>> columns;  ///< all rows of each
  std::size_t rows = 0;

 private:
  template <class T>
  void keep(std::string_view name, std::span<const T> values) {
    auto& column = columns[std::string(name)];
    column.insert(column.end(), values.begin(), values.end());
  }
};

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

inline Kept run_task(const nlohmann::ordered_json& document, std::size_t seeds, int threads = 1) {
  const auto backend = make_backend("cpu", {threads});
  const auto task = make_task(document, *backend, seeds);
  Kept kept;
  for (Tick t = 0; t < task->ticks();) t += task->advance(t, task->ticks() - t, kept);
  task->finish(kept);
  return kept;
}

}  // namespace engram::test
