// The assembly family as users run it: a stack feeding an area of sparse, scaled weights, samples in turn, two
// replicas.
#include "conformance/models.hpp"
#include "engram/assembly/simulator.hpp"

namespace engram::conformance {

Result run_assembly(Backend& backend, Tick steps) {
  using namespace assembly;
  const auto area = [](const char* name, std::vector<std::string> inputs, Index n, const char* rule) {
    AreaSpec a;
    a.name = name;
    a.inputs = std::move(inputs);
    a.n = n;
    a.k = 20;
    a.rule = learning_named(rule);
    a.sampler = "uniform_masked";
    return a;
  };
  AreaSpec c = area("C", {"A", "B"}, 300, "hebb");
  c.storage = "sparse";
  c.normalisation = "scaled";
  const std::vector<std::uint64_t> seeds{4, 5};
  Assembly network(backend,
                   {{{"a", 200, 20}, {"b", 100, 20}},
                    {{area("A", {"a"}, 500, "hebb"), area("B", {"b"}, 333, "hebb_additive")}, {c}}},
                   seeds);
  State state(network);
  for (Tick t = 0; t < steps; ++t) {
    if (t % 10 == 0) {
      if (t) network.normalize();
      state.clear_latent();
      const Tick sample = t / 10 % 4;
      Winners a, b;
      for (const auto seed : seeds) {
        a.push_back(sample_k_active(seed, 0, sample, 200, 20));
        b.push_back(sample_k_active(seed, 1, sample, 100, 20));
      }
      state.present("a", a);
      if (sample == 3)
        state.absent("b");
      else
        state.present("b", b);
    }
    network.step(state, true);
  }
  Result result;
  for (const char* name : {"A", "B", "C"}) result.push_back({std::string("drive of ") + name, state.drive(name)});
  for (const std::string& name : network.matrix_names()) result.push_back({name, network.matrix(name)});
  return result;
}

}  // namespace engram::conformance
