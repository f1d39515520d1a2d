// The names of a table of series in one experiment.
#pragma once

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "engram/run/series.hpp"

namespace engram {

/// What an experiment has for the places in names.
struct SeriesPlaces {
  std::map<std::string, std::vector<std::string>> names = {};    ///< by the word in <>
  std::vector<std::pair<std::string, std::string>> phases = {};  ///< what each does, and its label: that of <phase>
};

/// All names, of the phases that there are.
std::vector<std::string> names_of(std::span<const Series> table, const SeriesPlaces&);

/// The phases of a protocol as SeriesPlaces has them.
template <class Phase>
std::vector<std::pair<std::string, std::string>> actions_of(const std::vector<Phase>& protocol) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Phase& phase : protocol) all.emplace_back(phase.action, phase.label);
  return all;
}
/// Their labels.
template <class Phase>
std::vector<std::string> labels_of(const std::vector<Phase>& protocol) {
  std::vector<std::string> all;
  for (const Phase& phase : protocol) all.push_back(phase.label);
  return all;
}
/// The names of a map or of a list of pairs.
template <class Named>
std::vector<std::string> keys_of(const Named& all) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : all) keys.push_back(key);
  return keys;
}

}  // namespace engram
