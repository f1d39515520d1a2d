// What the grid of an experiment calls its files and columns.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/io/recorder.hpp"
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

/// What the rows of each network of a point say of it: its seed, and a value for each of experiment.swept.
std::vector<io::NetworkCells> network_cells(const Experiment& experiment, std::size_t point, const Plan& plan);

}  // namespace engram
