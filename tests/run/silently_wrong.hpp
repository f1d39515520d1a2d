// A short experiment of each family, run as a process in a folder of its own, for the tests of what once ended with
// exit code 0 and was wrong.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tests/testing/process.hpp"
#include "tests/testing/run_outcome.hpp"
#include "tests/testing/stopped_run.hpp"

namespace engram::test {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

inline const std::map<std::string, Json>& families() {
  static const std::map<std::string, Json> all{
      {"assembly",
       Json::parse(
           R"({"model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 10}}, "stages": [{"A": {"inputs": ["x"], "n": 80, "k": 10}}]},
         "simulator": {"epoch_size": 20, "weights": false}, "samples": 4, "protocol": [{"do": "simulate"}]})")},
      {"sorn",
       Json::parse(
           R"({"model": {"type": "sorn", "ne": 50, "nu": 5}, "input": {"source": "random"}, "phases": [{"steps": 60}]})")},
      {"attractor",
       Json::parse(R"({"model": {"type": "attractor", "evidence": 5}, "patterns": {"values": [[1, -1, 1], [1, 1, -1]]},
         "protocol": [{"do": "train", "epochs": 20, "steps": 5}]})")},
      {"calculus",
       Json::parse(
           R"({"model": {"type": "calculus", "p": 0.1, "defaults": {"n": 1000, "k": 30}, "areas": {"A": {}}, "stimuli": {"s": {"size": 30}}},
         "protocol": [{"do": "assemble", "stimuli": ["s"], "areas": ["A"], "rounds": 30}]})")},
      {"parser",
       Json::parse(
           R"({"model": {"type": "parser", "n": 500, "k": 20}, "sentences": ["cats run", "dogs chase cats"]})")}};
  return all;
}

/// A short experiment of a family, with changes.
inline Json experiment_of(const std::string& family, const Json& changes = Json::object()) {
  Json document = families().at(family);
  document.update({{"schema", "engram/1"}, {"name", "w"}, {"seed", 3}, {"backend", "cpu"}, {"threads", 1}});
  document.merge_patch(changes);
  return document;
}

class SilentlyWrong : public testing::Test {
 protected:
  std::string path(const char* name) const { return (folder_ / name).string(); }
  Finished validate(const Json& document) const { return validate(document.dump()); }
  Finished validate(const std::string& text) const {
    spit(folder_ / "e.json", text);
    return engram({"validate", path("e.json")});
  }
  Finished run(const Json& document, const Prepare& prepare = nullptr) const {
    fs::remove_all(folder_ / "run");
    spit(folder_ / "e.json", document.dump());
    return engram({"run", path("e.json"), "--out", path("run")}, prepare);
  }
  Finished resume() const { return engram({"resume", path("run")}); }
  Json manifest() const { return Json::parse(slurp(folder_ / "run/manifest.json")); }
  void expect_refused(const Json& document, const std::string& words) const {
    expect_refused(validate(document), words);
  }
  static void expect_refused(const Finished& done, const std::string& words) {
    EXPECT_EQ(done.code, 2) << done.error;
    EXPECT_NE(done.error.find(words), std::string::npos) << words << ": " << done.error;
  }

  Scratch folder_;
};

}  // namespace engram::test
