#include "run_names.hpp"

#include "io/recorder.hpp"

namespace engram {

std::string point_folder(const Experiment& experiment, std::size_t point) {
  const bool grid = experiment.points.size() > 1 || !experiment.points[point].values.empty();
  return grid ? "grid-" + std::to_string(point) + "/" : "";
}

std::string state_file(const Experiment& experiment, std::size_t point) { return point_folder(experiment, point) + "state.safetensors"; }

std::vector<std::string> certain_files(const Experiment& experiment) {
  std::vector<std::string> names{io::RunRecorder::metrics_file};
  for (std::size_t point = 0; point < experiment.points.size(); ++point) names.push_back(state_file(experiment, point));
  return names;
}

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

}  // namespace engram
