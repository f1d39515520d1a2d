// `engram analyse` from outside.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/testing/process.hpp"

namespace engram::test {
namespace {

using Json = nlohmann::ordered_json;

const char* network =
    R"({"schema": "engram/1", "name": "n", "seed": 3, "backend": "cpu", "threads": 1, "replicas": {"seeds": 2},
  "model": {"type": "sorn", "ne": 40, "nu": 2, "h_ip": 0.1, "noise_sigma_e": 0.2},
  "callbacks": {"series": ["ExcitatoryActivation", "WEE"], "every": 2}, "phases": [{"steps": 80}]})";

struct AnalyseCommand : testing::Test {
  AnalyseCommand() { write(Json::parse(network)); }
  void write(const Json& document) {
    spit((folder / "e.json").string(), document.dump());
    const Finished done = engram({"run", (folder / "e.json").string(), "--out", run(), "--force"});
    ASSERT_EQ(done.code, 0) << done.error;
  }
  std::string run() const { return (folder / "run").string(); }
  void expect_refusal(const std::vector<std::string>& words, int code, const std::string& says) {
    const Finished done = engram(words);
    EXPECT_EQ(done.code, code) << done.error;
    EXPECT_EQ(done.out, "");
    EXPECT_NE(done.error.find(says), std::string::npos) << done.error;
  }
  Scratch folder;
};

TEST_F(AnalyseCommand, prints_a_table_or_an_object_a_network) {
  const Finished table = engram({"analyse", run()});
  ASSERT_EQ(table.code, 0) << table.error;
  for (const char* row : {"source entropy", "Fano factor", "CV of intervals", "log-normal sigma", "  sd "})
    EXPECT_NE(table.out.find(row), std::string::npos) << row;
  const Finished lines = engram({"analyse", run(), "--json", "--from", "20", "--windows", "5", "--against", run()});
  ASSERT_EQ(lines.code, 0) << lines.error;
  std::istringstream in(lines.out);
  std::vector<Json> networks;
  for (std::string line; std::getline(in, line);) networks.push_back(Json::parse(line));
  ASSERT_EQ(networks.size(), 2u);
  EXPECT_EQ(networks[1]["seed"], 4);
  EXPECT_EQ(networks[0]["recorded steps"], 30);
  EXPECT_EQ(networks[0]["steps between them"], 2);
  EXPECT_EQ(networks[0]["Hamming distance"], 0.0);
  EXPECT_GT(networks[0]["rate"], 0.0);
}

TEST_F(AnalyseCommand, points_of_a_grid_stand_apart) {
  Json document = Json::parse(network);
  document["replicas"]["grid"] = {{"/model/noise_sigma_e", {0.1, 0.3}}};
  write(document);
  const Finished lines = engram({"analyse", run(), "--json"});
  ASSERT_EQ(lines.code, 0) << lines.error;
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 4);
  EXPECT_NE(lines.out.find(R"({"grid":{"/model/noise_sigma_e":0.3},"replica":0)"), std::string::npos) << lines.out;
}

TEST_F(AnalyseCommand, what_cannot_be_analysed_is_refused_with_the_reason) {
  expect_refusal({"analyse", (folder / "none").string()}, 5, "manifest.json");
  expect_refusal({"analyse", run(), "--from", "80"}, 2, "80");
  expect_refusal({"analyse", run(), "--windows", "0"}, 2, "windows");
  expect_refusal({"analyse", run(), "--lag", "40"}, 2, "lag 40");
  std::string bytes = slurp(folder / "run/ExcitatoryActivation/unit.npy");
  bytes[bytes.size() - 4] = '\x7f';  // a unit that the network does not have
  spit((folder / "run/ExcitatoryActivation/unit.npy").string(), bytes);
  expect_refusal({"analyse", run()}, 5, "beyond");
  Json silent = Json::parse(network);
  silent.erase("callbacks");
  write(silent);
  expect_refusal({"analyse", run()}, 2, "ExcitatoryActivation");
  Json manifest = Json::parse(slurp(folder / "run/manifest.json"));
  manifest["model"] = "assembly";
  spit((folder / "run/manifest.json").string(), manifest.dump());
  expect_refusal({"analyse", run()}, 2, "assembly");
}

}  // namespace
}  // namespace engram::test
