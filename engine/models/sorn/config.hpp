// An experiment with SORN networks as its JSON says it: the network, what drives it, and phases, each with its rules.
#pragma once

#include <nlohmann/json.hpp>

#include "engine/models/sorn/input.hpp"
#include "engine/models/sorn/series.hpp"
#include "engine/run/model_state.hpp"
#include "engine/run/timeline.hpp"
#include "engram/sorn/sorn.hpp"

namespace engram::sorn {

struct Phase {
  std::string action = "run";
  Tick steps = 1000;
  std::string label = {};
  std::string phase = "plasticity";
  bool noise = true;
  Index unit = 0;
  double ridge = 1e-6;
  double learning_rate = 1e-4, discount = 0.99;
  std::vector<std::string> freeze = {};

  static constexpr auto fields = std::tuple{
      Field{"do", &Phase::action,
            "run; learn or test a readout of the counting task; run beside a copy in which one unit was flipped; or "
            "balance a pole, "
            "which a readout that learns from its falls pushes left or right",
            0.0, 0.0, "run|train_readout|test_readout|perturb|cart_pole"},
      Field{"steps", &Phase::steps, "length", 1.0, 1e12},
      Field{"label", &Phase::label, "name of the results"},
      Field{"phase", &Phase::phase, "training changes no weight and no threshold", 0.0, 0.0, "plasticity|training"},
      Field{"noise", &Phase::noise, "noise on every unit"},
      Field{"unit", &Phase::unit, "perturb: the excitatory unit to flip", 0.0, 1e8},
      Field{"ridge", &Phase::ridge, "train_readout: added to the diagonal of the normal equations", 0.0, 1e9},
      Field{"learning_rate", &Phase::learning_rate, "cart_pole: step of the readout; 0 acts without learning", 0.0,
            1e3},
      Field{"discount", &Phase::discount, "cart_pole: what a reward one step later is worth", 0.0, 1.0},
      Field{"freeze", &Phase::freeze, "rules that do not act; default: those of the model", 0.0, 0.0, rule_names},
  };
  bool reads_out() const { return action == "train_readout" || action == "test_readout"; }
};

struct Config {
  Parameters parameters;
  Input input;
  std::vector<Phase> protocol;
  Timeline timeline;                        ///< of them
  std::shared_ptr<const ModelState> begun;  ///< the networks to begin with; null: new ones
  bool new_target_rates = false;            ///< with these networks, those of this experiment
  std::vector<real> target_rates;           ///< of each unit of every network; empty: as the parameters say
  Recording<Seen> recording;

  bool has(const char* action) const;  ///< whether a phase does it
  std::string largest_array() const {
    return "the synapses WEE between " + std::to_string(parameters.ne) + " excitatory units";
  }
  std::vector<std::string> series() const;
  std::vector<std::string> phase_labels() const { return labels_of(protocol); }
  std::size_t max_units() const { return parameters.ne; }  ///< there are fewer inhibitory ones
};

/// Problems go to the reader.
Parameters read_parameters(const ConfigReader& model);
Config read_config(ConfigReader& experiment);
nlohmann::ordered_json config_schema();
/// Reports what keeps the networks of `begun` from going on as this experiment says.
void check_begun(const ConfigReader& experiment, Config& config);
/// Parameters that only shape new networks and are not those before.
std::vector<std::string> shaped_otherwise(const Parameters& now, const Parameters& before);
/// Whether target rates that are drawn anew would be others.
bool rated_otherwise(const Parameters& now, const Parameters& before);
/// Networks of these parameters as they begin: those of the state that they go on from, or new ones.
void begin_networks(Network& net, const Config& config);

}  // namespace engram::sorn
