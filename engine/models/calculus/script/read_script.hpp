// What an experiment of the calculus says, read from JSON: the brain, and its protocol.
#pragma once

#include "engine/run/model_state.hpp"
#include "engram/calculus/script.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::calculus {

inline constexpr double max_neurons = 4294967295.0;
inline constexpr const char* connectomes = "procedural|explicit|lazy";  ///< names of Connectome

struct StimulusConfig {
  Index size = 1;
  static constexpr auto fields = std::tuple{
      required(Field{"size", &StimulusConfig::size, "neurons, which always fire together", 1.0, max_neurons})};
};

struct FibreConfig {
  std::string from, to;
  std::optional<double> p, beta;
  static constexpr auto fields = std::tuple{
      required(Field{"from", &FibreConfig::from, "area or stimulus"}),
      required(Field{"to", &FibreConfig::to, "area"}),
      or_minus_one(Field{"p", &FibreConfig::p, "density; default, and -1: that of the brain", 0.0, 1.0}),
      or_minus_one(
          Field{"beta", &FibreConfig::beta, "learning rate; default, and -1: that of the target area", 0.0, 1e6}),
  };
};

/// What a JSON experiment says of a brain.
struct BrainConfig : BrainOptions {
  Connectome connectome = Connectome::procedural;
  Named<StimulusConfig> stimuli;
  std::vector<FibreConfig> fibres;
  std::vector<std::vector<std::string>> exclusive;
  Named<AreaOptions> areas;

  static constexpr auto fields =
      std::tuple_cat(BrainOptions::fields,
                     std::tuple{
                         Field{"connectome", &BrainConfig::connectome, "how synapses are kept", 0, 0, connectomes},
                         Field{"stimuli", &BrainConfig::stimuli, "by name"},
                         Field{"fibres", &BrainConfig::fibres, "fibres that differ from the others"},
                         Field{"exclusive", &BrainConfig::exclusive,
                               "groups of areas of which one fires at a time: the one that receives most"},
                     });

  Brain make(Backend& backend, std::uint64_t seed) const;
};

/// What a brain begins with that goes on from the state of another run; `replica` of it.
Inherited take_up(Brain& brain, const ModelState& begun, std::size_t replica, const BrainConfig& config);
/// Reports what keeps the brains of another run from going on as this experiment says.
void check_begun(const ConfigReader& experiment, const ModelState& begun, const BrainConfig& config);

/// Elementary operations of a tick of one replica, a guess that makes it always worth a thread. A brain goes on with
/// the backend that it was made with, whichever one a thread is given: what it uses of the CPU keeps nothing between
/// calls.
inline constexpr std::size_t replica_operations = std::size_t{1} << 20;

BrainConfig read_brain(const ConfigReader& model);
/// The steps of "protocol"; problems go to the reader. `labels`, if given, gets of each step the place and the name of
/// what the protocol has it for, such as "2 associate".
Script read_script(const ConfigReader& protocol, std::vector<std::string>* labels = nullptr);
nlohmann::ordered_json script_schema();
nlohmann::ordered_json brain_schema();

}  // namespace engram::calculus
