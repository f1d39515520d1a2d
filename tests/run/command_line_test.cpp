// The program from outside: exit codes, streams, hostile input.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/testing/process.hpp"

namespace engram::test {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

const std::string small = R"({
  "schema": "engram/1", "name": "small", "seed": 3, "backend": "cpu",
  "model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 10}}, "stages": [{"A": {"inputs": ["x"], "n": 80, "k": 10}}]},
  "simulator": {"epoch_size": 4}, "samples": 2, "protocol": [{"do": "simulate", "label": "first"}]
})";

/// A scratch folder with the small experiment, changed by JSON pointers.
struct Experiment : Scratch {
  explicit Experiment(const std::vector<std::pair<std::string, Json>>& changes = {}) {
    Json document = Json::parse(small);
    for (const auto& [pointer, value] : changes) document[Json::json_pointer(pointer)] = value;
    spit(file(), document.dump());
  }
  std::string file() const { return (path() / "e.json").string(); }
  std::string out() const { return (path() / "run").string(); }
  Json manifest() const { return Json::parse(slurp(path() / "run/manifest.json")); }
};

TEST(CommandLine, run_writes_a_folder_that_says_everything_about_the_run) {
  const Experiment e;
  const Finished done = engram({"run", e.file(), "--out", e.out()});
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_TRUE(has(done.out, "first, A")) << done.out;
  const Json manifest = e.manifest();
  EXPECT_EQ(manifest["schema"], "engram-run/1");
  EXPECT_EQ(manifest["status"], "complete");
  EXPECT_EQ(manifest["config"], Json::parse(small));
  EXPECT_EQ(manifest["seeds"], Json::array({3}));
  EXPECT_EQ(manifest["ticks"], 8);
  EXPECT_EQ(manifest["device"]["kind"], "cpu");
  for (const char* key : {"version", "commit", "precision", "compiler"})
    EXPECT_TRUE(manifest["engram"].contains(key)) << key;
  EXPECT_FALSE(manifest["points"][0]["results"].empty());
  for (const char* file : {"metrics.csv", "results.csv", "state.safetensors"})
    EXPECT_EQ(manifest["files"][file]["bytes"], fs::file_size(e / "run" / file));
  EXPECT_TRUE(slurp(e / "run/metrics.csv").starts_with("time,replica,layer,unit,attribute,value,seed,phase\n"));
}

TEST(CommandLine, json_results_are_one_object_a_line_and_quiet_is_silent) {
  const Experiment e(
      {{"/replicas",
        Json{{"seeds", {5, 9}}, {"grid", {{"/model/stages/0/A/k", {10, 20}}, {"/simulator/epoch_size", {2, 3}}}}}}});
  spit(e.file(), [&] {
    Json d = Json::parse(slurp(e.file()));
    d.erase("seed");
    return d.dump();
  }());
  const Finished done = engram({"run", e.file(), "--out", e.out(), "--json", "--quiet"});
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_EQ(done.error, "");
  std::istringstream lines(done.out);
  std::vector<Json> points;
  for (std::string line; std::getline(lines, line);) points.push_back(Json::parse(line));
  ASSERT_EQ(points.size(), 4u);
  EXPECT_EQ(points[1]["grid"].dump(), R"({"/model/stages/0/A/k":10,"/simulator/epoch_size":3})");
  EXPECT_EQ(e.manifest()["points"].size(), 4u);
  const std::string csv = slurp(e / "run/metrics.csv");
  EXPECT_TRUE(csv.starts_with(
      "time,replica,layer,unit,attribute,value,seed,phase,/model/stages/0/A/k,/simulator/epoch_size\n"));
  for (const char* end : {",10,2\n", ",10,3\n", ",20,2\n", ",20,3\n"}) EXPECT_TRUE(has(csv, end)) << end;
  EXPECT_TRUE(fs::exists(e / "run/grid-3/state.safetensors"));
}

TEST(CommandLine, a_grid_point_equals_the_same_configuration_run_alone) {
  const Experiment grid({{"/replicas", Json{{"grid", {{"/simulator/epoch_size", {2, 3}}}}}}});
  const Experiment alone({{"/simulator/epoch_size", 3}});
  ASSERT_EQ(engram({"run", grid.file(), "--out", grid.out()}).code, 0);
  ASSERT_EQ(engram({"run", alone.file(), "--out", alone.out()}).code, 0);
  EXPECT_EQ(grid.manifest()["points"][1]["results"], alone.manifest()["points"][0]["results"]);
}

TEST(CommandLine, options_replace_values_of_the_experiment) {
  const Experiment e;
  ASSERT_EQ(engram({"run", e.file(), "--out", e.out(), "--seed", "11", "--threads", "1", "--set",
                    "/simulator/epoch_size=5", "--set", "/name=other"})
                .code,
            0);
  const Json config = e.manifest()["config"];
  EXPECT_EQ(config["seed"], 11);
  EXPECT_EQ(config["threads"], 1);
  EXPECT_EQ(config["simulator"]["epoch_size"], 5);
  EXPECT_EQ(e.manifest()["name"], "other");
  EXPECT_EQ(e.manifest()["ticks"], 10);
}

TEST(CommandLine, equal_seeds_give_equal_files_whatever_the_threads) {
  const Experiment e;
  ASSERT_EQ(engram({"run", e.file(), "--out", e.out(), "--threads", "1"}).code, 0);
  ASSERT_EQ(engram({"run", e.file(), "--out", (e / "two").string(), "--threads", "3"}).code, 0);
  EXPECT_EQ(slurp(e / "run/metrics.csv"), slurp(e / "two/metrics.csv"));
  const Json one = e.manifest(), two = Json::parse(slurp(e / "two/manifest.json"));
  EXPECT_EQ(one["points"], two["points"]);
}

TEST(CommandLine, an_existing_run_is_replaced_only_by_force) {
  const Experiment e;
  ASSERT_EQ(engram({"run", e.file(), "--out", e.out()}).code, 0);
  const std::string before = slurp(e / "run/manifest.json");
  const Finished again = engram({"run", e.file(), "--out", e.out()});
  EXPECT_EQ(again.code, 5);
  EXPECT_TRUE(has(again.error, "--force")) << again.error;
  EXPECT_EQ(slurp(e / "run/manifest.json"), before);
  EXPECT_EQ(engram({"run", e.file(), "--out", e.out(), "--force"}).code, 0);
}

TEST(CommandLine, a_faulty_experiment_leaves_nothing_behind) {
  const Experiment e({{"/simulator/epoch_sise", 3}});
  const Finished done = engram({"run", e.file(), "--out", e.out()});
  EXPECT_EQ(done.code, 2);
  EXPECT_TRUE(has(done.error, "e.json: /simulator/epoch_sise: unknown key (did you mean \"epoch_size\"?)"))
      << done.error;
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(e.entries(), std::vector<std::string>{"e.json"});
}

TEST(CommandLine, wrong_usage_is_exit_code_2_with_the_nearest_word) {
  const Experiment e;
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{}, ""},
      {{"rnu", e.file()}, "did you mean run?"},
      {{"run"}, "FILE"},
      {{"run", e.file(), "--thraeds", "2"}, "did you mean --threads?"},
      {{"run", e.file(), "--threads", "two"}, "two"},
      {{"run", e.file(), "--threads", "-1"}, "/threads"},
      {{"run", e.file(), "--backend", "gpu"}, "/backend"},
      {{"run", e.file(), "--set", "x"}, "--set"},
      {{"run", e.file(), "--progress", "loud"}, "loud"},
      {{"describe", "hbeb"}, "did you mean hebb"},
      {{"describe", "--schema", "--markdown"}, ""},
      {{"run", e.file(), "--seed", "99999999999999999999"}, "seed"}};
  for (const auto& [arguments, expected] : cases) {
    const Finished done = engram(arguments);
    EXPECT_EQ(done.code, 2) << expected << done.error;
    EXPECT_TRUE(has(done.error, expected)) << expected << ": " << done.error;
  }
  EXPECT_EQ(e.entries(), std::vector<std::string>{"e.json"});
}

TEST(CommandLine, help_and_version_are_exit_code_0) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{{"--help"},
                                                                                         {"--version"},
                                                                                         {"run", "--help"},
                                                                                         {"resume", "--help"},
                                                                                         {"validate", "--help"},
                                                                                         {"describe", "--help"},
                                                                                         {"analyse", "--help"},
                                                                                         {"info", "--help"}}) {
    const Finished done = engram(arguments);
    EXPECT_EQ(done.code, 0);
    EXPECT_NE(done.out, "");
  }
}

TEST(CommandLine, cuda_without_a_device_is_one_line_and_never_a_fallback) {
  const Json info = Json::parse(engram({"info", "--json"}).out);
  if (info["cuda"]["available"]) GTEST_SKIP() << "a CUDA device is here";
  const Experiment e;
  const Finished done = engram({"run", e.file(), "--out", e.out(), "--backend", "cuda", "--quiet"});
  EXPECT_EQ(done.code, 1);
  EXPECT_EQ(std::count(done.error.begin(), done.error.end(), '\n'), 1) << done.error;
  EXPECT_EQ(e.entries(), std::vector<std::string>{"e.json"});
}

TEST(CommandLine, info_tells_what_was_built) {
  const Json info = Json::parse(engram({"info", "--json"}).out);
  for (const char* key : {"version", "commit", "precision", "compiler", "cpu", "cuda", "models"})
    EXPECT_TRUE(info.contains(key)) << key;
  EXPECT_GT(info["cpu"]["memory_available"], 0);
  EXPECT_TRUE(has(engram({"info"}).out, info["version"].get<std::string>()));
}

TEST(CommandLine, more_memory_than_there_is_is_refused_before_anything_is_made) {
  const Experiment e({{"/model/stages/0/A/n", 4000000}, {"/model/stages/0/A/k", 100}});
  const Finished done = engram({"run", e.file(), "--out", e.out()});
  EXPECT_EQ(done.code, 4) << done.error;
  EXPECT_TRUE(has(done.error, "GiB")) << done.error;
  EXPECT_LT(done.seconds, 30);  // it did not hang
  EXPECT_EQ(e.entries(), std::vector<std::string>{"e.json"});
  const Finished judged = engram({"validate", e.file()});  // right, on a larger machine
  EXPECT_EQ(judged.code, 0) << judged.error;
  EXPECT_TRUE(has(judged.out, "are free here; above all for ")) << judged.out;
  EXPECT_TRUE(has(judged.out, "/model/stages/0/A/n: 4000000 is too much; about ")) << judged.out;
  const Finished beyond = engram({"validate", e.file(), "--set", "/replicas/seeds=1000000"});  // 2^64 bytes and more
  EXPECT_EQ(beyond.code, 4) << beyond.out;
  EXPECT_TRUE(has(beyond.error, "more than any computer has")) << beyond.error;
}

TEST(CommandLine, under_a_limit_of_the_process_memory_ends_with_code_4) {
  if (!memory_is_engrams) GTEST_SKIP();
  const Experiment e({{"/model/stages/0/A/n", 8000}, {"/model/stages/0/A/k", 100}});
  const Finished done = engram({"run", e.file(), "--out", e.out()}, [] {
    const struct rlimit limit { 300 << 20, 300 << 20 };
    ::setrlimit(RLIMIT_AS, &limit);
  });
  EXPECT_EQ(done.code, 4) << done.error;
}

TEST(CommandLine, a_file_size_limit_is_exit_code_5) {
  const Experiment e;
  const Finished done = engram({"run", e.file(), "--out", e.out()}, [] {
    const struct rlimit limit { 4096, 4096 };
    ::setrlimit(RLIMIT_FSIZE, &limit);
  });
  EXPECT_EQ(done.code, 5) << done.error;
  for (const auto& entry : fs::recursive_directory_iterator(e.path())) EXPECT_NE(entry.path().extension(), ".tmp");
}

TEST(CommandLine, unusable_output_folders_are_exit_code_5_with_the_path) {
  const Experiment e;
  spit(e / "file", "x");
  fs::create_directory(e / "foreign");
  spit(e / "foreign/thesis.txt", "precious");
  fs::create_symlink("nowhere", e / "dangling");
  for (const char* name : {"file", "file/below", "foreign", "dangling"}) {
    const Finished done = engram({"run", e.file(), "--out", (e / name).string(), "--force"});
    EXPECT_EQ(done.code, 5) << name;
    EXPECT_TRUE(has(done.error, name)) << done.error;
  }
  EXPECT_EQ(slurp(e / "foreign/thesis.txt"), "precious");
}

TEST(CommandLine, validate_judges_each_file) {
  const Experiment good, bad({{"/model/stages/0/A/k", 2000}});
  const Finished one = engram({"validate", good.file()});
  EXPECT_EQ(one.code, 0) << one.error;
  const Finished both = engram({"validate", good.file(), bad.file(), "--json"});
  EXPECT_EQ(both.code, 2);
  std::istringstream lines(both.out);
  std::string first, second;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_TRUE(Json::parse(first)["valid"]);
  EXPECT_FALSE(Json::parse(second)["problems"].empty());
  // A file name is any bytes; JSON is UTF-8.
  const fs::path odd = fs::path(good.file()).replace_filename("odd\xff.json");
  fs::copy(good.file(), odd);
  const Finished replaced = engram({"validate", odd.string(), "--json"});
  EXPECT_EQ(replaced.code, 0) << replaced.error;
  EXPECT_TRUE(Json::parse(replaced.out)["valid"]);
}

TEST(CommandLine, forty_hostile_files_are_refused_quickly) {
  const std::string head =
      R"({"schema": "engram/1", "model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 10}}, "stages": [{"A": {"inputs": ["x"], "n": 80}}]}, "samples": 1, "protocol": [{"do": "simulate"}])";
  std::string many_keys = head;
  for (int i = 0; i < 1000000; ++i) many_keys += ",\"k" + std::to_string(i) + "\":0";
  std::string deep_objects;
  for (int i = 0; i < 100000; ++i) deep_objects += "{\"a\":";
  const std::vector<std::string> hostile{"",
                                         " ",
                                         "null",
                                         "7",
                                         "[]",
                                         "{",
                                         "}",
                                         "{}{}",
                                         "{\"schema\"}",
                                         "\xff\xfe{\0}",
                                         std::string(200000, '['),
                                         deep_objects,
                                         std::string(4096, '\0'),
                                         "\"" + std::string(1 << 20, 'x'),
                                         "[" + std::string(14 << 20, '1') + "]",
                                         many_keys + "}",
                                         head + ", \"seed\": NaN}",
                                         head + ", \"seed\": 1e999}",
                                         head + ", \"seed\": -1}",
                                         head + ", \"seed\": 1.5}",
                                         head + ", \"seed\": \"1\"}",
                                         head + ", \"seed\": 18446744073709551616}",
                                         head + ", \"seed\": 1, \"seed\": 1}",
                                         head + ", \"threads\": 1e10}",
                                         head + ", \"threads\": true}",
                                         head + ", \"name\": \"\xff\"}",
                                         head + ", \"name\": \"\"}",
                                         head + ", \"output\": \"../../x\"}",
                                         head + ", \"output\": \"/etc/x\"}",
                                         head + ", \"output\": \"a/../../x\"}",
                                         head + ", \"replicas\": {\"seeds\": 1e18}}",
                                         head + ", \"replicas\": {\"seeds\": []}}",
                                         head + ", \"replicas\": {\"seeds\": [1, 1]}}",
                                         head + ", \"replicas\": {\"grid\": {\"/model/x\": []}}}",
                                         head + ", \"replicas\": {\"grid\": {\"/model/stages/9/A\": [1]}}}",
                                         head + ", \"replicas\": {\"grid\": {\"/seed\": [1, 2]}}}",
                                         head + ", \"replicas\": {\"grid\": {\"no pointer\": [1, 2]}}}",
                                         head + ", \"checkpoint\": {\"every\": -5}}",
                                         head + ", \"checkpoint\": {\"keep\": 0}}",
                                         head + ", \"record\": {\"every\": 0}}",
                                         head + ", \"record\": {\"series\": \"all\"}}",
                                         head + ", \"backend\": \"cuda:\"}",
                                         R"({"schema": "engram/2", "model": {"type": "assembly"}})",
                                         R"({"schema": "engram/1", "model": {"type": "brain"}})",
                                         R"({"schema": "engram/1", "model": []})",
                                         R"({"schema": "engram/1", "model": {"type": ["assembly"]}})"};
  EXPECT_GE(hostile.size(), 40u);
  const Scratch folder;
  const std::string file = (folder / "e.json").string();
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    spit(file, hostile[i]);
    const Finished done = engram({"validate", file});
    EXPECT_EQ(done.code, 2) << i << ": " << hostile[i].substr(0, 400) << "\n" << done.error.substr(0, 400);
    EXPECT_NE(done.error, "") << i;
    EXPECT_LT(done.error.size(), 20000u) << i;
    EXPECT_LT(done.seconds, 30) << i;  // it did not hang
    if (memory_is_engrams) {
      EXPECT_LT(done.peak_kib, 256 * 1024) << i;
    }
  }
}

TEST(CommandLine, files_that_cannot_be_read_are_exit_code_5) {
  const Scratch folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_directory(folder / "folder");
  for (const char* name : {"pipe", "folder", "none"}) {
    const Finished done = engram({"validate", (folder / name).string()});
    EXPECT_EQ(done.code, 5) << name;
    EXPECT_TRUE(has(done.error, name)) << done.error;
  }
}

}  // namespace
}  // namespace engram::test
