// Runs that go on: from the state of another run, and behind their own end. What comes is what one long run would have
// done.
#include <gtest/gtest.h>

#include "tests/testing/run_files.hpp"
#include "tests/testing/run_outcome.hpp"

namespace engram::test {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

class GoingOn : public testing::Test {
 protected:
  fs::path path(const std::string& name) const { return folder_ / name; }
  Finished run(const std::string& name, const Json& document) const {
    fs::remove_all(path(name));
    Json full = document;
    full.update({{"schema", "engram/1"}, {"name", name}, {"backend", "cpu"}, {"threads", 1}});
    spit(path(name + ".json"), full.dump());
    return engram({"run", path(name + ".json").string(), "--out", path(name).string()});
  }
  void complete(const std::string& name, const Json& document) const {
    const Finished done = run(name, document);
    ASSERT_EQ(done.code, 0) << name << done.error;
  }
  /// `run` and `validate` say the same of what is wrong.
  void refused(const Json& document, const std::string& words) const {
    const Finished done = run("refused", document), judged = engram({"validate", path("refused.json").string()});
    EXPECT_EQ(done.code, 2) << done.error;
    EXPECT_EQ(judged.code, 2) << judged.error;
    EXPECT_TRUE(has(done.error, words)) << words << ": " << done.error;
    EXPECT_TRUE(has(judged.error, words)) << words << ": " << judged.error;
    EXPECT_FALSE(fs::exists(path("refused")));
  }
  Json with_state(Json document, const std::string& of) const {
    document["model"]["state"] = of + "/state.safetensors";
    return document;
  }
  Scratch folder_;
};

Json sorn_of(int steps) {
  Json document = Json::parse(
      R"({"seed": 3, "replicas": {"seeds": 2}, "model": {"type": "sorn", "ne": 40, "nu": 12, "lambda_ee": 8}, "input": {"source": "counting", "n": 3, "pool": 2},
          "callbacks": {"series": ["ExcitatoryActivation", "TE"]}})");
  document["phases"] = Json::array({{{"steps", steps}}});
  return document;
}

/// Spikes as "step replica unit", those from `first` on counted from there.
std::vector<std::string> spikes(const fs::path& run, std::uint64_t first = 0) {
  const fs::path column = run / "ExcitatoryActivation";
  const auto step = npy<std::uint64_t>(column / "step.npy");
  const auto replica = npy<std::uint32_t>(column / "replica.npy"), unit = npy<std::uint32_t>(column / "unit.npy");
  std::vector<std::string> all;
  for (std::size_t k = 0; k < step.size(); ++k)
    if (step[k] >= first)
      all.push_back(std::to_string(step[k] - first) + " " + std::to_string(replica[k]) + " " + std::to_string(unit[k]));
  return all;
}

TEST_F(GoingOn, ASornFromAStateIsWhatOneLongRunIs) {
  for (const char* source : {"counting", "random", "strong_one_hot"}) {
    Json whole = sorn_of(30), part = sorn_of(30);
    whole["phases"].push_back({{"steps", 25}});
    whole["input"]["source"] = part["input"]["source"] = source;
    complete("whole", whole);
    complete("first", part);
    part["phases"][0]["steps"] = 25;
    complete("then", with_state(part, "first"));
    EXPECT_EQ(spikes(path("then")), spikes(path("whole"), 30)) << source;
    EXPECT_FALSE(spikes(path("then")).empty());
    EXPECT_EQ(tensors(path("then")), tensors(path("whole"))) << source;
  }
  const Json manifest = Json::parse(slurp(path("then/manifest.json")));
  EXPECT_EQ(manifest["began_from"]["first/state.safetensors"]["tick"], "30");
}

TEST_F(GoingOn, AThirdRunGoesOnWhereTheSecondEnded) {
  complete("whole", sorn_of(30));
  complete("first", sorn_of(10));
  complete("second", with_state(sorn_of(10), "first"));
  complete("third", with_state(sorn_of(10), "second"));
  EXPECT_EQ(tensors(path("third")), tensors(path("whole")));
}

TEST_F(GoingOn, ValuesThatDriveASornAreCountedFromTheFirstRun) {
  Json part = sorn_of(4), whole = sorn_of(8);
  Json rows = Json::array();
  for (int t = 0; t < 8; ++t) {
    Json row = Json::array();
    for (int i = 0; i < 12; ++i) row.push_back((t * 5 + i) % 7 == 0 ? 3 : 0);
    rows.push_back(row);
  }
  for (Json* document : {&part, &whole}) (*document)["input"] = {{"source", "values"}, {"values", rows}};
  complete("whole", whole);
  complete("first", part);
  complete("then", with_state(part, "first"));
  EXPECT_EQ(spikes(path("then")), spikes(path("whole"), 4));
  complete("first", part);
  part["phases"][0]["steps"] = 5;
  refused(with_state(part, "first"), "/input/values: found the input of 8 steps, the run needs 9");
}

TEST_F(GoingOn, AReadoutThatWasTrainedIsTestedInTheNextRun) {
  Json whole = sorn_of(20), first = sorn_of(20), then = sorn_of(20);
  for (Json* document : {&whole, &first}) {
    (*document)["phases"][0]["do"] = "train_readout";
    (*document)["phases"][0]["steps"] = 200;
  }
  whole["phases"].push_back({{"do", "test_readout"}, {"steps", 100}, {"label", "test"}});
  then["phases"][0] = {{"do", "test_readout"}, {"steps", 100}, {"label", "test"}};
  complete("whole", whole);
  complete("first", first);
  complete("then", with_state(then, "first"));
  const auto result = [&](const char* run) {
    return Json::parse(slurp(path(run) / "manifest.json"))["points"][0]["results"]["test, next symbol"];
  };
  EXPECT_EQ(result("then"), result("whole"));
}

TEST_F(GoingOn, ParametersOfASornActOrAreRefused) {
  complete("first", sorn_of(10));
  Json then = with_state(sorn_of(10), "first");
  complete("same", then);
  then["model"]["h_ip"] = 0.25;  // acts: other target rates
  complete("other", then);
  EXPECT_NE(tensors(path("other")), tensors(path("same")));
  const auto target = [&](const char* run) {
    return io::SafetensorsFile(path(run) / "state.safetensors").read("target").bytes;
  };
  EXPECT_NE(target("other"), target("same"));
  EXPECT_EQ(target("first"), target("same"));
  const Json late_values{{"lambda_ee", 9}, {"lambda_ei", 9}, {"ti_max", 0.3}, {"network_type_ee", "Dense"}};
  for (const auto& [key, value] : late_values.items()) {
    Json late = with_state(sorn_of(10), "first");
    late["model"][key] = value;
    refused(late, "/model/" + key + ": shapes new networks");
  }
  Json larger = with_state(sorn_of(10), "first");
  larger["model"]["ne"] = 50;
  refused(larger, "holds 2 networks of 40 excitatory");
  Json more = with_state(sorn_of(10), "first");
  more["replicas"]["seeds"] = 3;
  refused(more, "the experiment has 3 networks");
}

Json attractor_of(int epochs) {
  return Json::parse(
      R"({"seed": 5, "replicas": {"seeds": 2}, "model": {"type": "attractor", "evidence": 5, "learning_rate": 0.05},
    "patterns": {"values": [[1, -1, 1, -1], [1, 1, -1, -1]]}, "protocol": [{"do": "train", "order": "cyclic", "steps": 3, "label": "learn", "epochs": )" +
      std::to_string(epochs) + "}]}");
}

TEST_F(GoingOn, AnAttractorNetworkFromAStateIsWhatOneLongRunIs) {
  Json whole = attractor_of(6);
  whole["protocol"].push_back({{"do", "run"}, {"steps", 20}, {"learning_rate", 0.01}});
  complete("whole", whole);
  complete("first", attractor_of(6));
  Json then = attractor_of(6);
  then["protocol"] = Json::array({{{"do", "run"}, {"steps", 20}, {"learning_rate", 0.01}}});
  complete("then", with_state(then, "first"));
  EXPECT_EQ(tensors(path("then")), tensors(path("whole")));
  then["model"]["weights"] = Json::array({{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}});
  refused(with_state(then, "first"), "/model/weights: are those of new networks");
  Json other = attractor_of(6);
  other["patterns"]["values"] = Json::array({{1, -1, 1}, {1, 1, -1}});
  refused(with_state(other, "first"), "holds 2 networks of 4 units");
}

Json assembly_run() {
  return Json::parse(
      R"({"seed": 2, "model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 10}}, "defaults": {"p_synapse": 0.2}, "stages": [{"A": {"inputs": ["x"], "n": 80, "k": 10}}]},
         "simulator": {"epoch_size": 4}, "samples": 3, "protocol": [{"do": "simulate"}]})");
}

TEST_F(GoingOn, AnAssemblyFromAStateIsWhatOneLongRunIs) {
  Json whole = assembly_run();
  whole["protocol"].push_back({{"do", "simulate"}});
  complete("whole", whole);
  complete("first", assembly_run());
  complete("then", with_state(assembly_run(), "first"));
  EXPECT_EQ(tensors(path("then")), tensors(path("whole")));
  EXPECT_NE(tensors(path("then")), tensors(path("first")));
  Json other = assembly_run();
  other["model"]["defaults"]["p_synapse"] = 0.3;
  refused(with_state(other, "first"), "/model/defaults/p_synapse: shapes new networks");
  other = assembly_run();
  other["model"]["stages"][0]["A"]["n"] = 90;
  refused(with_state(other, "first"), "weight_input0 is 1 x 80 x 100");
}

Json calculus_of(const Json& protocol) {
  Json document = Json::parse(
      R"({"seed": 4, "model": {"type": "calculus", "p": 0.1, "defaults": {"n": 1000, "k": 30}, "areas": {"A": {}, "B": {}}, "stimuli": {"s": {"size": 30}}}})");
  document["protocol"] = protocol;
  return document;
}

TEST_F(GoingOn, ABrainFromAStateIsWhatOneLongRunIs) {
  Json first = Json::array({{{"do", "project"}, {"stimuli", {{"s", {"A"}}}}, {"rounds", 5}},
                            {{"do", "remember"}, {"name", "a"}, {"area", "A"}}});
  const Json after = Json::array({{{"do", "project"}, {"areas", {{"A", {"A", "B"}}}}, {"rounds", 4}},
                                  {{"do", "remember"}, {"name", "b"}, {"area", "A"}},
                                  {{"do", "measure"}, {"what", "overlap"}, {"a", "a"}, {"b", "b"}, {"label", "kept"}}});
  Json whole = first;
  whole.insert(whole.end(), after.begin(), after.end());
  complete("whole", calculus_of(whole));
  complete("first", calculus_of(first));
  complete("then", with_state(calculus_of(after), "first"));
  const auto results = [&](const char* run) {
    return Json::parse(slurp(path(run) / "manifest.json"))["points"][0]["results"];
  };
  EXPECT_EQ(results("then")["kept"], results("whole")["kept"]);
  EXPECT_EQ(tensors(path("then")), tensors(path("whole")));
  Json other = calculus_of(after);
  other["model"]["p"] = 0.2;
  refused(with_state(other, "first"), "/model/p: is not what it was");
  other = calculus_of(after);
  other["seed"] = 5;
  refused(with_state(other, "first"), "the seeds, which must be the same");
}

// ---- longer runs

struct Longer {
  const char* name;
  Json before, after;
  std::vector<std::string> settings;
};

void PrintTo(const Longer& longer, std::ostream* out) { *out << longer.name; }

class LongerRuns : public GoingOn, public testing::WithParamInterface<Longer> {};

TEST_P(LongerRuns, AreWhatOneLongRunIs) {
  complete("whole", GetParam().after);
  complete("run", GetParam().before);
  std::vector<std::string> words{"resume", path("run").string()};
  for (const std::string& setting : GetParam().settings) words.insert(words.end(), {"--set", setting});
  const Finished done = engram(words);
  ASSERT_EQ(done.code, 0) << done.error;
  const Finished same = engram({"compare", path("whole").string(), path("run").string()});
  EXPECT_TRUE(has(same.out, "equal: ") || has(same.out, "\"config\"")) << same.out << same.error;
  EXPECT_EQ(slurp(path("run/metrics.csv")), slurp(path("whole/metrics.csv")));
  EXPECT_EQ(slurp(path("run/results.csv")), slurp(path("whole/results.csv")));
  EXPECT_EQ(tensors(path("run")), tensors(path("whole")));
  const Json manifest = Json::parse(slurp(path("run/manifest.json")));
  EXPECT_EQ(manifest["status"], "complete");
  EXPECT_EQ(manifest["extended"].size(), 1u);
}

Json with_phase(Json document, const char* protocol, const Json& phase) {
  document[protocol].push_back(phase);
  return document;
}

const Longer longer_runs[] = {
    {"sorn_phase", sorn_of(40), sorn_of(80), {"/phases/0/steps=80"}},
    {"sorn_further",
     sorn_of(40),
     with_phase(sorn_of(40), "phases", {{"steps", 20}}),
     {R"(/phases=[{"steps":40},{"steps":20}])"}},
    {"attractor_phase", attractor_of(4), attractor_of(9), {"/protocol/0/epochs=9"}},
    {"attractor_further",
     attractor_of(4),
     with_phase(attractor_of(4), "protocol", {{"do", "attractors"}}),
     {R"(/protocol=[{"do":"train","order":"cyclic","steps":3,"label":"learn","epochs":4},{"do":"attractors"}])"}},
    {"calculus_rounds",
     calculus_of(Json::parse(R"([{"do": "project", "stimuli": {"s": ["A"]}, "rounds": 3}])")),
     calculus_of(Json::parse(R"([{"do": "project", "stimuli": {"s": ["A"]}, "rounds": 8}])")),
     {"/protocol/0/rounds=8"}},
};
INSTANTIATE_TEST_SUITE_P(Families, LongerRuns, testing::ValuesIn(longer_runs),
                         [](const auto& info) { return info.param.name; });

TEST_F(GoingOn, OnlyTheProtocolBecomesLonger) {
  complete("run", attractor_of(4));
  const std::string before = outcome(path("run"));
  const auto refused = [&](const char* setting, const char* words) {
    const Finished done = engram({"resume", path("run").string(), "--set", setting});
    EXPECT_EQ(done.code, 2) << done.error;
    EXPECT_TRUE(has(done.error, words)) << done.error;
  };
  refused("/model/learning_rate=0.1", "only the protocol");
  refused("/protocol/0/epochs=3", "the run has done 4");
  refused("/protocol/0/steps=6", "/protocol/0/steps: cannot be changed");
  refused("/protocol/0/label=other", "cannot be changed");
  refused("/seed=9", "only the protocol");
  EXPECT_EQ(outcome(path("run")), before) << "a refusal changes nothing";
}

TEST_F(GoingOn, ALongerRunThatIsKilledIsResumed) {
  complete("whole", sorn_of(400));
  complete("run", sorn_of(200));
  // Early enough that the run still has much to write.
  const Finished broken =
      engram({"resume", path("run").string(), "--set", "/phases/0/steps=400"}, shim("ENGRAM_FAIL_AT", "30"));
  EXPECT_EQ(broken.code, 5) << broken.error;
  const Finished done = engram({"resume", path("run").string()});
  if (Json::parse(slurp(path("run/manifest.json"))).contains("extended")) {
    ASSERT_EQ(done.code, 0) << done.error;
    EXPECT_EQ(tensors(path("run")), tensors(path("whole")));
    EXPECT_EQ(slurp(path("run/metrics.csv")), slurp(path("whole/metrics.csv")));
  }
}

}  // namespace
}  // namespace engram::test
