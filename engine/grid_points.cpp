#include "grid_points.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

std::vector<std::string> grid_names(const Experiment& experiment) {
  std::vector<std::string> names;
  for (const auto& [name, value] : experiment.points.front().values.items()) names.push_back(name);
  return names;
}

std::vector<std::string> grid_values(const GridPoint& point) {
  std::vector<std::string> texts;
  for (const auto& value : point.values) texts.push_back(value.is_string() ? value.get<std::string>() : value.dump());
  return texts;
}

std::string subfolder_of(const Experiment& experiment, std::size_t point) {
  const bool grid = experiment.points.size() > 1 || !experiment.points[point].values.empty();
  return grid ? "grid-" + std::to_string(point) + "/" : "";
}

std::string crash_file(const std::string& subfolder, Tick tick) { return subfolder + "crash-" + std::to_string(tick) + ".safetensors"; }

Json diverged_result(const Experiment& experiment, std::size_t point, Tick tick, const NumericError& error) {
  return {{"grid", experiment.points[point].values}, {"error", error.what()}, {"tick", tick}};
}

std::string first_diverged(const Json& results) {
  for (std::size_t p = 0; p < results.size(); ++p)
    if (results[p].contains("error")) return "grid point " + std::to_string(p) + ": " + results[p]["error"].get<std::string>();
  return "";
}

std::vector<std::string> states_of(const Experiment& experiment, const Json& results) {
  std::vector<std::string> files;
  for (std::size_t p = 0; p < results.size(); ++p) {
    const std::string subfolder = subfolder_of(experiment, p);
    files.push_back(results[p].contains("error") ? crash_file(subfolder, results[p]["tick"].get<Tick>()) : subfolder + state_file);
  }
  return files;
}

}  // namespace engram
