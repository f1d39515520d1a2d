// What once ended with exit code 0 and was wrong: files that changed, numbers that overflowed, tables and grids
// misread.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "engine/io/safetensors.hpp"
#include "tests/testing/process.hpp"
#include "tests/testing/run_outcome.hpp"
#include "tests/testing/source_dir.hpp"
#include "tests/testing/stopped_run.hpp"

namespace engram::test {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

const std::map<std::string, Json>& families() {
  static const std::map<std::string, Json> all{
      {"assembly",
       Json::parse(
           R"({"model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 10}}, "stages": [{"A": {"inputs": ["x"], "n": 80, "k": 10}}]},
         "simulator": {"epoch_size": 20, "weights": false}, "samples": 4, "protocol": [{"do": "simulate"}]})")},
      {"sorn",
       Json::parse(
           R"({"model": {"type": "sorn", "ne": 50, "nu": 5}, "input": {"source": "random"}, "phases": [{"steps": 60}]})")},
      {"attractor",
       Json::parse(R"({"model": {"type": "attractor", "evidence": 5}, "patterns": {"values": [[1, -1, 1], [1, 1, -1]]},
         "protocol": [{"do": "train", "epochs": 20, "steps": 5}]})")},
      {"calculus",
       Json::parse(
           R"({"model": {"type": "calculus", "p": 0.1, "defaults": {"n": 1000, "k": 30}, "areas": {"A": {}}, "stimuli": {"s": {"size": 30}}},
         "protocol": [{"do": "assemble", "stimuli": ["s"], "areas": ["A"], "rounds": 30}]})")},
      {"parser",
       Json::parse(
           R"({"model": {"type": "parser", "n": 500, "k": 20}, "sentences": ["cats run", "dogs chase cats"]})")}};
  return all;
}

Json experiment(const std::string& family, const Json& changes = Json::object()) {
  Json document = families().at(family);
  document.update({{"schema", "engram/1"}, {"name", "w"}, {"seed", 3}, {"backend", "cpu"}, {"threads", 1}});
  document.merge_patch(changes);
  return document;
}

class SilentlyWrong : public testing::Test {
 protected:
  std::string path(const char* name) const { return (folder_ / name).string(); }
  Finished validate(const Json& document) const { return validate(document.dump()); }
  Finished validate(const std::string& text) const {
    spit(folder_ / "e.json", text);
    return engram({"validate", path("e.json")});
  }
  Finished run(const Json& document, const Prepare& prepare = nullptr) const {
    fs::remove_all(folder_ / "run");
    spit(folder_ / "e.json", document.dump());
    return engram({"run", path("e.json"), "--out", path("run")}, prepare);
  }
  Finished resume() const { return engram({"resume", path("run")}); }
  Json manifest() const { return Json::parse(slurp(folder_ / "run/manifest.json")); }
  void expect_refused(const Json& document, const std::string& words) const {
    expect_refused(validate(document), words);
  }
  static void expect_refused(const Finished& done, const std::string& words) {
    EXPECT_EQ(done.code, 2) << done.error;
    EXPECT_NE(done.error.find(words), std::string::npos) << words << ": " << done.error;
  }

  Scratch folder_;
};

// ---- numbers

TEST_F(SilentlyWrong, infinite_weights_of_the_calculus_are_exit_code_3_with_array_index_and_tick) {
  Json rounds = experiment("calculus");
  rounds["protocol"][0]["rounds"] = 1900;
  for (const char* connectome : {"procedural", "explicit", "lazy"}) {
    rounds["model"]["connectome"] = connectome;
    rounds["model"]["defaults"]["beta"] = 0.5;
    const Finished done = run(rounds);
    EXPECT_EQ(done.code, 3) << connectome << done.error;
    EXPECT_NE(done.error.find("after tick "), std::string::npos) << done.error;
    EXPECT_NE(done.error.find(": replica 0, "), std::string::npos) << done.error;
    EXPECT_NE(done.error.find("] is infinite"), std::string::npos) << done.error;
  }
}

TEST_F(SilentlyWrong, infinite_weights_of_the_parser_are_exit_code_3) {
  const Finished done = run(experiment("parser", {{"model", {{"lexicon_beta", 1000}, {"rounds", 30}}}}));
  EXPECT_EQ(done.code, 3) << done.error;
  EXPECT_NE(done.error.find("finite"), std::string::npos) << done.error;
}

TEST_F(SilentlyWrong, a_point_of_a_grid_that_overflows_leaves_its_state_and_the_others_run) {
  Json document =
      experiment("assembly", {{"replicas", {{"grid", {{"/model/stages/0/A/learning_rate", {0.001, 1000, 0.002}}}}}},
                              {"simulator", {{"epoch_size", 150}}}});
  document["model"]["stages"][0]["A"]["normalisation"] = "none";
  const Finished done = run(document);
  EXPECT_EQ(done.code, 3) << done.error;
  EXPECT_NE(done.error.find("grid point 1: after tick "), std::string::npos) << done.error;
  const Json points = manifest()["points"];
  ASSERT_EQ(points.size(), 3u);
  EXPECT_TRUE(points[0].contains("results") && points[2].contains("results"));
  const std::string crash = "grid-1/crash-" + points[1]["tick"].dump() + ".safetensors";
  EXPECT_TRUE(fs::exists(folder_ / "run" / crash));
  EXPECT_TRUE(manifest()["files"].contains(crash));
  EXPECT_EQ(manifest()["status"], "failed");
  // It would end so again.
  const Finished again = resume();
  EXPECT_EQ(again.code, 3) << again.error;
  EXPECT_EQ(manifest()["points"], points);
}

TEST_F(SilentlyWrong, a_grid_that_overflowed_before_it_was_stopped_goes_on_behind_that_point) {
  Json document = experiment("assembly", {{"replicas", {{"grid", {{"/model/stages/0/A/learning_rate", {1000, 0.1}}}}}},
                                          {"simulator", {{"epoch_size", 150}}},
                                          {"checkpoint", {{"every", 50}}}});
  document["model"]["stages"][0]["A"]["normalisation"] = "none";
  ASSERT_EQ(run(document).code, 3);
  const std::string whole = outcome(folder_ / "run");
  ASSERT_EQ(run(document, shim("ENGRAM_SIGNALS", "point-1-tick:2:15")).code, 128 + SIGTERM);
  EXPECT_EQ(resume().code, 3);
  EXPECT_EQ(outcome(folder_ / "run"), whole);
}

TEST_F(SilentlyWrong, ticks_that_overflow_are_refused_with_the_phase) {
  Json attractor = experiment("attractor"), sorn = experiment("sorn"),
       assembly = experiment("assembly", {{"samples", 1000000}, {"simulator", {{"epoch_size", 1000000000}}}});
  const std::uint64_t half = std::uint64_t{1} << 31;
  attractor["protocol"] = Json::array();
  for (int i = 0; i < 4; ++i) attractor["protocol"].push_back({{"do", "train"}, {"epochs", half}, {"steps", half}});
  expect_refused(attractor, "/protocol/1: the run would be longer");
  attractor["protocol"] = {{{"do", "train"}, {"epochs", 1e12}, {"steps", 1e12}}};
  expect_refused(attractor, "/protocol/0: the run would be longer");
  assembly["protocol"] = Json::array();
  for (int i = 0; i < 5000; ++i) assembly["protocol"].push_back({{"do", "simulate"}});
  expect_refused(assembly, "the run would be longer");
  sorn["phases"] = Json::array();
  for (int i = 0; i < 10; ++i) sorn["phases"].push_back({{"steps", 1e12}});
  EXPECT_EQ(validate(sorn).code, 0);  // long, and countable
}

TEST_F(SilentlyWrong, seeds_that_would_wrap_are_refused) {
  expect_refused(experiment("assembly", {{"seed", ~std::uint64_t{0}}, {"replicas", {{"seeds", 2}}}}), "/seed");
  EXPECT_EQ(validate(experiment("assembly", {{"seed", ~std::uint64_t{0} - 1}, {"replicas", {{"seeds", 2}}}})).code, 0);
}

// ---- what an experiment says

TEST_F(SilentlyWrong, a_grid_over_the_family_is_refused) {
  const Json sorn = families().at("sorn")["model"];
  for (const Json& grid : {Json{{"/model/type", {"assembly", "sorn", "parser"}}}, Json{{"/model", {sorn}}}})
    for (const auto& [family, document] : families()) {
      Json one = experiment(family);
      one["replicas"]["grid"] = grid;
      if (family == "sorn") continue;
      expect_refused(one, "/model/type");
    }
  Json same = experiment("sorn");
  same["replicas"]["grid"] = {{"/model", {sorn, {{"type", "sorn"}, {"ne", 60}, {"nu", 5}}}}};
  EXPECT_EQ(validate(same).code, 0);
}

TEST_F(SilentlyWrong, fast_sums_are_refused_by_families_that_have_none_and_named_in_the_manifest) {
  for (const auto& [family, document] : families()) {
    const Json fast = experiment(family, {{"model", {{"sums", "fast"}}}});
    if (family == "attractor")
      EXPECT_EQ(validate(fast).code, 0);
    else
      expect_refused(fast, "/model/sums: the sums of a model of type " + family);
  }
  for (const char* sums : {"exact", "fast"}) {
    EXPECT_EQ(run(experiment("attractor", {{"model", {{"sums", sums}}}})).code, 0);
    EXPECT_EQ(manifest()["sums"], sums);
  }
  Json varied = experiment("attractor");
  varied["replicas"]["grid"] = {{"/model/sums", {"exact", "fast"}}};
  EXPECT_EQ(run(varied).code, 0);
  EXPECT_EQ(manifest()["sums"], "fast");
}

TEST_F(SilentlyWrong, grid_pointers_that_replace_each_other_are_refused) {
  Json document = experiment("sorn");
  document["replicas"]["grid"] = {{"/model/ne", {50, 60}}, {"/model", {families().at("sorn")["model"]}}};
  expect_refused(document, "replace the other");
  document["replicas"]["grid"] = {{"/phases/0/steps", {50, 60}}, {"/phases/00/steps", {70, 80}}};
  expect_refused(document, "/phases/00");
}

TEST_F(SilentlyWrong, results_of_phases_and_sentences_of_one_name_are_all_kept) {
  const auto names = [&](const char* family, const char* key, const Json& phases) {
    Json document = experiment(family);
    document[key] = phases;
    EXPECT_EQ(run(document).code, 0);
    std::set<std::string> all;
    const Json results = manifest()["points"][0]["results"];
    for (const auto& [name, value] : results.items()) all.insert(name);
    return all;
  };
  const auto twice = [&](const char* family, const char* key, const Json& phases, const std::string& first,
                         const std::string& second) {
    const auto all = names(family, key, phases);
    EXPECT_TRUE(all.contains(first)) << first;
    EXPECT_TRUE(all.contains(second)) << second;
  };
  twice("sorn", "phases", {{{"steps", 5}, {"label", "x"}}, {{"steps", 5}, {"label", "x"}}}, "x, rate", "x (2), rate");
  twice("sorn", "phases", {{{"steps", 5}, {"label", "run 2"}}, {{"steps", 5}}}, "run 2, rate", "run 2 (2), rate");
  twice("attractor", "protocol", {{{"do", "run"}, {"label", "x"}}, {{"do", "run"}, {"label", "x"}}}, "x, asymmetry",
        "x (2), asymmetry");
  twice("assembly", "protocol",
        {{{"do", "complete"}, {"label", "x"}}, {{"do", "complete"}, {"label", "x"}, {"keep", 0.2}}}, "x", "x (2)");
  twice("assembly", "protocol", {{{"do", "complete"}, {"label", "x"}}, {{"do", "complete"}, {"label", "x, sd"}}}, "x",
        "x, sd (2)");
  twice("parser", "sentences", {"cats run", {{"text", "cats run"}}}, "cats run", "cats run (2)");
  Json calculus = experiment("calculus");
  calculus["protocol"] = {{{"do", "project"}, {"stimuli", {{"s", {"A"}}}}},
                          {{"do", "measure"}, {"what", "support"}, {"label", "x"}, {"area", "A"}},
                          {{"do", "measure"}, {"what", "support"}, {"label", "x, all"}, {"area", "A"}}};
  expect_refused(calculus, "replace each other");
}

TEST_F(SilentlyWrong, text_after_a_byte_of_value_0_is_refused) {
  for (const char* rest : {"", "}", "garbage"})
    expect_refused(validate(experiment("assembly").dump() + '\0' + rest), "byte of value 0");
}

// ---- files

const std::string rows = "1,-1,1\n-1,1,0\n", other_rows = "1,1,1\n-1,1,0\n";

Json with_table() {
  return experiment("attractor",
                    {{"patterns", {{"values", nullptr}, {"file", "d.csv"}}}, {"checkpoint", {{"every", 10}}}});
}
const Prepare stopped = shim("ENGRAM_SIGNALS", "/checkpoints/:2:15");

TEST_F(SilentlyWrong, the_label_column_is_left_out_of_any_table) {
  const std::vector<std::string> tables{
      "label,a,b\n3,1,0\n4,-1,1\n",       "\xEF\xBB\xBFlabel,a,b\n3,1,0\n4,-1,1\n",
      "a,b,label\r\n1,0,3\r\n-1,1,4\r\n", "\"a\",\"b\",\"label\"\n1,0,3\n-1,1,4\n",
      "a, b, label\n1, 0, 3\n-1, 1, 4\n", "\xEF\xBB\xBF\"label\", a, b\r\n\"3\", \"1\", 0\r\n4, -1, 1"};
  for (const std::string& table : tables) {
    spit(folder_ / "d.csv", table);
    ASSERT_EQ(run(with_table()).code, 0) << table;
    EXPECT_NE(slurp(folder_ / "run/patterns.npy").find("'shape': (2, 2,)"), std::string::npos) << table;
  }
}

TEST_F(SilentlyWrong, a_first_line_of_numbers_is_a_row) {
  for (const char* table : {"1,0\n-1,1\n",
                            "\xEF\xBB\xBF"
                            "1,0\r\n-1,1\r\n",
                            "\"1\", 0\n-1, \"1\""}) {
    spit(folder_ / "d.csv", table);
    ASSERT_EQ(run(with_table()).code, 0) << table;
    EXPECT_NE(slurp(folder_ / "run/patterns.npy").find("'shape': (2, 2,)"), std::string::npos) << table;
  }
}

TEST_F(SilentlyWrong, a_table_with_broken_cells_is_refused_with_the_line) {
  const auto refused = [&](const std::string& table, const std::string& words) {
    spit(folder_ / "d.csv", table);
    expect_refused(with_table(), words);
  };
  refused("a,b,c\n1,2\n", "d.csv:2: found 2 cells");
  refused("a,b\n1,x\n", "d.csv:2: found \"x\"");
  refused("a,b\n1,1e7\n", "d.csv:2: found \"1e7\"");
  refused("a,b\n1,\"0\n", "d.csv:2: a quote");
  refused("", "empty");
  refused("a,b\n", "no rows");
  refused("label\n1\n", "no column");
}

TEST_F(SilentlyWrong, an_error_of_reading_is_not_the_end_of_a_table) {
  std::string table = "a,b,c\n";
  for (int i = 0; i < 4000; ++i) table += rows;
  spit(folder_ / "d.csv", table);
  EXPECT_EQ(engram({"validate", path("e.json")}).code, 5);  // not there yet
  ASSERT_EQ(validate(with_table()).code, 0);
  for (int n = 1; n < 4; ++n) {
    const Finished done = engram({"validate", path("e.json")}, shim("ENGRAM_FAIL_READ", "d.csv:" + std::to_string(n)));
    EXPECT_EQ(done.code, 5) << n << done.error;
    EXPECT_NE(done.error.find("d.csv: cannot read"), std::string::npos) << done.error;
  }
}

TEST_F(SilentlyWrong, a_data_file_that_changed_before_a_resume_is_exit_code_5) {
  spit(folder_ / "d.csv", "a,b,c\n" + rows);
  ASSERT_EQ(run(with_table()).code, 0);
  const std::string whole = outcome(folder_ / "run");
  for (const std::string& changed : {"a,b,c\n" + other_rows, "a,b,c\n" + rows + rows, std::string("nonsense")}) {
    spit(folder_ / "d.csv", "a,b,c\n" + rows);
    ASSERT_EQ(run(with_table(), stopped).code, 128 + SIGTERM);
    EXPECT_TRUE(manifest()["inputs"].contains("d.csv"));
    spit(folder_ / "d.csv", changed);
    const Finished done = resume();
    EXPECT_EQ(done.code, 5) << done.error;
    EXPECT_NE(done.error.find("d.csv: is not what it was"), std::string::npos) << done.error;
    spit(folder_ / "d.csv", "a,b,c\n" + rows);
    ASSERT_EQ(resume().code, 0);
    EXPECT_EQ(outcome(folder_ / "run"), whole);
  }
}

TEST_F(SilentlyWrong, the_state_that_a_run_began_with_is_not_needed_to_go_on) {
  ASSERT_EQ(run(experiment("sorn")).code, 0);
  fs::copy(folder_ / "run/state.safetensors", folder_ / "begin.safetensors");
  const Json document =
      experiment("sorn", {{"model", {{"state", "begin.safetensors"}}}, {"checkpoint", {{"every", 10}}}});
  ASSERT_EQ(run(document).code, 0);
  const std::string whole = outcome(folder_ / "run");
  ASSERT_EQ(run(document, stopped).code, 128 + SIGTERM);
  fs::remove(folder_ / "begin.safetensors");
  const Finished done = resume();
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_EQ(outcome(folder_ / "run"), whole);
}

// ---- checkpoints

TEST_F(SilentlyWrong, a_checkpoint_of_another_version_or_format_is_refused_by_name) {
  const auto with = [&](const std::string& key, const std::string& value) {
    EXPECT_EQ(run(experiment("assembly", {{"checkpoint", {{"every", 5}}}}), stopped).code, 128 + SIGTERM);
    for (const auto& entry : fs::directory_iterator(folder_ / "run/checkpoints")) {
      reseal(entry.path(), key, value);
    }
    return resume();
  };
  ASSERT_EQ(run(experiment("assembly")).code, 0);
  const std::string version = manifest()["engram"]["version"];
  EXPECT_EQ(with("engram", version).code, 0);
  EXPECT_EQ(with("engram", "0.0.9").code, 0);  // of the same format
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{{"format", "engram-checkpoint/2"},
                                                                                   {"precision", "half"},
                                                                                   {"ticks done", "-1"},
                                                                                   {"points", "7"},
                                                                                   {"points", std::string(200000, '[')},
                                                                                   {"inputs", "{\"d.csv\":\"0\"}"},
                                                                                   {"point", "1"}}) {
    const Finished done = with(key, value);
    EXPECT_EQ(done.code, 5) << key << done.error;
  }
  for (const char* other : {"9.9.9", "0.99.0", "later", ""}) {
    const Finished done = with("engram", other);
    EXPECT_EQ(done.code, 5) << other << done.error;
    EXPECT_NE(done.error.find(std::string("written by engram ") + other), std::string::npos) << done.error;
    EXPECT_NE(done.error.find("this is engram " + version), std::string::npos) << done.error;
  }
}

// ---- errors

/// Whoever catches more than one kind of error must let those of memory, files and numbers pass: see
/// engine/run/plain_error.hpp.
TEST(Handlers, OfManyKindsLetErrorsOfTheMachinePass) {
  const std::set<std::string> reporting{"main.cpp", "command_validate.cpp",
                                        "driver.cpp"};  // these end with the code of the error
  int handlers = 0;
  for (const char* folder : {"engine", "apps"})
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(engram::test::source_dir()) / folder)) {
      if (!entry.is_regular_file() || reporting.contains(entry.path().filename().string())) continue;
      std::istringstream in(slurp(entry.path()));
      std::vector<std::string> lines;
      for (std::string line; std::getline(in, line);) lines.push_back(line);
      for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t at = lines[i].find("catch (");
        if (at == std::string::npos) continue;
        const std::string caught = lines[i].substr(at + 7);
        if (!caught.starts_with("const Error&") && !caught.starts_with("Error&") &&
            !caught.starts_with("const std::exception&") && !caught.starts_with("..."))
          continue;
        ++handlers;
        std::string near = lines[i - 1];
        for (std::size_t k = i; k < std::min(i + 4, lines.size()); ++k) near += lines[k];
        if (i >= 2) near += lines[i - 2];
        EXPECT_TRUE(near.find("throw") != std::string::npos || near.find("current_exception") != std::string::npos ||
                    near.find("refuse_checkpoint(") != std::string::npos)
            << entry.path() << ":" << i + 1;
      }
    }
  EXPECT_GE(handlers, 5);
}

}  // namespace
}  // namespace engram::test
