// Whose files are in a run folder: engram removes and replaces its own, and only when a new run has begun.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/testing/stopped_run.hpp"

namespace engram::test {
namespace {

namespace fs = std::filesystem;

/// Files of a user's in a run folder, some of them named much like engram's own.
const char* const users[] = {"thesis.npy",
                             "best.safetensors",
                             "state.safetensors.npy",
                             "notes.tmp",
                             ".notes.tmp",
                             "analysis/mine.npy",
                             "metrics_copy.csv",
                             "winners/A/mine.npy",
                             "a/metrics.csv",
                             ".manifest.tmp",
                             "manifest.json.bak",
                             "checkpoints/mine.npy",
                             "checkpoints/best.safetensors",
                             "checkpoints/point-1-tick-2.safetensors.bak",
                             "grid-0/x.npy",
                             "grid-7/.x.0123456789ab.tmp",
                             "crash.safetensors",
                             "patterns.npy",
                             "deep/er/x.safetensors",
                             "x.csv"};

class Ownership : public StoppedRun {
 protected:
  void put_users(const fs::path& into) const {
    for (const char* name : users) {
      fs::create_directories((into / name).parent_path());
      spit(into / name, "precious");
    }
  }
  /// What all_of() says, but for the number of the last process.
  static std::string without_lock(std::string all) {
    const auto at = all.find("/.lock\n");
    return at == std::string::npos ? all : all.erase(at + 7, all.find('\n', at + 7) - at - 7);
  }
  void expect_users(const fs::path& in) const {
    for (const char* name : users) EXPECT_EQ(slurp(in / name), "precious") << name;
  }
};

TEST_F(Ownership, a_resume_leaves_what_is_not_engrams) {
  put_users(run());
  ASSERT_EQ(engram({"resume", run()}).code, 0);
  expect_users(run());
}

TEST_F(Ownership, a_resume_after_a_kill_removes_its_own_later_files_and_gives_the_same) {
  ASSERT_EQ(engram({"resume", run()}, shim("ENGRAM_KILL_AT", "40")).code, 128 + SIGKILL);
  put_users(run());
  ASSERT_EQ(engram({"resume", run()}).code, 0);
  expect_users(run());
  for (const char* name : users) fs::remove(in_run(name));
  EXPECT_EQ(outcome(run()), expected());
}

TEST_F(Ownership, force_leaves_what_is_not_engrams_whatever_became_of_the_old_run) {
  for (const char* state : {"stopped", "killed", "complete"}) {
    if (state == std::string("killed")) {
      ASSERT_EQ(engram({"resume", run()}, shim("ENGRAM_KILL_AT", "40")).code, 128 + SIGKILL);
    }
    if (state == std::string("complete")) {
      ASSERT_EQ(engram({"resume", run()}).code, 0);
    }
    put_users(run());
    const Finished done =
        engram({"run", file(), "--out", run(), "--force"}, shim("ENGRAM_SIGNALS", "/checkpoints/:1:15"));
    ASSERT_EQ(done.code, 128 + SIGTERM) << done.error;
    expect_users(run());
    EXPECT_EQ(last_checkpoint(run()), 3u) << state << ": checkpoints of the old run are left";
  }
}

TEST_F(Ownership, force_removes_all_that_the_old_run_wrote) {
  auto other = small_experiment();
  other["model"]["stages"][0] = {{"B", other["model"]["stages"][0]["A"]}};
  spit(folder_ / "other.json", other.dump());
  ASSERT_EQ(engram({"run", (folder_ / "other.json").string(), "--out", run(), "--force"}).code, 0);
  ASSERT_TRUE(fs::exists(in_run("winners/B/unit.npy")));
  ASSERT_EQ(engram({"run", file(), "--out", run(), "--force"}).code, 0);
  EXPECT_FALSE(fs::exists(in_run("winners/B")));
  EXPECT_EQ(outcome(run()), expected());
}

TEST_F(Ownership, folders_that_hold_no_run_are_left_as_they_are) {
  for (const char* name :
       {".lock", "metrics.csv", "checkpoints/x", "x.npy", ".manifest.json.tmp", "state.safetensors"}) {
    const Scratch mine;
    fs::create_directories((mine / name).parent_path());
    spit(mine / name, "precious");
    spit(mine / ".lock", name == std::string(".lock") ? "precious" : "123");
    const std::string before = all_of(mine.path());
    for (const char* how : {"--quiet", "--force"})
      EXPECT_EQ(engram({"run", file(), "--out", mine.path().string(), how}).code, 5) << name;
    EXPECT_EQ(all_of(mine.path()), before) << name;
  }
}

TEST_F(Ownership, a_refused_run_leaves_no_trace) {
  auto large = small_experiment();
  large["model"]["stages"][0]["A"]["n"] = 40000000;
  spit(folder_ / "large.json", large.dump());
  const Scratch mine;
  for (const std::string& out : {mine.path().string(), (mine / "new/er").string()}) {
    EXPECT_EQ(engram({"run", (folder_ / "large.json").string(), "--out", out}).code, 4);
    EXPECT_TRUE(mine.entries().empty());
  }
}

TEST_F(Ownership, a_start_that_was_killed_does_not_block_the_next) {
  for (int call = 1;; ++call) {
    const std::string out = (folder_ / ("start" + std::to_string(call))).string();
    const Finished killed = engram({"run", file(), "--out", out}, shim("ENGRAM_KILL_AT", std::to_string(call)));
    ASSERT_EQ(killed.code, 128 + SIGKILL);
    if (fs::exists(out + "/manifest.json")) break;
    EXPECT_EQ(engram({"run", file(), "--out", out}).code, 0) << call;
    EXPECT_EQ(outcome(out), expected());
  }
}

TEST_F(Ownership, a_replacement_that_was_killed_is_finished_by_a_resume) {
  const std::string whole = expected();
  for (int call = 1; call < 30; ++call) {
    fs::remove_all(run());
    ASSERT_EQ(engram({"run", file(), "--out", run()}).code, 0);
    put_users(run());
    const Finished killed =
        engram({"run", file(), "--out", run(), "--force"}, shim("ENGRAM_KILL_AT", std::to_string(call)));
    ASSERT_EQ(killed.code, 128 + SIGKILL) << call;
    const Finished done = engram({"resume", run()});  // of the old run, which is complete, or of the new one
    ASSERT_EQ(done.code, 0) << call << done.error;
    expect_users(run());
    for (const char* name : users) fs::remove(in_run(name));
    EXPECT_EQ(outcome(run()), whole) << call;
  }
}

TEST_F(Ownership, force_that_fails_keeps_the_old_run) {
  ASSERT_EQ(engram({"resume", run()}).code, 0);
  const std::string before = all_of(run());
  const fs::path odd = folder_ / "no\xffutf8";
  fs::create_directory(odd);
  spit(odd / "e.json", small_experiment().dump());
  EXPECT_EQ(engram({"run", (odd / "e.json").string(), "--out", run(), "--force"}).code, 5);
  EXPECT_EQ(without_lock(all_of(run())), without_lock(before));
  // Something in the place of a file of its own: it is not engram's to remove, and could not be written.
  fs::rename(in_run("metrics.csv"), folder_ / "kept");
  fs::create_symlink("../kept", in_run("metrics.csv"));
  EXPECT_EQ(engram({"run", file(), "--out", run(), "--force"}).code, 5);
  fs::remove(in_run("metrics.csv"));
  fs::rename(folder_ / "kept", in_run("metrics.csv"));
  EXPECT_EQ(without_lock(all_of(run())), without_lock(before));
}

TEST_F(Ownership, a_manifest_of_another_program_is_not_replaced) {
  for (const char* text : {"{}", "{\"schema\": \"other/1\"}", "[1]", "not JSON", ""}) {
    spit(in_run("manifest.json"), text);
    const std::string before = without_lock(all_of(run()));
    EXPECT_EQ(engram({"run", file(), "--out", run(), "--force"}).code, 5) << text;
    EXPECT_EQ(without_lock(all_of(run())), before) << text;
  }
}

TEST_F(Ownership, a_manifest_that_lists_others_files_does_not_have_them_removed) {
  put_users(run());
  spit(folder_ / "outside.npy", "precious");
  Json m = manifest();
  for (const char* name : {"../outside.npy", "best.safetensors", "notes.tmp", "x.csv", ".lock", ""})
    m["files"][name] = {{"bytes", 8}};
  m["files"][(folder_ / "outside.npy").string()] = {{"bytes", 8}};
  spit(in_run("manifest.json"), m.dump());
  ASSERT_EQ(engram({"run", file(), "--out", run(), "--force"}).code, 0);
  EXPECT_EQ(slurp(folder_ / "outside.npy"), "precious");
  expect_users(run());
}

TEST_F(Ownership, temporary_files_of_kills_are_gone_when_the_run_is_complete) {
  for (int call = 9; call < 40; call += 2)
    ASSERT_EQ(engram({"resume", run()}, shim("ENGRAM_KILL_AT", std::to_string(call))).code, 128 + SIGKILL) << call;
  put_users(run());
  ASSERT_EQ(engram({"resume", run()}).code, 0);
  for (const auto& entry : fs::recursive_directory_iterator(run())) {
    const std::string name = fs::relative(entry.path(), run()).string();
    const bool own = std::find(std::begin(users), std::end(users), name) == std::end(users);
    EXPECT_FALSE(own && entry.path().extension() == ".tmp") << name;
  }
  expect_users(run());
}

}  // namespace
}  // namespace engram::test
