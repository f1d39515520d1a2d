#include "engine/run/run_names.hpp"

#include <algorithm>

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
  std::vector<std::string> names{io::RunRecorder::metrics_file, io::RunRecorder::results_file};
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

std::vector<io::NetworkCells> network_cells(const Experiment& experiment, std::size_t point, const Plan& plan) {
  const std::vector<Swept> own = plan.swept(experiment.seeds.size());
  const std::size_t networks = own.empty() ? experiment.seeds.size() : own.front().values.size();
  std::vector<io::NetworkCells> cells(networks);
  for (std::size_t r = 0; r < networks; ++r)
    cells[r].seed = std::to_string(experiment.seeds[r % experiment.seeds.size()]);
  const Json document = document_of(experiment, point);
  const auto text = [](const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); };
  for (const std::string& pointer : experiment.swept) {
    const auto of_plan = std::find_if(own.begin(), own.end(), [&](const Swept& one) { return one.pointer == pointer; });
    const Json::json_pointer place(pointer);
    const std::string same = document.contains(place) ? text(document[place]) : "";
    for (std::size_t r = 0; r < networks; ++r)
      cells[r].swept.push_back(of_plan == own.end() ? same : of_plan->values[r]);
  }
  return cells;
}

}  // namespace engram
