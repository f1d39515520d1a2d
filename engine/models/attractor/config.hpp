// The attractor family as JSON: a network, patterns, and a protocol of phases.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/run/model_state.hpp"
#include "engine/run/series.hpp"
#include "engine/run/timeline.hpp"
#include "engram/attractor/analysis.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/task.hpp"

namespace engram::attractor {

struct Phase {
  std::string action = "train", label, order = "random", weights = "full", from = "patterns", start = "state";
  std::uint64_t epochs = 1, steps = 10, record_every = 0, trials = 100, max_steps = 1000;
  bool reset_state = false, record_states = false, project = false;
  std::optional<double> learning_rate, inverse_temperature;
  double signal = 0.1, snr = 1, tolerance = 1e-12;
  std::vector<double> noise, mixture;

  static constexpr auto fields = std::tuple{
      required(Field{"do", &Phase::action, "what this phase does", 0, 0, "train|run|attractors|reconstruct|retain"}),
      Field{"label", &Phase::label, "name of the results"},
      Field{"epochs", &Phase::epochs, "train: how many patterns are shown", 1, 1e12},
      Field{"steps", &Phase::steps, "train: steps an epoch; run, reconstruct, retain: steps", 1, 1e12},
      Field{"order", &Phase::order, "train: which pattern an epoch shows", 0, 0, "random|cyclic"},
      Field{"reset_state", &Phase::reset_state,
            "train: each epoch begins at state 0; otherwise the state carries over"},
      Field{"learning_rate", &Phase::learning_rate, "default: of the model in train, 0 elsewhere", 0.0, 1e3},
      Field{"inverse_temperature", &Phase::inverse_temperature, "default: of the model in train, 1 elsewhere", 1e-6,
            1e6},
      Field{"record_every", &Phase::record_every,
            "train, run: free energy and weight change every so many steps; 0: never", 0, 1e12},
      Field{"record_states", &Phase::record_states, "train, run: the states of all steps"},
      Field{"project", &Phase::project,
            "run: how far each state reaches along each fixed point of the attractors phase before, |a . s|"},
      Field{"mixture", &Phase::mixture, "run: weights of the patterns in the bias; default: no bias", -1e6, 1e6},
      Field{"weights", &Phase::weights, "attractors: of all weights or of their symmetric part", 0, 0,
            "full|symmetric"},
      Field{"noise", &Phase::noise, "attractors: noise levels of the cues, in standard deviations; default 0", 0.0,
            1e6},
      Field{"max_steps", &Phase::max_steps, "attractors: give up after this many steps", 1, 1e9},
      Field{"tolerance", &Phase::tolerance, "attractors: largest change of the free energy at rest", 1e-300, 1e6},
      Field{"from", &Phase::from, "reconstruct: learned patterns in turn, or unseen ones at random", 0, 0,
            "patterns|test"},
      Field{"trials", &Phase::trials, "reconstruct: how many", 1, 1e6},
      Field{"signal", &Phase::signal, "reconstruct: strength of the target", 1e-9, 1e6},
      Field{"snr", &Phase::snr, "reconstruct: standard deviation of the target over that of the noise", 1e-9, 1e9},
      Field{"start", &Phase::start, "reconstruct: begin at the network's state or at the cue", 0, 0, "state|cue"},
  };
};

struct Config {
  Options options;  ///< networks: how many cells of (evidence, inverse temperature)
  std::vector<double> evidence{1}, inverse_temperature{1};  ///< of each cell
  std::vector<double> patterns, test;                       ///< [row][unit], without evidence
  std::vector<real> weights, base_bias;                     ///< [i][j] and [unit], or empty
  std::vector<Phase> protocol;
  Timeline timeline;                        ///< of its phases
  std::shared_ptr<const ModelState> begun;  ///< the networks to begin with; null: new ones

  std::string largest_array() const {
    return "the weights of " + std::to_string(units()) + " x " + std::to_string(units()) + " units";
  }
  std::vector<std::string> series() const;
  std::vector<std::string> phase_labels() const { return labels_of(protocol); }
  std::size_t max_units() const { return units(); }
  /// Evidence and inverse temperature of each network, where they are lists.
  std::vector<Swept> swept(std::size_t seeds) const;
  std::size_t units() const { return options.units; }
  std::size_t count() const { return patterns.size() / units(); }
  std::span<const double> pattern(std::size_t k) const { return std::span(patterns).subspan(k * units(), units()); }
};

/// Of the networks of all cells and seeds.
Options options_of(const Config&, std::size_t seeds);
Config read_config(ConfigReader& experiment);

/// What a phase that only looks says about one network: numbers by name, and for `attractors` the states where the cues
/// ended, [noise level][pattern][unit].
struct Measurements {
  std::vector<std::pair<std::string, double>> values;
  std::vector<double> rows;
  void note(std::string name, double value) { values.emplace_back(std::move(name), value); }
};
/// What these numbers may be called.
std::vector<std::string> names_of_measurements(const Phase& phase);
/// Which network it is, and when.
struct NetworkAt {
  double evidence;
  std::uint64_t seed;
  Tick tick;
};
/// `one` is a copy that may be changed.
Measurements measure(Network& one, const Config&, const Phase&, const NetworkAt&);

nlohmann::ordered_json schema_of_family();

}  // namespace engram::attractor
