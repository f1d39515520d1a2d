// The lines of results.csv: one a point of the grid, network and quantity.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/io/recorder.hpp"

namespace engram {

/// `results` of a point as its manifest has them, `networks` what each of its networks has (see each_network). What is
/// not known by network stands in lines without a replica.
std::string result_rows(std::size_t point, const nlohmann::ordered_json& results,
                        const nlohmann::ordered_json& networks, const std::vector<io::NetworkCells>& cells);
/// That a point ended by this error.
std::string error_row(std::size_t point, const std::string& error, const std::vector<io::NetworkCells>& cells);

}  // namespace engram
