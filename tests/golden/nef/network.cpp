// Recorded networks: spikes step by step, and state at checkpoints.
#include <map>

#include "engram/nef/simulator.hpp"
#include "tests/golden/nef/common.hpp"
#include "tests/testing/test_backend.hpp"

namespace golden::nef_family {

namespace {

nef::Rows rows_of(const json& j) {
  nef::Rows rows;
  for (const json& row : j) rows.push_back(numbers(row));
  return rows;
}
nef::Synapse synapse_of(const json& owner, const char* key) {
  return {owner.contains(key) ? synapse_type(owner[key]) : nef::SynapseType(nef::NoSynapse{})};
}

nef::Node node_of(const json& j) {
  const auto type = j["type"].get<std::string>();
  nef::Node node;
  if (type == "constant") {
    node.output = nef::ConstantOutput{numbers(j["value"])};
  } else if (type == "passthrough") {
    node.output = nef::Passthrough{j["size_in"].get<engram::Index>()};
  } else if (type == "table") {
    nef::StepTable table;
    for (const json& segment : j["segments"]) {
      table.steps.push_back(segment[0].get<std::uint64_t>());
      table.values.push_back(numbers(segment[1]));
    }
    node.output = table;
  } else if (type == "function" && j["function"] == "square") {
    node.output = nef::FunctionOfInput{j["size_in"].get<engram::Index>(), nef::Function::square};
  } else {
    throw std::runtime_error("no check knows the node " + j.dump());
  }
  return node;
}

nef::Ensemble ensemble_of(const json& j) {
  nef::Ensemble e;
  e.neurons = j["n_neurons"].get<engram::Index>();
  e.dimensions = j["dimensions"].get<engram::Index>();
  e.radius = number(j["radius"]);
  e.neuron.type = neuron_type(j["neuron_type"]);
  e.gain = numbers(j["gain"]);
  e.bias = numbers(j["bias"]);
  e.encoders.type = nef::Samples{numbers(j["encoders"])};
  e.normalize_encoders = false;
  e.n_eval_points = 1;
  for (const auto& [name, values] : j["initial_state"].items())
    e.initial_state.push_back({name, {nef::Samples{numbers(values)}}});
  return e;
}

nef::LearningRule rule_of(const json& j) {
  const auto type = j["type"].get<std::string>();
  const double rate = number(j["learning_rate"]);
  const nef::Synapse pre = synapse_of(j, "pre_synapse"), post = synapse_of(j, "post_synapse");
  if (type == "PES") return {nef::Pes{rate, pre}};
  if (type == "Voja") return {nef::Voja{rate, post}};
  if (type == "BCM") return {nef::Bcm{rate, pre, post, synapse_of(j, "theta_synapse")}};
  if (type == "Oja") return {nef::Oja{rate, pre, post, number(j["beta"])}};
  if (type == "RLS") return {nef::Rls{rate, pre}};
  throw std::runtime_error("no check knows the learning rule " + type);
}

std::string end_of(const json& j, std::vector<std::int64_t>& index) {
  if (!j["index"].is_null()) index = j["index"].get<std::vector<std::int64_t>>();
  const auto kind = j["kind"].get<std::string>(), id = j["id"].get<std::string>();
  if (kind == "neurons") return id + ".neurons";
  if (kind == "learning_rule") return id + ".rule" + std::to_string(j.value("rule", 0));
  return id;
}

nef::Connection connection_of(const json& j) {
  nef::Connection c;
  c.from = end_of(j["pre"], c.from_index);
  c.to = end_of(j["post"], c.to_index);
  c.synapse = synapse_of(j, "synapse");
  const auto space = j["weight_space"].get<std::string>();
  c.solver.weights = space == "neurons_full";
  if (c.solver.weights) c.to_index.clear();  // it is in the weights already
  const json& w = j["weights"];
  if (w.is_number())
    c.transform.type = nef::ScalarTransform{w.get<double>()};
  else if (w.is_array())
    c.weights = rows_of(w);
  if (j.contains("function")) {
    if (j["function"] != "square") throw std::runtime_error("no check knows the function " + j["function"].dump());
    c.function = nef::TargetFunction::square;
  }
  if (j.contains("learning_rules"))
    for (const json& rule : j["learning_rules"]) c.learning.push_back(rule_of(rule));
  return c;
}

/// The thing that a probe of the files is of is told by its name.
void target_of(const std::string& name, const json& spec, nef::Probe& p) {
  const auto attribute = spec["attr"].get<std::string>();
  p.attribute = attribute;
  if (name.starts_with("conn_ab")) {
    p.of = "c4";
  } else if (name == "every2p5ms") {
    p.of = "thru";
  } else if (attribute == "decoded_output") {
    p.of = name.substr(0, name.find('_'));
    if (name == "a_slice1") p.index = {1};
  } else {
    p.of = name.substr(0, name.find('_'));
    if (name == "a_spikes" || name.ends_with("_voltage") || name.find("_J") != std::string::npos) p.of += ".neurons";
  }
  if (spec.contains("decoders")) p.decoders = rows_of(spec["decoders"]);
  p.synapse = synapse_of(spec, "synapse");
  if (!spec["sample_every"].is_null()) p.sample_every = number(spec["sample_every"]);
}

nef::Network network_of(const json& file) {
  nef::Network net;
  const json& j = file["network"];
  net.dt = number(j["dt"]);
  net.keep_changes = true;
  for (const json& node : j["nodes"]) net.nodes.push_back({node["id"].get<std::string>(), node_of(node)});
  for (const json& e : j["ensembles"]) net.ensembles.push_back({e["id"].get<std::string>(), ensemble_of(e)});
  std::size_t unnamed = 0;
  for (const json& c : j["connections"])
    net.connections.push_back(
        {c["id"].is_null() ? "unnamed" + std::to_string(unnamed++) : c["id"].get<std::string>(), connection_of(c)});
  if (file["expected"].contains("probes"))
    for (const auto& [name, probe] : file["expected"]["probes"].items()) {
      nef::Probe p;
      target_of(name, probe["spec"], p);
      net.probes.push_back({"probe_" + name, p});
    }
  return net;
}

/// In double as the file says; in float relative to the largest recorded value of an array.
class Comparison {
 public:
  explicit Comparison(const File& f) : exact_(double_tolerance(f)) {
    const json& single = f.json["tolerance"]["single"];
    if (single.is_object()) of_maximum_ = single["max_abs_error_over_max_abs_expected"].get<double>();
  }
  bool loose() const { return in_float && of_maximum_ == 0; }
  void operator()(const std::vector<double>& found, const json& expected, const std::string& what) const {
    if (!in_float) return expect_all_near(found, expected, exact_, what);
    double most = 0;
    for (const double v : numbers(expected)) most = std::max(most, std::abs(v));
    expect_all_near(found, expected, {0, of_maximum_ * most + 1e-30}, what);
  }

 private:
  Tolerance exact_;
  double of_maximum_ = 0;
};

std::vector<double> doubles(const std::vector<real>& values) { return {values.begin(), values.end()}; }

std::vector<std::size_t> firing(const std::vector<real>& activities) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < activities.size(); ++i)
    if (activities[i] != real(0)) all.push_back(i);
  return all;
}

using Samples = std::map<std::string, std::vector<std::vector<double>>>;

void check_spikes(const json& expected, const nef::Simulator& sim, std::size_t k, bool loose) {
  for (const char* key : {"spikes", "spikes_first_200"}) {
    if (!expected.contains(key)) continue;
    for (const auto& [ensemble, steps] : expected[key].items()) {
      if (k >= steps.size()) continue;
      ASSERT_EQ(firing(sim.values(ensemble + ".activities")), steps[k].get<std::vector<std::size_t>>())
          << ensemble << " at step " << k + 1;
    }
  }
  if (!expected.contains("spike_count_per_step")) return;
  for (const auto& [ensemble, counts] : expected["spike_count_per_step"].items()) {
    if (loose && k >= 300) continue;  // in single precision the first spikes differ somewhat later
    ASSERT_EQ(firing(sim.values(ensemble + ".activities")).size(), counts[k].get<std::size_t>())
        << ensemble << " at step " << k + 1;
  }
}

/// Names of arrays that the files call otherwise.
std::string array_of(const std::string& key) {
  if (key.ends_with(".activities") && key.find(".rule") != std::string::npos)
    return key.substr(0, key.size() - 10) + "pre_filtered";
  return key;
}

void check_checkpoint(const json& checkpoint, const nef::Simulator& sim, const Comparison& near) {
  for (const auto& [key, expected] : checkpoint.items()) {
    if (key == "step") continue;
    const std::string what = key + " at step " + checkpoint["step"].dump();
    std::vector<double> found = doubles(sim.values(array_of(key)));
    if (near.loose()) {
      if (!key.ends_with("scaled_encoders")) continue;
      // Unit encoders within 1e-3: scaled ones, each row by its own gain.
      const std::vector<double> scale = doubles(sim.values(key.substr(0, key.find('.')) + ".scale"));
      const std::vector<double> recorded = numbers(expected);
      const std::size_t d = recorded.size() / scale.size();
      for (std::size_t i = 0; i < recorded.size(); ++i)
        EXPECT_NEAR(found[i] / scale[i / d], recorded[i] / scale[i / d], 1e-3) << what;
      continue;
    }
    near(found, expected, what);
  }
}

void check_probes(const json& probes, const Samples& samples, const Comparison& near) {
  for (const auto& [name, probe] : probes.items()) {
    const std::size_t stride = probe.value("stride", std::size_t{1});
    std::vector<double> found;
    const auto& all = samples.at("probe_" + name);
    for (std::size_t s = 0; s < all.size(); s += stride) found.insert(found.end(), all[s].begin(), all[s].end());
    if (near.loose()) {
      const std::vector<double> recorded = numbers(probe["data"]);
      ASSERT_EQ(found.size(), recorded.size()) << name;
      if (name != "recall") continue;
      for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], recorded[i], 0.05) << name;
      continue;
    }
    near(found, probe["data"], "probe " + name);
  }
}

}  // namespace

void check_network(const File& f) {
  const auto backend = engram::test::test_backend();
  const nef::Network net = network_of(f.json);
  const std::uint64_t seed = 1;
  nef::Simulator sim(*backend, net, {&seed, 1});
  const Comparison near(f);
  const json& expected = f.json["expected"];
  Samples samples;
  const auto steps = f.json["steps"].get<std::size_t>();
  for (std::size_t k = 0; k < steps; ++k) {
    sim.run(k, 1, [&](const std::string& probe, engram::Tick, engram::Index, std::span<const real> sample) {
      samples[probe].emplace_back(sample.begin(), sample.end());
    });
    check_spikes(expected, sim, k, near.loose());
    if (testing::Test::HasFatalFailure()) return;
    for (const json& checkpoint : expected["checkpoints"])
      if (checkpoint["step"] == k + 1) check_checkpoint(checkpoint, sim, near);
  }
  if (expected.contains("probes")) check_probes(expected["probes"], samples, near);
}

}  // namespace golden::nef_family
