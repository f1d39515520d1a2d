// What a run says it needs before it begins is what it takes, checkpoints and the end included.
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/testing/process.hpp"

namespace engram::test {
namespace {

using Json = nlohmann::ordered_json;

struct Case {
  const char* name;
  const char* experiment;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class Forecast : public testing::TestWithParam<Case> {
 protected:
  static void expect_as_said(const std::string& folder, const char* what) {
    const Json memory = Json::parse(slurp(folder + "/manifest.json"))["memory"];
    constexpr double mebi = 1 << 20, program = 14;  // its code and libraries
    const double said = memory["forecast"].get<double>() / mebi, took = memory["peak"].get<double>() / mebi - program;
    EXPECT_NEAR(said, took, 0.1 * took + 6) << what;  // histories and the recorder take a few MiB of any network
  }
};

TEST_P(Forecast, IsWithinATenthOfWhatTheRunAndItsResumeTake) {
  if (!memory_is_engrams) GTEST_SKIP();
  const Scratch folder;
  const std::string file = (folder / "e.json").string(), out = (folder / "run").string();
  Json document = Json::parse(GetParam().experiment);
  document["schema"] = "engram/1";
  document["backend"] = "cpu";
  document["checkpoint"] = {{"every", 2}};
  spit(file, document.dump());
  const Finished run = engram({"run", file, "--out", out});
  ASSERT_EQ(run.code, 0) << run.error;
  expect_as_said(out, "run");
  const Finished stopped = engram({"run", file, "--out", out, "--force"}, shim("ENGRAM_SIGNALS", "/checkpoints/:1:15"));
  ASSERT_EQ(stopped.code, 128 + SIGTERM) << stopped.error;
  const Finished resumed = engram({"resume", out});
  ASSERT_EQ(resumed.code, 0) << resumed.error;
  expect_as_said(out, "resume");
}

INSTANTIATE_TEST_SUITE_P(
    Families, Forecast,
    testing::Values(
        Case{"assembly_dense", R"({"model": {"type": "assembly", "stimuli": {"x": {"n": 3000, "k": 50}},
             "stages": [{"A": {"inputs": ["x"], "n": 3000, "k": 50}}]}, "simulator": {"epoch_size": 2}, "samples": 4,
             "protocol": [{"do": "simulate"}]})"},
        Case{"assembly_sparse", R"({"model": {"type": "assembly", "stimuli": {"x": {"n": 10000, "k": 50}},
             "stages": [{"A": {"inputs": ["x"], "n": 10000, "k": 50, "storage": "sparse", "p_synapse": 0.05}}]},
             "simulator": {"epoch_size": 2}, "samples": 4, "protocol": [{"do": "simulate"}]})"},
        Case{"calculus_explicit", R"({"model": {"type": "calculus", "connectome": "explicit", "p": 0.05,
             "defaults": {"n": 3000, "k": 70}, "areas": {"A": {}, "B": {}}, "stimuli": {"s": {"size": 70}}},
             "protocol": [{"do": "project", "stimuli": {"s": ["A"]}, "rounds": 3},
                          {"do": "project", "areas": {"A": ["A", "B"]}, "rounds": 3}]})"},
        Case{"calculus_procedural", R"({"model": {"type": "calculus", "connectome": "procedural", "p": 0.001,
             "defaults": {"n": 1000000, "k": 500}, "areas": {"A": {}, "B": {}}, "stimuli": {"s": {"size": 500}}},
             "protocol": [{"do": "project", "stimuli": {"s": ["A"]}, "rounds": 3},
                          {"do": "project", "areas": {"A": ["A", "B"]}, "rounds": 3}]})"},
        Case{"calculus_lazy", R"({"model": {"type": "calculus", "connectome": "lazy", "p": 0.001,
             "defaults": {"n": 1000000, "k": 500}, "areas": {"A": {}, "B": {}}, "stimuli": {"s": {"size": 500}}},
             "protocol": [{"do": "project", "stimuli": {"s": ["A"]}, "rounds": 3},
                          {"do": "project", "areas": {"A": ["A", "B"]}, "rounds": 3}]})"},
        Case{"sorn_sparse", R"({"model": {"type": "sorn", "ne": 40000, "nu": 50, "network_type_ie": "Sparse"},
             "input": {"source": "random"}, "phases": [{"steps": 6, "label": "d"}]})"},
        Case{"sorn_dense_ie", R"({"model": {"type": "sorn", "ne": 5000, "nu": 50}, "input": {"source": "random"},
             "phases": [{"steps": 6, "label": "d"}]})"},
        Case{"leabra",
             R"({"model": {"type": "leabra", "layers": {"a": {"size": 2000}, "b": {"size": 2000}},
                           "projections": {"up": {"pre": "a", "post": "b"}, "down": {"pre": "b", "post": "a"}}},
             "patterns": {"inputs": ["a"], "targets": ["b"], "random": 4, "active": {"a": 200, "b": 200}},
             "protocol": [{"do": "train", "epochs": 4, "minus_cycles": 3, "plus_cycles": 2, "cycles": 3}]})"},
        Case{"leabra_rows",
             R"({"model": {"type": "leabra", "layers": {"a": {"size": 6000}, "b": {"size": 6000}},
                           "projections": {"up": {"pre": "a", "post": "b", "sparsity": 0.05},
                                           "down": {"pre": "b", "post": "a", "sparsity": 0.02,
                                                    "learning": "momentum"}}},
             "patterns": {"inputs": ["a"], "targets": ["b"], "random": 4, "active": {"a": 200, "b": 200}},
             "protocol": [{"do": "train", "epochs": 4, "minus_cycles": 3, "plus_cycles": 2, "cycles": 3}]})"},
        Case{"nef_full_matrix",
             R"({"model": {"type": "nef", "nodes": {"x": {"output": "sine", "frequency": [5], "amplitude": [0.8]}},
             "ensembles": {"a": {"neurons": 2000, "dimensions": 1, "n_eval_points": 1},
                           "b": {"neurons": 2000, "dimensions": 1, "n_eval_points": 1}},
             "connections": {"in": {"from": "x", "to": "a"}, "error": {"from": "x", "to": "learned.rule0"},
                             "learned": {"from": "a.neurons", "to": "b.neurons", "learning": [{"rule": "pes"}],
                                         "transform": {"kind": "dense", "everywhere": 0}}},
             "probes": {"p": {"of": "b.neurons", "attribute": "voltage", "sample_every": 0.004}}},
             "run": {"seconds": 0.012}})"},
        Case{"nef_solved",
             R"({"model": {"type": "nef", "nodes": {"x": {"output": "sine", "frequency": [5], "amplitude": [0.8]}},
             "ensembles": {"a": {"neurons": 800, "dimensions": 2}},
             "connections": {"in": {"from": "x", "to": "a", "to_index": [0]}}, "probes": {"p": {"of": "a"}}},
             "run": {"seconds": 0.012}})"},
        Case{"nef_memory", R"({"model": {"type": "nef_memory", "pairs": 3, "dimensions": 128, "neurons": 10000,
             "presentation": 0.002}})"},
        Case{"attractor",
             R"({"model": {"type": "attractor", "evidence": 2, "inverse_temperature": 1, "learning_rate": 0.0005},
             "patterns": {"random": 4, "units": 2000}, "protocol": [{"do": "train", "label": "t", "epochs": 2, "steps": 3}]})"}));

}  // namespace
}  // namespace engram::test
