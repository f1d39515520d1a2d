// Keeps what a run produces, in memory, in the forms that tests ask for.
#pragma once

#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "engram/run/task.hpp"

namespace engram::test {

struct Metric {
  Tick time;
  Index replica;
  std::string layer, attribute;
  std::int64_t unit;
  double value;
};

class KeptRecorder : public Recorder {
 public:
  /// Wants every metric and column; or those alone whose name passes.
  explicit KeptRecorder(std::function<bool(std::string_view)> wanted = {}) : wanted_(std::move(wanted)) {}
  bool wants(std::string_view name) const override { return !wanted_ || wanted_(name); }
  Tick next_wanted(std::string_view name, Tick t) const override { return keeps && wants(name) ? t : no_tick; }
  void metric(Tick time, Index replica, std::string_view layer, std::string_view attribute, double value,
              std::int64_t unit) override {
    if (keeps && wants(attribute))
      metrics.push_back({time, replica, std::string(layer), std::string(attribute), unit, value});
  }
  void append(std::string_view name, std::span<const std::uint64_t> values, std::size_t) override {
    keep(name, values);
  }
  void append(std::string_view name, std::span<const std::uint32_t> values, std::size_t) override {
    keep(name, values);
  }
  void append(std::string_view name, std::span<const double> values, std::size_t) override { keep(name, values); }
  void append(std::string_view name, std::span<const float> values, std::size_t) override { keep(name, values); }

  /// Values of an attribute, in the order in which they came; of one replica, or of all.
  std::vector<double> values(std::string_view layer, std::string_view attribute, std::int64_t replica = -1) const {
    std::vector<double> all;
    for (const Metric& m : metrics)
      if (m.layer == layer && m.attribute == attribute && (replica < 0 || m.replica == replica)) all.push_back(m.value);
    return all;
  }
  /// The last value of an attribute in each replica.
  std::vector<double> last(std::string_view layer, std::string_view attribute) const {
    std::vector<double> all;
    for (const Metric& m : metrics)
      if (m.layer == layer && m.attribute == attribute) {
        if (all.size() <= m.replica) all.resize(m.replica + 1);
        all[m.replica] = m.value;
      }
    if (all.empty()) throw Error("nothing was recorded as " + std::string(attribute) + " of " + std::string(layer));
    return all;
  }
  /// A line a metric, to the last bit, so that NaN equals itself; without the replica where only one is asked for.
  std::vector<std::string> lines(std::int64_t replica = -1) const {
    std::vector<std::string> all;
    for (const Metric& m : metrics) {
      if (replica >= 0 && m.replica != replica) continue;
      std::ostringstream line;
      line << m.time << " " << (replica < 0 ? std::to_string(m.replica) + " " : "") << m.layer << " " << m.attribute
           << " " << m.unit << " " << std::hexfloat << m.value;
      all.push_back(line.str());
    }
    return all;
  }

  bool keeps = true;  ///< false: what comes now is dropped
  std::vector<Metric> metrics;
  std::map<std::string, std::vector<double>> columns;  ///< all rows of each
  std::map<std::string, std::string> bytes;            ///< the same as it came

 private:
  template <class T>
  void keep(std::string_view name, std::span<const T> values) {
    if (!keeps || !wants(name)) return;
    std::vector<double>& column = columns[std::string(name)];
    for (const T v : values) column.push_back(static_cast<double>(v));
    bytes[std::string(name)].append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }
  std::function<bool(std::string_view)> wanted_;
};

}  // namespace engram::test
