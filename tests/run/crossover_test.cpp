// From which size on the GPU wins: what timings say, what the file says, what "auto" makes of both. No device is
// needed.
#include "bench/crossover.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/run/crossover.hpp"
#include "engram/run/simulation.hpp"
#include "tests/testing/process.hpp"

namespace engram::test {
namespace {

using Json = nlohmann::ordered_json;

TEST(Crossover, LiesBetweenTheSizesWhereTheWinnerChanges) {
  // Twice as slow at 1 kB, twice as fast at 100 kB: even at 10 kB. The order of the timings does not matter.
  const auto even = crossover_bytes({{1e5, 2, 1}, {1e3, 1, 2}, {1e7, 9, 1}});
  ASSERT_TRUE(even);
  EXPECT_NEAR(*even, 1e4, 1e-6);
  // Nearer to the size where the winner hardly wins.
  EXPECT_LT(*crossover_bytes({{1e3, 1, 1.1}, {1e5, 8, 1}}), 2e3);
}

TEST(Crossover, IsNothingWhereTheCpuWinsAtTheLargestSize) {
  EXPECT_FALSE(crossover_bytes({{1e3, 1, 2}, {1e5, 1, 1}}));  // even is no win
  EXPECT_FALSE(crossover_bytes({{1e3, 2, 1}, {1e5, 1, 2}}));
  EXPECT_FALSE(crossover_bytes({}));
}

TEST(Crossover, IsTheSmallestSizeWhereTheGpuWinsAtAll) { EXPECT_EQ(*crossover_bytes({{5e4, 2, 1}, {1e3, 2, 1}}), 1e3); }

TEST(Crossover, AWinByChanceBelowDoesNotCount) {
  const auto from = crossover_bytes({{1e2, 2, 1}, {1e3, 1, 2}, {1e5, 2, 1}});
  EXPECT_NEAR(*from, 1e4, 1e-6);
}

CrossoverRule rule() {
  CrossoverRule r;
  r.date = "2026-01-31";
  r.device = "GPU X";
  r.cpu = "CPU Y";
  r.threads = 16;
  r.precision = precision_name;
  r.engram = build_description();
  r.families["sorn"] = {4e6, {{1e6, 1, 2}, {16e6, 2, 1}}};
  r.families["parser"] = {std::nullopt, {{1e6, 1, 2}}};
  r.file = "x.json";
  return r;
}

TEST(Crossover, AutoGoesByTheRuleOfThisDeviceAndSaysSo) {
  const auto small = choose_backend(rule(), "sorn", 300000, "GPU X", ""),
             large = choose_backend(rule(), "sorn", 4000000, "GPU X", "");
  EXPECT_EQ(small.backend, "cpu");
  EXPECT_EQ(
      small.why,
      "auto: cpu, 0.3 MB is below the 4 MB from which GPU X is faster at sorn (x.json of 2026-01-31, threads: 16)");
  EXPECT_EQ(large.backend, "cuda");
  EXPECT_EQ(large.why,
            "auto: cuda, 4 MB reaches the 4 MB from which GPU X is faster at sorn (x.json of 2026-01-31, threads: 16)");
  const auto never = choose_backend(rule(), "parser", std::size_t{1} << 40, "GPU X", "");
  EXPECT_EQ(never.backend, "cpu");
  EXPECT_TRUE(has(never.why, "every measured size of parser")) << never.why;
}

TEST(Crossover, AutoTakesTheDeviceWhereNoRuleHoldsAndSaysWhy) {
  const auto expect = [](const std::optional<CrossoverRule>& r, const char* family, const char* device,
                         const char* reason) {
    const auto choice = choose_backend(r, family, 1, device, "");
    EXPECT_EQ(choice.backend, "cuda") << reason;
    EXPECT_TRUE(has(choice.why, reason)) << choice.why;
  };
  expect({}, "sorn", "GPU X", "engram bench --crossover");
  expect(rule(), "sorn", "GPU Z", "about GPU X");
  expect(rule(), "assembly", "GPU X", "says nothing of assembly");
  CrossoverRule other = rule();
  other.precision = std::string("float") == precision_name ? "double" : "float";
  expect(other, "sorn", "GPU X", "precision");
}

TEST(Crossover, AutoIsTheCpuWithoutADevice) {
  const auto choice = choose_backend(rule(), "sorn", 1 << 30, "", "no driver");
  EXPECT_EQ(choice.backend, "cpu");
  EXPECT_EQ(choice.why, "auto: cpu (no driver)");
}

TEST(Crossover, AFileSaysWhatWasWritten) {
  const Scratch folder;
  const std::string file = (folder / "r.json").string();
  spit(file, to_json(rule()).dump());
  const CrossoverRule again = read_crossover(file);
  EXPECT_EQ(to_json(again), to_json(rule()));
  EXPECT_EQ(again.file, file);
  EXPECT_FALSE(again.families.at("parser").cuda_from_bytes);
}

TEST(Crossover, ABadFileIsRefusedWithThePathOfEveryFault) {
  const Scratch folder;
  const std::string file = (folder / "r.json").string();
  const auto refused = [&](const char* pointer, const Json& value, const char* expected) {
    Json document = to_json(rule());
    document[Json::json_pointer(pointer)] = value;
    spit(file, document.dump());
    try {
      read_crossover(file);
      ADD_FAILURE() << "took " << value << " at " << pointer;
    } catch (const ConfigError& error) {
      EXPECT_TRUE(has(error.what(), file + ": " + expected)) << error.what();
    }
  };
  refused("/schema", "engram/1", "/schema: ");
  refused("/device", 7, "/device: ");
  refused("/threads", 0, "/threads: ");
  refused("/precision", "half", "/precision: ");
  refused("/families/sorm", Json::object(), "/families/sorm: no model family has this name; did you mean \"sorn\"?");
  refused("/families/sorn/cuda_from_bytes", -1, "/families/sorn/cuda_from_bytes: ");
  refused("/families/sorn/cuda_from_bytes", "4 MB", "/families/sorn/cuda_from_bytes: ");
  refused("/families/sorn", Json::object(), "/families/sorn/cuda_from_bytes: needed");
  refused("/families/sorn/timings/0/cpu", 0, "/families/sorn/timings/0/cpu: ");
  refused("/famlies", Json::object(), "/famlies: ");
  EXPECT_THROW(read_crossover((folder / "none.json").string()), IoError);
}

TEST(Crossover, EveryFamilyHasAnExperimentThatGrowsAndRuns) {
  const auto cpu = make_backend("cpu", {1});
  ASSERT_EQ(bench::growing_experiments().size(), families().size());
  for (const Family& family : families()) {
    const auto& all = bench::growing_experiments();
    const auto growing = std::find_if(all.begin(), all.end(), [&](const auto& g) { return g.family == family.name; });
    ASSERT_NE(growing, all.end()) << family.name;
    std::size_t before = 0;
    for (const Index n : growing->sizes) {
      const std::size_t bytes = memory_needed(bench::experiment_of(*growing, n));
      EXPECT_GT(bytes, before) << family.name << " of " << n;
      EXPECT_LT(bytes, std::size_t{16} << 30) << family.name << " of " << n;
      before = bytes;
    }
    EXPECT_GT(bench::seconds_of_ticks(bench::experiment_of(*growing, growing->sizes[0]), *cpu, 0), 0) << family.name;
  }
}

TEST(Crossover, WhatIsMeasuredGivesARuleThatCanBeReadAgain) {
  const auto one = make_backend("cpu", {1}), other = make_backend("cpu", {1});  // the second in the place of a device
  std::vector<bench::GrowingExperiment> chosen;
  for (bench::GrowingExperiment growing : bench::growing_experiments()) {
    growing.sizes.resize(2);
    if (growing.family != "calculus" && growing.family != "parser") chosen.push_back(growing);
  }
  int lines = 0;
  const CrossoverRule measured =
      bench::measure_crossover(chosen, *one, *other, 0, [&](const std::string&) { ++lines; });
  EXPECT_EQ(lines, 1 + 2 * static_cast<int>(chosen.size()));
  EXPECT_EQ(measured.device, other->info().name);
  EXPECT_EQ(measured.precision, precision_name);
  for (const auto& growing : chosen) {
    const auto& family = measured.families.at(growing.family);
    ASSERT_EQ(family.timings.size(), 2u);
    for (const CrossoverTiming& t : family.timings) EXPECT_TRUE(t.bytes > 0 && t.cpu > 0 && t.cuda > 0);
    EXPECT_EQ(family.cuda_from_bytes, crossover_bytes(family.timings));
  }
  const Scratch folder;
  const std::string file = (folder / "r.json").string();
  spit(file, to_json(measured).dump());
  EXPECT_EQ(to_json(read_crossover(file)), to_json(measured));
}

/// The environment of a process: what names the rule, and a home without one.
Prepare with_rule(const std::string& file, const std::string& home) {
  return [file, home] {
    ::setenv("XDG_CONFIG_HOME", home.c_str(), 1);
    if (file.empty())
      ::unsetenv("ENGRAM_CROSSOVER");
    else
      ::setenv("ENGRAM_CROSSOVER", file.c_str(), 1);
  };
}

const char* const small_sorn = R"({"schema": "engram/1", "seed": 3, "model": {"type": "sorn", "ne": 50, "nu": 5},
                              "input": {"source": "random"}, "phases": [{"steps": 5, "label": "a"}]})";

TEST(Crossover, ARunOnAutoSaysWhatWasChosenAndWhy) {
  const Scratch folder;
  spit(folder / "e.json", small_sorn);
  const Finished done = engram({"run", (folder / "e.json").string(), "--out", (folder / "run").string()},
                               with_rule("", folder.path().string()));
  ASSERT_EQ(done.code, 0) << done.error;
  const Json device = Json::parse(slurp(folder / "run/manifest.json"))["device"];
  const std::string why = device.value("why", "");
  const std::string chosen = "auto: " + device["kind"].get<std::string>();
  EXPECT_TRUE(why.starts_with(chosen + ", ") || why.starts_with(chosen + " (")) << why;
  EXPECT_TRUE(has(done.error, why)) << done.error;
}

TEST(Crossover, ARuleInTheConfigurationFolderOrNamedIsReadAndABadOneEndsTheRun) {
  const Scratch folder;
  spit(folder / "e.json", small_sorn);
  std::filesystem::create_directories(folder / "engram");
  spit(folder / "engram/crossover.json", to_json(rule()).dump());
  const std::string home = folder.path().string();
  EXPECT_TRUE(has(
      engram({"info"}, with_rule("", home)).out,
      "crossover.json of 2026-01-31, GPU X, " + std::string(precision_name) + ": parser cpu, sorn cuda from 4 MB on"));
  spit(folder / "bad.json", R"({"schema": "engram-crossover/1"})");
  for (const auto& [file, code] : {std::pair{"bad.json", 2}, {"none.json", 5}}) {
    const std::string path = (folder / file).string();
    const Finished run =
        engram({"run", (folder / "e.json").string(), "--out", (folder / "run").string()}, with_rule(path, home));
    EXPECT_EQ(run.code, code) << run.error;
    EXPECT_TRUE(has(run.error, path)) << run.error;
    EXPECT_FALSE(std::filesystem::exists(folder / "run"));
    const Finished info = engram({"info"}, with_rule(path, home));
    EXPECT_EQ(info.code, 0);
    EXPECT_TRUE(has(info.out, path)) << info.out;
    // A backend asked for by name looks at no rule.
    EXPECT_EQ(
        engram({"run", (folder / "e.json").string(), "--backend", "cpu", "--out", (folder / file).string() + ".run"},
               with_rule(path, home))
            .code,
        0);
  }
}

TEST(Crossover, TheCommandNeedsADeviceAndSaysSo) {
  const Scratch folder;
  const std::string file = (folder / "r.json").string();
  const Finished done = engram({"bench", "--crossover", "--filter", "parser", "--min-time", "0.001", "--out", file});
  if (cuda_unavailable().empty()) {
    EXPECT_EQ(done.code, 0) << done.error;
    EXPECT_EQ(read_crossover(file).families.size(), 1u);
  } else {
    EXPECT_EQ(done.code, 1) << done.error;
    EXPECT_TRUE(has(done.error, "no GPU to compare the CPU with: " + cuda_unavailable())) << done.error;
    EXPECT_FALSE(std::filesystem::exists(file));
  }
  const Finished unknown = engram({"bench", "--crossover", "--filter", "nonsense", "--out", file});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(has(unknown.error, "nonsense")) << unknown.error;
  EXPECT_EQ(engram({"bench", "--out", file}).code, 2);
  EXPECT_EQ(engram({"bench", "--crossover", "--replicas", "2"}).code, 2);
}

}  // namespace
}  // namespace engram::test
