// What the grid of an experiment calls its files and columns.
#pragma once

#include <string>
#include <vector>

#include "engram/experiment.hpp"

namespace engram {

/// A point's folder beneath that of the run, with "/" at its end; empty without a grid.
std::string point_folder(const Experiment& experiment, std::size_t point);
std::string state_file(const Experiment& experiment, std::size_t point);
/// All that a run of it writes, whatever its model records.
std::vector<std::string> certain_files(const Experiment& experiment);

std::vector<std::string> grid_names(const Experiment& experiment);
std::vector<std::string> grid_values(const GridPoint& point);

}  // namespace engram
