// Numbers from files, wherever numbers may stand.
#include <gtest/gtest.h>

#include "engram/run/config_reader.hpp"
#include "tests/testing/run_files.hpp"

namespace engram::test {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

class FilesIn : public testing::Test {
 protected:
  fs::path path(const std::string& name) const { return folder_ / name; }
  Finished run(const std::string& name, Json document, bool only_validate = false) const {
    fs::remove_all(path(name));
    document.update({{"schema", "engram/1"}, {"name", name}, {"backend", "cpu"}, {"threads", 1}});
    spit(path(name + ".json"), document.dump());
    if (only_validate) return engram({"validate", path(name + ".json").string()});
    return engram({"run", path(name + ".json").string(), "--out", path(name).string()});
  }
  /// The experiment with numbers in files gives what it gives with the numbers inside.
  void same(const Json& inside, const Json& in_files) const {
    const Finished a = run("inside", inside), b = run("files", in_files);
    ASSERT_EQ(a.code, 0) << a.error;
    ASSERT_EQ(b.code, 0) << b.error;
    EXPECT_EQ(tensors(path("inside")), tensors(path("files")));
  }
  void refused(const Json& document, const std::string& words) const {
    const Finished done = run("refused", document, true);
    EXPECT_EQ(done.code, 2) << done.error;
    EXPECT_TRUE(has(done.error, words)) << words << ": " << done.error;
  }
  Scratch folder_;
};

const std::vector<std::vector<double>> four_steps{{1, 0, 0}, {0, 1, 0.5}, {0, 0, 2}, {1, 1, 1}};

Json driven_sorn() {
  return Json::parse(
      R"({"seed": 2, "model": {"type": "sorn", "ne": 10, "nu": 3, "lambda_ee": 3}, "phases": [{"steps": 4}],
                         "input": {"source": "values"}})");
}

TEST_F(FilesIn, DriveASorn) {
  Json inside = driven_sorn(), files = driven_sorn();
  inside["input"]["values"] = four_steps;
  inside["model"]["target_rates"] = std::vector<double>(10, 0.25);
  write_matrix(path("in.npy"), four_steps);
  write_matrix(path("rates.npy"), {std::vector<double>(10, 0.25)});
  files["input"]["values"] = {{"file", "in.npy"}};
  files["model"]["target_rates"] = {{"file", "rates.npy"}};
  same(inside, files);
  EXPECT_TRUE(Json::parse(slurp(path("files/manifest.json")))["inputs"].contains("in.npy"));
  spit(path("in.csv"), "a,b,c\n1,0,0\n0,1,0.5\n0,0,2\n1,1,1\n");
  files["input"]["values"] = {{"file", "in.csv"}};
  same(inside, files);
  spit(path("in.csv"), "1,0,0\n0,1,0.5\n0,0,2\n1,1,1\n");  // without names
  same(inside, files);
}

TEST_F(FilesIn, MayLieAnywhere) {
  const Scratch elsewhere;
  write_matrix(elsewhere / "in.npy", four_steps);
  Json inside = driven_sorn(), files = driven_sorn();
  inside["input"]["values"] = four_steps;
  files["input"]["values"] = {{"file", (elsewhere / "in.npy").string()}};
  same(inside, files);
}

TEST_F(FilesIn, InputThatEndsRepeatsHoldsOrStopsAsItSays) {
  Json document = driven_sorn();
  document["input"]["values"] = four_steps;
  document["phases"][0]["steps"] = 7;
  refused(document, "/input/values: found the input of 4 steps, the run needs 7; set when_over");
  std::vector<std::vector<double>> longer = four_steps;
  const auto as = [&](const char* when_over, const std::vector<std::vector<double>>& rows) {
    Json over = document, full = document;
    over["input"]["when_over"] = when_over;
    full["input"]["values"] = rows;
    same(full, over);
  };
  longer.insert(longer.end(), {four_steps[0], four_steps[1], four_steps[2]});
  as("repeat", longer);
  longer = four_steps;
  longer.insert(longer.end(), 3, four_steps[3]);
  as("hold", longer);
  longer = four_steps;
  longer.insert(longer.end(), 3, {0, 0, 0});
  as("stop", longer);
  document["input"] = {{"source", "random"}, {"when_over", "hold"}};
  refused(document, "/input/when_over: belongs to source");
}

TEST_F(FilesIn, GiveAttractorsTheirPatternsAndWeights) {
  const std::vector<std::vector<double>> patterns{{1, -1, 1}, {1, 1, -1}}, weights{{0, 1, 2}, {1, 0, 3}, {2, 3, 0}};
  Json inside = Json::parse(R"({"model": {"type": "attractor"}, "protocol": [{"do": "train", "epochs": 3}]})");
  Json files = inside;
  inside["patterns"]["values"] = patterns;
  inside["model"]["weights"] = weights;
  inside["model"]["base_bias"] = {0.5, 0, -0.5};
  write_matrix(path("p.npy"), patterns);
  write_matrix(path("w.npy"), weights);
  spit(path("b.csv"), "0.5\n0\n-0.5\n");
  files["patterns"]["values"] = {{"file", "p.npy"}};
  files["model"]["weights"] = {{"file", "w.npy"}};
  files["model"]["base_bias"] = {{"file", "b.csv"}};
  same(inside, files);
  files["patterns"] = {{"file", "p.npy"}};
  same(inside, files);
}

TEST_F(FilesIn, GiveAssembliesTheirSamplesAndWeights) {
  Json inside = Json::parse(
      R"({"model": {"type": "assembly", "stimuli": {"x": {"n": 6, "k": 2}}, "stages": [{"A": {"inputs": ["x"], "n": 8, "k": 2}}]}, "protocol": [{"do": "simulate"}]})");
  Json files = inside;
  inside["samples"]["x"] = {{0, 3}, {2, 5}};
  write_matrix(path("units.npy"), {{0, 3}, {2, 5}});
  spit(path("masks.csv"), "a,b,c,d,e,f\n1,0,0,1,0,0\n0,0,1,0,0,1\n");
  for (const char* file : {"units.npy", "masks.csv"}) {
    files["samples"]["x"] = {{"file", file}};
    same(inside, files);
  }
  std::vector<std::vector<double>> weights(8, std::vector<double>(6));
  for (std::size_t i = 0; i < 8; ++i) weights[i][i % 6] = 1;
  inside["model"]["weights"]["weight_input0"] = weights;
  write_matrix(path("w.npy"), weights);
  files["model"]["weights"]["weight_input0"] = {{"file", "w.npy"}};
  same(inside, files);
  files["model"]["weights"] = {{"weight_input1", {{"file", "w.npy"}}}};
  refused(files, "no matrix has this name; there are \"weight_input0\", \"weight_recurrent\"");
}

TEST_F(FilesIn, GiveTheCalculusItsWinners) {
  Json inside = Json::parse(
      R"({"model": {"type": "calculus", "areas": {"A": {"n": 100, "k": 3}}}, "protocol": [{"do": "winners", "area": "A", "neurons": [4, 9, 50]}]})");
  Json files = inside;
  spit(path("n.csv"), "4,9,50\n");
  files["protocol"][0]["neurons"] = {{"file", "n.csv"}};
  same(inside, files);
}

TEST_F(FilesIn, AreLookedAtLikeNumbersInside) {
  Json document = driven_sorn();
  document["input"]["values"] = {{"file", "none.npy"}};
  refused(document, "/input/values/file: no such file");
  write_matrix(path("in.npy"), {{1, 0}, {0, 1}, {0, 0}, {1, 1}});
  document["input"]["values"] = {{"file", "in.npy"}};
  refused(document, "/input/values: found 2 values, wanted nu = 3");
  write_matrix(path("in.npy"), {{1, 0, 0}, {0, 1, 0}, {0, 2e9, 0}, {1, 1, 0}});
  refused(document, "/input/values/file: row 2, column 1 (from 0): found 2000000000");
  Json units = Json::parse(
      R"({"model": {"type": "calculus", "areas": {"A": {"n": 100, "k": 3}}}, "protocol": [{"do": "winners", "area": "A", "neurons": {"file": "n.csv"}}]})");
  spit(path("n.csv"), "4,9.5,50\n");
  refused(units, "found 9.5; allowed are whole numbers");
  for (const char* name : {"in.npy", "in.safetensors"}) {
    document["input"]["values"] = {{"file", name}};
    spit(path(name), "not what its name says");
    refused(document, "/input/values/file: ");
  }
  write_matrix(path("in.npy"), four_steps);
  std::string bytes = slurp(path("in.npy"));
  document["input"]["values"] = {{"file", "in.npy"}};
  spit(path("in.npy"), bytes.substr(0, bytes.size() - 3));
  refused(document, "/input/values/file: " + path("in.npy").string() + ": the shape asks for");
  bytes.replace(bytes.find("False"), 5, "True ");
  spit(path("in.npy"), bytes);
  refused(document, "columns first (fortran_order) is not supported");
  document["input"]["values"] = {{"file", "in.npy"}, {"fill", 3}};
  write_matrix(path("in.npy"), four_steps);
  refused(document, "/input/values/fill: unknown key");
}

TEST_F(FilesIn, AreNeededUnchangedWhereARunGoesOn) {
  write_matrix(path("in.npy"), std::vector<std::vector<double>>(400, {1, 0, 0}));
  Json document = driven_sorn();
  document["input"]["values"] = {{"file", "in.npy"}};
  document["phases"][0]["steps"] = 400;
  document["checkpoint"]["every"] = 10;
  fs::remove_all(path("run"));
  document.update({{"schema", "engram/1"}, {"backend", "cpu"}});
  spit(path("run.json"), document.dump());
  const Finished broken =
      engram({"run", path("run.json").string(), "--out", path("run").string()}, shim("ENGRAM_FAIL_AT", "90"));
  ASSERT_EQ(broken.code, 5) << broken.error;
  write_matrix(path("in.npy"), std::vector<std::vector<double>>(400, {0, 0, 1}));
  const Finished done = engram({"resume", path("run").string()});
  EXPECT_EQ(done.code, 5) << done.error;
  EXPECT_TRUE(has(done.error, "in.npy: is not what it was")) << done.error;
}

TEST(LargeDocuments, HoldHalfAMillionNumbersAndMore) {
  std::string text = "{\"a\": [0";
  for (int i = 0; i < 1000000; ++i) text += ",0";
  EXPECT_EQ(parse_config(text + "]}", "a")["a"].size(), 1000001u);
  std::string more = "[0";
  for (int i = 0; i < 3000000; ++i) more += ",0";
  try {
    parse_config(more + "]", "a");
    FAIL() << "three million numbers were taken";
  } catch (const ConfigError& error) {
    EXPECT_TRUE(has(error.what(), "{\"file\": \"x.npy\"}")) << error.what();
  }
}

}  // namespace
}  // namespace engram::test
