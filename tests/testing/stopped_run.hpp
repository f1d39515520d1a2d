// A small run that was stopped after its second checkpoint, for tests of what becomes of its folder.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/io/safetensors.hpp"
#include "tests/testing/run_outcome.hpp"
#include "tests/testing/state.hpp"

namespace engram::test {

/// 80 ticks, a checkpoint every other one.
inline nlohmann::ordered_json small_experiment() {
  return nlohmann::ordered_json::parse(R"({
    "schema": "engram/1", "name": "r", "seed": 3, "backend": "cpu", "threads": 1,
    "model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 10}}, "stages": [{"A": {"inputs": ["x"], "n": 80, "k": 10}}]},
    "simulator": {"epoch_size": 20, "weights": false}, "samples": 4,
    "protocol": [{"do": "simulate", "label": "first"}], "checkpoint": {"every": 2}})");
}

class StoppedRun : public testing::Test {
 protected:
  using Json = nlohmann::ordered_json;

  StoppedRun() {
    spit(file(), small_experiment().dump());
    stop(2);
  }
  std::string file() const { return (folder_ / "e.json").string(); }
  std::string run() const { return (folder_ / "run").string(); }
  std::filesystem::path in_run(const std::string& name) const { return folder_ / ("run/" + name); }
  /// Runs on until so many further checkpoints are written.
  void stop(int checkpoints) {
    const bool begun = std::filesystem::exists(in_run("manifest.json"));
    const Finished done = engram(
        begun ? std::vector<std::string>{"resume", run()} : std::vector<std::string>{"run", file(), "--out", run()},
        shim("ENGRAM_SIGNALS", "/checkpoints/:" + std::to_string(checkpoints) + ":15"));
    ASSERT_EQ(done.code, 128 + SIGTERM) << done.error;
  }
  /// What the run would have given, had nothing stopped it.
  std::string expected() const {
    const std::string whole = (folder_ / "whole").string();
    if (!std::filesystem::exists(whole)) {
      EXPECT_EQ(engram({"run", file(), "--out", whole}).code, 0);
    }
    return outcome(whole);
  }
  Json manifest() const { return Json::parse(slurp(in_run("manifest.json"))); }
  /// Every file below a folder with its content.
  static std::string all_of(const std::filesystem::path& folder) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      files.push_back(entry.path().string() + (entry.is_regular_file() ? "\n" + slurp(entry.path()) : ""));
    std::sort(files.begin(), files.end());
    std::string all;
    for (const std::string& one : files) all += one + "\n";
    return all;
  }

  Scratch folder_;
};

/// Replaces a text among a checkpoint's metadata and seals the file again.
inline void reseal(const std::filesystem::path& path, const std::string& key, const std::string& value) {
  std::map<std::string, std::string> metadata;
  const std::vector<io::Tensor> tensors = read_safetensors(path, metadata);
  metadata[key] = value;
  write_safetensors(path, tensors, metadata);
}

}  // namespace engram::test
