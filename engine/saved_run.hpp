// What a checkpoint says of the run around its task.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engram/experiment.hpp"
#include "io/checkpoint_files.hpp"
#include "io/safetensors.hpp"

namespace engram {

/// Of the configuration, as far as results depend on it: not on which backend runs, nor with how many threads.
std::string config_hash(const Experiment& experiment);

struct SavedRun {
  Tick ticks_done = 0;                                                      ///< of all points
  nlohmann::ordered_json results = nlohmann::ordered_json::array();         ///< of the points before this one
  nlohmann::ordered_json output = nlohmann::ordered_json::object();         ///< where the recordings end
};

/// What every saved state says of itself.
std::map<std::string, std::string> describe_state(const Experiment& experiment, std::size_t point, Tick tick);
void add_saved_run(std::map<std::string, std::string>& metadata, const Experiment& experiment, std::size_t point, const SavedRun& run);

/// Throws IoError unless the checkpoint is one of this experiment, at the place that its name says, and well-formed.
SavedRun read_saved_run(const io::SafetensorsFile& file, const Experiment& experiment, const io::CheckpointName& name);

/// Says of the exception at hand why a checkpoint cannot be used, as an IoError. One about memory stays what it is.
[[noreturn]] void refuse_checkpoint(const std::string& file);

}  // namespace engram
