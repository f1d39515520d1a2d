// Runs that are cut short: by signals, by kill -9, by faults of the disk. What remains continues with the same bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/testing/process.hpp"
#include "tests/testing/run_outcome.hpp"

namespace engram::test {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// 80 ticks, a checkpoint every other one.
Json experiment(int every = 2) {
  return Json::parse(R"({
    "schema": "engram/1", "name": "r", "seed": 3, "backend": "cpu", "threads": 1,
    "model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 10}}, "stages": [{"A": {"inputs": ["x"], "n": 80, "k": 10}}]},
    "simulator": {"epoch_size": 20, "weights": false}, "samples": 4,
    "protocol": [{"do": "simulate", "label": "first"}], "checkpoint": {"every": )" +
                     std::to_string(every) + "}}");
}

class Interrupted : public testing::Test {
 protected:
  Interrupted() { write(experiment()); }
  void write(const Json& document) {
    spit(file(), document.dump());
    ASSERT_EQ(engram({"run", file(), "--out", (folder_ / "whole").string()}).code, 0);
    expected_ = outcome(folder_ / "whole");
    fs::remove_all(folder_ / "whole");
  }
  std::string file() const { return (folder_ / "e.json").string(); }
  std::string run() const { return (folder_ / "run").string(); }
  Process start(const Prepare& prepare = nullptr) const {
    return fs::exists(folder_ / "run/manifest.json") ? Process({"resume", run()}, prepare)
                                                     : Process({"run", file(), "--out", run()}, prepare);
  }
  /// Resumes until the run is complete.
  void complete() const {
    if (!fs::exists(folder_ / "run/manifest.json")) {
      ASSERT_EQ(start().wait().code, 0);
    }
    const Finished done = engram({"resume", run()});
    ASSERT_EQ(done.code, 0) << done.error;
    EXPECT_EQ(outcome(run()), expected_);
  }

  Scratch folder_;
  std::string expected_;
};

TEST_F(Interrupted, kills_at_any_call_spoil_neither_a_checkpoint_nor_the_result) {
  int kills = 0, continued = 0;
  for (int call = 1;; call += call < 40 ? 1 : 29) {  // the pattern repeats with each checkpoint
    const std::uint64_t last = last_checkpoint(run());
    const Finished done = start(shim("ENGRAM_KILL_AT", std::to_string(call))).wait();
    EXPECT_EQ(done.error.find("refused"), std::string::npos) << done.error;
    // It must continue exactly at the last committed checkpoint, not merely end right.
    if (const auto at = done.error.find("continues at tick "); at != std::string::npos) {
      EXPECT_EQ(std::stoull(done.error.substr(at + 18)), last) << done.error;
      ++continued;
    }
    if (done.code == 0) break;
    ASSERT_EQ(done.code, 128 + SIGKILL) << done.error;
    ++kills;
  }
  EXPECT_GE(kills, 20);
  EXPECT_GE(continued, 10);
  complete();
}

TEST_F(Interrupted, signals_stop_at_a_tick_with_a_checkpoint_and_the_run_continues) {
  for (const int signal : {SIGINT, SIGTERM, SIGINT, SIGTERM}) {
    const std::uint64_t before = last_checkpoint(run());
    const Finished done = start(shim("ENGRAM_SIGNALS", "/checkpoints/:3:" + std::to_string(signal))).wait();
    EXPECT_EQ(done.code, 128 + signal) << done.error;
    EXPECT_EQ(Json::parse(slurp(folder_ / "run/manifest.json"))["status"], "interrupted");
    EXPECT_GE(last_checkpoint(run()), before + 6);
  }
  complete();
}

TEST_F(Interrupted, a_second_signal_leaves_at_once) {
  // The second comes while the first one's checkpoint is written.
  const Finished done = start(shim("ENGRAM_SIGNALS", "manifest.json:1:2 /checkpoints/:1:15")).wait();
  EXPECT_EQ(done.code, 128 + SIGTERM) << done.error;
  EXPECT_EQ(Json::parse(slurp(folder_ / "run/manifest.json"))["status"], "running");
  complete();
}

TEST_F(Interrupted, sigusr1_makes_a_checkpoint) {
  write(experiment(0));
  const Finished done = start(shim("ENGRAM_SIGNALS", "manifest.json:1:10 state.safetensors:1:9")).wait();
  EXPECT_EQ(done.code, 128 + SIGKILL) << done.error;  // before the end of the run took the checkpoint away
  EXPECT_EQ(last_checkpoint(run()), 1u);
  complete();
}

TEST_F(Interrupted, a_grid_continues_where_it_stopped) {
  Json document = experiment();
  document["replicas"] = {{"seeds", 2}, {"grid", {{"/simulator/epoch_size", {5, 10, 7}}}}};
  write(document);
  for (int i = 0; i < 6; ++i) {
    const int signal = i % 2 ? SIGKILL : SIGTERM;
    EXPECT_EQ(start(shim("ENGRAM_SIGNALS", "/checkpoints/:5:" + std::to_string(signal))).wait().code, 128 + signal);
  }
  EXPECT_GE(last_checkpoint(run()), 1000000u);  // beyond the first point
  complete();
}

/// The checkpoints of a run that was stopped after its second one, oldest first.
std::vector<fs::path> two_checkpoints(Process stopped, const fs::path& run) {
  EXPECT_EQ(stopped.wait().code, 128 + SIGTERM);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints")) files.push_back(entry.path());
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    return std::pair(a.string().size(), a.string()) < std::pair(b.string().size(), b.string());
  });
  EXPECT_EQ(files.size(), 2u);
  return files;
}

const Prepare after_two = shim("ENGRAM_SIGNALS", "/checkpoints/:2:15");

void damage(const fs::path& file) {
  std::string bytes = slurp(file);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  spit(file, bytes);
}

TEST_F(Interrupted, a_damaged_checkpoint_is_refused_and_the_one_before_used) {
  const auto files = two_checkpoints(start(after_two), run());
  damage(files.back());
  const Finished done = engram({"resume", run()});
  EXPECT_EQ(done.code, 0) << done.error;
  EXPECT_NE(done.error.find("damaged"), std::string::npos) << done.error;
  EXPECT_EQ(outcome(run()), expected_);
}

TEST_F(Interrupted, without_a_good_checkpoint_resume_is_exit_code_5) {
  for (const auto& file : two_checkpoints(start(after_two), run())) damage(file);
  const Finished done = engram({"resume", run()});
  EXPECT_EQ(done.code, 5) << done.error;
}

TEST_F(Interrupted, a_checkpoint_of_another_configuration_is_refused) {
  two_checkpoints(start(after_two), run());
  Json manifest = Json::parse(slurp(folder_ / "run/manifest.json"));
  manifest["config"]["model"]["stages"][0]["A"]["n"] = 90;
  spit(folder_ / "run/manifest.json", manifest.dump());
  EXPECT_EQ(engram({"resume", run()}).code, 5);
}

TEST_F(Interrupted, resuming_what_is_complete_changes_nothing) {
  ASSERT_EQ(start().wait().code, 0);
  const std::string before = slurp(folder_ / "run/manifest.json");
  const Finished done = engram({"resume", run()});
  EXPECT_EQ(done.code, 0);
  EXPECT_NE(done.out, "");
  EXPECT_EQ(slurp(folder_ / "run/manifest.json"), before);
}

TEST_F(Interrupted, resuming_no_run_is_exit_code_5) {
  fs::create_directory(folder_ / "empty");
  for (const char* name : {"none", "empty", "e.json"})
    EXPECT_EQ(engram({"resume", (folder_ / name).string()}).code, 5) << name;
  EXPECT_TRUE(fs::is_empty(folder_ / "empty"));
}

TEST_F(Interrupted, a_folder_in_use_is_exit_code_5_with_the_holder) {
  Process first = start(shim("ENGRAM_SIGNALS", "/checkpoints/:1:" + std::to_string(SIGSTOP)));
  ASSERT_TRUE(first.wait_stopped());
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"run", file(), "--out", run(), "--force"}, {"run", file(), "--out", run()}, {"resume", run()}}) {
    const Finished second = engram(arguments);
    EXPECT_EQ(second.code, 5);
    EXPECT_NE(second.error.find(std::to_string(first.pid())), std::string::npos) << second.error;
  }
  first.kill(SIGCONT);
  EXPECT_EQ(first.wait().code, 0);
  EXPECT_EQ(outcome(run()), expected_);
}

TEST_F(Interrupted, weights_that_overflow_are_exit_code_3_and_leave_the_state_behind) {
  Json document = experiment();
  document["model"]["stages"][0]["A"]["learning_rate"] = 1000;
  document["model"]["stages"][0]["A"]["normalisation"] = "none";
  document["simulator"]["epoch_size"] = 150;
  spit(file(), document.dump());
  const Finished done = engram({"run", file(), "--out", run()});
  EXPECT_EQ(done.code, 3) << done.error;
  EXPECT_NE(done.error.find("after tick"), std::string::npos) << done.error;
  const Json manifest = Json::parse(slurp(folder_ / "run/manifest.json"));
  EXPECT_EQ(manifest["status"], "failed");
  bool crash = false;
  for (const auto& entry : fs::directory_iterator(run()))
    crash |= entry.path().filename().string().starts_with("crash-");
  EXPECT_TRUE(crash);
}

TEST_F(Interrupted, whichever_write_fails_the_run_ends_with_code_5_and_can_continue) {
  Json document = experiment(20);
  write(document);
  int faults = 0;
  for (int fail_at = 1;; fail_at += fail_at < 12 ? 1 : 3) {  // the pattern repeats with each checkpoint
    fs::remove_all(folder_ / "run");
    const Finished done = engram({"run", file(), "--out", run()}, shim("ENGRAM_FAIL_AT", std::to_string(fail_at)));
    if (done.error.find("injected fault") == std::string::npos) break;
    ++faults;
    ASSERT_TRUE(done.code == 5 || (done.code == 0 && outcome(run()) == expected_))
        << fail_at << ": " << done.code << done.error;
    if (fs::exists(run())) {
      for (const auto& entry : fs::recursive_directory_iterator(run()))
        EXPECT_NE(entry.path().extension(), ".tmp") << fail_at;
    }
    if (done.code == 5 && fs::exists(folder_ / "run/manifest.json")) complete();
  }
  EXPECT_GT(faults, 10);
}

}  // namespace
}  // namespace engram::test
