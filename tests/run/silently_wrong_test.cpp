// What once ended with exit code 0 and was wrong: numbers that overflowed, grids misread, results that replaced each
// other.
#include "tests/run/silently_wrong.hpp"

namespace engram::test {
namespace {

// ---- numbers

TEST_F(SilentlyWrong, infinite_weights_of_the_calculus_are_exit_code_3_with_array_index_and_tick) {
  Json rounds = experiment_of("calculus");
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
  const Finished done = run(experiment_of("parser", {{"model", {{"lexicon_beta", 1000}, {"rounds", 30}}}}));
  EXPECT_EQ(done.code, 3) << done.error;
  EXPECT_NE(done.error.find("finite"), std::string::npos) << done.error;
}

TEST_F(SilentlyWrong, a_point_of_a_grid_that_overflows_leaves_its_state_and_the_others_run) {
  Json document =
      experiment_of("assembly", {{"replicas", {{"grid", {{"/model/stages/0/A/learning_rate", {0.001, 1000, 0.002}}}}}},
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
  Json document =
      experiment_of("assembly", {{"replicas", {{"grid", {{"/model/stages/0/A/learning_rate", {1000, 0.1}}}}}},
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
  Json attractor = experiment_of("attractor"), sorn = experiment_of("sorn"),
       assembly = experiment_of("assembly", {{"samples", 1000000}, {"simulator", {{"epoch_size", 1000000000}}}});
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
  expect_refused(experiment_of("assembly", {{"seed", ~std::uint64_t{0}}, {"replicas", {{"seeds", 2}}}}), "/seed");
  EXPECT_EQ(validate(experiment_of("assembly", {{"seed", ~std::uint64_t{0} - 1}, {"replicas", {{"seeds", 2}}}})).code,
            0);
}

// ---- what an experiment says

TEST_F(SilentlyWrong, a_grid_over_the_family_is_refused) {
  const Json sorn = families().at("sorn")["model"];
  for (const Json& grid : {Json{{"/model/type", {"assembly", "sorn", "parser"}}}, Json{{"/model", {sorn}}}})
    for (const auto& [family, document] : families()) {
      Json one = experiment_of(family);
      one["replicas"]["grid"] = grid;
      if (family == "sorn") continue;
      expect_refused(one, "/model/type");
    }
  Json same = experiment_of("sorn");
  same["replicas"]["grid"] = {{"/model", {sorn, {{"type", "sorn"}, {"ne", 60}, {"nu", 5}}}}};
  EXPECT_EQ(validate(same).code, 0);
}

TEST_F(SilentlyWrong, fast_sums_are_refused_by_families_that_have_none_and_named_in_the_manifest) {
  for (const auto& [family, document] : families()) {
    const Json fast = experiment_of(family, {{"model", {{"sums", "fast"}}}});
    if (family == "attractor")
      EXPECT_EQ(validate(fast).code, 0);
    else
      expect_refused(fast, "/model/sums: the sums of a model of type " + family);
  }
  for (const char* sums : {"exact", "fast"}) {
    EXPECT_EQ(run(experiment_of("attractor", {{"model", {{"sums", sums}}}})).code, 0);
    EXPECT_EQ(manifest()["sums"], sums);
  }
  Json varied = experiment_of("attractor");
  varied["replicas"]["grid"] = {{"/model/sums", {"exact", "fast"}}};
  EXPECT_EQ(run(varied).code, 0);
  EXPECT_EQ(manifest()["sums"], "fast");
}

TEST_F(SilentlyWrong, grid_pointers_that_replace_each_other_are_refused) {
  Json document = experiment_of("sorn");
  document["replicas"]["grid"] = {{"/model/ne", {50, 60}}, {"/model", {families().at("sorn")["model"]}}};
  expect_refused(document, "replace the other");
  document["replicas"]["grid"] = {{"/phases/0/steps", {50, 60}}, {"/phases/00/steps", {70, 80}}};
  expect_refused(document, "/phases/00");
}

TEST_F(SilentlyWrong, results_of_phases_and_sentences_of_one_name_are_all_kept) {
  const auto names = [&](const char* family, const char* key, const Json& phases) {
    Json document = experiment_of(family);
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
  Json calculus = experiment_of("calculus");
  calculus["protocol"] = {{{"do", "project"}, {"stimuli", {{"s", {"A"}}}}},
                          {{"do", "measure"}, {"what", "support"}, {"label", "x"}, {"area", "A"}},
                          {{"do", "measure"}, {"what", "support"}, {"label", "x, all"}, {"area", "A"}}};
  expect_refused(calculus, "replace each other");
}

TEST_F(SilentlyWrong, text_after_a_byte_of_value_0_is_refused) {
  for (const char* rest : {"", "}", "garbage"})
    expect_refused(validate(experiment_of("assembly").dump() + '\0' + rest), "byte of value 0");
}

}  // namespace
}  // namespace engram::test
