// What a family can record: one table of variables, for the reader, the schema, the documents and the recording itself.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engram/run/config_reader.hpp"
#include "engram/run/schema.hpp"
#include "engram/run/task.hpp"

namespace engram {

/// The columns that say of so many rows what they are of: NAME/time, or what a family calls it, and NAME/replica.
inline void append_origin(Recorder& recorder, const std::string& name, const char* time, Tick t, Index replica,
                          std::size_t rows) {
  recorder.append(name + "/" + time, std::vector<std::uint64_t>(rows, t));
  recorder.append(name + "/replica", std::vector<std::uint32_t>(rows, replica));
}

/// Units of one replica at one tick, a row each: these columns and NAME/unit.
inline void append_units(Recorder& recorder, const std::string& name, const char* time, Tick t, Index replica,
                         std::span<const Index> units) {
  append_origin(recorder, name, time, t, replica, units.size());
  recorder.append(name + "/unit", units);
}

/// One quantity that a run can write down, as metrics or as NPY columns that begin with its name. `Seen` is what a
/// family reads its variables from: what it shows at one tick.
template <class Seen>
struct Variable {
  const char* name;
  const char* help;
  void (*read)(const Seen&, const std::string& name, Recorder&);
  bool constant = false;  ///< it never changes, so it is written once, at tick 0
};

/// The choice of an experiment among the variables of its family, and how often it wants them.
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
  static nlohmann::ordered_json schema(Table table) {
    std::string help;
    for (const Variable<Seen>& v : table) help += (help.empty() ? "" : "; ") + std::string(v.name) + ": " + v.help;
    return schema::object(
        {{"series", {{"type", "array"}, {"items", {{"enum", names_of(table)}}}, {"description", help}}},
         {"every", schema::type_of<Tick>({1, 1e18})}});
  }

  Tick every() const { return every_; }
  bool due(Tick t) const { return t % every_ == 0; }
  bool holds(std::string_view name) const {
    return std::any_of(chosen_.begin(), chosen_.end(), [&](const auto& variable) { return variable.name == name; });
  }
  /// Writes down what is wanted of tick t, which is due, of one replica after the other.
  void record(Tick t, std::span<const Seen> replicas, Recorder& recorder) const {
    for (const bool constant : {false, true})
      for (const Seen& seen : replicas)
        for (const Variable<Seen>& variable : chosen_)
          if (variable.constant == constant && (t == 0 || !constant)) variable.read(seen, variable.name, recorder);
  }

 private:
  static std::vector<std::string> names_of(Table table) {
    std::vector<std::string> all;
    for (const Variable<Seen>& v : table) all.emplace_back(v.name);
    return all;
  }

  std::vector<Variable<Seen>> chosen_;  ///< in the order of the table
  Tick every_ = 1;
};

}  // namespace engram
