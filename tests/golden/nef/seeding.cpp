// Recorded builds: the generator, the seeds of objects, and what they drew.
#include "engram/nef/draws.hpp"
#include "engram/nef/simulator.hpp"
#include "tests/golden/nef/common.hpp"
#include "tests/testing/test_backend.hpp"

namespace golden::nef_family {

namespace {

void check_generator(const json& g, Tolerance t) {
  const auto seed = g["seed"].get<std::uint32_t>();
  const auto expect = [&](const char* key, auto&& draw) {
    if (!g.contains(key)) return;
    nef::MersenneDraws draws(seed);
    std::vector<double> found;
    for (std::size_t i = 0; i < g[key].size(); ++i) found.push_back(static_cast<double>(draw(draws)));
    expect_all_near(found, g[key], t, key);
  };
  expect("randint_2147483647", [](nef::MersenneDraws& d) { return nef::child_seed(d); });
  expect("random_sample", [](nef::MersenneDraws& d) { return d.uniform(); });
  expect("randn", [](nef::MersenneDraws& d) { return d.normal(); });
  expect("uniform_200_400", [](nef::MersenneDraws& d) { return 200 + 200 * d.uniform(); });
  expect("raw_uint32", [](nef::MersenneDraws& d) { return d.word(); });
  if (g.contains("permutation8")) {
    nef::MersenneDraws draws(seed);
    EXPECT_EQ(draws.shuffle(8), g["permutation8"].get<std::vector<std::size_t>>());
  }
}

void expect_values(const nef::Simulator& sim, const std::string& array, const json& expected, Tolerance t) {
  const std::vector<real> values = sim.values(array);
  expect_all_near({values.begin(), values.end()}, expected, t, array);
}

/// Encoders of two dimensions and more come from a table of the reference that is off by up to 2e-3.
void check_ensemble(const nef::Simulator& sim, const std::string& name, const json& e, Tolerance t) {
  const std::vector<real> scaled = sim.values(name + ".scaled_encoders"), scale = sim.values(name + ".scale");
  const std::size_t d = e["d"].get<std::size_t>();
  std::vector<double> encoders;
  for (std::size_t i = 0; i < scaled.size(); ++i) encoders.push_back(static_cast<double>(scaled[i] / scale[i / d]));
  expect_all_near(encoders, e["encoders"], {t.relative, d > 1 ? 2e-3 : std::max(t.absolute, 1e-8)}, name + " encoders");
  if (e.contains("gain")) expect_values(sim, name + ".gain", e["gain"], t);
  if (e.contains("bias")) expect_values(sim, name + ".bias", e["bias"], t);
  expect_values(sim, name + ".voltage", e["voltage0"], t);
}

}  // namespace

void check_seeding(const File& f) {
  const Tolerance exact = double_tolerance(f), t = in_float ? Tolerance{1e-5, 1e-6} : exact;
  check_generator(f.json["generator"], exact);
  const json& recorded = f.json["network"];
  const auto seed = recorded["network_seed"].get<std::uint64_t>();
  nef::MersenneDraws draws(static_cast<std::uint32_t>(seed));
  for (const char* child : {"c1", "c2", "e1", "e2", "sub", "node", "probe"}) {
    const std::uint32_t drawn = nef::child_seed(draws);
    if (std::string(child) == "e2") continue;  // it has a seed of its own
    EXPECT_EQ(drawn, recorded["assigned"][child].get<std::uint32_t>()) << child;
  }

  const auto ensemble = [](const json& j) {
    nef::Ensemble e;
    e.neurons = static_cast<engram::Index>(j["n"].get<std::size_t>());
    e.dimensions = static_cast<engram::Index>(j["d"].get<std::size_t>());
    return e;
  };
  const auto backend = engram::test::test_backend();
  nef::Network net;
  net.seeding = nef::Seeding::mersenne;
  nef::Ensemble e2;
  e2.neurons = 5;
  e2.seed = recorded["assigned"]["e2"].get<std::uint64_t>();
  net.ensembles = {{"e1", ensemble(recorded["e1"])}, {"e2", e2}};
  net.nodes = {{"node", {nef::ConstantOutput{{0}}, {}}}};
  nef::Connection c1, c2;
  c1.from = "node";
  c1.to = "e1";
  c1.to_index = {0};
  c2.from = "e1";
  c2.from_index = {0};
  c2.to = "e2";
  net.connections = {{"c1", c1}, {"c2", c2}};
  const nef::Simulator sim(*backend, net, {&seed, 1});
  check_ensemble(sim, "e1", recorded["e1"], t);
  expect_values(sim, "c2.weights", recorded["c2_weights"], {5e-3, 5e-6});

  nef::Network sub;
  sub.seeding = nef::Seeding::mersenne;
  nef::Ensemble e3 = ensemble(recorded["e3"]);
  e3.intercepts.type = nef::UniformDistribution{-0.5, 0.5};
  sub.ensembles = {{"e3", e3}};
  const auto sub_seed = recorded["assigned"]["sub"].get<std::uint64_t>();
  const nef::Simulator inner(*backend, sub, {&sub_seed, 1});
  check_ensemble(inner, "e3", recorded["e3"], t);
}

}  // namespace golden::nef_family
