// A network of the Neural Engineering Framework (Eliasmith and Anderson 2003) as data: nodes, ensembles, connections
// and probes, by name. What is not said has the defaults of these structs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "engram/nef/learning_rules.hpp"
#include "engram/nef/neurons.hpp"
#include "engram/nef/nodes.hpp"
#include "engram/nef/solvers.hpp"
#include "engram/nef/transforms.hpp"

namespace engram::nef {

struct NeuronSpec {
  NeuronType type = Lif{};
  static constexpr auto fields = std::tuple{Field{"type", &NeuronSpec::type, "neuron type"}};
};

struct Ensemble {
  Index neurons = 1, dimensions = 1;
  double radius = 1;
  NeuronSpec neuron;
  Distribution encoders{ScatteredHypersphere{true}};
  Distribution intercepts{UniformDistribution{-1, 0.9}};
  Distribution max_rates{UniformDistribution{200, 400}};
  Distribution eval_points{ScatteredHypersphere{}};
  Index n_eval_points = 0;
  std::vector<double> gain, bias;
  bool normalize_encoders = true;
  Named<Distribution> initial_state;
  std::optional<WhiteNoise> noise;
  std::optional<std::uint64_t> seed;

  static constexpr auto fields = std::tuple{
      required(Field{"neurons", &Ensemble::neurons, "how many", 1, 1e9}),
      required(Field{"dimensions", &Ensemble::dimensions, "numbers that they represent", 1, 1e6}),
      Field{"radius", &Ensemble::radius, "length up to which they represent", 1e-10, 1e10},
      Field{"neuron", &Ensemble::neuron, "what the neurons are"},
      Field{"encoders", &Ensemble::encoders, "directions that neurons prefer; default: scattered on the sphere"},
      Field{"intercepts", &Ensemble::intercepts, "where neurons begin to fire, in [-1, 1); default: uniform to 0.9"},
      Field{"max_rates", &Ensemble::max_rates, "rates at 1, Hz; default: uniform from 200 to 400"},
      Field{"eval_points", &Ensemble::eval_points,
            "points that decoders are solved for; default: scattered in the ball"},
      Field{"n_eval_points", &Ensemble::n_eval_points,
            "how many; 0: 500 a dimension from 750 to 2500, at least 2 a neuron", 0, 1e9},
      Field{"gain", &Ensemble::gain, "of each neuron, in the place of rates and intercepts; needs bias", 1e-300, 1e300},
      Field{"bias", &Ensemble::bias, "of each neuron"},
      Field{"normalize_encoders", &Ensemble::normalize_encoders, "encoders get the length 1"},
      Field{"initial_state", &Ensemble::initial_state,
            "by name of a state variable; default: voltages uniform from 0 to 1, all else 0"},
      Field{"noise", &Ensemble::noise, "added to the currents"},
      Field{"seed", &Ensemble::seed, "of what it draws; default: the replica's"},
  };
  void check_together(const Report& problem) const;
  std::size_t points() const;
};

enum class TargetFunction { none, zero, square, sine, cosine, absolute, product, sum, norm };

/// `from` is a node, an ensemble or NAME.neurons; `to` may also be NAME.ruleK, the K-th learning rule of a connection,
/// or NAME.gateK, a factor of its rate, which begins each step at 1.
struct Connection {
  std::string from, to;
  std::vector<std::int64_t> from_index, to_index;
  Synapse synapse;
  TargetFunction function = TargetFunction::none;
  Rows targets, eval_points;
  bool scale_eval_points = true;
  Transform transform;
  Solver solver;
  Rows weights;
  std::vector<LearningRule> learning;
  std::optional<std::uint64_t> seed;

  static constexpr auto fields = std::tuple{
      required(Field{"from", &Connection::from, "a node, an ensemble, or its NAME.neurons"}),
      required(Field{
          "to", &Connection::to,
          "the same, or NAME.ruleK, the K-th learning rule of a connection, or NAME.gateK, a factor of its rate"}),
      Field{"from_index", &Connection::from_index, "these numbers of the source; negative ones from the end", -1e9,
            1e9},
      Field{"to_index", &Connection::to_index, "these of the target", -1e9, 1e9},
      Field{"synapse", &Connection::synapse, "filter of the signal; default: lowpass of 5 ms"},
      Field{"function", &Connection::function, "of what the source represents", 0, 0,
            "none|zero|square|sine|cosine|absolute|product|sum|norm"},
      Field{"targets", &Connection::targets, "in the place of a function: its values at the evaluation points"},
      Field{"eval_points", &Connection::eval_points, "rows that decoders are solved for; default: the ensemble's"},
      Field{"scale_eval_points", &Connection::scale_eval_points, "these are times the radius"},
      Field{"transform", &Connection::transform, "what is done to the signal"},
      Field{"solver", &Connection::solver, "how decoders are found"},
      Field{"weights", &Connection::weights,
            "rows of decoders and transform together, already solved; with solver/weights from neurons to neurons"},
      Field{"learning", &Connection::learning, "learning rules, all from the same weights"},
      Field{"seed", &Connection::seed, "of what it draws; default: the replica's"},
  };
};

struct Probe {
  std::string of, attribute;
  Synapse synapse{NoSynapse{}};
  double sample_every = 0;
  std::vector<std::int64_t> index;
  TargetFunction function = TargetFunction::none;
  Solver solver;
  Rows decoders;
  std::optional<std::uint64_t> seed;
  static constexpr auto fields = std::tuple{
      required(Field{"of", &Probe::of, "a node, an ensemble, NAME.neurons, a connection, or NAME.ruleK"}),
      Field{
          "attribute", &Probe::attribute,
          "decoded_output, input, output, a state variable, weights, scaled_encoders, delta, ...; default: the output"},
      Field{"synapse", &Probe::synapse, "filter of what is recorded; it delays by a step"},
      Field{"sample_every", &Probe::sample_every, "s between two samples; 0: every step", 0.0, 1e9},
      Field{"index", &Probe::index, "these numbers alone", -1e9, 1e9},
      Field{"function", &Probe::function, "decoded instead of what is represented", 0, 0,
            "none|zero|square|sine|cosine|absolute|product|sum|norm"},
      Field{"solver", &Probe::solver, "how decoders are found"},
      Field{"decoders", &Probe::decoders, "rows of decoders, already solved"},
      Field{"seed", &Probe::seed, "of what it draws; default: the replica's"},
  };
};

/// How the seeds of objects and their numbers follow from the seed of a replica: by counters, or as recorded builds
/// did, by MT19937, for networks that shall equal one of these.
enum class Seeding { counter, mersenne };

struct Network {
  double dt = 0.001;
  Seeding seeding = Seeding::counter;
  Named<Node> nodes;
  Named<Ensemble> ensembles;
  Named<Connection> connections;
  Named<Probe> probes;
  bool keep_changes = false;
  static constexpr auto fields = std::tuple{
      Field{"dt", &Network::dt, "s a step", 1e-9, 1e3},
      Field{"seeding", &Network::seeding,
            "how objects draw: by the engine's counters, or by MT19937 as recorded networks did", 0, 0,
            "counter|mersenne"},
      Field{"nodes", &Network::nodes, "by name"},
      Field{"ensembles", &Network::ensembles, "by name"},
      Field{"connections", &Network::connections, "by name"},
      Field{"probes", &Network::probes, "by name"},
      Field{"keep_changes", &Network::keep_changes, "the changes of all learning rules are written down each step"},
  };
};

}  // namespace engram::nef
