// The scripts for a short time on a machine with a GPU, on programs that hang, crash and differ.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "tests/testing/process.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::test {
namespace {

void script_at(const std::filesystem::path& path, const std::string& text) {
  spit(path, "#!/bin/bash\n" + text);
  ::chmod(path.c_str(), 0700);
}
/// A folder of programs as tools/gpu_pack.sh packs them, in which `engram` is this script.
void programs_with(const std::filesystem::path& folder, const std::string& script) {
  std::filesystem::create_directories(folder);
  script_at(folder / "engram", "case $1 in --version) echo engram 0; exit ;; esac\n" + script);
  script_at(folder / "cuda_tests", "echo \"[       OK ] Cuda.Shard$GTEST_SHARD_INDEX\"\n[ $GTEST_SHARD_INDEX != 2 ]\n");
  spit(folder / "SOURCE_DIR", (folder / "built/here").string());
}
/// With limits of a fiftieth; programs of `bin` come first.
Finished script(const char* name, std::vector<std::string> arguments, const std::string& bin = "/") {
  arguments.insert(arguments.begin(), (test::source() / "tools" / name).string());
  const auto prepare = [path = bin + ":" + std::getenv("PATH")] {
    ::setenv("ENGRAM_SLOT_PERCENT", "2", 1);
    ::setenv("PATH", path.c_str(), 1);
  };
  return Process(std::move(arguments), prepare, "/bin/bash").wait();
}
void expect_lines(const std::string& text, std::initializer_list<const char*> lines) {
  for (const char* line : lines) EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
}

const char* const one_hangs = R"(case "$*" in
  'check --list') printf 'a/one/x\na/one/y\nb/two/x\nmodel/c/d/e\n' ;;
  *--filter\ a/*) echo '{"case":"a/one/x","pass":true}'; echo '{"case":"a/one/y","pass":false,"difference":"sum"}'; exit 1 ;;
  *--filter\ b/*) echo '{"case":"b/two/x","pass":true}'; exec sleep 100 ;;
  check*) echo '{"case":"model/c/d/e","pass":true}' ;;
  info*) ANSWER ;;
  bench*sorn.step/ne=10000) echo 'no memory' >&2; exit 3 ;;
  bench*) echo '{"case":"x","seconds_per_step":1.5e-06,"min":1}' ;;
esac
)";
std::string one_hangs_and_info(const std::string& answer) {
  std::string text = one_hangs;
  return text.replace(text.find("ANSWER"), 6, answer);
}

TEST(GpuSlot, KeepsWhatIsKnownAndGoesOnAfterAHangACrashAndADifference) {
  const Scratch folder;
  programs_with(folder / "programs", one_hangs_and_info("echo '{\"available\":true}'"));
  std::filesystem::create_directory(folder / "programs/double");
  std::filesystem::copy_file(folder / "programs/engram", folder / "programs/double/engram");
  script_at(folder / "programs/double/golden_tests", "echo \"[       OK ] Golden.Shard$GTEST_SHARD_INDEX\"");
  const Finished done = script("gpu_slot.sh", {(folder / "programs").string(), (folder / "out").string(), "100",
                                               "check", "device", "double", "bench"});
  EXPECT_EQ(done.code, 0) << done.out << done.error;
  EXPECT_EQ(slurp(folder / "out/summary.txt"), done.out);
  expect_lines(done.out, {"check a/one/*, float: exit code 1, 1 pass, 1 differ; {\"case\":\"a/one/y\"",
                          "check b/two/*, float: exit code 124, 1 pass, 0 differ",
                          "check, float: 3 cases give the recorded bits, 1 do not", "cuda_tests, shard 2: exit code 1",
                          "cuda_tests: 6 tests passed", "check b/two/*, double: exit code 124",
                          "check, double: 3 cases give the recorded bits, 1 do not",
                          "double_golden_tests: 6 tests passed", "exit code 3: no memory", "1.5e-06 s", "s  end"});
  EXPECT_TRUE(std::filesystem::exists(folder / "programs/built/here/tests/golden"))
      << "where tests look for their data";
  EXPECT_LT(done.out.find("topk/n=1000000,k=1000 "), done.out.find("sorn.step/ne=400"))
      << "those with goals come first";
  expect_lines(slurp(folder / "out/check-float.jsonl"), {"a/one/x", "a/one/y", "b/two/x", "model/c/d/e"});
  expect_lines(slurp(folder / "out/tests.log"), {"cuda_tests 5: [       OK ] Cuda.Shard5"});
  EXPECT_EQ(slurp(folder / "out/kernels.csv"), "") << "not asked for";
  const std::string measured = slurp(folder / "out/bench.jsonl");
  EXPECT_EQ(std::count(measured.begin(), measured.end(), '\n'), 41) << "all cases but the one that failed";
}

TEST(GpuSlot, LeavesSevenFilesWithTheKernelsAndTheWordsOfTheSanitizer) {
  const Scratch folder;
  programs_with(folder / "programs", one_hangs_and_info("echo 'cuda    a card'; echo '{\"available\":true}'"));
  for (const char* name : {"golden_tests", "model_tests"})
    script_at(folder / "programs" / name, "[ $ENGRAM_TEST_BACKEND = cuda ]");
  script_at(folder / "programs/device_constants", "echo launch 2 us");
  std::filesystem::create_directory(folder / "bin");
  script_at(folder / "bin/nvidia-smi", "echo 'a card, 1.0'");
  script_at(folder / "bin/ncu", "echo '\"0\",\"SornExcite\",\"4\"'");
  // Finds the planted faults but one, and nothing else; each word of a command is known.
  script_at(folder / "bin/compute-sanitizer", R"(case "$*" in
  *missing_barrier) echo 'RACECHECK SUMMARY: 0 hazards' ;;
  *planted_faults_cuda*) echo 'ERROR SUMMARY: 1 error'; exit 9 ;;
  '--tool memcheck --error-exitcode 9 --report-api-errors no '*|'--tool '*check' --error-exitcode 9 /'*) echo "ERROR SUMMARY: 0 errors" ;;
  *) exit 77 ;;
esac
)");
  const Finished done = script("gpu_slot.sh", {(folder / "programs").string(), (folder / "out").string(), "100"},
                               (folder / "bin").string());
  EXPECT_EQ(done.code, 0) << done.out << done.error;
  expect_lines(done.out,
               {"engram 0; a card, 1.0", "cuda    a card", "constants of the device: exit code 0",
                "golden_tests: 0 tests", "kernels of sorn.step/ne=1000: exit code 0",
                "memcheck planted_faults_cuda out_of_bounds: exit code 9, ERROR SUMMARY: 1 error",
                "planted missing_barrier: NOT FOUND by racecheck",
                "racecheck golden_tests --gtest_filter=*sorn*:*Sorn*:*attractor*:*eabra*:*ef*: exit code 0, ERROR "
                "SUMMARY: 0 errors (8 times)",
                "s  end"});
  EXPECT_EQ(done.out.find("planted out_of_bounds: NOT"), std::string::npos) << done.out;
  EXPECT_EQ(done.out.find("exit code 77"), std::string::npos) << done.out;
  expect_lines(slurp(folder / "out/machine.txt"), {"launch 2 us"});
  expect_lines(slurp(folder / "out/kernels.csv"), {"sorn.step/ne=1000000;\"0\",\"SornExcite\",\"4\""});
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "out")) files.insert(entry.path().filename());
  EXPECT_EQ(files, (std::set<std::string>{"bench.jsonl", "check-float.jsonl", "kernels.csv", "machine.txt",
                                          "sanitizers.log", "summary.txt", "tests.log"}));
}

TEST(GpuSlot, StopsWhereTheDeviceNoLongerAnswers) {
  const Scratch folder;
  programs_with(folder / "programs", one_hangs_and_info("echo '{\"available\":false}'"));
  const Finished done =
      script("gpu_slot.sh", {(folder / "programs").string(), (folder / "out").string(), "100", "check", "bench"});
  EXPECT_EQ(done.code, 1);
  expect_lines(done.out, {"check, float: 3 cases", "THE DEVICE NO LONGER ANSWERS after check"});
  EXPECT_EQ(done.out.find("topk"), std::string::npos) << done.out;
}

TEST(GpuSlot, BeginsNothingAfterItsTimeAndKnowsItsParts) {
  const Scratch folder;
  programs_with(folder / "programs", one_hangs_and_info(":"));
  const auto slot = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {(folder / "programs").string(), (folder / "out").string()});
    return script("gpu_slot.sh", std::move(more));
  };
  const Finished late = slot({"0", "check", "bench"});
  expect_lines(late.out, {"check, float: 0 cases give the recorded bits, 0 do not", "s  end"});
  EXPECT_EQ(late.out.find("topk"), std::string::npos) << late.out;
  const Finished unknown = slot({"10", "check", "everything"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.error.find("no part \"everything\""), std::string::npos) << unknown.error;
  EXPECT_EQ(slot({"soon"}).code, 2);
  spit(folder / "programs/engram", "#!/bin/bash\necho no such library; exit 127\n");
  const Finished broken = slot({"10"});
  EXPECT_EQ(broken.code, 1);
  expect_lines(broken.out, {"the program does not start here: no such library"});
}

TEST(GpuRepair, ChecksWhatDifferedAndMeasuresBothPrograms) {
  const Scratch folder;
  const std::string program = one_hangs_and_info("echo '{\"available\":true}'");
  programs_with(folder / "before", program);
  programs_with(folder / "after", program);
  spit(folder / "check-float.jsonl",
       "{\"case\":\"a/one/y\",\"pass\":false,\"difference\":\"sum\"}\n{\"case\":\"a/one/x\",\"pass\":true}\n");
  const Finished done = script(
      "gpu_repair.sh", {(folder / "before").string(), (folder / "after").string(), (folder / "out").string(), "100",
                        (folder / "check-float.jsonl").string(), "sorn.step/ne=400", "topk/n=10000,k=100"});
  EXPECT_EQ(done.code, 0) << done.out << done.error;
  expect_lines(done.out, {"1 cases differed before", "check a/one/y, float: exit code 1",
                          "one launch at a time: {\"case\":\"a/one/x\"", "cuda_tests, shard 2", "s  end"});
  for (const char* which : {"before", "after"}) {
    const std::string measured = slurp(folder / "out" / (std::string(which) + ".jsonl"));
    EXPECT_EQ(std::count(measured.begin(), measured.end(), '\n'), 2) << which << measured;
  }
}

TEST(GpuPack, RefusesWhatItDoesNotKnow) { EXPECT_EQ(script("gpu_pack.sh", {"--everything"}).code, 2); }

}  // namespace
}  // namespace engram::test
