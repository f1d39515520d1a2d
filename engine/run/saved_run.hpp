// What a checkpoint says of the run around its task.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/io/checkpoint_files.hpp"
#include "engine/io/safetensors.hpp"
#include "engram/run/experiment.hpp"

namespace engram {

/// Of the configuration, as far as results depend on it: not on which backend runs, nor with how many threads.
std::string config_hash(const Experiment& experiment);

/// Throws IoError unless a file is of a format and a version that this program reads.
void check_format(const io::SafetensorsFile& file);

struct SavedRun {
  nlohmann::ordered_json inputs = nlohmann::ordered_json::object();  ///< see inputs_of
  Tick ticks_done = 0;                                               ///< of all points
  nlohmann::ordered_json results = nlohmann::ordered_json::array();  ///< of the points before this one
  nlohmann::ordered_json output = nlohmann::ordered_json::object();  ///< where the recordings end
};

/// What every saved state says of itself.
std::map<std::string, std::string> describe_state(const Experiment& experiment, std::size_t point, Tick tick);
void add_saved_run(std::map<std::string, std::string>& metadata, const Experiment& experiment, const SavedRun& run);

/// Throws IoError unless the checkpoint is one of this experiment with these inputs, at the place that its name says,
/// and well-formed.
SavedRun read_saved_run(const io::SafetensorsFile& file, const Experiment& experiment,
                        const nlohmann::ordered_json& inputs, const io::CheckpointName& name);

/// Within a handler: says why a checkpoint cannot be used, as an IoError, where the checkpoint is to blame for what was
/// caught; else throws that again, such as a lack of memory.
[[noreturn]] void refuse_checkpoint(const std::string& file);

}  // namespace engram
