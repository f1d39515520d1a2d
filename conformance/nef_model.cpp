// NEF networks: a learned memory with a held input, every kind of neurons, filters, transforms and learning rules. All
// numbers are given or drawn by the engine's counters, so that no solver and no library function decides a bit.
#include "conformance/models.hpp"
#include "engram/nef/simulator.hpp"

namespace engram::conformance {

namespace {

/// Uniform numbers around 0.
std::vector<double> numbers(std::size_t count, std::uint32_t which, double width = 1) {
  std::vector<double> all(count);
  for (std::uint32_t i = 0; i < count; ++i)
    all[i] = width * (static_cast<double>(Random{21, Stream::test, which, i}.words(0).w[0] >> 8) * 0x1p-23 - 1);
  return all;
}
nef::Rows rows(std::size_t count, std::size_t length, std::uint32_t which, double width = 1) {
  const std::vector<double> all = numbers(count * length, which, width);
  nef::Rows made;
  for (std::size_t r = 0; r < count; ++r)
    made.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(r * length),
                      all.begin() + static_cast<std::ptrdiff_t>((r + 1) * length));
  return made;
}

nef::Ensemble ensemble(Index neurons, Index dimensions, std::uint32_t which, const nef::NeuronType& type = nef::Lif{}) {
  nef::Ensemble e;
  e.neurons = neurons;
  e.dimensions = dimensions;
  e.neuron.type = type;
  e.encoders.type = nef::Samples{numbers(std::size_t{neurons} * dimensions, which)};
  e.normalize_encoders = false;
  e.gain.assign(neurons, 4);
  e.bias = numbers(neurons, which + 1, 3);
  for (double& b : e.bias) b += 2;
  e.n_eval_points = 1;
  e.eval_points.type = nef::Constant{};
  return e;
}

nef::Connection connection(const std::string& from, const std::string& to,
                           const nef::SynapseType& synapse = nef::NoSynapse{}) {
  nef::Connection c;
  c.from = from;
  c.to = to;
  c.synapse.type = synapse;
  return c;
}

nef::Probe probe(const std::string& of, const std::string& attribute) {
  nef::Probe p;
  p.of = of;
  p.attribute = attribute;
  return p;
}

/// A learned memory of `d` dimensions.
nef::Network memory(Index neurons, Index d) {
  nef::Network net;
  net.nodes = {{"keys", {nef::Cycle{rows(3, d, 1), 0.02}, {}}},
               {"values", {nef::Cycle{rows(3, 3, 2), 0.02}, {}}},
               {"off", {nef::TimeTable{{0.12}, {{-1}}}, {}}},
               {"recall", {nef::Passthrough{3}, {}}}};
  nef::Ensemble store = ensemble(neurons, d, 3);
  net.ensembles = {{"memory", store}};
  nef::Connection in = connection("keys", "memory"), out = connection("memory", "recall", nef::Lowpass{});
  in.learning = {nef::LearningRule{nef::Voja{0.05, {nef::NoSynapse{}}}}};
  out.weights = rows(3, neurons, 5, 1e-3);
  out.learning = {nef::LearningRule{nef::Pes{1e-3, {nef::Lowpass{}}}}};
  nef::Connection wanted = connection("values", "out.rule0"),
                  found = connection("recall", "out.rule0", nef::Alpha{0.002});
  wanted.transform.type = nef::ScalarTransform{-1};
  net.connections = {{"in", in},       {"gate", connection("off", "in.gate0")}, {"out", out}, {"wanted", wanted},
                     {"found", found}, {"hold", connection("off", "out.gate0")}};
  net.probes = {{"recalled", probe("recall", "")}};
  return net;
}

/// Everything else.
nef::Network zoo() {
  nef::Network net;
  net.nodes = {{"sine", {nef::Sine{{3, 5}, {0.8}, {0.1}}, {}}},
               {"noise", {nef::WhiteNoise{6, nef::Noise::normal, 0, 0.02, true}, {}}},
               {"square", {nef::FunctionOfInput{2, nef::Function::square}, {}}},
               {"image", {nef::Passthrough{8}, {}}}};
  const nef::NeuronType types[] = {nef::LifRate{},
                                   nef::AdaptiveLif{},
                                   nef::AdaptiveLifRate{},
                                   nef::RectifiedLinear{},
                                   nef::SpikingRectifiedLinear{},
                                   nef::Sigmoid{},
                                   nef::Tanh{},
                                   nef::Izhikevich{},
                                   nef::RegularSpiking{},
                                   nef::StochasticSpiking{},
                                   nef::PoissonSpiking{}};
  std::uint32_t which = 10;
  for (const nef::NeuronType& type : types) {
    const std::string name = "e" + std::to_string(which);
    net.ensembles.push_back({name, ensemble(37, 2, which, type)});
    net.connections.push_back({"to_" + name, connection("sine", name)});
    which += 3;
  }
  net.ensembles[0].second.noise = nef::WhiteNoise{1, nef::Noise::uniform, 0, 0.1, true};
  net.ensembles.push_back({"pre", ensemble(150, 2, 70)});
  net.ensembles.push_back({"post", ensemble(40, 2, 72)});
  nef::Connection drive = connection("sine", "pre"), both = connection("pre.neurons", "post.neurons", nef::Lowpass{});
  both.transform.type = nef::DenseTransform{rows(40, 150, 74, 1e-3), {}, {}};
  both.learning = {nef::LearningRule{nef::Bcm{1e-8, {}, {}, {nef::Lowpass{0.1}}}},
                   nef::LearningRule{nef::Oja{1e-6, {}, {}, 1}}};
  nef::Connection least = connection("pre", "square", nef::LinearFilter{{1, 2}, {0.0004, 0.03, 1}});
  least.weights = rows(2, 150, 75, 1e-4);
  least.learning = {nef::LearningRule{nef::Rls{1e-3, {nef::Lowpass{}}}}};
  nef::Connection error = connection("sine", "least.rule0", nef::Triangle{0.004});
  nef::Connection some = connection("pre.neurons", "post.neurons", nef::Lowpass{0.01});
  some.from_index = {7, 3, 99};
  some.to_index = {2, 30, 5};
  some.transform.type = nef::DiagonalTransform{{0.01, -0.02, 0.03}};
  nef::Connection sparse = connection("noise", "image");
  sparse.transform.type = nef::SparseTransform{8, {0, 3, 3, 7}, {5, 1, 2, 0}, {1, 0.5, -2, 3}};
  nef::Connection kernel = connection("image", "square", nef::Lowpass{0.003});
  kernel.transform.type = nef::Convolution{{8, 1}, {3}, {3}, 1, 1, {0.5, 1, -1}, false, true, false};
  for (auto& [name, c] : std::initializer_list<std::pair<const char*, nef::Connection>>{{"drive", drive},
                                                                                        {"both", both},
                                                                                        {"least", least},
                                                                                        {"error", error},
                                                                                        {"some", some},
                                                                                        {"sparse", sparse},
                                                                                        {"kernel", kernel}})
    net.connections.push_back({name, c});
  nef::Probe filtered = probe("post.neurons", "voltage");
  filtered.synapse.type = nef::Lowpass{};
  filtered.sample_every = 0.002;
  net.probes = {{"filtered", filtered}};
  return net;
}

Result run_network(Backend& backend, Tick steps, const nef::Network& network, std::span<const std::uint64_t> seeds,
                   const std::vector<std::string>& arrays) {
  nef::Simulator simulator(backend, network, seeds);
  std::vector<real> recorded;
  simulator.run(0, steps, [&](const std::string&, Tick, Index, std::span<const real> sample) {
    recorded.insert(recorded.end(), sample.begin(), sample.end());
  });
  Result result{{"recorded", recorded}};
  for (const std::string& array : arrays) {
    std::vector<real> all;
    for (Index r = 0; r < simulator.replicas(); ++r) {
      const std::vector<real> one = simulator.values(array, r);
      all.insert(all.end(), one.begin(), one.end());
    }
    result.push_back({array, all});
  }
  return result;
}

const std::vector<std::string> of_memory = {"memory.voltage", "memory.activities", "memory.scaled_encoders",
                                            "out.weights", "out.rule0.pre_filtered"};

}  // namespace

Result run_nef_memory(Backend& backend, Tick steps) {
  const std::uint64_t seeds[] = {1, 2, 3};
  return run_network(backend, steps, memory(150, 2), seeds, of_memory);
}
Result run_nef_held(Backend& backend, Tick steps) {
  const std::uint64_t seed[] = {4};
  return run_network(backend, steps, memory(130, 70), seed, of_memory);
}
Result run_nef_zoo(Backend& backend, Tick steps) {
  const std::uint64_t seeds[] = {5, 6};
  return run_network(backend, steps, zoo(), seeds,
                     {"both.weights", "least.weights", "least.rule0.inv_gamma", "post.J", "square.output",
                      "e31.activities", "e40.activities"});
}

}  // namespace engram::conformance
