// How golden data describe an area, and how close its weights are.
#pragma once

#include "engram/assembly/simulator.hpp"
#include "tests/golden/golden.hpp"

namespace golden::assembly_family {

using namespace engram;
using namespace engram::assembly;
using nlohmann::json;

inline constexpr double unit_weights = 2e-6, run_weights = 1e-5, preactivations = 3e-6, metrics = 1e-6;

inline std::vector<Index> units(const json& j) { return j.get<std::vector<Index>>(); }

inline std::vector<real> flat(const json& matrix) {
  std::vector<real> values;
  for (const json& row : matrix)
    for (const json& x : row) values.push_back(static_cast<real>(x.get<double>()));
  return values;
}

inline Learning learning_of(const json& p) {
  const bool given = p.contains("learning_rate") && p["learning_rate"].is_number();
  const real beta = given ? static_cast<real>(p["learning_rate"].get<double>()) : Hebb{}.beta;
  const std::string update = p.value("update", "multiplicative");
  if (update == "willshaw") return Willshaw{};
  if (update == "additive") return HebbAdditive{.beta = beta};
  return Hebb{.beta = beta};
}

inline AreaSpec area_of(const json& p, const json& weights) {
  AreaSpec area{.name = "A"};
  for (const auto& entry : weights.items())
    if (entry.key().find("weight_input") != std::string::npos)
      area.inputs.push_back("x" + std::to_string(area.inputs.size()));
  area.n = static_cast<Index>(weights.at("weight_recurrent").size());
  area.k = p.value("k", Index{1});
  area.recurrent_coef = p.value("recurrent_coef", 1.0);
  area.rule = learning_of(p);
  area.p_synapse = 0;
  return area;
}

inline Assembly single_area(Backend& backend, const AreaSpec& area, const json& weights) {
  Spec spec;
  for (std::size_t l = 0; l < area.inputs.size(); ++l) {
    const auto n = static_cast<Index>(weights.at("weight_input" + std::to_string(l)).at(0).size());
    spec.stimuli.push_back({area.inputs[l], n, n});
  }
  spec.stages = {{area}};
  Assembly network(backend, spec);
  for (const auto& [name, matrix] : weights.items()) network.set_matrix(name, flat(matrix));
  return network;
}

inline void expect_weights(const Assembly& network, const json& expected, double relative) {
  for (const auto& [name, matrix] : expected.items()) {
    const std::vector<real> found = network.matrix(name), recorded = flat(matrix);
    ASSERT_EQ(found.size(), recorded.size()) << name;
    for (std::size_t i = 0; i < found.size(); ++i)
      expect_close(found[i], recorded[i], relative, 0, name + "[" + std::to_string(i) + "]");
  }
}

/// Runs a check on each storage that the rule allows, and with rewritten and scaled weights where it normalises.
template <class Check>
void each_storage(const AreaSpec& area, Check&& check) {
  for (const char* storage : {"dense", "sparse"})
    for (const char* normalisation : {"in_place", "scaled"}) {
      AreaSpec chosen = area;
      chosen.storage = storage;
      chosen.normalisation = normalisation;
      if (chosen.storage == "sparse" && !std::holds_alternative<Hebb>(chosen.rule)) continue;
      SCOPED_TRACE(chosen.storage + " " + chosen.normalisation);
      check(chosen);
    }
}

void check_single_run(const File&);
void check_associate_run(const File&);

}  // namespace golden::assembly_family
