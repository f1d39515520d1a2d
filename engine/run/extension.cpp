#include "engine/run/extension.hpp"

#include <algorithm>

#include "engram/core/field_kinds.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

namespace {

constexpr const char* instead = "; a new run can go on from the state that this one left (/model/state)";

/// Whether this key makes the phase longer; see Family::lengthened_by.
bool lengthens(const Family& family, const Json& phase, const std::string& key) {
  const std::string action = phase.is_object() ? phase.value("do", "") : "";
  for (const std::string& word : split_choices(family.lengthened_by))
    if (word == key || word == action + ":" + key) return true;
  return false;
}

/// The last phase of the run, and what stands in its place.
void check_last(const Family& family, const Json& old_phase, const Json& new_phase, const std::string& path) {
  if (old_phase == new_phase) return;
  const auto differ = [&](const std::string& key) {
    throw ConfigError(path + "/" + key,
                      "cannot be changed: the run has done this phase already" + std::string(instead));
  };
  if (!old_phase.is_object() || !new_phase.is_object()) differ("");
  for (const auto& [key, value] : new_phase.items()) {
    if (old_phase.contains(key) && old_phase[key] == value) continue;
    if (!lengthens(family, new_phase, key)) differ(key);
    if (old_phase.contains(key) && value.is_number() && old_phase[key].is_number() && value < old_phase[key])
      throw ConfigError(path + "/" + key, "found " + value.dump() + ", but the run has done " + old_phase[key].dump());
  }
  for (const auto& [key, value] : old_phase.items())
    if (!new_phase.contains(key)) differ(key);
}

/// Phases, steps or sentences: those of the run stand first.
void check_protocol(const Family& family, const Json& before, const Json& after, const std::string& path) {
  if (!before.is_array() || !after.is_array() || before.empty() || after.size() < before.size())
    throw ConfigError(path, "cannot be shorter than what the run has done");
  for (std::size_t i = 0; i + 1 < before.size(); ++i)
    if (before[i] != after[i])
      throw ConfigError(path + "/" + std::to_string(i),
                        "cannot be changed: the run has done this phase already" + std::string(instead));
  check_last(family, before.back(), after[before.size() - 1], path + "/" + std::to_string(before.size() - 1));
}

}  // namespace

Experiment longer_experiment(const Experiment& before, const std::vector<std::string>& settings) {
  if (before.points.size() > 1 || !before.points.front().empty())
    throw ConfigError("/replicas/grid", "a grid cannot be extended" + std::string(instead));
  Json document = before.document;
  for (const std::string& setting : settings) apply_setting(document, setting, true);
  for (const auto& [key, value] : document.items()) {
    if (key == "backend" || key == "threads" || (before.document.contains(key) && before.document[key] == value))
      continue;
    if (key == "run") {  // of a family without phases
      check_last(*before.family, before.document.value(key, Json::object()), value, "/" + key);
      continue;
    }
    if (key != "protocol" && key != "phases" && key != "sentences")
      throw ConfigError("/" + key,
                        "cannot be changed: only the protocol of a run can become longer" + std::string(instead));
    check_protocol(*before.family, before.document.value(key, Json()), value, "/" + key);
  }
  return read_experiment(std::move(document), before.base_folder, before.name, families(),
                         ConfigReader::Files::to_go_on);
}

}  // namespace engram
