#include "engine/run/run_names.hpp"

#include "engine/io/recorder.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

std::string point_folder(const Experiment& experiment, std::size_t point) {
  const bool grid = experiment.points.size() > 1 || !experiment.points[point].empty();
  return grid ? "grid-" + std::to_string(point) + "/" : "";
}

std::string state_file(const Experiment& experiment, std::size_t point) {
  return point_folder(experiment, point) + "state.safetensors";
}

std::string crash_file(const Experiment& experiment, std::size_t point, Tick tick) {
  return point_folder(experiment, point) + "crash-" + std::to_string(tick) + ".safetensors";
}

std::vector<std::string> certain_files(const Experiment& experiment) {
  std::vector<std::string> names{io::RunRecorder::metrics_file};
  for (std::size_t point = 0; point < experiment.points.size(); ++point) names.push_back(state_file(experiment, point));
  return names;
}

Json diverged_result(const Experiment& experiment, std::size_t point, Tick tick, const NumericError& error) {
  return {{"grid", experiment.points[point]}, {"error", error.what()}, {"tick", tick}};
}

std::string first_diverged(const Json& results) {
  for (std::size_t p = 0; p < results.size(); ++p)
    if (results[p].contains("error"))
      return "grid point " + std::to_string(p) + ": " + results[p]["error"].get<std::string>();
  return "";
}

std::vector<std::string> states_of(const Experiment& experiment, const Json& results) {
  std::vector<std::string> files;
  for (std::size_t p = 0; p < results.size(); ++p)
    files.push_back(results[p].contains("error") ? crash_file(experiment, p, results[p]["tick"].get<Tick>())
                                                 : state_file(experiment, p));
  return files;
}

std::vector<std::string> grid_names(const Experiment& experiment) {
  std::vector<std::string> names;
  for (const auto& [name, value] : experiment.points.front().items()) names.push_back(name);
  return names;
}

std::vector<std::string> grid_values(const Json& point) {
  std::vector<std::string> texts;
  for (const auto& value : point) texts.push_back(value.is_string() ? value.get<std::string>() : value.dump());
  return texts;
}

}  // namespace engram
