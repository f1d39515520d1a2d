// NEF experiments as JSON: what they refuse, and that neither threads nor calls nor other replicas change a bit.
#include "tests/models/nef/task.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/run/checkpoint.hpp"
#include "engram/nef/simulator.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using Json = nlohmann::ordered_json;

/// The first problem of a changed example.
std::string problem_of(const std::function<void(Json&)>& change) {
  Json document = test::nef_example("learning_new_associations");
  change(document["model"]);
  try {
    test::nef_task(document, *test::test_backend({1}), 1);
  } catch (const ConfigError& error) {
    return error.problems().front().path + ": " + error.problems().front().text;
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(NefTask, RefusesWhatDoesNotFitAndSaysWhere) {
  EXPECT_EQ(problem_of([](Json&) {}), "accepted");
  const auto expect = [](const char* path, const char* text, const std::function<void(Json&)>& change) {
    const std::string found = problem_of(change);
    EXPECT_NE(found.find(path), std::string::npos) << found;
    EXPECT_NE(found.find(text), std::string::npos) << found;
  };
  expect("connections/wanted", "\"stim_values\" delivers 4 numbers to \"memory\", which takes 2",
         [](Json& m) { m["connections"]["wanted"]["to"] = "memory"; });
  expect("connections/conn_in/from", "did you mean \"stim_keys\"",
         [](Json& m) { m["connections"]["conn_in"]["from"] = "stim_key"; });
  expect("", "connection back -> connection loop", [](Json& m) {
    const Json none{{"type", "none"}};
    m["nodes"]["again"] = {{"output", "passthrough"}, {"size_in", 4}};
    m["connections"]["loop"] = {{"from", "recall"}, {"to", "again"}, {"synapse", none}};
    m["connections"]["back"] = {{"from", "again"}, {"to", "recall"}, {"synapse", none}};
  });
  expect("", "connection loop needs its own result", [](Json& m) {
    m["connections"]["loop"] = {{"from", "recall"}, {"to", "recall"}, {"synapse", {{"type", "none"}}}};
  });
  expect("connections/read", "activities are zero", [](Json& m) {
    m["ensembles"]["memory"]["intercepts"]["value"] = 0.999;
    m["ensembles"]["memory"]["n_eval_points"] = 10;
    m["connections"]["read"] = {{"from", "memory"}, {"to", "recall"}, {"to_index", {0, 1}}};
  });
  expect("ensembles/memory/intercepts", "[-1, 1)",
         [](Json& m) { m["ensembles"]["memory"]["intercepts"]["value"] = 1.0; });
  for (const Json& rates : {Json{{"distribution", "constant"}, {"value", 500}},
                            Json{{"distribution", "uniform"}, {"low", 400}, {"high", 501}},
                            Json{{"distribution", "choice"}, {"options", {100, 600}}}})
    expect("ensembles/error/max_rates", "1/tau_ref = 500 Hz",
           [&](Json& m) { m["ensembles"]["error"]["max_rates"] = rates; });
  expect("ensembles/error", "stay below 1/tau_ref = 500 Hz", [](Json& m) {  // known only once they are drawn
    m["ensembles"]["error"]["max_rates"] = {{"distribution", "gaussian"}, {"mean", 400}, {"std", 100}};
  });
  expect("nodes/stim_keys/period", "does not divide", [](Json& m) { m["nodes"]["stim_keys"]["period"] = 0.0123456; });
  expect("ensembles/memory/neuron/type", "lif", [](Json& m) {
    m["ensembles"]["memory"]["neuron"] = {{"type", "lifs"}};
  });
  expect("ensembles/memory/encoders/distribution", "gaussian", [](Json& m) {
    m["ensembles"]["memory"]["encoders"] = {{"distribution", "gausian"}};
  });
  expect("connections/conn_out", "voja changes encoders", [](Json& m) {
    m["connections"]["conn_out"]["learning"][0]["rule"] = "voja",
    m["connections"]["conn_out"]["learning"][0].erase("pre_synapse"), m["connections"].erase("teach");
  });
  expect("connections/conn_in/to", "there is no", [](Json& m) { m["connections"]["conn_in"]["to"] = "nowhere"; });
  expect("probes/recalled/of", "there is no", [](Json& m) { m["probes"]["recalled"]["of"] = "elsewhere"; });
  expect("probes/recalled/attribute", "has no \"volts\"",
         [](Json& m) { m["probes"]["recalled"]["attribute"] = "volts"; });
}

/// What the engine's guard says of a run of an example, with changes.
std::string said_by_guard(const char* example, const std::function<void(Json&)>& change) {
  Json document = test::nef_example(example);
  change(document["model"]);
  const auto backend = test::test_backend({1});
  const auto task = test::nef_task(document, *backend, 1);
  test::KeptRecorder kept;
  try {
    for (Tick t = 0; t < 1000;) {
      t += task->advance(t, 100, kept);
      check_finite(*task, t - 1);
    }
  } catch (const NumericError& error) {
    return error.what();
  }
  return "finite";
}

/// What diverges spoils all that it reaches; the connection whose matrix it is, is named, and not what was reached.
TEST(NefTask, NamesTheConnectionThatLearnsTooFast) {
  const Json at_once{{"type", "none"}};
  const auto without_error_population = [&](Json& m) {
    m["connections"]["teach"] = {{"from", "recall"}, {"to", "conn_out.rule0"}, {"synapse", at_once}};
    m["connections"]["hint"] = {
        {"from", "stim_values"}, {"to", "conn_out.rule0"}, {"transform", {{"kind", "scalar"}, {"factor", -1}}}};
  };
  const auto expect = [](const std::string& said, const char* connection) {
    EXPECT_NE(said.find(connection), std::string::npos) << said;
  };
  EXPECT_EQ(said_by_guard("learning_new_associations", without_error_population), "finite");
  expect(said_by_guard("learning_new_associations",
                       [&](Json& m) {
                         without_error_population(m);
                         m["connections"]["conn_out"]["learning"][0]["rate"] = 10;
                       }),
         ": connection conn_out: conn_out.weights[");
  // These neurons have negative activities too: then an encoder moves away from what it answers.
  expect(said_by_guard("learning_new_associations",
                       [&](Json& m) {
                         m["connections"]["conn_in"]["learning"][0]["rate"] = 30;
                         m["ensembles"]["memory"]["neuron"] = {{"type", "tanh"}};
                         m["ensembles"]["memory"]["max_rates"] = {{"distribution", "constant"}, {"value", 200}};
                       }),
         ": connection conn_in: memory.scaled_encoders[");
  expect(said_by_guard("oja", [](Json& m) { m["connections"]["learned"]["learning"][0]["rate"] = 1e3; }),
         ": connection learned: learned.weights[");
}

/// A node that is given numbers which are none is named before anything runs; one that makes them is named by the
/// guard.
TEST(NefTask, NamesTheNodeWhoseOutputIsNotFinite) {
  const std::uint64_t seed = 1;
  nef::Network net;
  net.nodes = {{"sound", {nef::ConstantOutput{{1}}, {}}}, {"broken", {nef::Cycle{{{1}, {NAN}}, 0.001}, {}}}};
  try {
    nef::Simulator(*test::test_backend({1}), net, {&seed, 1});
    FAIL() << "the node was accepted";
  } catch (const ConfigError& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("nodes/broken"), std::string::npos) << what;
    EXPECT_NE(what.find("the node \"broken\" shows a value that is not finite"), std::string::npos) << what;
  }
  const std::string said = said_by_guard("communication_channel", [](Json& m) {
    m["nodes"]["large"] = {{"output", "constant"}, {"value", {1e30}}};
    m["nodes"]["overflows"] = {{"output", "function"}, {"function", "square"}, {"size_in", 1}};
    m["nodes"]["more"] = {{"output", "function"}, {"function", "square"}, {"size_in", 1}};
    m["nodes"]["most"] = {{"output", "function"}, {"function", "square"}, {"size_in", 1}};
    m["nodes"]["end"] = {{"output", "function"}, {"function", "square"}, {"size_in", 1}};
    const Json none{{"type", "none"}};
    m["connections"]["l0"] = {{"from", "large"}, {"to", "overflows"}, {"synapse", none}};
    m["connections"]["l1"] = {{"from", "overflows"}, {"to", "more"}, {"synapse", none}};
    m["connections"]["l2"] = {{"from", "more"}, {"to", "most"}, {"synapse", none}};
    m["connections"]["l3"] = {{"from", "most"}, {"to", "end"}, {"synapse", none}};
  });
  EXPECT_NE(said.find(sizeof(real) == 4 ? "overflows.output" : "end.output"), std::string::npos) << said;
}

TEST(NefTask, GivesTheSameBitsForAnyThreadsCallsAndReplicas) {
  Json document = test::nef_example("learning_new_associations");
  document["run"]["seconds"] = 0.4;
  const auto one = make_backend("cpu", {1}), two = make_backend("cpu", {2});
  const auto expected = test::run_nef(document, *one, 3);
  const auto threads = test::run_nef(document, *two, 3), calls = test::run_nef(document, *one, 3, 7);
  EXPECT_EQ(threads.kept.bytes, expected.kept.bytes);
  EXPECT_EQ(threads.results, expected.results);
  EXPECT_EQ(calls.results, expected.results);
  EXPECT_EQ(calls.kept.columns.at("conn_out/learned"), expected.kept.columns.at("conn_out/learned"));
  const auto alone = test::run_nef(document, *two, 1);
  const std::vector<double>&all = expected.kept.columns.at("conn_in/learned"),
        &first = alone.kept.columns.at("conn_in/learned");
  EXPECT_TRUE(std::equal(first.begin(), first.end(), all.begin())) << "the first of three replicas is the one alone";
}

TEST(NefTask, ForecastsItsMemory) {
  const Json document = test::nef_example("learning_new_associations");
  const auto plan = test::nef_plan(document);
  EXPECT_GT(plan->memory(2), plan->memory(1));
  EXPECT_GT(plan->memory(1), 200u * 200 * sizeof(double)) << "the solver's matrices";
}

}  // namespace
}  // namespace engram
