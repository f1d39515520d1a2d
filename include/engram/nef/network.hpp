// A network of the Neural Engineering Framework (Eliasmith and Anderson 2003) as data: nodes, ensembles, connections
// and probes, by name. What is not said has the defaults of these structs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engram/nef/distributions.hpp"
#include "engram/nef/neurons.hpp"
#include "engram/nef/solvers.hpp"
#include "engram/nef/synapses.hpp"
#include "engram/nef/tensors.hpp"

namespace engram::nef {

using Rows = std::vector<std::vector<double>>;

// ---- nodes: what comes from outside, or passes through

struct Passthrough {
  static constexpr const char* name = "passthrough";
  static constexpr const char* help = "the sum of its inputs, without delay";
  Index size_in = 1;
  static constexpr auto fields = std::tuple{Field{"size_in", &Passthrough::size_in, "numbers", 1, 1e9}};
};
struct ConstantOutput {
  static constexpr const char* name = "constant";
  static constexpr const char* help = "always the same";
  std::vector<double> value;
  static constexpr auto fields = std::tuple{required(Field{"value", &ConstantOutput::value, "the numbers"})};
};
/// Row floor((step - 1) / (period / dt)) mod rows.
struct Cycle {
  static constexpr const char* name = "cycle";
  static constexpr const char* help = "rows in turn, each for a period";
  Rows values;
  double period = 1;
  static constexpr auto fields =
      std::tuple{required(Field{"values", &Cycle::values, "rows"}),
                 required(Field{"period", &Cycle::period, "s that each is shown", 1e-9, 1e9})};
};
/// The row with the last time below t + dt / 2; zeros before the first.
struct TimeTable {
  static constexpr const char* name = "schedule";
  static constexpr const char* help = "rows, each from its time on; zeros before the first";
  std::vector<double> times;
  Rows values;
  static constexpr auto fields = std::tuple{required(Field{"times", &TimeTable::times, "s, ascending", 0.0, 1e12}),
                                            required(Field{"values", &TimeTable::values, "a row a time"})};
  void check_together(const Report& problem) const;
};
struct StepTable {
  static constexpr const char* name = "table";
  static constexpr const char* help = "rows, each from its step on, which count from 1; zeros before the first";
  std::vector<std::uint64_t> steps;
  Rows values;
  static constexpr auto fields = std::tuple{required(Field{"steps", &StepTable::steps, "ascending", 1, 1e15}),
                                            required(Field{"values", &StepTable::values, "a row a step"})};
  void check_together(const Report& problem) const;
};
struct FunctionOfInput {
  static constexpr const char* name = "function";
  static constexpr const char* help = "a function of the sum of its inputs, without delay";
  Index size_in = 1;
  Function function = Function::square;
  static constexpr auto fields = std::tuple{
      Field{"size_in", &FunctionOfInput::size_in, "numbers", 1, 1e9},
      Field{"function", &FunctionOfInput::function, "of each number, or of all", 0, 0,
            "square|sine|cosine|absolute|product|sum|norm"},
  };
};
struct Sine {
  static constexpr const char* name = "sine";
  static constexpr const char* help = "amplitude sin(2 pi (frequency t + phase))";
  std::vector<double> frequency{1}, amplitude{1}, phase{0};
  static constexpr auto fields =
      std::tuple{Field{"frequency", &Sine::frequency, "Hz, of each number", 0.0, 1e6},
                 Field{"amplitude", &Sine::amplitude, "of each number, or of all", -1e6, 1e6},
                 Field{"phase", &Sine::phase, "turns, of each number or of all", 0.0, 1.0}};
};
struct WhiteNoise {
  static constexpr const char* name = "white_noise";
  static constexpr const char* help = "a fresh number each step";
  Index size = 1;
  Noise noise = Noise::normal;
  double mean = 0, std = 1;
  bool scale = true;
  static constexpr auto fields = std::tuple{
      Field{"size", &WhiteNoise::size, "numbers", 1, 1e9},
      Field{"kind", &WhiteNoise::noise, "normal deviates, or uniform ones of that mean and deviation", 0, 0,
            "normal|uniform"},
      Field{"mean", &WhiteNoise::mean, "mean", -1e9, 1e9},
      Field{"std", &WhiteNoise::std, "standard deviation", 0.0, 1e9},
      Field{"scale", &WhiteNoise::scale, "divided by the root of dt, so that its power does not depend on dt"},
  };
};
struct FilteredNoise {
  static constexpr const char* name = "filtered_noise";
  static constexpr const char* help = "white noise through a filter";
  Index size = 1;
  Synapse synapse;
  double mean = 0, std = 1;
  bool scale = true;
  static constexpr auto fields = std::tuple{
      Field{"size", &FilteredNoise::size, "numbers", 1, 1e9},
      Field{"synapse", &FilteredNoise::synapse, "the filter"},
      Field{"mean", &FilteredNoise::mean, "mean of the noise", -1e9, 1e9},
      Field{"std", &FilteredNoise::std, "its standard deviation", 0.0, 1e9},
      Field{"scale", &FilteredNoise::scale, "divided by the root of dt"},
  };
};
struct BrownNoise {
  static constexpr const char* name = "brown_noise";
  static constexpr const char* help = "the integral of white noise";
  Index size = 1;
  double mean = 0, std = 1;
  static constexpr auto fields = std::tuple{Field{"size", &BrownNoise::size, "numbers", 1, 1e9},
                                            Field{"mean", &BrownNoise::mean, "mean of the noise", -1e9, 1e9},
                                            Field{"std", &BrownNoise::std, "its standard deviation", 0.0, 1e9}};
};
struct WhiteSignal {
  static constexpr const char* name = "white_signal";
  static constexpr const char* help = "a random periodic signal of frequencies up to a limit";
  Index size = 1;
  double period = 10, high = 5, rms = 0.5;
  std::optional<double> y0;
  static constexpr auto fields = std::tuple{
      Field{"size", &WhiteSignal::size, "numbers", 1, 1e6},
      Field{"period", &WhiteSignal::period, "s after which it comes again", 1e-6, 1e6},
      Field{"high", &WhiteSignal::high, "largest frequency, Hz", 1e-6, 1e6},
      Field{"rms", &WhiteSignal::rms, "root of the mean square", 0.0, 1e9},
      Field{"y0", &WhiteSignal::y0, "it begins where it is nearest to this", -1e9, 1e9},
  };
};

using NodeOutput = std::variant<Passthrough, ConstantOutput, Cycle, TimeTable, StepTable, FunctionOfInput, Sine,
                                WhiteNoise, FilteredNoise, BrownNoise, WhiteSignal>;
struct Node {
  NodeOutput output = Passthrough{};
  std::optional<std::uint64_t> seed;
  static constexpr auto fields = std::tuple{Field{"output", &Node::output, "where its values come from"},
                                            Field{"seed", &Node::seed, "of what it draws; default: the replica's"}};
};

// ---- ensembles

struct Distribution {
  DistributionType type = UniformDistribution{};
  static constexpr auto fields = std::tuple{Field{"distribution", &Distribution::type, "kind"}};
};

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

// ---- connections

struct NoTransform {
  static constexpr const char* name = "none";
  static constexpr const char* help = "the signal as it is";
  static constexpr auto fields = std::tuple{};
};
struct ScalarTransform {
  static constexpr const char* name = "scalar";
  static constexpr const char* help = "times a number";
  double factor = 1;
  static constexpr auto fields = std::tuple{Field{"factor", &ScalarTransform::factor, "the number", -1e30, 1e30}};
};
struct DiagonalTransform {
  static constexpr const char* name = "diagonal";
  static constexpr const char* help = "each number times its own";
  std::vector<double> factors;
  static constexpr auto fields = std::tuple{required(Field{"factors", &DiagonalTransform::factors, "the numbers"})};
};
struct DenseTransform {
  static constexpr const char* name = "dense";
  static constexpr const char* help = "a matrix: of these rows, or the same in all places, or drawn";
  Rows rows;
  std::optional<double> everywhere;
  std::optional<Distribution> drawn;
  static constexpr auto fields =
      std::tuple{Field{"rows", &DenseTransform::rows, "a row a target"},
                 Field{"everywhere", &DenseTransform::everywhere, "the same number in all places", -1e30, 1e30},
                 Field{"drawn", &DenseTransform::drawn, "each row one of this distribution"}};
};
struct SparseTransform {
  static constexpr const char* name = "sparse";
  static constexpr const char* help = "a matrix that is mostly 0";
  Index size_out = 1;
  std::vector<Index> rows, cols;
  std::vector<double> values;
  static constexpr auto fields = std::tuple{required(Field{"size_out", &SparseTransform::size_out, "targets", 1, 1e9}),
                                            required(Field{"rows", &SparseTransform::rows, "target of each value"}),
                                            required(Field{"cols", &SparseTransform::cols, "source of each value"}),
                                            required(Field{"values", &SparseTransform::values, "the values"})};
  void check_together(const Report& problem) const;
};
/// The input has the shape [positions...][channels], or [channels][positions...]; the kernel is
/// [kernel positions...][channels of a group][filters].
struct Convolution {
  static constexpr const char* name = "convolution";
  static constexpr const char* help = "filters moved over a line or a plane";
  std::vector<Index> input_shape{1, 1}, kernel_size{3}, strides{1};
  Index filters = 1, groups = 1;
  std::vector<double> kernel;
  bool same = false, channels_last = true, transposed = false;
  static constexpr auto fields = std::tuple{
      required(Field{"input_shape", &Convolution::input_shape, "positions of each direction, and channels", 1, 1e9}),
      Field{"kernel_size", &Convolution::kernel_size, "positions of a filter in each direction", 1, 1e6},
      Field{"strides", &Convolution::strides, "positions between two places of a filter", 1, 1e6},
      Field{"filters", &Convolution::filters, "channels of the output", 1, 1e6},
      Field{"groups", &Convolution::groups, "parts of the channels that filters see alone", 1, 1e6},
      required(Field{"kernel", &Convolution::kernel, "positions, channels of a group, filters; the last fastest"}),
      Field{"same", &Convolution::same, "the input counts as surrounded by zeros, so that the output is as large"},
      Field{"channels_last", &Convolution::channels_last, "channels of a position lie side by side"},
      Field{"transposed", &Convolution::transposed, "the transposed operation, from output to input"},
  };
};

using TransformType =
    std::variant<NoTransform, ScalarTransform, DiagonalTransform, DenseTransform, SparseTransform, Convolution>;
struct Transform {
  TransformType type = NoTransform{};
  static constexpr auto fields = std::tuple{Field{"kind", &Transform::type, "what is done to the signal"}};
};

struct Pes {
  static constexpr const char* name = "pes";
  static constexpr const char* help = "decoders move against an error that the rule is given";
  double rate = 1e-4;
  Synapse pre_synapse;
  static constexpr auto fields = std::tuple{Field{"rate", &Pes::rate, "learning rate", 0.0, 1e12},
                                            Field{"pre_synapse", &Pes::pre_synapse, "filter of the activities"}};
};
struct Voja {
  static constexpr const char* name = "voja";
  static constexpr const char* help = "encoders of active neurons move towards the input";
  double rate = 1e-2;
  Synapse post_synapse;
  static constexpr auto fields = std::tuple{Field{"rate", &Voja::rate, "learning rate", 0.0, 1e12},
                                            Field{"post_synapse", &Voja::post_synapse, "filter of the activities"}};
};
struct Bcm {
  static constexpr const char* name = "bcm";
  static constexpr const char* help = "weights grow where the target is more active than its own mean";
  double rate = 1e-9;
  Synapse pre_synapse;
  std::optional<Synapse> post_synapse;
  Synapse theta_synapse{Lowpass{1}};
  static constexpr auto fields =
      std::tuple{Field{"rate", &Bcm::rate, "learning rate", 0.0, 1e12},
                 Field{"pre_synapse", &Bcm::pre_synapse, "filter of the sources"},
                 Field{"post_synapse", &Bcm::post_synapse, "filter of the targets; default: that of the sources"},
                 Field{"theta_synapse", &Bcm::theta_synapse, "filter of the targets that makes their mean"}};
};
struct Oja {
  static constexpr const char* name = "oja";
  static constexpr const char* help = "Hebbian weights that forget by the square of the target's activity";
  double rate = 1e-6;
  Synapse pre_synapse;
  std::optional<Synapse> post_synapse;
  double beta = 1;
  static constexpr auto fields =
      std::tuple{Field{"rate", &Oja::rate, "learning rate", 0.0, 1e12},
                 Field{"pre_synapse", &Oja::pre_synapse, "filter of the sources"},
                 Field{"post_synapse", &Oja::post_synapse, "filter of the targets; default: that of the sources"},
                 Field{"beta", &Oja::beta, "weight of forgetting", 0.0, 1e12}};
};
struct Rls {
  static constexpr const char* name = "rls";
  static constexpr const char* help = "recursive least squares on an error that the rule is given";
  double rate = 1e-3;
  Synapse pre_synapse;
  static constexpr auto fields = std::tuple{Field{"rate", &Rls::rate, "learning rate", 0.0, 1e12},
                                            Field{"pre_synapse", &Rls::pre_synapse, "filter of the activities"}};
};
using RuleType = std::variant<Pes, Voja, Bcm, Oja, Rls>;
struct LearningRule {
  RuleType type = Pes{};
  static constexpr auto fields = std::tuple{required(Field{"rule", &LearningRule::type, "which rule"})};
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

// ---- probes

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
