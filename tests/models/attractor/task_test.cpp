// Attractor experiments as JSON: what they refuse, what they repeat, how they resume.
#include "tests/models/attractor/task.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <tuple>

#include "tests/testing/counting_backend.hpp"
#include "tests/testing/source_dir.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using Json = nlohmann::ordered_json;
using test::KeptRecorder;

Json small() {
  return Json::parse(R"({
    "model": {"type": "attractor", "evidence": [1, 5], "inverse_temperature": [0.5, 1], "learning_rate": 0.02},
    "patterns": {"values": [[1, -1, 1, -1, 1], [1, 1, -1, -1, 1]]},
    "protocol": [{"do": "train", "epochs": 30, "steps": 3, "record_every": 5, "label": "a"}, {"do": "attractors", "noise": [0, 0.5]},
                 {"do": "run", "steps": 40, "learning_rate": 0.01, "record_every": 1, "record_states": true, "project": true},
                 {"do": "reconstruct", "trials": 4, "steps": 5}, {"do": "retain", "steps": 5}]})");
}

/// The first problem of a changed experiment.
std::string problem_of(const std::function<void(Json&)>& change) {
  Json document = small();
  change(document);
  try {
    test::make_task(document, *test::test_backend({1}), 1);
  } catch (const ConfigError& error) {
    return error.problems().front().path + ": " + error.problems().front().text;
  }
  return "accepted";
}

TEST(AttractorTask, RefusesWhatCannotBeRunAndSaysWhere) {
  EXPECT_EQ(problem_of([](Json&) {}), "accepted");
  const auto expect = [](const char* path, const std::function<void(Json&)>& change) {
    const std::string found = problem_of(change);
    EXPECT_TRUE(found.starts_with(std::string(path) + ":")) << found;
  };
  expect("/patterns/values/1", [](Json& j) { j["patterns"]["values"][1].push_back(1); });
  expect("/patterns/values/0/2", [](Json& j) { j["patterns"]["values"][0][2] = 1.5; });
  expect("/patterns/values", [](Json& j) { j["patterns"]["values"] = Json::array(); });
  expect("/patterns/values/0", [](Json& j) { j["patterns"]["values"][0] = Json::array(); });
  expect("/patterns/values/0/0", [](Json& j) { j["patterns"]["values"][0][0] = "x"; });
  expect("/patterns/test", [](Json& j) { j["patterns"]["test"] = {{1, 1}}; });
  expect("/patterns", [](Json& j) { j["patterns"] = Json::object(); });
  expect("/patterns", [](Json& j) { j["patterns"]["random"] = 3; });
  expect("/patterns/units", [](Json& j) { j["patterns"] = {{"random", 3}}; });
  expect("/patterns/random", [](Json& j) { j["patterns"] = {{"random", 1000000}, {"units", 1000000}}; });
  expect("/patterns/file", [](Json& j) { j["patterns"] = {{"file", "nowhere.csv"}}; });
  expect("/patterns/rows", [](Json& j) { j["patterns"] = {{"file", "digits.csv"}, {"rows", {5000}}}; });
  expect("/model/inverse_temperature/0", [](Json& j) { j["model"]["inverse_temperature"][0] = -1; });
  expect("/model/evidence", [](Json& j) { j["model"]["evidence"] = Json::array(); });
  expect("/model/weights", [](Json& j) { j["model"]["weights"] = {{1, 2}, {3, 4}, {5, 6}}; });
  expect("/model/weights", [](Json& j) { j["model"]["weights"] = {{1, 2}, {3, 4}}; });
  expect("/model/unit_inverse_temperature", [](Json& j) { j["model"]["unit_inverse_temperature"] = {1, 2}; });
  expect("/model/unit_inverse_temperature/1", [](Json& j) {
    j["model"]["unit_inverse_temperature"] = {1, 0, 1, 1, 1};
  });
  expect("/model/base_bias", [](Json& j) { j["model"]["base_bias"] = {1, 2}; });
  expect("/model/learning_rate", [](Json& j) { j["model"]["learning_rate"] = -0.1; });
  expect("/protocol/0/steps", [](Json& j) { j["protocol"][0]["steps"] = 0; });
  expect("/protocol/0/do", [](Json& j) { j["protocol"][0]["do"] = "dream"; });
  expect("/protocol/2/mixture", [](Json& j) { j["protocol"][2]["mixture"] = {1, 2, 3}; });
  expect("/protocol/1/project", [](Json& j) { j["protocol"][1]["project"] = true; });
  expect("/protocol/0/project", [](Json& j) {
    j["protocol"].erase(1);
    j["protocol"][1]["project"] = true;
    std::swap(j["protocol"][0], j["protocol"][1]);
  });
  expect("/protocol/3/steps", [](Json& j) { j["protocol"][3]["steps"] = 5e9; });
  expect("/model/weights/1/2", [](Json& j) { j["model"]["weights"] = {{1, 2, 3}, {1, 2, "x"}}; });
  expect("/model/evidence", [](Json& j) { j["model"]["evidence"] = -1; });
  expect("/protocol/2/inverse_temperature", [](Json& j) { j["protocol"][2]["inverse_temperature"] = 0; });
  expect("/protocol/3/from", [](Json& j) { j["protocol"][3]["from"] = "test"; });
  expect("/protocol/3/learning_rate", [](Json& j) { j["protocol"][3]["learning_rate"] = 0.1; });
  expect("/protocol", [](Json& j) { j["protocol"] = Json::array(); });
  expect("/patterns", [](Json& j) { j["patterns"] = {{"values", {{2, 2, 2}}}, {"standardize", true}}; });
}

TEST(AttractorTask, RefusesTablesThatHoldNoNumbersAndSaysInWhichLine) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("engram_table_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto problem = [&](const std::string& text) -> std::string {
    std::ofstream(folder / "table.csv") << text;
    Json document = small();
    document["patterns"] = {{"file", "table.csv"}};
    ConfigReader reader(document, folder.string());
    try {
      test::attractor_family().read(reader);
      reader.finish();
    } catch (const ConfigError& error) {
      return error.problems().front().path + ": " + error.problems().front().text;
    }
    return "accepted";
  };
  EXPECT_EQ(problem("a,b,label\n1,0,7\n0,1,7\n"), "accepted");
  for (const auto& [text, line] : {std::pair{"", ":1:"},
                                   {"a,b\n", ":1:"},
                                   {"a,b\n1,nan\n", ":2:"},
                                   {"a,b\n1,0\ninf,0\n", ":3:"},
                                   {"a,b\n1\n", ":2:"},
                                   {"a,b\n1,0,0\n", ":2:"},
                                   {"a,b\n1,x\n", ":2:"},
                                   {"a,b\n1,1e300\n", ":2:"}}) {
    const std::string found = problem(text);
    EXPECT_TRUE(found.starts_with("/patterns/file: ") && found.find(line) != std::string::npos)
        << text << " gives " << found;
  }
  std::filesystem::remove_all(folder);
}

TEST(AttractorTask, EveryExampleIsValid) {
  for (const char* name :
       {"sequence", "bars", "digits_balanced", "digits_high", "digits_low", "digits_grid", "forgetting", "capacity"}) {
    ConfigReader reader(test::example(name), engram::test::source_dir() + "/examples/attractor");
    const auto plan = test::attractor_family().read(reader);
    ASSERT_TRUE(plan) << name;
    EXPECT_GT(plan->memory(1), 1000u) << name;
  }
}

TEST(AttractorTask, ACellOfTheGridEqualsAnExperimentOfItsOwn) {
  const KeptRecorder grid = test::run_task(small(), 1);
  Json alone = small();
  alone["model"]["evidence"] = 1;
  alone["model"]["inverse_temperature"] = 0.5;
  const KeptRecorder cell = test::run_task(alone, 1);
  ASSERT_FALSE(cell.metrics.empty());
  for (const test::Metric& m : cell.metrics) {
    const auto whole = grid.last(m.layer, m.attribute);
    ASSERT_EQ(whole.size(), 4u) << m.attribute;
    const double own = cell.last(m.layer, m.attribute)[0];
    if (!std::isnan(own)) {
      EXPECT_EQ(whole[0], own) << m.layer << ", " << m.attribute;
    }
  }
  EXPECT_NE(grid.last("a", "norm of weights")[0], grid.last("a", "norm of weights")[3]);
}

TEST(AttractorTask, ProjectsEveryStateOnEveryFixedPoint) {
  const KeptRecorder kept = test::run_task(small(), 1);
  const auto &states = kept.columns.at("run 3/state"), &found = kept.columns.at("attractors 2/attractors"),
             &projection = kept.columns.at("run 3/projection");
  constexpr std::size_t networks = 4, n = 5, patterns = 2, steps = 40;
  ASSERT_EQ(states.size(), steps * networks * n);
  ASSERT_EQ(found.size(), networks * 2 * patterns * n) << "two noise levels";
  ASSERT_EQ(projection.size(), steps * networks * patterns);
  for (std::size_t t = 0; t < steps; ++t)
    for (std::size_t r = 0; r < networks; ++r)
      for (std::size_t k = 0; k < patterns; ++k) {
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i)
          sum += found[(r * 2 * patterns + k) * n + i] * states[(t * networks + r) * n + i];
        EXPECT_EQ(projection[(t * networks + r) * patterns + k], std::abs(sum));
      }
}

TEST(AttractorTask, EveryOptionOfTheModelReachesTheNetwork) {
  const auto weights = [](const Json& model) {
    Json document = small();
    document["model"].update(model);
    return test::run_task(document, 1).columns.at("weights");
  };
  std::vector<std::vector<double>> all{weights(Json::object())};
  for (const char* option : {"deterministic", "learn_self_weights", "predict_with_bias",
                             "prediction_uses_inverse_temperature", "precision_weighted", "clipped"})
    all.push_back(weights({{option, true}}));
  for (const char* order : {"sequential", "random_order"}) all.push_back(weights({{"update", order}}));
  all.push_back(weights({{"base_bias", {1, 0, 0, 0, -1}}}));
  all.push_back(weights({{"unit_inverse_temperature", {1, 2, 1, 1, 1}}}));
  Json start = Json::array();
  for (int i = 0; i < 5; ++i) start.push_back({0, 0.5, 0, 0, 0});
  all.push_back(weights({{"weights", start}}));
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) EXPECT_NE(all[i], all[k]) << i << " and " << k;
  EXPECT_EQ(weights({{"update", "random_order"}}), all[8]);
  Json doubled = small();  // its phase that runs has 1
  doubled["model"]["inverse_temperature"] = {1, 2};
  doubled["protocol"][2]["inverse_temperature"] = 2;
  EXPECT_EQ(weights({{"unit_inverse_temperature", {2, 2, 2, 2, 2}}}), test::run_task(doubled, 1).columns.at("weights"));
}

/// One state on each matrix trains in exact sums; the phases that look at many states take products.
TEST(AttractorTask, FastSumsAreThoseOfPhasesThatLookAtManyStates) {
  Json document = small();
  document["patterns"] = {{"random", 20}, {"units", 64}};
  document["protocol"] = {{{"do", "train"}, {"epochs", 10}},
                          {{"do", "attractors"}, {"label", "found"}},
                          {{"do", "reconstruct"}, {"start", "cue"}, {"trials", 20}}};
  const auto backend = make_backend("cpu", {1});
  test::CountingBackend counting(*backend);
  const KeptRecorder exact = test::run_task(document, 1, counting);
  EXPECT_EQ(counting.products, 0u);
  document["model"]["sums"] = "fast";
  const KeptRecorder fast = test::run_task(document, 1, counting);
  EXPECT_GT(counting.products, 0u);
  EXPECT_EQ(fast.columns.at("weights"), exact.columns.at("weights"));
  const std::vector<double>&a = exact.columns.at("found/attractors"), &b = fast.columns.at("found/attractors");
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-3) << i;
}

/// Where nothing is recorded many steps make one call; where something is, fewer do. The states are the same.
TEST(AttractorTask, RecordingChangesNoBit) {
  Json silent = small(), chatty = small();
  for (Json& phase : silent["protocol"]) phase["record_every"] = 0;
  silent["protocol"][2]["record_states"] = silent["protocol"][2]["project"] = false;
  chatty["protocol"][0]["record_every"] = 1;
  chatty["protocol"][0]["record_states"] = true;
  for (const int threads : {1, 2}) {
    const KeptRecorder a = test::run_task(silent, 3, threads), b = test::run_task(chatty, 3, threads);
    EXPECT_EQ(a.columns.at("weights"), b.columns.at("weights"));
    EXPECT_EQ(a.columns.at("attractors 2/attractors"), b.columns.at("attractors 2/attractors"));
    EXPECT_EQ(a.last("run 3", "changes of pattern"), b.last("run 3", "changes of pattern"));
  }
}

/// Keeps what a selection of every so many ticks keeps, as the driver's recorder does.
struct SelectiveRecorder final : KeptRecorder {
  explicit SelectiveRecorder(Tick every) : every_(every) {}
  void covers(Tick first, Tick last) override { keeps = last / every_ * every_ >= first; }
  void concludes() override { keeps = true; }

 private:
  Tick every_;
};

TEST(AttractorTask, CallsOfManyTicksRecordWhatSingleTicksDo) {
  const auto backend = test::test_backend({1});
  for (const Tick every : {1, 2, 3, 7}) {
    Json document = small();
    if (every > 1) document["record"] = {{"every", every}};
    const auto one = test::make_task(document, *backend, 1), many = test::make_task(document, *backend, 1);
    SelectiveRecorder a(every), b(every);
    for (Tick t = 0; t < one->ticks(); ++t) {
      a.covers(t, t);
      one->tick(t, a);
    }
    std::size_t calls = 0;
    for (Tick t = 0; t < many->ticks(); ++calls) {
      b.covers(t, t);
      t += many->advance(t, many->ticks() - t, b);
    }
    EXPECT_FALSE(a.metrics.empty());
    const auto sorted = [](const KeptRecorder& r) {
      auto lines = r.lines();
      std::sort(lines.begin(), lines.end());
      return lines;
    };
    EXPECT_EQ(sorted(b), sorted(a)) << every;
    EXPECT_EQ(b.columns, a.columns) << every;
    if (every != 2) {
      EXPECT_LT(calls, many->ticks()) << every;
    }
  }
}

/// All state of a task, held in memory.
class Snapshot final : public StateVisitor {
 public:
  bool restoring = false;
  void array(std::string_view n, std::span<const std::size_t> shape, const StateArray& a) override {
    if (restoring) return a.set(arrays_.at(std::string(n)));
    arrays_[std::string(n)] = a.get();
    std::size_t size = 1;
    for (const std::size_t s : shape) size *= s;
    EXPECT_EQ(size, std::visit([](const auto& values) { return values.size(); }, a.get())) << n;
  }
  void json(std::string_view n, const std::function<nlohmann::json()>& get,
            const std::function<void(const nlohmann::json&)>& set) override {
    if (restoring)
      set(nlohmann::json::parse(json_.at(std::string(n))));
    else
      json_[std::string(n)] = get().dump();
  }

 private:
  std::map<std::string, StateValues> arrays_;
  std::map<std::string, std::string> json_;
};

TEST(AttractorTask, AResumedRunEndsInTheSameBits) {
  const KeptRecorder whole = test::run_task(small(), 2);
  const auto backend = test::test_backend({1});
  for (const Tick cut : {1, 44, 90, 91, 110, 131, 132}) {
    const auto first = test::make_task(small(), *backend, 2), second = test::make_task(small(), *backend, 2);
    KeptRecorder kept;
    for (Tick t = 0; t < cut; ++t) first->tick(t, kept);
    Snapshot snapshot;
    first->visit(snapshot);
    snapshot.restoring = true;
    second->visit(snapshot);
    for (Tick t = cut; t < second->ticks(); ++t) second->tick(t, kept);
    second->finish(kept);
    EXPECT_EQ(kept.columns, whole.columns) << cut;
    EXPECT_EQ(kept.metrics.size(), whole.metrics.size()) << cut;
    KeptRecorder reference;
    const auto again = test::make_task(small(), *backend, 2);
    for (Tick t = 0; t < again->ticks(); ++t) again->tick(t, reference);
    EXPECT_EQ(second->results().dump(), again->results().dump()) << cut;
  }
}

}  // namespace
}  // namespace engram
