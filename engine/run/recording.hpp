// What a family can record: one table of variables, for the reader, the schema, the documents and the recording itself.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/run/series.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/schema.hpp"
#include "engram/run/selection.hpp"
#include "engram/run/task.hpp"

namespace engram {

/// The columns that say of so many rows what they are of: NAME/time, or what a family calls it, and NAME/replica.
inline void append_origin(Recorder& recorder, const std::string& name, const char* time, Tick t, Index replica,
                          std::size_t rows) {
  recorder.append(name + "/" + time, std::vector<std::uint64_t>(rows, t));
  recorder.append(name + "/replica", std::vector<std::uint32_t>(rows, replica));
}

/// Units of one replica at one tick, a row each: these columns and NAME/unit. Where somebody asked for some units, the
/// others are left out.
inline void append_units(Recorder& recorder, const std::string& name, const char* time, Tick t, Index replica,
                         std::span<const Index> units) {
  std::vector<Index> kept;
  if (const std::span<const Index> wanted = recorder.units(name); !wanted.empty()) {
    for (const Index unit : units)
      if (std::binary_search(wanted.begin(), wanted.end(), unit)) kept.push_back(unit);
    units = kept;
  }
  append_origin(recorder, name, time, t, replica, units.size());
  recorder.append(name + "/unit", units);
}

/// A series with what writes it. `Seen` is what a family reads its variables from: what it shows at one tick.
template <class Seen>
struct Variable : Series {
  void (*read)(const Seen&, const std::string& name, Recorder&);
  bool constant = false;  ///< it never changes, so it is written once, at tick 0
};

/// Values of all units, those of one network after the other, as rows of `width`: of the units that somebody asked for.
template <class T>
void append_values(Recorder& recorder, const std::string& name, std::span<const T> values, std::size_t units) {
  const std::span<const Index> wanted = recorder.units(name);
  if (wanted.empty()) return recorder.append(name, values, values.size());
  std::vector<T> kept;
  for (std::size_t first = 0; first < values.size(); first += units)
    for (const Index unit : wanted)
      if (unit < units) kept.push_back(values[first + unit]);
  if (!kept.empty()) recorder.append(name, std::span<const T>(kept), kept.size());
}

/// The choice of an experiment among the variables of its family, and how often it wants them: once for all of them, or
/// as the recorder has it for each.
template <class Seen>
class Recording {
 public:
  using Table = std::span<const Variable<Seen>>;

  Recording() = default;
  /// Reads {"series": [name, ...], "every": ticks}.
  Recording(const ConfigReader& reader, Table table) : every_(reader.get_or<Tick>("every", 1, {1, 1e18})) {
    std::set<std::string> names;
    for (const ConfigReader& one : reader.optional_list("series").items()) names.insert(one.as_choice(names_of(table)));
    for (const Variable<Seen>& variable : table)
      if (names.contains(variable.name)) chosen_.push_back(variable);
  }
  /// What a list of recorders names, each as often as it says.
  Recording(const Selections& selections, Table table) : listed_(true) {
    for (const Variable<Seen>& variable : table)
      if (std::any_of(selections.begin(), selections.end(), [&](const Selection& one) {
            return std::any_of(one.series.begin(), one.series.end(), [&](const std::string& series) {
              return series == variable.name || series.starts_with(variable.name + std::string("/"));
            });
          }))
        chosen_.push_back(variable);
  }
  static nlohmann::ordered_json schema(Table table) {
    std::string help;
    for (const Variable<Seen>& v : table) help += (help.empty() ? "" : "; ") + std::string(v.name) + ": " + v.help;
    return schema::object(
        {{"series", {{"type", "array"}, {"items", {{"enum", names_of(table)}}}, {"description", help}}},
         {"every", schema::type_of<Tick>({1, 1e18})}});
  }

  Tick every() const { return every_; }
  bool listed() const { return listed_; }
  /// The first tick from t on of which something is wanted. `metric` is written beside what was chosen.
  Tick next(Tick t, const Recorder& recorder, const char* metric) const {
    if (!listed_) return (t + every_ - 1) / every_ * every_;
    Tick next = recorder.next_wanted(metric, t);
    for (const Variable<Seen>& variable : chosen_) next = std::min(next, recorder.next_wanted(variable.name, t));
    return next;
  }
  static std::vector<std::string> names_of(Table table) {
    std::vector<std::string> all;
    for (const Variable<Seen>& v : table) all.emplace_back(v.name);
    return all;
  }
  bool holds(std::string_view name) const {
    return std::any_of(chosen_.begin(), chosen_.end(), [&](const auto& variable) { return variable.name == name; });
  }
  /// Writes down what is wanted of tick t, which is due, of one replica after the other.
  void record(Tick t, std::span<const Seen> replicas, Recorder& recorder) const {
    for (const bool constant : {false, true})
      for (const Seen& seen : replicas)
        for (const Variable<Seen>& variable : chosen_)
          if (variable.constant == constant && (t == 0 || !constant) && (!listed_ || recorder.wants(variable.name)))
            variable.read(seen, variable.name, recorder);
  }

 private:
  std::vector<Variable<Seen>> chosen_;  ///< in the order of the table
  Tick every_ = 1;
  bool listed_ = false;
};

}  // namespace engram
