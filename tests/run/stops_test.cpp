// What stops a run and what is kept: signals, checkpoints that cannot be reached, files that are changed meanwhile.
#include <gtest/gtest.h>

#include <thread>

#include "tests/testing/stopped_run.hpp"

namespace engram::test {
namespace {

namespace fs = std::filesystem;

class Stops : public StoppedRun {
 protected:
  Finished resume(const Prepare& prepare = nullptr) const { return engram({"resume", run()}, prepare); }
};

TEST_F(Stops, whatever_a_terminal_or_a_batch_system_sends_leaves_a_checkpoint) {
  for (const int signal : {SIGHUP, SIGXCPU, SIGUSR2, SIGTERM, SIGINT}) {
    const std::uint64_t before = last_checkpoint(run());
    const Finished done = resume(shim("ENGRAM_SIGNALS", "/checkpoints/:2:" + std::to_string(signal)));
    EXPECT_EQ(done.code, 128 + signal) << done.error;
    EXPECT_EQ(manifest()["status"], "interrupted") << signal;
    EXPECT_GE(last_checkpoint(run()), before + 4) << signal;
  }
  EXPECT_EQ(resume().code, 0);
  EXPECT_EQ(outcome(run()), expected());
}

TEST_F(Stops, signals_that_come_more_than_once_by_themselves_do_not_leave_at_once) {
  for (const char* both : {"1:1", "24:24", "12:15"}) {  // SIGHUP, SIGXCPU, SIGUSR2 and then SIGTERM
    const std::string signals(both);
    const std::string first = signals.substr(0, signals.find(':')), second = signals.substr(signals.find(':') + 1);
    // The second comes while the checkpoint that the first one asked for is put in its place.
    const Finished done = resume(shim("ENGRAM_SIGNALS", "/checkpoints/:2:" + first + " /checkpoints/:3:" + second));
    EXPECT_EQ(done.code, 128 + std::stoi(first)) << done.error;
    EXPECT_EQ(manifest()["status"], "interrupted") << both;
  }
}

TEST_F(Stops, a_signal_that_the_parent_ignores_stays_ignored) {
  for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGUSR2}) {
    fs::remove_all(run());
    const auto prepare = [&] {
      ::signal(signal, SIG_IGN);
      shim("ENGRAM_SIGNALS", "/checkpoints/:2:" + std::to_string(signal))();
    };
    EXPECT_EQ(engram({"run", file(), "--out", run()}, prepare).code, 0) << signal;
  }
}

TEST_F(Stops, checkpoints_that_cannot_be_reached_are_exit_code_5_and_nothing_is_touched) {
  const fs::path checkpoints = in_run("checkpoints"), store = folder_ / "store";
  fs::rename(checkpoints, store);
  const auto expect_kept = [&](const char* how) {
    const std::string before =
        slurp(in_run("manifest.json")) + slurp(in_run("metrics.csv")) + all_of(in_run("winners")) + all_of(store);
    const Finished done = resume();
    EXPECT_EQ(done.code, 5) << how << done.error;
    EXPECT_EQ(slurp(in_run("manifest.json")) + slurp(in_run("metrics.csv")) + all_of(in_run("winners")) + all_of(store),
              before)
        << how;
  };
  expect_kept("missing");
  fs::create_symlink(folder_ / "absent", checkpoints);
  expect_kept("a link to what is not there");
  fs::remove(checkpoints);
  fs::create_symlink(store, checkpoints);
  expect_kept("a link");
  fs::remove(checkpoints);
  spit(checkpoints, "");
  expect_kept("a file");
  fs::remove(checkpoints);
  fs::create_directory(checkpoints);
  expect_kept("empty, as where nothing is mounted");
  Json killed = manifest();
  killed["status"] = "running";
  spit(in_run("manifest.json"), killed.dump());
  expect_kept("empty, of a run that was killed");
  if (::geteuid() != 0) {
    ::chmod(checkpoints.c_str(), 0);
    expect_kept("unreadable");
    ::chmod(checkpoints.c_str(), 0700);
  }
  fs::remove(checkpoints);
  fs::rename(store, checkpoints);
  EXPECT_EQ(resume().code, 0);
  EXPECT_EQ(outcome(run()), expected());
}

TEST_F(Stops, anew_begins_at_tick_0_where_it_is_asked_for) {
  fs::remove_all(in_run("checkpoints"));
  EXPECT_EQ(resume().code, 5);
  spit(in_run("mine.npy"), "precious");
  const Finished done = engram({"resume", run(), "--anew"});
  EXPECT_EQ(done.code, 0) << done.error;
  EXPECT_EQ(slurp(in_run("mine.npy")), "precious");
  fs::remove(in_run("mine.npy"));
  EXPECT_EQ(outcome(run()), expected());
}

TEST_F(Stops, files_that_are_no_checkpoints_push_none_out) {
  for (const char* name : {"point-8-tick-9", "point-9-tick-9", "point-0-tick-77"})
    spit(in_run(std::string("checkpoints/") + name + ".safetensors"), "junk");
  for (int i = 0; i < 3; ++i) stop(3);
  EXPECT_EQ(slurp(in_run("checkpoints/point-9-tick-9.safetensors")), "junk");
  int good = 0;
  for (const auto& entry : fs::directory_iterator(in_run("checkpoints"))) good += slurp(entry.path()) != "junk";
  EXPECT_EQ(good, 2);
  EXPECT_EQ(resume().code, 0);
  EXPECT_EQ(outcome(run()), expected());
}

/// Runs on after its next checkpoint was written, and after something was done to its files.
Finished meddle(const std::string& run, const std::function<void()>& act) {
  Process process({"resume", run}, shim("ENGRAM_SIGNALS", "/checkpoints/:1:" + std::to_string(SIGSTOP)));
  EXPECT_TRUE(process.wait_stopped());
  act();
  process.kill(SIGCONT);
  return process.wait();
}

TEST_F(Stops, a_series_that_is_removed_or_changed_meanwhile_is_exit_code_5) {
  const std::string whole = expected();
  const Scratch copy;
  fs::copy(run(), copy / "run", fs::copy_options::recursive);
  const auto metrics = in_run("metrics.csv"), column = in_run("winners/A/unit.npy");
  const std::vector<std::function<void()>> acts{[&] { fs::remove(metrics); },
                                                [&] { fs::resize_file(metrics, 10); },
                                                [&] { std::ofstream(metrics, std::ios::app) << "x"; },
                                                [&] { fs::remove(column); },
                                                [&] { fs::resize_file(column, 128); },
                                                [&] { fs::remove_all(in_run("winners")); }};
  for (std::size_t i = 0; i < acts.size(); ++i) {
    fs::remove_all(run());
    fs::copy(copy / "run", run(), fs::copy_options::recursive);
    const Finished done = meddle(run(), acts[i]);
    EXPECT_EQ(done.code, 5) << i << done.error;
    EXPECT_EQ(manifest()["status"], "failed") << i;
    EXPECT_EQ(slurp(metrics).find('\0'), std::string::npos) << i;
  }
  fs::remove_all(run());
  fs::copy(copy / "run", run(), fs::copy_options::recursive);
  const Finished gone = meddle(run(), [&] { fs::remove_all(run()); });
  EXPECT_EQ(gone.code, 5) << gone.error;
  EXPECT_FALSE(fs::exists(run()));
}

TEST_F(Stops, states_do_not_depend_on_threads_or_the_name_of_the_backend) {
  const auto state = [&](const char* threads, const char* backend) {
    const std::string out = (folder_ / threads).string();
    EXPECT_EQ(engram({"run", file(), "--out", out, "--force", "--threads", threads, "--backend", backend}).code, 0);
    return slurp(out + "/state.safetensors");
  };
  EXPECT_EQ(state("1", "cpu"), state("2", "auto"));
}

TEST_F(Stops, threads_that_cannot_be_are_refused_by_a_resume_too) {
  EXPECT_EQ(engram({"resume", run(), "--threads", "-5"}).code, 2);
}

}  // namespace
}  // namespace engram::test
