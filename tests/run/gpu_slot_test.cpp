// The scripts for a short time on a machine with a GPU, on programs that hang, crash and differ.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/testing/process.hpp"

namespace engram::test {
namespace {

const std::filesystem::path source = ENGRAM_SOURCE_DIR;

/// A folder of programs as tools/gpu_pack.sh packs them, in which `engram` is this script.
void programs_with(const std::filesystem::path& folder, const std::string& script) {
  std::filesystem::create_directories(folder);
  spit(folder / "engram", "#!/bin/bash\ncase $1 in --version) echo engram 0; exit ;; esac\n" + script);
  spit(folder / "cuda_tests",
       "#!/bin/bash\necho \"[       OK ] Cuda.Shard$GTEST_SHARD_INDEX\"\n[ $GTEST_SHARD_INDEX != 2 ]\n");
  for (const char* name : {"engram", "cuda_tests"}) ::chmod((folder / name).c_str(), 0700);
  spit(folder / "SOURCE_DIR", (folder / "built/here").string());
}
Finished script(const char* name, std::vector<std::string> arguments, const char* percent = "2") {
  arguments.insert(arguments.begin(), (source / "tools" / name).string());
  return Process(
             std::move(arguments), [percent] { ::setenv("ENGRAM_SLOT_PERCENT", percent, 1); }, "/bin/bash")
      .wait();
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
  const Finished done = script(
      "gpu_slot.sh", {(folder / "programs").string(), (folder / "out").string(), "100", "check", "device", "bench"});
  EXPECT_EQ(done.code, 0) << done.out << done.error;
  EXPECT_EQ(slurp(folder / "out/summary.txt"), done.out);
  expect_lines(done.out, {"check a/one/*: exit code 1, 1 pass, 1 differ; {\"case\":\"a/one/y\"",
                          "check b/two/*: exit code 124, 1 pass, 0 differ",
                          "check: 3 cases give the recorded bits, 1 do not", "cuda_tests, shard 2: exit code 1",
                          "cuda_tests: 6 tests passed", "exit code 3: no memory", "1.5e-06 s", "s  end"});
  EXPECT_TRUE(std::filesystem::exists(folder / "programs/built/here/tests/golden"))
      << "where tests look for their data";
  EXPECT_LT(done.out.find("topk/n=1000000,k=1000 "), done.out.find("sorn.step/ne=400"))
      << "those with goals come first";
  expect_lines(slurp(folder / "out/check.jsonl"), {"a/one/x", "a/one/y", "b/two/x", "model/c/d/e"});
  expect_lines(slurp(folder / "out/tests.log"), {"cuda_tests 5: [       OK ] Cuda.Shard5"});
  EXPECT_EQ(slurp(folder / "out/kernels.csv"), "") << "not asked for";
  const std::string measured = slurp(folder / "out/bench.jsonl");
  EXPECT_EQ(std::count(measured.begin(), measured.end(), '\n'), 25) << "all cases but the one that failed";
}

TEST(GpuSlot, StopsWhereTheDeviceNoLongerAnswers) {
  const Scratch folder;
  programs_with(folder / "programs", one_hangs_and_info("echo '{\"available\":false}'"));
  const Finished done =
      script("gpu_slot.sh", {(folder / "programs").string(), (folder / "out").string(), "100", "check", "bench"});
  EXPECT_EQ(done.code, 1);
  expect_lines(done.out, {"check: 3 cases", "THE DEVICE NO LONGER ANSWERS after check"});
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
  expect_lines(late.out, {"check: 0 cases give the recorded bits, 0 do not", "s  end"});
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
  spit(folder / "check.jsonl",
       "{\"case\":\"a/one/y\",\"pass\":false,\"difference\":\"sum\"}\n{\"case\":\"a/one/x\",\"pass\":true}\n");
  const Finished done =
      script("gpu_repair.sh", {(folder / "before").string(), (folder / "after").string(), (folder / "out").string(),
                               "100", (folder / "check.jsonl").string(), "sorn.step/ne=400", "topk/n=10000,k=100"});
  EXPECT_EQ(done.code, 0) << done.out << done.error;
  expect_lines(done.out, {"1 cases differed before", "check a/one/y: exit code 1",
                          "one launch at a time: {\"case\":\"a/one/x\"", "cuda_tests, shard 2", "s  end"});
  for (const char* which : {"before", "after"}) {
    const std::string measured = slurp(folder / "out" / (std::string(which) + ".jsonl"));
    EXPECT_EQ(std::count(measured.begin(), measured.end(), '\n'), 2) << which << measured;
  }
}

TEST(GpuPack, RefusesWhatItDoesNotKnow) { EXPECT_EQ(script("gpu_pack.sh", {"--everything"}).code, 2); }

}  // namespace
}  // namespace engram::test
