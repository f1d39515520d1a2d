// Assembly calculus and parser experiments as JSON: what they refuse and where, what they forecast, and that replicas
// are lone runs.
#include "engram/run/task.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <tuple>

#include "engram/run/config_reader.hpp"
#include "tests/testing/recorder.hpp"
#include "tests/testing/source_dir.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using Json = nlohmann::ordered_json;

const Family& family(const std::string& name) {
  for (const Family& f : families())
    if (name == f.name) return f;
  throw Error("no family " + name);
}

std::unique_ptr<Task> make_task(const Json& document, Backend& backend, std::vector<std::uint64_t> seeds) {
  ConfigReader reader(document, ".");
  const auto plan = family(document["model"]["type"]).read(reader);
  reader.finish();
  return plan->build({backend, std::move(seeds)});
}

Json small() {
  return Json::parse(R"({
    "model": {"type": "calculus", "p": 0.05, "defaults": {"n": 900, "k": 30, "beta": 0.1},
              "areas": {"A": {}, "B": {"n": 600}}, "stimuli": {"s": {"size": 40}}, "exclusive": [["A", "B"]],
              "fibres": [{"from": "A", "to": "B", "p": 0.1, "beta": 0.2}]},
    "protocol": [{"do": "complete", "stimuli": ["s"], "areas": ["A"], "form": 5, "rounds": 2},
                 {"do": "measure", "what": "overlap", "label": "o", "a": "completed", "b": "assembly"}]})");
}

Json sentences() {
  return Json::parse(
      R"({"model": {"type": "parser", "n": 2000, "k": 50}, "sentences": ["cats run", {"text": "dogs chase cats", "expected": ["chase-dogs SUBJ"]}]})");
}

TEST(CalculusTask, ReplicasAreLoneRuns) {
  const auto one = test::test_backend({1}), three = make_backend("cpu", {3});
  const std::vector<std::uint64_t> seeds{4, 9, 17, 2};
  for (const Json& document : {small(), sentences()}) {
    for (Backend* backend : {one.get(), three.get()}) {
      const auto together = make_task(document, *backend, seeds);
      test::KeptRecorder all;
      for (Tick t = 0; t < together->ticks(); ++t) together->tick(t, all);
      ASSERT_EQ(std::max_element(all.metrics.begin(), all.metrics.end(),
                                 [](const auto& a, const auto& b) { return a.replica < b.replica; })
                    ->replica,
                seeds.size() - 1);
      for (Index r = 0; r < seeds.size(); ++r) {
        const auto alone = make_task(document, *one, {seeds[r]});
        test::KeptRecorder own;
        for (Tick t = 0; t < alone->ticks(); ++t) alone->tick(t, own);
        ASSERT_FALSE(own.metrics.empty());
        EXPECT_EQ(all.lines(r), own.lines(0)) << "replica " << r;
        if (document.contains("protocol")) {
          EXPECT_EQ(together->results()["completion, replicas"][r], alone->results()["completion"]);
          EXPECT_NE(all.lines(r), all.lines((r + 1) % 4)) << "seeds differ";
        }
      }
    }
  }
}

TEST(CalculusTask, EveryExampleIsValidAndForecast) {
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(engram::test::source_dir() + "/examples/calculus")) {
    if (entry.path().extension() != ".json") continue;
    const Json document = read_config_file(entry.path().string());
    ConfigReader reader(document, ".");
    const Family& f = family(document["model"]["type"]);
    const auto plan = f.read(reader);
    ASSERT_TRUE(plan) << entry.path();
    EXPECT_EQ(plan->memory(1) > 0, document["model"].value("connectome", "") != "lazy") << entry.path();
    ++found;
  }
  EXPECT_GE(found, 14);
}

TEST(CalculusTask, ForecastsWhatItsArraysTakeAndSaysWhereThatOverflows) {
  const auto forecast = [](const std::function<void(Json&)>& change, std::size_t replicas) {
    Json document = small();
    document["model"]["exclusive"] = Json::array();
    change(document);
    ConfigReader reader(document, ".");
    return family("calculus").read(reader)->memory(replicas);
  };
  const auto as_is = [](Json&) {};
  const auto dense = [](Json& j) { j["model"]["connectome"] = "explicit"; };
  EXPECT_EQ(forecast(as_is, 3) - forecast(as_is, 2), forecast(as_is, 2) - forecast(as_is, 1)) << "one of them is saved";
  const std::size_t matrix = sizeof(float) * 900 * 900;  // of one fibre, A to A
  EXPECT_EQ(forecast(dense, 2) - forecast(dense, 1), forecast(as_is, 2) - forecast(as_is, 1) + matrix);
  EXPECT_GE(forecast(dense, 1) - forecast(as_is, 1), 2 * matrix) << "and what is saved of it";
  const auto large = [](Json& j) {
    j["model"]["connectome"] = "explicit";
    j["model"]["areas"]["A"]["n"] = 1000000000u;
  };
  EXPECT_EQ(forecast(large, 1) / std::size_t{1000000000000000000}, 12u) << "3 times 4 bytes for 1e9 x 1e9 pairs";
  EXPECT_THROW(forecast(large, 100), MemoryError);
}

/// Path and text of the first problem.
std::string problem_of(Json document, const std::function<void(Json&)>& change) {
  change(document);
  try {
    make_task(document, *test::test_backend({1}), {1});
  } catch (const ConfigError& error) {
    return error.problems().front().path + ": " + error.problems().front().text;
  }
  return "accepted";
}

TEST(CalculusTask, RefusesWhatCannotBeRunAndSaysWhere) {
  EXPECT_EQ(problem_of(small(), [](Json&) {}), "accepted");
  for (const double p : {0.0, 1.0}) EXPECT_EQ(problem_of(small(), [&](Json& j) { j["model"]["p"] = p; }), "accepted");
  const auto expect = [](const char* start, const std::function<void(Json&)>& change, const char* part = "") {
    const std::string found = problem_of(small(), change);
    EXPECT_TRUE(found.starts_with(start) && found.find(part) != std::string::npos) << found;
  };
  const auto step = [](const char* text) {
    return [text](Json& j) { j["protocol"] = Json::array({Json::parse(text)}); };
  };
  expect("/model/areas/B/k: found 601", [](Json& j) { j["model"]["areas"]["B"]["k"] = 601; });
  expect("/model/p: ", [](Json& j) { j["model"]["p"] = 1.01; });
  expect("/model/fibres/0/from: no area or stimulus is called \"X\"",
         [](Json& j) { j["model"]["fibres"][0]["from"] = "X"; });
  expect("/model/fibres/0/to: no area is called \"s\"", [](Json& j) { j["model"]["fibres"][0]["to"] = "s"; });
  expect("/model/exclusive/0: ", [](Json& j) { j["model"]["exclusive"] = Json::parse(R"([["A"]])"); });
  expect(
      "/model/exclusive/1: ", [](Json& j) { j["model"]["exclusive"] = Json::parse(R"([["A", "B"], ["A", "B"]])"); },
      "twice");
  expect("/model/stimuli/s/size: ", [](Json& j) { j["model"]["stimuli"]["s"]["size"] = 4294967296u; });
  expect("/protocol: step 0: there is no area \"X\"; known are A, B",
         step(R"({"do": "project", "stimuli": {"s": ["X"]}})"));
  expect("/protocol: step 0: there is no stimulus \"t\"", step(R"({"do": "project", "stimuli": {"t": ["A"]}})"));
  expect("/protocol: step 0: area \"A\" has 30 blocks of 30 neurons, no block 30",
         step(R"({"do": "activate", "area": "A", "index": 30})"));
  expect("/protocol: step 0: area \"B\" has 600 neurons, no neuron 600",
         step(R"({"do": "winners", "area": "B", "neurons": [600]})"));
  expect("/protocol/0/rounds: ", step(R"({"do": "complete", "stimuli": ["s"], "areas": ["A"], "rounds": 1000000000})"));
  expect(
      "/protocol/0/repetitions: this makes 10000000000 steps",
      step(
          R"({"do": "learn_words", "areas": ["A", "A", "A", "A", "A"], "nouns": 1000, "verbs": 1000, "repetitions": 1000})"));
  const auto words = [](const char* more) {
    return [more](Json& j) {
      Json step = Json::parse(R"({"do": "learn_words", "areas": ["A", "A", "A", "A", "B"], "nouns": 2, "verbs": 2})");
      step.update(Json::parse(more));
      j["protocol"] = Json::array({step});
    };
  };
  expect("/protocol/0/sentences: this makes 20000000 steps", words(R"({"sentences": 2000000})"));
  expect("/protocol/0/repetitions: ", words(R"({"sentences": 5, "repetitions": 5})"));
  expect("/protocol/0/single: ", words(R"({"single": 2})"));
  expect("/protocol/0/contexts: found 2 names, needed is one for each word",
         words(R"({"contexts": ["A", "B"], "context_model": "C"})"));
  expect("/protocol/0/context_model: ", words(R"({"contexts": ["A"], "context_model": "D"})"), "A");
  expect("/protocol: step 2: there is no area \"LANG\"", words(R"({"language": "LANG"})"));
  expect("/protocol: step 0: these areas do not exclude each other", step(R"({"do": "include", "areas": ["A", "B"]})"));
  expect("/protocol: step 0: area \"A\" is in two groups", step(R"({"do": "exclude", "areas": ["A", "B"]})"));
  expect("/protocol/0/least: ", step(R"({"do": "measure", "what": "first", "label": "x", "of": "y"})"));
  expect("/protocol/0/size: ", step(R"({"do": "separate", "areas": ["A", "B"], "size": 1000000000})"));
  expect("/protocol/0/table/1: found 2 numbers, needed are 3",
         step(R"({"do": "learn_transitions", "areas": ["A", "A", "B", "B"], "table": [[0, 1, 2], [0, 1]]})"));
  expect("/protocol/0/symbols: ",
         step(R"({"do": "walk", "label": "w", "state": "A", "via": "B", "next": "A", "symbols": [1]})"));
  expect("/protocol/0/what: ", step(R"({"do": "measure", "what": "size", "label": "x", "area": "A"})"));
  expect("/protocol: step 0: nothing has been measured as \"x\"",
         step(R"({"do": "measure", "what": "mean", "label": "y", "of": "x"})"));
  const auto silent = [](Json& j) {
    j["model"]["exclusive"] = Json::array();
    j["protocol"] = Json::parse(R"([{"do": "project", "areas": {"A": ["B"]}}])");
  };
  expect("/protocol: step 0: area \"A\" has no winners to project from", silent);
  const auto fixing = [&](Json& j) {
    silent(j);
    j["protocol"][0] = {{"do", "fix"}, {"area", "B"}};
  };
  expect("/protocol: step 0: area \"B\" has no winners to fix", fixing);
  const auto cleared = [&](Json& j) {
    silent(j);
    j["protocol"] = Json::parse(
        R"([{"do": "activate", "area": "A", "index": 0}, {"do": "project", "areas": {"A": ["B"]}}, {"do": "winners", "area": "A", "neurons": []},
                                    {"do": "project", "areas": {"A": ["B"]}}])");
  };
  expect("/protocol: step 3: area \"A\" has no winners", cleared);
  const std::string word = problem_of(sentences(), [](Json& j) { j["sentences"][0] = "cats fly unicorns"; });
  EXPECT_TRUE(word.starts_with("/sentences/0: ") && word.find("unicorns") != std::string::npos) << word;
}

}  // namespace
}  // namespace engram
