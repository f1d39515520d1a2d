// The NEF family as JSON: a network, and how long it runs.
#pragma once

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "engine/run/model_state.hpp"
#include "engram/nef/simulator.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/json.hpp"

namespace engram::nef {

/// What is worked out of a probe while it runs, from samples of a part of the run.
struct Measure {
  std::string probe, versus, label;
  double from = 0, to = 0, every = 0, skip = 0, window = 0;
  static constexpr auto fields = std::tuple{
      required(Field{"probe", &Measure::probe, "whose samples"}),
      Field{"versus", &Measure::versus, "the probe that they are compared with; default: zero"},
      Field{"label", &Measure::label, "name of the results; default: the probe's"},
      Field{"from", &Measure::from, "s: samples after this time count", 0.0, 1e12},
      Field{"to", &Measure::to, "s: up to this time; 0: the end", 0.0, 1e12},
      Field{"every", &Measure::every, "s: length of the periods that the time is divided into; 0: none", 0.0, 1e12},
      Field{"skip", &Measure::skip, "s: in each period, or in all, the first samples do not count", 0.0, 1e12},
      Field{"window", &Measure::window, "s: in each period samples count for so long; 0: to its end", 0.0, 1e12},
  };
};

struct Run {
  double seconds = 1;
  std::vector<Measure> measures;
  static constexpr auto fields = std::tuple{
      required(Field{"seconds", &Run::seconds, "how long the network runs", 0.0, 1e12}),
      Field{"measures", &Run::measures, "errors and sizes of what probes record, as results"},
  };
};

struct Config {
  Network network;
  Run run;
  std::uint64_t steps = 1;
  std::shared_ptr<const ModelState> begun;  ///< the networks to begin with; null: new ones
  std::size_t max_numbers = 0;              ///< of a probe

  std::string largest_array() const;
  /// Names of all columns that a run may write.
  std::vector<std::string> series() const;
  std::size_t max_units() const { return max_numbers; }
};

/// No run is longer.
inline constexpr Tick max_steps = 1'000'000'000'000'000;

/// Reports what keeps the networks of another run from going on as this experiment says.
void check_begun(const ConfigReader& experiment, const Config&);
/// Which array of a schedule, for so many networks, another run's state lacks or holds in another shape; empty where it
/// has all. `prefix` stands before their names there.
std::string unlike(const ModelState&, const Schedule&, std::size_t networks, const std::string& prefix = "");
/// Gives the state of the other run to new networks.
void begin_networks(Simulator&, const Config&);

Config read_config(ConfigReader& experiment);
nlohmann::ordered_json schema_of_family();

}  // namespace engram::nef
