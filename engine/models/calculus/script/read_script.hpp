// What an experiment of the calculus says, read from JSON: the brain, and the names that steps use.
#pragma once

#include "engram/calculus/script.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::calculus {

/// What a JSON experiment says of a brain, and its protocol.
struct BrainConfig {
  BrainOptions options;
  Connectome connectome = Connectome::procedural;
  std::vector<std::pair<std::string, AreaOptions>> areas;
  std::vector<std::pair<std::string, Index>> stimuli;
  struct FibreConfig {
    std::string from, to;
    double p = -1, beta = -1;
  };
  std::vector<FibreConfig> fibres;
  std::vector<std::vector<std::string>> exclusive;

  Brain make(Backend& backend, std::uint64_t seed) const;
};

/// Elementary operations of a tick of one replica, a guess that makes it always worth a thread. A brain goes on with
/// the backend that it was made with, whichever one a thread is given: what it uses of the CPU keeps nothing between
/// calls.
inline constexpr std::size_t replica_operations = std::size_t{1} << 20;

Connectome read_connectome(const ConfigReader& model);
BrainConfig read_brain(const ConfigReader& model);
inline constexpr Range rounds_range{1, 1e9};
/// The names of a list: `count` of them, or at least one where that is 0. Always so many strings, also after a problem.
std::vector<std::string> names(const ConfigReader& step, const char* key, std::size_t count);
/// See WordLessons.
inline const std::vector<std::string> context_models{"A", "B", "C"};
/// The script of a step that is a preset.
Script read_preset(const ConfigReader& step, const std::string& action);
/// The steps of "protocol"; problems go to the reader.
Script read_script(const ConfigReader& protocol);
nlohmann::ordered_json script_schema();
nlohmann::ordered_json brain_schema();

}  // namespace engram::calculus
