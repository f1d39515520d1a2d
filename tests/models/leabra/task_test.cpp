// Leabra experiments as JSON: what they record, where they stop, how they go on, what they refuse.
#include "tests/models/leabra/task.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "engine/io/safetensors.hpp"
#include "engine/models/leabra/config.hpp"
#include "engine/run/checkpoint.hpp"
#include "tests/testing/counting_backend.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/state.hpp"

namespace engram {
namespace {

using test::leabra_example;
using test::run_leabra;
using Json = nlohmann::ordered_json;

TEST(LeabraTask, RecordsEachCycleOfWhatIsPresented) {
  const auto outcome = run_leabra(leabra_example("two_neurons"), 1);
  const auto& columns = outcome.kept.columns;
  ASSERT_EQ(columns.at("output/cycle_units/spike").size(), 200u);
  double spikes = 0;
  for (const double s : columns.at("output/cycle_units/spike")) spikes += s;
  EXPECT_EQ(spikes, 29);
  EXPECT_EQ(columns.at("output/cycle_units/time")[199], 199);
}

/// The stop rule ends a replica's training, whatever the others do.
TEST(LeabraTask, StopsEachReplicaByItself) {
  Json document = leabra_example("pattern_association");
  document["protocol"][0]["epochs"] = 700;
  const auto together = run_leabra(document, 4), threads = run_leabra(document, 4, 2);
  EXPECT_EQ(together.kept.lines(), threads.kept.lines());
  EXPECT_EQ(together.kept.bytes, threads.kept.bytes);
  const std::vector<double> epochs = together.kept.last("train 1", "epochs"),
                            loss = together.kept.last("train 1", "loss");
  for (std::size_t r = 0; r < 4; ++r) {
    EXPECT_LT(epochs[r], 700) << r;
    EXPECT_EQ(loss[r], 0) << r;
    EXPECT_EQ(together.kept.values("train 1", "loss", static_cast<std::int64_t>(r)).size(), epochs[r]) << r;
  }
  const auto alone = run_leabra(document, 1);
  EXPECT_EQ(alone.kept.lines(0), together.kept.lines(0));
}

/// Copies of each replica meet all patterns once an epoch and learn, with the same bits however they are computed.
TEST(LeabraTask, TrainsCopiesTogether) {
  Json document = leabra_example("iris");
  document["model"]["copies"] = 4;
  for (auto& [name, projection] : document["model"]["projections"].items()) projection["lrate"] = 0.01;
  document["protocol"] = Json::parse(R"([{"do": "train", "epochs": 3, "evaluate_every": 3, "order": "shuffled"}])");
  const auto together = run_leabra(document, 2), threads = run_leabra(document, 2, 2);
  EXPECT_EQ(together.kept.lines(), threads.kept.lines());
  EXPECT_EQ(together.kept.bytes, threads.kept.bytes);
  EXPECT_EQ(run_leabra(document, 1).kept.lines(0), together.kept.lines(0));
  document["protocol"][0].update({{"epochs", 40}, {"evaluate_every", 40}});
  EXPECT_GT(run_leabra(document, 2, 2).results["train 1, accuracy"].get<double>(), 0.7);
}

/// Copies with logs, momentum and balance, of which some replicas stop: each replica as it would be alone.
TEST(LeabraTask, LogsCopiesThatHaveMomentum) {
  Json document = leabra_example("pattern_association");
  document["model"]["copies"] = 2;
  document["model"]["layers"]["output"]["log_on_trial"] = {"avg_act", "unit_acts_m"};
  document["model"]["projections"]["input_to_output"].update(
      {{"learning", "momentum"}, {"balance_weights", true}, {"balance_every", 3}, {"lrate", 0.1}});
  document["protocol"] = Json::parse(R"([
    {"do": "train", "epochs": 60, "stop_after": 1}, {"do": "train", "epochs": 3}])");
  const auto together = run_leabra(document, 4), threads = run_leabra(document, 4, 3), alone = run_leabra(document, 1);
  EXPECT_EQ(together.kept.bytes, threads.kept.bytes);
  EXPECT_EQ(together.kept.lines(), threads.kept.lines());
  EXPECT_EQ(alone.kept.lines(0), together.kept.lines(0));
  const auto& all = together.kept.columns;
  const std::vector<double>&replica = all.at("output/trial/replica"), &copy = all.at("output/trial/copy"),
        &act = all.at("output/trial/avg_act");
  ASSERT_EQ(copy.size(), replica.size());
  std::vector<double> first;
  for (std::size_t row = 0; row < copy.size(); ++row) {
    EXPECT_EQ(copy[row], static_cast<double>(row % 2));
    if (replica[row] == 0) first.push_back(act[row]);
  }
  EXPECT_EQ(alone.kept.columns.at("output/trial/avg_act"), first);
  EXPECT_EQ(all.at("output/trial_units/acts_m").size(), 2 * act.size());
}

/// Every way to go on from a checkpoint gives the bits of a run that never stopped.
TEST(LeabraTask, GoesOnFromACheckpoint) {
  Json document = leabra_example("iris");
  document["model"]["layers"]["hidden"]["log_on_trial"] = {"avg_act", "unit_avg_l"};
  document["protocol"] = Json::parse(R"([
    {"do": "train", "epochs": 5, "evaluate_every": 2, "order": "shuffled", "lrate_schedule": "plateau",
     "lrate_patience": 2},
    {"do": "test", "show": "test"}])");
  const auto whole = run_leabra(document, 2);
  const auto backend = make_backend("cpu", {1});
  for (const Tick stop : {1u, 3u, 5u}) {
    const test::Scratch scratch;
    test::KeptRecorder kept;
    auto task = test::make_leabra_task(document, *backend, 2);
    for (Tick t = 0; t < stop;) t += task->advance(t, 1, kept);
    std::map<std::string, std::string> metadata;
    const auto tensors = test::collect_state(*task, metadata);
    test::write_safetensors(scratch / "state", tensors, metadata);
    task = test::make_leabra_task(document, *backend, 2);
    restore_state(*task, io::SafetensorsFile(scratch / "state"));
    for (Tick t = stop; t < task->ticks();) t += task->advance(t, 1, kept);
    task->finish(kept);
    EXPECT_EQ(kept.lines(), whole.kept.lines()) << stop;
    EXPECT_EQ(kept.bytes, whole.kept.bytes) << stop;
    EXPECT_EQ(task->results(), whole.results) << stop;
  }
}

TEST(LeabraTask, LearnsIrisWithinAFewEpochs) {
  Json document = leabra_example("iris");
  document["protocol"][0]["epochs"] = 30;
  const auto outcome = run_leabra(document, 2);
  EXPECT_GT(outcome.results["train 1, accuracy"].get<double>(), 0.8);
  EXPECT_GT(outcome.results["train 1 (test), accuracy"].get<double>(), 0.65);
}

/// On a copy an answer is that of its pattern alone; in place it is that of what was shown before, too.
TEST(LeabraTask, PredictsOnACopyFromRest) {
  const auto answers = [](const char* predict) {
    Json document = leabra_example("pattern_association");
    document["patterns"]["train"] = {{"input", {{1, 1, 1, 0}, {0, 1, 0, 1}, {1, 1, 1, 0}}},
                                     {"output", {{1, 0}, {0, 1}, {1, 0}}}};
    document["protocol"] = {
        {{"do", "train"}, {"epochs", 2}, {"evaluate_every", 2}, {"predict", predict}, {"record_outputs", true}}};
    const auto outcome = run_leabra(document, 1);
    const std::vector<double>& all = outcome.kept.columns.at("train 1/outputs/output/act");
    return std::pair(std::vector(all.begin(), all.begin() + 2), std::vector(all.begin() + 4, all.begin() + 6));
  };
  const auto [first, again] = answers("copy");
  EXPECT_EQ(first, again);
  const auto [before, after] = answers("in_place");
  EXPECT_NE(before, after);
}

/// The host moves as much in an epoch of many patterns as in one of few: orders, rates and answers, each at once.
TEST(LeabraTask, KeepsPatternsAndAnswersOnTheDevice) {
  std::vector<std::size_t> moved;
  for (const int patterns : {4, 12}) {
    const auto cpu = make_backend("cpu", {1});
    test::CountingBackend counting(*cpu);
    Json document = leabra_example("pattern_association");
    document["patterns"].erase("train");
    document["patterns"].update({{"random", patterns}, {"active", {{"input", 2}, {"output", 1}}}});
    document["protocol"] = Json::array({{{"do", "train"}, {"epochs", 3}, {"order", "shuffled"}, {"predict", "copy"}}});
    const auto task = test::make_leabra_task(document, counting, 2);
    test::KeptRecorder kept;
    for (Tick t = 0; t < 2; ++t) task->advance(t, 1, kept);  // the first trials upload what later ones have
    counting.uploads = counting.downloads = 0;
    task->advance(2, 1, kept);
    moved.push_back(counting.uploads);
    moved.push_back(counting.downloads);
  }
  EXPECT_EQ(moved[0], moved[2]);
  EXPECT_EQ(moved[1], moved[3]);
  EXPECT_EQ(moved[1], 1u) << "all answers of an epoch come together";
}

/// Quantiles, bins and one-hot codes of our own table are those that the reference made with its libraries.
TEST(LeabraPatterns, CodeIrisAsTheReference) {
  ConfigReader reader(leabra_example("iris"), test::source_dir() + "/examples/leabra");
  const leabra::Config config = leabra::read_config(reader);
  ASSERT_TRUE(reader.ok());
  ASSERT_EQ(config.patterns.count, 150u);
  EXPECT_EQ(config.patterns.tests, 30u);
  std::ifstream recorded(test::source_dir() + "/tests/golden/leabra/iris.csv");
  std::string line;
  std::getline(recorded, line);
  const std::vector<std::string> species{"setosa", "versicolor", "virginica"};
  for (std::size_t row = 0; row < 150; ++row) {
    std::getline(recorded, line);
    std::vector<std::string> cells;
    std::stringstream all(line);
    for (std::string cell; std::getline(all, cell, ',');) cells.push_back(cell);
    for (std::size_t feature = 0; feature < 4; ++feature)
      for (std::size_t bin = 0; bin < 10; ++bin)
        EXPECT_EQ(config.patterns.of_layer[0][row * 40 + feature * 10 + bin],
                  std::stoul(cells[cells.size() - 4 + feature]) == bin + 1)
            << row << " " << feature << " " << bin;
    for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(config.patterns.of_layer[1][row * 3 + k], cells[5] == species[k]);
  }
  const auto a = config.patterns.order(1), b = config.patterns.order(2);
  EXPECT_NE(a, b) << "each replica has its own test rows";
  EXPECT_EQ(a, config.patterns.order(1));
}

std::string problems_of_document(const Json& document) {
  const auto backend = make_backend("cpu", {1});
  try {
    test::make_leabra_task(document, *backend, 1);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}
void expect_problem(const Json& document, const std::string& part) {
  const std::string found = problems_of_document(document);
  EXPECT_NE(found.find(part), std::string::npos) << "found \"" << found << "\", expected \"" << part << "\" in it";
}

TEST(LeabraTask, SaysWhatIsWrongWithADocument) {
  const Json good = leabra_example("pattern_association");
  EXPECT_EQ(problems_of_document(good), "");
  const auto changed = [&](const char* pointer, Json value) {
    Json document = good;
    set_at(document, pointer, std::move(value));
    return document;
  };
  expect_problem(changed("/model/layers/input/size", 0), "/model/layers/input/size");
  expect_problem(changed("/model/layers/input/kwta_pct", 2), "/model/layers/input/kwta_pct");
  expect_problem(changed("/model/layers/input/unit_spec/v_m_r", 0.5), "/model/layers/input/unit_spec/v_m_r");
  expect_problem(changed("/model/layers/input/giii", 1), "unknown key");
  expect_problem(changed("/model/weights", {{"input_to_output", Json::array({{1, 0, 1}, {0, 1, 0}})}}),
                 "found 2 rows of 3, wanted 2 of 4");
  expect_problem(changed("/model/layers/input/log_on_cycle", Json::array({"unit_akt"})),
                 "/model/layers/input/log_on_cycle");
  expect_problem(changed("/model/layers/input/pools", 3), "/model/layers/input/pools: found 3; the 4 units");
  expect_problem(changed("/model/layers/input/pools", 0), "/model/layers/input/pools");
  expect_problem(changed("/model/layers/input/pool_inhibition", {{"kwta_pct", 2}}), "/pool_inhibition/kwta_pct");
  expect_problem(changed("/model/projections/input_to_output/balance_weights", true), "needs learning");
  expect_problem(changed("/model/projections/input_to_output/balance", {{"high", 2}}), "/balance/high");
  expect_problem(changed("/model/projections/input_to_output/pre", "inputs"), "did you mean \"input\"");
  expect_problem(changed("/model/projections/input_to_output/low", 0.8), "/model/projections/input_to_output/low");
  expect_problem(changed("/model/projections/input_to_output/projn_type", "one_to_one"), "4 senders");
  expect_problem(changed("/patterns/targets", Json::array({"outputs"})), "did you mean \"output\"");
  expect_problem(changed("/patterns/train/input/0", Json::array({1, 0})), "found 2 activations");
  expect_problem(changed("/patterns/train/input/0/0", 1.5), "/patterns/train/input/0/0");
  expect_problem(changed("/patterns/random", 5), "exactly one of train, file and random");
  expect_problem(changed("/model/copies", 3), "4 patterns that train must be a multiple");
  expect_problem(changed("/protocol/0/minus_cycles", 0), "/protocol/0/minus_cycles");
  expect_problem(changed("/protocol/0/evaluate_every", 0), "/protocol/0/stop_after");
  expect_problem(changed("/protocol/0/do", "trian"), "/protocol/0/do");
}

}  // namespace
}  // namespace engram
