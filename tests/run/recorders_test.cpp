// Which rows a run keeps, and what its two tables say.
#include <gtest/gtest.h>

#include <set>

#include "tests/testing/run_files.hpp"

namespace engram::test {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

class Recorders : public testing::Test {
 protected:
  fs::path path(const std::string& name) const { return folder_ / name; }
  Finished run(Json document) const {
    fs::remove_all(path("run"));
    document.update({{"schema", "engram/1"}, {"backend", "cpu"}, {"threads", 1}});
    spit(path("e.json"), document.dump());
    return engram({"run", path("e.json").string(), "--out", path("run").string()});
  }
  void complete(const Json& document) const {
    const Finished done = run(document);
    ASSERT_EQ(done.code, 0) << done.error;
  }
  void refused(const Json& document, const std::string& words) const {
    const Finished done = run(document), judged = engram({"validate", path("e.json").string()});
    EXPECT_EQ(done.code, 2) << done.error;
    EXPECT_EQ(judged.code, 2) << judged.error;
    EXPECT_TRUE(has(judged.error, words)) << words << ": " << judged.error;
  }
  std::vector<std::vector<std::string>> metrics() const { return csv(path("run/metrics.csv")); }
  std::vector<std::string> times(const std::string& attribute) const {
    std::vector<std::string> all;
    for (const auto& row : metrics())
      if (row[4] == attribute) all.push_back(row[0]);
    return all;
  }
  template <class T>
  std::set<T> different(const std::string& column) const {
    const auto all = npy<T>(path("run/" + column + ".npy"));
    return {all.begin(), all.end()};
  }
  Scratch folder_;
};

using Times = std::vector<std::string>;

Json two_phases() {
  return Json::parse(
      R"({"seed": 3, "model": {"type": "sorn", "ne": 40, "nu": 4, "noise_sigma_e": 0.5}, "input": {"source": "random"},
                         "phases": [{"steps": 25, "label": "a"}, {"steps": 10, "label": "b"}]})");
}

TEST_F(Recorders, EachHasItsSeriesItsTicksItsUnitsAndItsPhases) {
  Json document = two_phases();
  document["record"] = Json::parse(R"([{"series": ["ExcitatoryActivation"], "units": [1, 7, 39]},
                                       {"series": ["TE"], "every": 10, "last": true, "units": [2, 3]},
                                       {"series": ["WEE"], "every": 1000, "last": true},
                                       {"series": ["rate"], "every": 4, "phases": ["b"]}])");
  complete(document);
  for (const std::uint32_t unit : different<std::uint32_t>("ExcitatoryActivation/unit"))
    EXPECT_TRUE(unit == 1 || unit == 7 || unit == 39) << unit;
  EXPECT_EQ(different<std::uint64_t>("WEE/step"), (std::set<std::uint64_t>{0, 24, 34}));
  EXPECT_EQ(io::read_npy(path("run/TE.npy")).shape, (std::vector<std::uint64_t>{6, 2}))
      << "ticks 0, 10, 20, 24, 30, 34";
  EXPECT_EQ(times("rate"), (Times{"28", "32"}));
}

TEST_F(Recorders, OfAListKeepWhatOneWithTheSameEveryKeeps) {
  Json one = two_phases(), list = two_phases();
  one["callbacks"] = {{"series", {"ExcitatoryActivation", "WEE"}}, {"every", 5}};
  one["record"] = {{"every", 5}};
  list["record"] = Json::array({{{"series", {"ExcitatoryActivation", "WEE", "rate"}}, {"every", 5}}});
  complete(one);
  const std::string spikes = slurp(path("run/ExcitatoryActivation/unit.npy")),
                    weights = slurp(path("run/WEE/weight.npy")), rows = slurp(path("run/metrics.csv"));
  complete(list);
  EXPECT_EQ(slurp(path("run/ExcitatoryActivation/unit.npy")), spikes);
  EXPECT_EQ(slurp(path("run/WEE/weight.npy")), weights);
  EXPECT_EQ(slurp(path("run/metrics.csv")), rows);
}

TEST_F(Recorders, WithNamesThatNobodyWritesAreRefused) {
  Json document = two_phases();
  document["record"] = Json::parse(R"([{"series": ["ExcitatoryActivaton"]}])");
  refused(document,
          "/record/0/series/0: this experiment has no series \"ExcitatoryActivaton\" (did you mean "
          "\"ExcitatoryActivation\"?)");
  document["record"] = Json::parse(R"([{"series": ["rate"], "phases": ["another"]}])");
  refused(document, "/record/0/phases/0: this experiment has no phase \"another\"; known are \"a\", \"b\"");
  document["record"] = Json::parse(R"({"series": ["WEE"]})");
  refused(document, "/record/series/0: this experiment has no series \"WEE\"");  // not among its callbacks
  document["record"] =
      Json::parse(R"([{"series": ["TE"], "units": [1]}, {"series": ["TE"], "units": [2], "every": 5}])");
  refused(document, "/record/1/units: recorder 0 has some of these series too");
  document["record"] = Json::array();
  refused(document, "/record: found no recorder");
  document["record"] = Json::parse(R"([{"series": ["WEE"]}])");
  document["callbacks"] = {{"series", {"WEE"}}};
  refused(document, "/callbacks: /record is a list of recorders");
}

TEST_F(Recorders, LoseNothingByDivisibility) {
  Json document =
      Json::parse(R"({"model": {"type": "attractor"}, "patterns": {"values": [[1, 1, -1, -1], [1, -1, 1, -1]]},
      "protocol": [{"do": "train", "epochs": 5, "steps": 8, "record_every": 4, "label": "learn"},
                   {"do": "retain", "label": "kept"},
                   {"do": "run", "steps": 21, "record_every": 10, "record_states": true, "label": "free"}]})");
  for (const int every : {1, 2, 7, 1000}) {
    document["record"] = {{"every", every}};
    complete(document);
    EXPECT_FALSE(times("norm of weights").empty()) << every;
    EXPECT_FALSE(times("retention").empty()) << every;
    EXPECT_FALSE(times("changes of pattern").empty()) << every;
  }
  document["record"] = {{"every", 2}};
  complete(document);
  EXPECT_EQ(times("vfe"), (Times{"3", "7", "11", "15", "19", "23", "27", "31", "35", "39", "50", "60"}));
  document["record"] = {{"every", 10}};
  complete(document);
  EXPECT_EQ(times("vfe"), (Times{"3", "11", "23", "31", "50", "60"})) << "those that stand for ticks 0, 10, 20, ...";
  EXPECT_EQ(io::read_npy(path("run/free/state.npy")).shape[0], 2u) << "of ticks 50 and 60";
}

TEST_F(Recorders, KeepOneMeasurementASampleWhereOnlyTheLastStepIsMeasured) {
  Json document = Json::parse(
      R"({"model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 10}}, "stages": [{"A": {"inputs": ["x"], "n": 80, "k": 10}}]},
         "simulator": {"epoch_size": 7, "each_step": false}, "samples": 3, "protocol": [{"do": "simulate"}, {"do": "complete", "label": "recalled"}],
         "record": {"every": 5}})");
  complete(document);
  EXPECT_EQ(times("convergence").size(), 3u);
  EXPECT_EQ(times("recalled").size(), 3u);
  EXPECT_FALSE(times("similarity").empty());
}

TEST_F(Recorders, MakeTheFilesOfSeriesInWhichNothingHappened) {
  Json document =
      Json::parse(R"({"model": {"type": "sorn", "ne": 10, "nu": 2, "te_min": 50, "te_max": 50, "noise": false},
      "callbacks": {"series": ["ExcitatoryActivation"]}, "phases": [{"steps": 5}]})");
  complete(document);
  for (const char* part : {"step", "replica", "unit"})
    EXPECT_EQ(io::read_npy(path("run/ExcitatoryActivation/" + std::string(part) + ".npy")).shape,
              std::vector<std::uint64_t>{0});
  const Finished analysed = engram({"analyse", path("run").string(), "--json", "--windows", "2"});
  ASSERT_EQ(analysed.code, 0) << analysed.error;
  const Json report = Json::parse(analysed.out);
  for (const char* name : {"interval", "CV of intervals", "Fano factor", "source entropy", "autocorrelation"})
    EXPECT_TRUE(report[name].is_null()) << name << report[name];
  EXPECT_EQ(report["rate"], 0.0);
}

// ---- tables

TEST_F(Recorders, MetricsSayPhaseSeedAndEverySweptValue) {
  Json document = two_phases();
  document.erase("seed");
  document["replicas"] = {{"seeds", {7, 9}}, {"grid", {{"/model/eta_stdp", {0, 0.5}}}}};
  document["record"] = {{"every", 20}};
  complete(document);
  const auto rows = metrics();
  EXPECT_EQ(rows[0],
            (Times{"time", "replica", "layer", "unit", "attribute", "value", "seed", "phase", "/model/eta_stdp"}));
  ASSERT_EQ(rows.size(), 9u);
  EXPECT_EQ(csv_column(rows, "seed"), (Times{"7", "9", "7", "9", "7", "9", "7", "9"}));
  EXPECT_EQ(csv_column(rows, "phase"), (Times{"a", "a", "a", "a", "a", "a", "a", "a"}));
  EXPECT_EQ(csv_column(rows, "/model/eta_stdp"), (Times{"0", "0", "0", "0", "0.5", "0.5", "0.5", "0.5"}));
}

TEST_F(Recorders, ResultsHaveARowAPointReplicaAndQuantity) {
  Json document = two_phases();
  document["replicas"] = {{"seeds", 3}, {"grid", {{"/model/eta_stdp", {0, 0.5}}}}};
  complete(document);
  const auto rows = csv(path("run/results.csv"));
  EXPECT_EQ(rows[0], (Times{"point", "replica", "seed", "quantity", "index", "value", "/model/eta_stdp"}));
  const Json points = Json::parse(slurp(path("run/manifest.json")))["points"];
  // "a, rate" has a comma, so the file has it in quotes; the name of the first cells is enough here.
  std::vector<double> rates;
  for (const auto& row : rows)
    if (row[0] == "1" && row[3] == "\"a" && row[4] == " rate\"") rates.push_back(std::stod(row[6]));
  ASSERT_EQ(rates.size(), 3u);
  EXPECT_DOUBLE_EQ((rates[0] + rates[1] + rates[2]) / 3, points[1]["results"]["a, rate"].get<double>());
  for (const auto& [name, value] : points[0]["results"].items())
    if (!name.ends_with(", sd")) {
      EXPECT_TRUE(has(slurp(path("run/results.csv")), "\"" + name + "\"")) << name;
    }
}

TEST_F(Recorders, NetworksOfListsHaveColumnsOfTheirOwn) {
  Json document = Json::parse(
      R"({"seed": 5, "replicas": {"seeds": 2}, "model": {"type": "attractor", "evidence": [1, 4], "inverse_temperature": [0.5, 2]},
         "patterns": {"values": [[1, 1, -1, -1], [1, -1, 1, -1]]}, "protocol": [{"do": "train", "epochs": 2, "label": "learn"}], "record": {"series": ["asymmetry"]}})");
  complete(document);
  const auto rows = metrics();
  EXPECT_EQ(csv_column(rows, "/model/evidence"), (Times{"1", "1", "1", "1", "4", "4", "4", "4"}));
  EXPECT_EQ(csv_column(rows, "/model/inverse_temperature"), (Times{"0.5", "0.5", "2", "2", "0.5", "0.5", "2", "2"}));
  EXPECT_EQ(csv_column(rows, "seed"), (Times{"5", "6", "5", "6", "5", "6", "5", "6"}));
}

TEST_F(Recorders, ValuesMeasuredMoreThanOnceHaveAnIndex) {
  Json document = Json::parse(
      R"({"model": {"type": "calculus", "defaults": {"n": 500, "k": 20}, "areas": {"A": {}}, "stimuli": {"s": {"size": 20}}},
         "protocol": [{"do": "project", "stimuli": {"s": ["A"]}}, {"do": "measure", "what": "support", "area": "A", "label": "n"},
                      {"do": "project", "stimuli": {"s": ["A"]}}, {"do": "measure", "what": "support", "area": "A", "label": "n"}]})");
  complete(document);
  const auto rows = csv(path("run/results.csv"));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(csv_column(rows, "index"), (Times{"0", "1"}));
  EXPECT_EQ(csv_column(rows, "quantity"), (Times{"n", "n"}));
  EXPECT_EQ(csv_column(metrics(), "phase").front(), "0 project");
}

// ---- two runs

TEST_F(Recorders, TwoRunsThatDifferInThreadsAreEqualAndOthersAreNot) {
  Json document = two_phases();
  document["callbacks"] = {{"series", {"ExcitatoryActivation", "WEE"}}, {"every", 5}};
  complete(document);
  fs::rename(path("run"), path("one"));
  const auto again = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words{"run", path("e.json").string(), "--out", path("run").string(), "--force"};
    words.insert(words.end(), more.begin(), more.end());
    ASSERT_EQ(engram(words).code, 0);
  };
  again({"--threads", "2"});
  const Finished equal = engram({"compare", path("one").string(), path("run").string()});
  EXPECT_EQ(equal.code, 0) << equal.out << equal.error;
  EXPECT_TRUE(has(equal.out, "equal: ")) << equal.out;
  again({"--seed", "4"});
  const Finished other = engram({"compare", path("one").string(), path("run").string()});
  EXPECT_EQ(other.code, 1);
  for (const char* words :
       {"metrics.csv, row 0 (tick 0), column ", "WEE/weight.npy, row 0 (tick 0)", "state.safetensors, tensor "})
    EXPECT_TRUE(has(other.out, words)) << words << other.out;
  const Finished json = engram({"compare", path("one").string(), path("run").string(), "--json"});
  EXPECT_FALSE(Json::parse(json.out)["equal"].get<bool>());
  EXPECT_EQ(engram({"compare", path("one").string(), folder_.path().string()}).code, 5);
}

// ---- what is said of winners that receive nothing

TEST_F(Recorders, WinnersWithoutInputAreCounted) {
  complete(Json::parse(
      R"({"model": {"type": "calculus", "p": 0.001, "defaults": {"n": 1000, "k": 50}, "areas": {"A": {}}, "stimuli": {"x": {"size": 5}}},
         "protocol": [{"do": "project", "stimuli": {"x": ["A"]}}]})"));
  const auto results = [&] { return Json::parse(slurp(path("run/manifest.json")))["points"][0]["results"]; };
  EXPECT_GT(results()["A winners without input"], 30.0);
  complete(Json::parse(
      R"({"model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 2}}, "stages": [{"A": {"inputs": ["x"], "n": 500, "k": 50, "p_synapse": 0.001}}]},
         "samples": 1, "protocol": [{"do": "simulate", "label": "s"}]})"));
  EXPECT_GT(results()["s, A winners_without_input"], 10.0);
  complete(Json::parse(
      R"({"model": {"type": "calculus", "p": 0.5, "defaults": {"n": 1000, "k": 50}, "areas": {"A": {}}, "stimuli": {"x": {"size": 50}}},
         "protocol": [{"do": "project", "stimuli": {"x": ["A"]}}]})"));
  EXPECT_FALSE(results().contains("A winners without input"));
}

TEST_F(Recorders, WhatIsUndefinedIsNullAndWhatIsDefinedIsNot) {
  Json document = Json::parse(
      R"({"model": {"type": "attractor", "weights": [[0, 1.33, -1.33, -2.67], [1.33, 0, -2.67, -1.33], [-1.33, -2.67, 0, 1.33], [-2.67, -1.33, 1.33, 0]]},
         "patterns": {"values": [[1, 1, -1, -1], [1, -1, 1, -1]]}, "protocol": [{"do": "retain", "steps": 100, "label": "long"}]})");
  complete(document);
  const Json results = Json::parse(slurp(path("run/manifest.json")))["points"][0]["results"];
  EXPECT_TRUE(results["long, retention"].is_number()) << results;
  EXPECT_EQ(results["long, patterns without retention"], 1.0);
}

TEST_F(Recorders, AValueThatStandsTwiceInAGridIsRefused) {
  Json document = two_phases();
  for (const char* values : {"[5, 10, 5]", "[5, 5.0]", "[[1], [1]]"}) {
    document["replicas"]["grid"]["/model/eta_stdp"] = Json::parse(values);
    refused(document, "this value stands here twice");
  }
}

TEST_F(Recorders, AGridOverWhatNothingDependsOnIsRefused) {
  Json document = Json::parse(
      R"({"model": {"type": "assembly", "stimuli": {"x": {"n": 20, "k": 2}}, "defaults": {"k": 3, "beta": 0.1},
          "stages": [{"A": {"inputs": ["x"], "n": 30, "k": 4}, "B": {"inputs": ["x"], "n": 30, "k": 5}}]},
          "samples": 2, "protocol": [{"do": "simulate"}]})");
  const auto over = [&](const char* pointer) {
    Json grid = document;
    grid["replicas"]["grid"][pointer] = {2, 3};
    return grid;
  };
  const std::string nothing = ": its values change nothing";
  refused(over("/model/defaults/k"), "/replicas/grid/~1model~1defaults~1k" + nothing);
  complete(over("/model/defaults/beta"));
  complete(over("/model/stages/0/A/k"));
  document["model"]["stages"][0]["A"].erase("k");
  complete(over("/model/defaults/k"));
  document["model"]["defaults"]["rule"] = "willshaw";
  refused(over("/model/defaults/beta"), "~1defaults~1beta" + nothing);
  refused(over("/model/stages/0/B/beta"), "~1B~1beta" + nothing);
  document["model"]["stages"][0]["B"]["rule"] = "hebb";
  complete(over("/model/defaults/beta"));
  document["model"]["stages"][0]["B"]["learning_rate"] = 0.2;
  refused(over("/model/defaults/beta"), "~1defaults~1beta" + nothing);
  document["model"] = Json::parse(R"({"type": "calculus", "defaults": {"k": 3}, "areas": {"A": {"n": 100, "k": 4}}})");
  document["protocol"] = Json::parse(R"([{"do": "winners", "area": "A", "neurons": [4, 9]}])");
  document.erase("samples");
  refused(over("/model/defaults/k"), "~1defaults~1k" + nothing);
  document["model"]["areas"]["B"]["n"] = 50;
  complete(over("/model/defaults/k"));
}

}  // namespace
}  // namespace engram::test
