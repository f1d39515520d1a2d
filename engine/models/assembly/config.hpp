// An assembly experiment as its JSON says it: a network, samples, and a protocol of phases.
#pragma once

#include <map>
#include <memory>

#include "engine/run/model_state.hpp"
#include "engine/run/series.hpp"
#include "engine/run/timeline.hpp"
#include "engram/assembly/simulator.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/json.hpp"

namespace engram::assembly {

inline constexpr const char* pair_suffix = ", with the pair";  ///< of a result, after the label of its phase

struct Phase {
  std::string action = "simulate";
  std::vector<std::string> stimuli = {};  ///< which are present; default all
  std::string area = {};
  std::string label = {};
  std::string from = "pattern";
  double keep = 0.5;
  int rounds = 1;
  bool apply_alpha = false;

  static constexpr auto fields = std::tuple{
      required(
          Field{"do", &Phase::action, "what this phase does", 0, 0, "simulate|benchmark|complete|inverse|normalize"}),
      Field{"stimuli", &Phase::stimuli, "stimuli present in the samples of this phase; default: all"},
      Field{"area", &Phase::area, "complete, inverse: the area; default: the last"},
      Field{"label", &Phase::label, "name of the result"},
      Field{"from", &Phase::from, "complete: by recurrence alone, or with the sample's input", 0, 0, "pattern|input"},
      Field{"keep", &Phase::keep, "complete: fraction of the winners that is given", 0, 1},
      Field{"rounds", &Phase::rounds, "complete: how often the result is fed back", 1, 1e6},
      Field{"apply_alpha", &Phase::apply_alpha, "complete from pattern: multiply by the recurrent gain"},
  };
};

struct Config {
  Spec spec;
  SimulatorOptions options{.weights = true};
  std::map<std::string, std::vector<std::vector<Index>>> given;  ///< samples named in the file
  std::size_t samples = 5;
  std::vector<Phase> protocol;
  Timeline timeline;                                 ///< of its phases
  std::shared_ptr<const ModelState> begun;           ///< the networks to begin with; null: new ones
  std::map<std::string, std::vector<real>> weights;  ///< of matrices, [post][pre], of all replicas

  std::string largest_array() const;
  std::vector<std::string> series() const;
  std::vector<std::string> phase_labels() const { return labels_of(protocol); }
  std::size_t max_units() const;
};

/// Reads /samples into the configuration, whose stimuli are known.
void read_samples(const ConfigReader& experiment, Config&);
/// Faults go to the reader; with any of them the result is not to be used.
Config read_config(ConfigReader& experiment);
nlohmann::ordered_json schema_of_family();

}  // namespace engram::assembly
