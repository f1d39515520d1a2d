// What the grid of an experiment calls its files and columns.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engram/run/experiment.hpp"

namespace engram {

/// A point's folder beneath that of the run, with "/" at its end; empty without a grid.
std::string point_folder(const Experiment& experiment, std::size_t point);
std::string state_file(const Experiment& experiment, std::size_t point);
/// The state of a point whose values were not finite after so many ticks.
std::string crash_file(const Experiment& experiment, std::size_t point, Tick tick);
/// All that a run of it writes, whatever its model records.
std::vector<std::string> certain_files(const Experiment& experiment);

/// What stands among the results for a point whose values were not finite.
nlohmann::ordered_json diverged_result(const Experiment& experiment, std::size_t point, Tick tick,
                                       const NumericError& error);
/// What is said of the first of them; "" if there is none.
std::string first_diverged(const nlohmann::ordered_json& results);
/// The files of the states that points with these results left.
std::vector<std::string> states_of(const Experiment& experiment, const nlohmann::ordered_json& results);

std::vector<std::string> grid_names(const Experiment& experiment);
std::vector<std::string> grid_values(const nlohmann::ordered_json& point);

}  // namespace engram
