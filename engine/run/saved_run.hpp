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
  nlohmann::ordered_json conclusion;  ///< where they ended before what the present phase writes once, if it has
};

/// What every saved state says of itself; `origin`: see Task::origin.
std::map<std::string, std::string> describe_state(const Experiment& experiment, std::size_t point, Tick tick,
                                                  Tick origin);
void add_saved_run(std::map<std::string, std::string>& metadata, const Experiment& experiment, const SavedRun& run);

/// Throws IoError unless the checkpoint is one of this experiment with these inputs, at the place that its name says,
/// and well-formed.
SavedRun read_saved_run(const io::SafetensorsFile& file, const Experiment& experiment,
                        const nlohmann::ordered_json& inputs, const io::CheckpointName& name);

/// A number of the metadata. Throws IoError where there is none.
std::uint64_t number_of(const std::map<std::string, std::string>& metadata, const std::string& key);

/// Where a run that is complete may be cut to go on: before what it wrote at its end, and before what its last phase
/// wrote once.
struct RunEnd {
  Tick tick = 0;
  nlohmann::ordered_json before_end, before_conclusion;
};
void add_run_end(std::map<std::string, std::string>& metadata, const RunEnd& end);
/// Of the state that a complete run of this experiment left. Throws IoError.
RunEnd read_run_end(const io::SafetensorsFile& file, const Experiment& experiment);

/// Within a handler: says why a checkpoint cannot be used, as an IoError, where the checkpoint is to blame for what was
/// caught; else throws that again, such as a lack of memory.
[[noreturn]] void refuse_checkpoint(const std::string& file);

}  // namespace engram
