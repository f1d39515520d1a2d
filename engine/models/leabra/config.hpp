// The Leabra family as JSON: layers and projections, patterns, and a protocol of phases.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/run/model_state.hpp"
#include "engine/run/series.hpp"
#include "engine/run/timeline.hpp"
#include "engram/leabra/net.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/json.hpp"

namespace engram::leabra {

struct LayerFields {
  std::uint64_t size = 0;
  LayerSpec spec = {};
};
struct ProjectionFields {
  std::string pre, post;
  ProjectionSpec spec = {};

  static constexpr auto fields = std::tuple{
      required(Field{"pre", &ProjectionFields::pre, "sending layer"}),
      required(Field{"post", &ProjectionFields::post, "receiving layer"}),
  };
};

/// A phase of a trial.
struct TrialPhase {
  std::string name;
  std::uint64_t cycles = 25;
  std::vector<std::string> show, off;

  static constexpr auto fields = std::tuple{
      required(Field{"name", &TrialPhase::name,
                     "projections that learn by contrast name two of these; \"minus\" and \"plus\" also serve the "
                     "averages of a trial"}),
      Field{"cycles", &TrialPhase::cycles, "how long it is", 1, 1e9},
      Field{"show", &TrialPhase::show, "layers that are held at their pattern"},
      Field{"off", &TrialPhase::off, "projections that do not transmit"},
  };
};

struct Phase {
  std::string action = "train", label, order = "fixed", predict = "default", show = "train";
  std::uint64_t epochs = 1, cycles = 50, minus_cycles = 50, plus_cycles = 25, evaluate_every = 1, stop_after = 0;
  RateSchedule schedule = {};
  bool record_outputs = false;
  double decay = 0;
  std::vector<TrialPhase> trial = {};                              ///< train; empty: minus, then plus
  std::vector<std::pair<std::string, std::vector<double>>> clamp;  ///< present

  static constexpr auto fields = std::tuple{
      required(Field{"do", &Phase::action, "what this phase does", 0, 0, "train|test|present"}),
      Field{"label", &Phase::label, "name of the results"},
      Field{"epochs", &Phase::epochs, "train: how often all patterns are shown; present: how often the layers are held",
            1, 1e9},
      Field{"minus_cycles", &Phase::minus_cycles, "train: cycles with the input alone", 1, 1e9},
      Field{"plus_cycles", &Phase::plus_cycles, "train: cycles with the answer", 1, 1e9},
      Field{"cycles", &Phase::cycles, "cycles of a prediction, or of what is presented", 1, 1e9},
      Field{"order", &Phase::order, "train: patterns as they stand, or in a new order each epoch", 0, 0,
            "fixed|shuffled"},
      Field{"evaluate_every", &Phase::evaluate_every, "train: epochs between two predictions of all patterns; 0: none",
            0, 1e9},
      Field{"predict", &Phase::predict,
            "predictions in place begin where the one before ended and change the state, as the reference has it; on a "
            "copy, each begins at rest and changes nothing. Default: in_place where the model is compatible, else copy",
            0, 0, "default|in_place|copy"},
      Field{"show", &Phase::show, "test: which patterns", 0, 0, "train|test"},
      Field{"stop_after", &Phase::stop_after,
            "train: epochs in a row without an error of 0.5 or more after which a replica stops; 0: never", 0, 1e9},
      Field{"trial", &Phase::trial,
            "train: phases of a trial, in this order; default: minus with the inputs, then plus with the targets too"},
      Field{"decay", &Phase::decay, "share of activations and potentials that is taken away before each trial", 0.0,
            1.0},
      Field{"record_outputs", &Phase::record_outputs, "the outputs of all predictions, as a column"},
  };
};

/// Stands behind the label of a phase of training where its results are those of the test patterns.
inline constexpr const char* test_suffix = " (test)";

/// Patterns of layers: all that there are, and which of them train and test.
struct Patterns {
  std::vector<std::vector<double>> of_layer;  ///< [layer of Config::shown][pattern * unit]
  std::size_t count = 0, tests = 0;           ///< the last ones of an order test
  bool split_by_seed = false;                 ///< each replica has an order of its own, else they stand as they are

  /// The order of the patterns for the replica of a seed.
  std::vector<std::uint32_t> order(std::uint64_t seed) const;
};

struct Config {
  Mode mode = Mode::compatible;
  std::uint64_t copies = 1;  ///< of each replica, which see patterns of their own and learn together
  std::vector<std::pair<std::string, LayerFields>> layers;
  std::vector<std::pair<std::string, ProjectionFields>> projections;
  std::vector<std::string> inputs, targets;  ///< layers that are held in both phases, and in the plus phase alone
  std::vector<std::string> shown;            ///< inputs, then targets: those of the patterns
  Patterns patterns;
  std::vector<Phase> protocol;
  Timeline timeline;
  std::vector<std::pair<std::string, std::vector<real>>> weights;  ///< of some projections, [receiver][sender]
  std::shared_ptr<const ModelState> begun;                         ///< the networks to begin with; null: new ones

  std::string largest_array() const;
  /// Layers, and the pools beside them where any layer has several.
  std::size_t groups() const;
  /// Names of all metrics and columns that a run may write.
  std::vector<std::string> series() const;
  std::vector<std::string> phase_labels() const { return labels_of(protocol); }
  std::size_t max_units() const;
  const LayerFields& layer(const std::string& name) const;
  Net build(Backend&, std::span<const std::uint64_t> seeds) const;
};

Config read_config(ConfigReader& experiment);
/// The layers and projections of a model.
void read_network(const ConfigReader& model, Config&);
/// Reports what keeps the networks of another run from going on as this experiment says.
void check_begun(const ConfigReader& experiment, const Config&);
/// Gives the networks of the other run, or the weights that the experiment has, to new ones.
void begin_networks(Net&, const Config&);
/// Bytes of the device and the host for so many replicas.
std::size_t memory_of(const Config&, std::size_t replicas);
nlohmann::ordered_json schema_of_family();

/// Reads /patterns into the configuration, whose layers are known.
void read_patterns(const ConfigReader& experiment, Config&);
nlohmann::ordered_json schema_of_patterns();

}  // namespace engram::leabra
