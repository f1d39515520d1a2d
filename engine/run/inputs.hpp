// The files that an experiment names are a part of it: their content is known by its hash wherever the run goes on.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "engram/run/experiment.hpp"

namespace engram {

/// What a manifest says of their XXH3; version 0.1.0 said nothing.
nlohmann::ordered_json recorded_inputs(const nlohmann::ordered_json& manifest);

/// Throws IoError naming the first of these files, relative to `base`, that is not what was recorded. Nothing is known
/// of a file that is not recorded.
void check_inputs(const std::map<std::string, std::string>& files, const std::filesystem::path& base,
                  const nlohmann::ordered_json& recorded);

/// The same for all files that were recorded.
void check_inputs(const nlohmann::ordered_json& recorded, const std::filesystem::path& base);

}  // namespace engram
