// Steps of one recurrent area with as many inputs as units, p = 0.05, multiplicative rule, and the association script.
#include "bench/cases.hpp"
#include "engram/assembly/simulator.hpp"

namespace engram::bench {

namespace {

using namespace assembly;

struct Bench {
  Bench(Backend& backend, const Spec& spec, std::vector<std::uint64_t> s)
      : seeds(std::move(s)), network(backend, spec, seeds), state(network) {}
  std::vector<std::uint64_t> seeds;
  Assembly network;
  State state;
};

/// One step. Bytes: the rows of k stimulus and k recurrent sources are read once for the drive; learning reads the
/// indices of sparse rows again, or touches k x k weights of a dense matrix; the drive is written, and read by the
/// selection.
Case step(Index n, Index k, const char* storage, bool learn) {
  const std::string size = "n=" + std::to_string(n) + ",k=" + std::to_string(k);
  const bool sparse = storage == std::string("sparse");
  Case c;
  c.name = std::string("assembly.") + (learn ? "train/" : "recall/") + size + (sparse ? "" : ",storage=dense");
  c.question = std::string(learn ? "training" : "evaluation") + " step of one area, n inputs, p=0.05, " + storage +
               " weights, activity " + std::to_string(k) + " of " + std::to_string(n) +
               ", settled after 30 training steps";
  c.build = [=](Backend& backend, Index replicas) {
    AreaSpec area;
    area.name = "A";
    area.inputs = {"x"};
    area.n = n;
    area.k = k;
    area.storage = storage;
    area.rule = Hebb{.w_max = 1};  // weights stay finite however long the case runs
    auto b = std::make_shared<Bench>(backend, Spec{{{"x", n, k}}, {{area}}}, seeds_of(replicas));
    Winners x;
    for (const auto seed : b->seeds) x.push_back(sample_k_active(seed, 0, 0, n, k));
    b->state.present("x", x);
    for (int t = 0; t < 30; ++t) b->network.step(b->state, true);
    b->network.normalize();
    Runnable r;
    const double row = sparse ? 0.05 * n : n, sources = 2.0 * k;
    const double drive = sources * row * (sparse ? sizeof(Index) + sizeof(real) : sizeof(real));
    const double learning = !learn   ? 0
                            : sparse ? sources * row * sizeof(Index) + 2 * sources * k * 0.05 * sizeof(real)
                                     : 2 * sources * k * sizeof(real);
    r.bytes_per_step = replicas * (drive + learning + 3.0 * n * sizeof(real));
    r.synapses_per_step = replicas * sources * 0.05 * n;
    r.step = [b, learn] { b->network.step(b->state, learn); };
    r.check = [b, k]() -> std::string {
      for (const auto& winners : b->state.winners("A"))
        if (winners.size() != k ||
            std::adjacent_find(winners.begin(), winners.end(), std::greater_equal<>()) != winners.end())
          return "an area did not fire k different units";
      return "";
    };
    return r;
  };
  return c;
}

/// The whole association script, monitored; one step is one whole run.
Case associate() {
  Case c;
  c.name = "assembly.associate";
  c.question =
      "the association script with monitoring: 150 training steps of three areas (2000, 1500, 1000; k = 50), recall "
      "of all samples after each, two benchmarks; dense weights";
  c.build = [](Backend& backend, Index replicas) {
    const auto area = [](const char* name, std::vector<std::string> inputs, Index n) {
      AreaSpec a;
      a.name = name;
      a.inputs = std::move(inputs);
      a.n = n;
      return a;
    };
    auto b =
        std::make_shared<Bench>(backend,
                                Spec{{{"a", 1000, 50}, {"b", 500, 50}},
                                     {{area("A", {"a"}, 2000), area("B", {"b"}, 1500)}, {area("C", {"A", "B"}, 1000)}}},
                                seeds_of(replicas));
    auto overlap_after = std::make_shared<double>(0);
    Runnable r;
    r.step = [b, overlap_after] {
      std::vector<Sample> only[2], pairs;
      for (Tick s = 0; s < 5; ++s) {
        Sample pair;
        for (const auto seed : b->seeds) {
          pair["a"].push_back(sample_k_active(seed, 0, s, 1000, 50));
          pair["b"].push_back(sample_k_active(seed, 1, s, 500, 50));
        }
        only[0].push_back({{"a", pair["a"]}});
        only[1].push_back({{"b", pair["b"]}});
        pairs.push_back(pair);
      }
      Simulator simulator(b->network);
      simulator.simulate(only[0]);
      simulator.simulate(only[1]);
      simulator.associate_benchmark(pairs);
      simulator.simulate(pairs);
      *overlap_after = simulator.associate_benchmark(pairs).parents[0];
    };
    r.check = [overlap_after] {
      return *overlap_after > 0.2 ? std::string()
                                  : "the pairs did not associate: overlap " + std::to_string(*overlap_after);
    };
    return r;
  };
  return c;
}

}  // namespace

std::vector<Case> assembly_cases() {
  std::vector<Case> all;
  for (const bool learn : {true, false})
    for (const auto& [n, k] : {std::pair<Index, Index>{1000, 50}, {4000, 63}, {10000, 100}})
      for (const char* storage : {"sparse", "dense"}) all.push_back(step(n, k, storage, learn));
  all.push_back(associate());
  return all;
}

}  // namespace engram::bench
