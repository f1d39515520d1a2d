// The points of a parameter grid as a run folder shows them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engram/experiment.hpp"

namespace engram {

std::vector<std::string> grid_names(const Experiment& experiment);
std::vector<std::string> grid_values(const GridPoint& point);

inline constexpr const char* state_file = "state.safetensors";
/// Where the files of a point lie in the run folder, with the slash; "" where there is no grid.
std::string subfolder_of(const Experiment& experiment, std::size_t point);
/// The state of a point whose values were not finite after so many ticks.
std::string crash_file(const std::string& subfolder, Tick tick);

/// What stands among the results for such a point.
nlohmann::ordered_json diverged_result(const Experiment& experiment, std::size_t point, Tick tick, const NumericError& error);
/// What is said of the first of them; "" if there is none.
std::string first_diverged(const nlohmann::ordered_json& results);
/// The files of the states that points with these results left.
std::vector<std::string> states_of(const Experiment& experiment, const nlohmann::ordered_json& results);

}  // namespace engram
