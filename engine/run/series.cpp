#include "engine/run/series.hpp"

#include <algorithm>
#include <string_view>

#include "engram/run/config_reader.hpp"

namespace engram {

std::string Series::place() const {
  const std::string_view all = name;
  const std::size_t first = all.find('<');
  return first == all.npos ? "" : std::string(all.substr(first + 1, all.find('>') - first - 1));
}

std::string Series::of(const std::string& given) const {
  std::string all = name;
  if (const std::string word = place(); !word.empty()) all.replace(all.find('<'), word.size() + 2, given);
  return all;
}

std::vector<std::string> names_of(std::span<const Series> table, const SeriesPlaces& places) {
  std::vector<std::string> names;
  for (const Series& one : table) {
    const std::vector<std::string> writers = split_choices(one.phases);
    std::vector<std::string> labels;
    for (const auto& [action, label] : places.phases)
      if (writers.empty() || std::find(writers.begin(), writers.end(), action) != writers.end())
        labels.push_back(label);
    if (!writers.empty() && labels.empty()) continue;
    const std::string word = one.place();
    if (word.empty())
      names.emplace_back(one.name);
    else
      for (const std::string& given : word == "phase" ? labels : places.names.at(word)) names.push_back(one.of(given));
  }
  return names;
}

}  // namespace engram
