// NEF networks: what one step of a learned memory costs, from the published example to a million encoders.
#include <cmath>
#include <memory>
#include <utility>

#include "bench/cases.hpp"
#include "engram/nef/draws.hpp"
#include "engram/nef/simulator.hpp"

namespace engram::bench {

namespace {

nef::Connection connection(const std::string& from, const std::string& to, bool synapse = false) {
  nef::Connection c;
  c.from = from;
  c.to = to;
  if (!synapse) c.synapse.type = nef::NoSynapse{};
  return c;
}

nef::Rows unit_rows(std::size_t count, std::size_t d, std::uint64_t seed) {
  nef::CounterDraws draws(seed, Stream::test);
  const std::vector<double> all = nef::sample(nef::UniformHypersphere{true}, count, d, draws);
  nef::Rows rows;
  for (std::size_t r = 0; r < count; ++r)
    rows.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(r * d),
                      all.begin() + static_cast<std::ptrdiff_t>((r + 1) * d));
  return rows;
}

/// The example "learning new associations": two populations, five pairs.
nef::Network example(Index neurons) {
  nef::Network net;
  net.nodes = {{"keys", {nef::Cycle{unit_rows(5, 2, 1), 0.3}, {}}},
               {"values", {nef::Cycle{unit_rows(5, 4, 2), 0.3}, {}}},
               {"learning", {nef::ConstantOutput{{0}}, {}}},
               {"recall", {nef::Passthrough{4}, {}}}};
  nef::Ensemble memory, error;
  memory.neurons = error.neurons = neurons;
  memory.dimensions = 2;
  memory.intercepts.type = nef::Constant{0.7};
  error.dimensions = 4;
  net.ensembles = {{"memory", memory}, {"error", error}};
  nef::Connection in = connection("keys", "memory"), out = connection("memory", "recall", true),
                  wanted = connection("values", "error"), inhibit = connection("learning", "error.neurons");
  in.learning = {nef::LearningRule{nef::Voja{0.05, {nef::NoSynapse{}}}}};
  out.function = nef::TargetFunction::zero;
  out.learning = {nef::LearningRule{nef::Pes{1e-3, {}}}};
  wanted.transform.type = nef::ScalarTransform{-1};
  inhibit.transform.type = nef::DenseTransform{{}, 10, {}};
  net.connections = {{"in", in},
                     {"gate", connection("learning", "in.rule0")},
                     {"out", out},
                     {"inhibit", inhibit},
                     {"wanted", wanted},
                     {"found", connection("recall", "error")},
                     {"teach", connection("error", "out.rule0", true)}};
  return net;
}

/// A memory of random keys and values that is taught directly; keys are held for 50 steps. Neurons are tuned so that a
/// hundredth of them answer a key.
nef::Network memory(Index neurons, Index d) {
  nef::Network net;
  net.nodes = {{"keys", {nef::Cycle{unit_rows(20, d, 1), 0.05}, {}}},
               {"values", {nef::Cycle{unit_rows(20, d, 2), 0.05}, {}}},
               {"recall", {nef::Passthrough{d}, {}}}};
  nef::Ensemble store;
  store.neurons = neurons;
  store.dimensions = d;
  store.intercepts.type = nef::Constant{nef::ppf(nef::CosineSimilarity{static_cast<int>(d)}, 0.99)};
  store.encoders.type = nef::UniformHypersphere{true};
  store.n_eval_points = 1;
  net.ensembles = {{"memory", store}};
  nef::Connection in = connection("keys", "memory"), out = connection("memory", "recall", true),
                  wanted = connection("values", "out.rule0");
  in.learning = {nef::LearningRule{nef::Voja{0.05, {nef::NoSynapse{}}}}};
  out.function = nef::TargetFunction::zero;
  out.learning = {nef::LearningRule{nef::Pes{0.01 * neurons / 1000, {}}}};
  wanted.transform.type = nef::ScalarTransform{-1};
  net.connections = {{"in", in}, {"out", out}, {"wanted", wanted}, {"found", connection("recall", "out.rule0")}};
  return net;
}

/// Learning of a full matrix between two populations.
nef::Network full(Index neurons) {
  nef::Network net;
  net.nodes = {{"input", {nef::Sine{{1, 1.3}, {1}, {0}}, {}}}};
  nef::Ensemble e;
  e.neurons = neurons;
  e.dimensions = 2;
  e.n_eval_points = 1;
  net.ensembles = {{"pre", e}, {"post", e}};
  nef::Connection learned = connection("pre.neurons", "post.neurons", true);
  learned.transform.type = nef::DenseTransform{{}, 0.0, {}};
  learned.learning = {nef::LearningRule{nef::Pes{1e-6, {}}}};
  net.connections = {
      {"in", connection("input", "pre")}, {"learned", learned}, {"error", connection("input", "learned.rule0")}};
  return net;
}

Runnable runnable(Backend& backend, const nef::Network& network, Index replicas, Tick steps, Tick warm) {
  std::vector<std::uint64_t> seeds(replicas);
  for (Index r = 0; r < replicas; ++r) seeds[r] = r + 1;
  const auto simulator = std::make_shared<nef::Simulator>(backend, network, seeds);
  simulator->run(warm);
  Runnable r;
  r.steps_per_call = static_cast<double>(steps);
  r.step = [=] { simulator->run(steps); };
  r.check = [=]() -> std::string {
    for (const auto& [name, connection] : network.connections)
      if (simulator->schedule().has(name + ".weights"))
        for (const real w : simulator->values(name + ".weights"))
          if (!std::isfinite(w)) return "a weight of " + name + " is not finite";
    return "";
  };
  return r;
}

}  // namespace

std::vector<Case> nef_cases() {
  std::vector<Case> list;
  const auto add = [&](std::string name, const char* question, Index replicas, Tick steps, Tick warm, auto&& network) {
    Case c;
    c.name = std::move(name);
    c.question = question;
    c.replicas = replicas;
    c.build = [=](Backend& backend, Index r) { return runnable(backend, network(), r, steps, warm); };
    list.push_back(std::move(c));
  };
  for (const Index n : {200, 1000})
    add("nef.example/n=" + std::to_string(n), "one step of the published example, two populations of n neurons", 1, 100,
        300, [=] { return example(n); });
  add("nef.replicas/n=200,R=64", "one step of 64 copies of the example with their own seeds", 64, 100, 300,
      [] { return example(200); });
  for (const auto& [n, d] :
       std::initializer_list<std::pair<Index, Index>>{{1000, 64}, {10000, 64}, {2000, 512}, {20000, 256}})
    add("nef.memory/n=" + std::to_string(n) + ",d=" + std::to_string(d),
        "one step of a memory that learns n encoders and decoders of d dimensions; keys stay for 50 steps", 1, 50, 100,
        [n = n, d = d] { return memory(n, d); });
  add("nef.memory/n=1000000,d=64", "the same of a million neurons, for a GPU and its memory", 1, 50, 100,
      [] { return memory(1000000, 64); });
  add("nef.pes/n=2000", "one step of learning on a full matrix of weights between two populations", 1, 5, 50,
      [] { return full(2000); });
  return list;
}

}  // namespace engram::bench
