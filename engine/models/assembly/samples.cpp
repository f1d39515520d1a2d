// Samples that an experiment names itself: the units of each stimulus that fire.
#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "engine/models/assembly/config.hpp"
#include "engine/run/number_rows.hpp"

namespace engram::assembly {

namespace {

/// Rows of a file: the numbers of the active units, or a mask of `n` values 0 and 1.
std::vector<std::vector<Index>> read_sample_file(const ConfigReader& lists, Index n) {
  const NumberRows rows = NumberRows::read(lists, {0, static_cast<double>(n) - 1});
  bool masks = rows.columns() == n;
  for (std::uint64_t s = 0; s < rows.size(); ++s)
    for (const double value : rows[s]) {
      if (value != std::trunc(value))
        return lists.problem("row " + std::to_string(s) + " of the file: found " + shown(value) +
                             ", expected whole numbers"),
               std::vector<std::vector<Index>>{};
      masks = masks && value <= 1;
    }
  std::vector<std::vector<Index>> all;
  for (std::uint64_t s = 0; s < rows.size(); ++s) {
    std::vector<Index>& units = all.emplace_back();
    const std::span<const double> row = rows[s];
    for (Index i = 0; i < row.size(); ++i) {
      if (!masks)
        units.push_back(static_cast<Index>(row[i]));
      else if (row[i] == 1)
        units.push_back(i);
    }
    std::sort(units.begin(), units.end());
    const std::string place = "row " + std::to_string(s) + " of the file: ";
    if (std::adjacent_find(units.begin(), units.end()) != units.end())
      lists.problem(place + "a unit stands there twice");
    if (units.empty()) lists.problem(place + "a sample needs at least one active unit");
  }
  return all;
}

}  // namespace

void read_samples(const ConfigReader& experiment, Config& config) {
  const ConfigReader samples = experiment.member("samples");
  if (!samples.exists()) return;
  if (!samples.is_object()) {
    config.samples = samples.as<std::size_t>({1, 1e6});
    return;
  }
  config.samples = 0;
  for (const auto& [name, lists] : samples.members()) {
    const bool in_file = NumberRows::given_as_file(lists);
    const auto stimulus = std::find_if(config.spec.stimuli.begin(), config.spec.stimuli.end(),
                                       [&, n = name](const auto& s) { return s.name == n; });
    if (stimulus == config.spec.stimuli.end()) {
      lists.problem("no stimulus has this name");
      continue;
    }
    auto& given = config.given[name];
    if (in_file) given = read_sample_file(lists, stimulus->n);
    for (const ConfigReader& list : lists.items()) {
      auto units = list.as<std::vector<Index>>({0, static_cast<double>(stimulus->n) - 1});
      std::sort(units.begin(), units.end());
      if (std::adjacent_find(units.begin(), units.end()) != units.end()) list.problem("a unit is listed twice");
      if (units.empty()) list.problem("a sample needs at least one active unit");
      given.push_back(units);
    }
    if (given.empty() && !in_file) lists.problem("found no samples, needed is at least one");
    if (config.samples && given.size() != config.samples)
      lists.problem("found " + std::to_string(given.size()) + " samples, the stimuli before have " +
                    std::to_string(config.samples));
    config.samples = given.size();
  }
  for (const StimulusSpec& s : config.spec.stimuli)
    if (!config.given.count(s.name))
      samples.problem("stimulus \"" + s.name + "\" has no samples; name them for all stimuli or for none");
}

}  // namespace engram::assembly
