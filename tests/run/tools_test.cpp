// The scripts beside the program: peers and comparison, the check for lost speed, the table of results, pictures.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "engram/backend.hpp"
#include "tests/testing/process.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::test {
namespace {

Finished python(std::vector<std::string> arguments) {
  arguments[0] = (test::source() / arguments[0]).string();
  return Process(std::move(arguments), nullptr, "/usr/bin/python3").wait();
}

/// A program that gives every measurement of engram this shortest time.
std::string pretender(const Scratch& folder, const std::string& name, const char* seconds) {
  const auto path = folder / name;
  spit(path, std::string("#!/bin/sh\n\"") + ENGRAM_PROGRAM +
                 "\" \"$@\" | sed -E 's/\"min\":[0-9.e-]+/\"min\":" + seconds + "/'\n");
  ::chmod(path.c_str(), 0700);
  return path.string();
}

TEST(Tools, PeersOfEveryFamilyRun) {
  for (const char* filter : {"topk/n=1000,*", "assembly.train/n=1000,*", "attractor.learn/n=64", "sorn.step/ne=200",
                             "nef.memory/n=1000,*"}) {
    const Finished done =
        python({"bench/peers/run.py", "--library", "numpy", "--min-time", "0.01", "--filter", filter});
    ASSERT_EQ(done.code, 0) << filter << done.error;
    EXPECT_GT(nlohmann::json::parse(done.out).at("seconds_per_step").get<double>(), 0) << filter;
  }
}

TEST(Tools, PeersSayWhatTheyDoNotKnow) {
  const Finished done = python({"bench/peers/run.py", "--filter", "nonsense"});
  EXPECT_EQ(done.code, 2);
  EXPECT_NE(done.error.find("nonsense"), std::string::npos);
}

TEST(Tools, PeersThatCannotRunAreNamedWithTheReason) {
  if (cuda_unavailable().empty()) GTEST_SKIP() << "a CUDA device works here";
  const Finished done = python({"bench/peers/run.py", "--device", "cuda", "--filter", "topk/n=1000,*", "--list"});
  EXPECT_EQ(done.code, 2);
  EXPECT_EQ(done.out, "");
  for (const char* library : {"torch", "cupy", "jax"}) {
    const std::size_t at = done.error.find(library);
    ASSERT_NE(at, std::string::npos) << library << done.error;
    const std::string reason = done.error.substr(at, done.error.find('\n', at) - at);
    EXPECT_GT(reason.find(": its peers are left out"), std::string(library).size()) << reason;
    EXPECT_NE(reason.find(": its peers are left out"), std::string::npos) << reason;
  }
}

TEST(Tools, ComparisonWritesRatiosOfOneRunAndAPicture) {
  const Scratch folder;
  const Finished done = python({"bench/compare.py", ENGRAM_PROGRAM, "--filter", "topk/n=1000,*", "--turns", "1",
                                "--min-time", "0.01", "--out", (folder / "compare").string()});
  ASSERT_EQ(done.code, 0) << done.error;
  const auto written = nlohmann::json::parse(slurp(folder / "compare/compare.json"));
  for (const auto& row : written.at("cases"))
    EXPECT_DOUBLE_EQ(row.at("ratio").get<double>(),
                     row.at("peer_seconds").get<double>() / row.at("engram").get<double>());
  ASSERT_GE(written.at("cases").size(), 1u);
  const std::string recorded = (folder / "compare/compare.json").string();
  const Finished table = python({"bench/compare.py", "--table", recorded, recorded});
  EXPECT_EQ(table.code, 0) << table.error;
  char twice[64];
  std::snprintf(twice, sizeof twice, "%.2g / %.2g", written.at("cases")[0].at("ratio").get<double>(),
                written.at("cases")[0].at("ratio").get<double>());
  EXPECT_NE(table.out.find(twice), std::string::npos) << table.out;
  EXPECT_EQ(slurp(folder / "compare/compare.png").substr(1, 3), "PNG");
}

TEST(Tools, RegressionCheckFlagsWhatLostMoreThanATenth) {
  const Scratch folder(std::filesystem::path(ENGRAM_PROGRAM).parent_path());  // programs run there
  const auto check = [&](const char* now, const char* before) {
    return python({"bench/regress.py", pretender(folder, "now", now), "--old", pretender(folder, "before", before),
                   "--filter", "topk/n=1000,*", "--min-time", "0.01"});
  };
  const Finished slower = check("1.2e-6", "1.0e-6"), even = check("1.05e-6", "1.0e-6");
  EXPECT_EQ(slower.code, 1) << slower.out << slower.error;
  EXPECT_NE(slower.out.find("LOST MORE THAN A TENTH"), std::string::npos) << slower.out;
  EXPECT_EQ(even.code, 0) << even.out << even.error;
}

TEST(Tools, RegressionCheckTakesTheLastRunOfThisMachineAndBuildsItsCommit) {
  const Scratch folder;
  const auto info = nlohmann::json::parse(engram({"info", "--json"}).out);
  const auto record = [&](const char* name, const std::string& device, const char* commit) {
    const nlohmann::json one{
        {"device", device}, {"precision", info.at("precision")}, {"backend", "cpu"}, {"threads", 1}};
    spit(folder / name, nlohmann::json{{"build", {{"commit", commit}}}, {"cases", {one}}}.dump());
  };
  const auto check = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"bench/regress.py", ENGRAM_PROGRAM, "--results", folder.path().string()});
    return python(more);
  };
  record("2026-03-01-x.json", "another machine", "000000000003");
  const Finished none = check({});
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.error.find("holds no run of " + info.at("cpu").at("name").get<std::string>()), std::string::npos)
      << none.error;
  record("2026-01-01-x.json", info.at("cpu").at("name"), "000000000001");
  record("2026-02-01-x.json", info.at("cpu").at("name"), "000000000002");
  const Finished unknown = check({});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_NE(unknown.error.find("against " + (folder / "2026-02-01-x.json").string()), std::string::npos)
      << unknown.error;
  EXPECT_NE(unknown.error.find("000000000002^{commit}"), std::string::npos) << unknown.error;
  EXPECT_EQ(check({"--threads", "3"}).error.find("against"), std::string::npos);
}

TEST(Tools, ABundleHoldsAllThatABuildLooksForAndNothingElseIsTaken) {
  const Scratch folder;
  const std::string bundle = (folder / "bundle").string();
  const Finished made =
      Process({(test::source() / "tools/offline_bundle.sh").string(), bundle}, nullptr, "/bin/bash").wait();
  ASSERT_EQ(made.code, 0) << made.error;
  const auto configured = [&](const char* build) {
    return Process({"-c", "cmake -S '" + test::source_dir() + "' -B '" + (folder / build).string() +
                              "' -DENGRAM_CUDA=OFF -DENGRAM_BUNDLE='" + bundle + "'"},
                   nullptr, "/bin/sh")
        .wait();
  };
  const Finished whole = configured("whole");
  EXPECT_EQ(whole.code, 0) << whole.out << whole.error;
  EXPECT_NE(slurp(folder / "whole/CMakeCache.txt").find("ENGRAM_WERROR:BOOL=OFF"), std::string::npos)
      << "an unknown compiler warns of other things";
  std::filesystem::remove_all(folder / "bundle/include/eigen3");
  const Finished incomplete = configured("incomplete");
  EXPECT_NE(incomplete.code, 0);
  EXPECT_NE(incomplete.error.find("eigen3/Eigen/Cholesky not found; make the bundle anew"), std::string::npos)
      << incomplete.error;
}

/// A program whose cases fail, hang or work, by their names.
TEST(Tools, RecordKeepsWhatIsMeasuredAndGoesOnAfterACaseThatFails) {
  const Scratch folder;
  spit(folder / "engram", R"(#!/bin/bash
case "$*" in
  info*) echo '{"commit":"c"}' ;;
  *--list*) for name in a/fails b/hangs c/works topk/n=1000000,k=1000; do echo "{\"case\":\"$name\"}"; done
            echo '{"case":"of/the/host","host_only":true}' ;;
  *a/fails*) echo "a/fails: wrong winners" >&2; exit 1 ;;
  *b/hangs*) exec sleep 100 ;;
  *) echo '{"case":"'"${@: -1}"'","backend":"cuda","threads":1,"replicas":1,"seconds_per_step":2e-6,"fraction_of_bandwidth":0.5}' ;;
esac
)");
  ::chmod((folder / "engram").c_str(), 0700);
  const std::string out = (folder / "r.json").string();
  const Finished done = python({"bench/record.py", (folder / "engram").string(), "--backend", "cuda", "--threads", "1",
                                "--limit", "1", "--machine", "m", "--out", out});
  EXPECT_EQ(done.code, 1) << done.error;
  const auto written = nlohmann::json::parse(slurp(out));
  ASSERT_EQ(written.at("cases").size(), 2u);
  EXPECT_EQ(written.at("cases")[0].at("case"), "topk/n=1000000,k=1000") << "a case with a goal comes first";
  EXPECT_EQ(written.at("cases")[1].at("case"), "c/works");
  ASSERT_EQ(written.at("failed").size(), 2u);
  EXPECT_EQ(written.at("failed")[0].at("why"), "exit code 1: a/fails: wrong winners");
  EXPECT_EQ(written.at("failed")[1].at("why"), "ended after 1 s");
  const std::string lines = (folder / "bench.jsonl").string();
  spit(lines, written.at("cases")[0].dump() + "\nno measurement\n" + written.at("cases")[1].dump() + "\n");
  EXPECT_EQ(python({"bench/record.py", "--lines", lines, "--machine", "m", "--out", out}).code, 0);
  EXPECT_EQ(nlohmann::json::parse(slurp(out)).at("cases"), written.at("cases"));
}

TEST(Tools, TableNamesMissedGoals) {
  const Scratch folder;
  const auto line = [](const char* name, int threads, double seconds) {
    return nlohmann::json{{"case", name},
                          {"threads", threads},
                          {"seconds_per_step", seconds},
                          {"fraction_of_bandwidth", 0.5},
                          {"peak_mb", 30}};
  };
  const char *fast = "topk/n=10000,k=100", *slow = "sorn.step/ne=1000000";
  spit(folder / "r.json",
       nlohmann::json{{"cases", {line(fast, 1, 4e-6), line(slow, 1, 40e-3), line(slow, 2, 20e-3)}}}.dump());
  const Finished done = python({"bench/record.py", "--table", (folder / "r.json").string()});
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_NE(done.out.find("| `topk/n=10000,k=100` | 4 us | 8 us |"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("| `sorn.step/ne=1000000` | 40 ms | 25 ms missed | 0.50 | 2.00x | 1.6x |"), std::string::npos)
      << done.out;
}

TEST(Tools, TableOfADeviceHasItsOwnGoalsAndFloors) {
  const Scratch folder;
  const auto line = [](const char* name, int replicas, double seconds) {
    return nlohmann::json{{"case", name},         {"backend", "cuda"},           {"threads", 1},
                          {"replicas", replicas}, {"seconds_per_step", seconds}, {"fraction_of_bandwidth", 0.5}};
  };
  // Times made up for the test.
  spit(folder / "r.json", nlohmann::json{{"cases",
                                          {line("topk/n=1000,k=50", 1, 1e-3), line("attractor.learn/n=4096", 1, 2e-3),
                                           line("sorn.replicas/ne=200,R=64", 1000, 1e-4)}}}
                              .dump());
  const Finished done = python({"bench/record.py", "--table", (folder / "r.json").string()});
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_NE(done.out.find("| `topk/n=1000,k=50` | 1 ms |  |  | 0.50 |"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("| `attractor.learn/n=4096` | 2 ms | 40 us missed | 31 us | 0.50 |"), std::string::npos)
      << done.out;
  EXPECT_NE(done.out.find("| `sorn.replicas/ne=200,R=1000` | 100 us | 200 us |  | 0.50 |"), std::string::npos)
      << done.out;
}

TEST(Tools, GoalsOfADeviceAreScaledByTheBandwidthThatItReached) {
  const Scratch folder;
  spit(folder / "r.json", nlohmann::json{{"cases",
                                          {{{"case", "attractor.learn/n=4096"},
                                            {"backend", "cuda"},
                                            {"device", "card of half the speed"},
                                            {"replicas", 1},
                                            {"seconds_per_step", 70e-6},
                                            {"copy_gb_per_s", 2125.0},
                                            {"fraction_of_bandwidth", 0.5}}}}}
                              .dump());
  const Finished done = python({"bench/record.py", "--table", (folder / "r.json").string()});
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_NE(done.out.find("card of half the speed, copy 2125 GB/s: goals and floors of an H200 times 2.00"),
            std::string::npos)
      << done.out;
  EXPECT_NE(done.out.find("| `attractor.learn/n=4096` | 70 us | 80 us | 62 us | 0.50 |"), std::string::npos)
      << done.out;
}

TEST(Tools, PicturesNeedARunFolderAndPython) {
  EXPECT_EQ(engram({"plot", "/nonexistent"}).code, 2);
  const Finished helped = engram({"report", "--help"});
  EXPECT_EQ(helped.code, 0);
  EXPECT_NE(helped.out.find("--watch"), std::string::npos) << helped.out;
}

TEST(Tools, PicturesOfEveryFamilyAreDrawn) {
  const Scratch folder;
  for (const auto& [example, setting] : {std::pair{"assembly/associate", "/samples=1"},
                                         {"sorn/readme", "/replicas/seeds=2"},
                                         {"calculus/project", "/model/defaults/n=10000"},
                                         {"attractor/bars", "/seed=2"}}) {
    const auto out = folder / std::filesystem::path(example).filename().string();
    const Finished run = engram({"run", (test::source() / "examples" / (std::string(example) + ".json")).string(),
                                 "--out", out.string(), "--set", setting});
    ASSERT_EQ(run.code, 0) << run.error;
    spit(out / "json.py", "raise SystemExit('a module of the folder where the command is called')\n");
    const Finished drawn =
        Process({"-c", "cd '" + out.string() + "' && '" + ENGRAM_PROGRAM + "' plot ."}, nullptr, "/bin/sh").wait();
    ASSERT_EQ(drawn.code, 0) << example << drawn.error;
    int pictures = 0;
    for (const auto& entry : std::filesystem::directory_iterator(out / "plots")) {
      EXPECT_EQ(slurp(entry.path()).substr(1, 3), "PNG") << entry.path();
      EXPECT_GT(std::filesystem::file_size(entry.path()), 1000u) << entry.path();
      ++pictures;
    }
    EXPECT_GE(pictures, 1) << example;
    const Finished reported = engram({"report", out.string()});
    ASSERT_EQ(reported.code, 0) << example << reported.error;
    EXPECT_NE(slurp(out / "report.html").find("data:image/png"), std::string::npos) << example;
  }
}

}  // namespace
}  // namespace engram::test
