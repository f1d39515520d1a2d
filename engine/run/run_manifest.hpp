// What a run says of itself in its manifest.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/io/recorder.hpp"
#include "engine/io/run_folder.hpp"
#include "engine/run/run_device.hpp"
#include "engram/run/experiment.hpp"

namespace engram {

/// Of a run that begins now. Throws IoError if it could not name the folder of the experiment, to which a resume has to
/// come back.
nlohmann::ordered_json new_manifest(const Experiment& experiment, const nlohmann::ordered_json& inputs);

/// What runs it: the program and the machine, which a resume may change.
void describe_program(nlohmann::ordered_json& manifest, const RunDevice& device);

/// The experiment that a run was begun with. Throws IoError; a file that has changed may be why it cannot be read,
/// which is then said.
Experiment recorded_experiment(const nlohmann::ordered_json& manifest, const std::string& folder);

/// Every file that the run wrote, with its size and checksum. Throws IoError if a recording is gone or was changed.
nlohmann::ordered_json written_files(const io::OwnFiles& files, const io::RunRecorder& recorder);

}  // namespace engram
