// What a checkpoint says of the run that it belongs to.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "engram/experiment.hpp"
#include "io/safetensors.hpp"

namespace engram {

/// The header of a state of `experiment` after `tick` ticks of a grid point.
std::map<std::string, std::string> checkpoint_header(const Experiment& experiment, std::size_t point, Tick tick);

/// Throws IoError unless a file is of a format and a version that this one reads.
void check_format(const io::SafetensorsFile& file);
/// The same, and unless it has this header.
void check_header(const io::SafetensorsFile& file, const std::map<std::string, std::string>& expected);

/// What was done before a checkpoint.
struct Done {
  nlohmann::ordered_json inputs;                                     ///< see inputs_of
  nlohmann::ordered_json results = nlohmann::ordered_json::array();  ///< one a grid point
  Tick ticks = 0;                                                    ///< of all points
};
void put_done(const Done& done, std::map<std::string, std::string>& metadata);
/// Throws IoError where it is not that of a run with these inputs in grid point `point`.
Done read_done(const std::map<std::string, std::string>& metadata, const Experiment& experiment, const nlohmann::ordered_json& inputs,
               std::size_t point);

/// Within a handler: throws an IoError about this checkpoint where it is to blame for what was caught, else that again, such as
/// a lack of memory.
[[noreturn]] void blame(const std::filesystem::path& checkpoint);

}  // namespace engram
