// What an experiment may take over as a whole: the parameters of a publication, and networks as they are drawn.
#include "engram/sorn/sorn.hpp"
#include "tests/models/sorn/task.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/state.hpp"

namespace engram::test {
namespace {

Json with_model(const Json& model) {
  Json document = sorn_example("readme", {{"/replicas/seeds", 2}, {"/phases/0/steps", 400}, {"/callbacks/every", 50}});
  document["model"] = {{"type", "sorn"}, {"ne", 100}, {"nu", 6}, {"lambda_ee", 12}};
  document["model"].update(model);
  document["threads"] = 1;
  return document;
}

const std::map<std::string, Json>& written_out() {
  static const std::map<std::string, Json> all{
      {"lazar2009",
       Json::parse(R"({"fast_inhibition": true, "inclusive_threshold": true, "noise": false, "freeze": ["sp", "istdp"],
         "network_type_ei": "Dense", "te_min": 0, "te_max": 0.5, "ti_min": 0, "ti_max": 0.5, "clamp_te": false, "lambda_ee": 10,
         "eta_stdp": 0.001, "eta_ip": 0.001, "eta_inhib": 0.001, "h_ip": 0.1})")},
      {"zheng2013",
       Json::parse(
           R"({"inclusive_threshold": true, "noise_sigma_e": 0.22360679774997896, "noise_sigma_i": 0.22360679774997896,
         "wei_floor": 0.001, "clamp_te": false, "h_ip": 0.1})")},
      // 0.1 (100 * 99) / (200 * 199) new synapses a step
      {"delpapa2017",
       Json::parse(
           R"({"inclusive_threshold": true, "noise_sigma_e": 0.22360679774997896, "noise_sigma_i": 0.22360679774997896,
         "wei_floor": 0.001, "clamp_te": false, "h_ip": 0.1, "fast_inhibition": true, "prune_at": 1e-10, "sp_rate": 0.024874371859296482})")}};
  return all;
}

TEST(SornPresets, AreTheirParametersWrittenOut) {
  std::vector<Outcome> outcomes{run_in_strides(with_model(Json::object()), 1)};
  for (const auto& [name, parameters] : written_out()) {
    SCOPED_TRACE(name);
    Json preset{{"preset", name}};
    if (name == "lazar2009") preset["lambda_ee"] = 10;  // the base document has another
    const Outcome outcome = run_in_strides(with_model(preset), 1);
    EXPECT_TRUE(outcome == run_in_strides(with_model(parameters), 1));
    for (const Outcome& other : outcomes) EXPECT_FALSE(outcome == other);
    outcomes.push_back(outcome);
  }
}

TEST(SornPresets, EachParameterMayBeAnother) {
  const std::map<std::string, Json> others{
      {"eta_stdp", 0.02}, {"h_ip", 0.2},       {"noise_sigma_e", 0.3},         {"noise", true},
      {"te_max", 0.8},    {"freeze", {"ss"}},  {"fast_inhibition", false},     {"clamp_te", true},
      {"sp_rate", 0.7},   {"wei_floor", 0.01}, {"inclusive_threshold", false}, {"lambda_ee", 20}};
  for (const auto& [name, parameters] : written_out())
    for (const auto& [key, value] : others) {
      SCOPED_TRACE(name + " " + key);
      Json preset{{"preset", name}}, all = parameters;
      preset[key] = all[key] = value;
      if (name == "lazar2009" && key != "lambda_ee") preset["lambda_ee"] = 10;
      Json a = with_model(preset), b = with_model(all);
      a["phases"][0]["steps"] = b["phases"][0]["steps"] = 60;
      EXPECT_TRUE(run_in_strides(a, 60) == run_in_strides(b, 60));
    }
}

TEST(SornPresets, UnknownOnesAreRefused) {
  expect_problem({{"/model/preset", "lazar2010"}}, "/model/preset",
                 {"lazar2010", "lazar2009", "zheng2013", "delpapa2017"});
}

TEST(SornTraining, NeedsANetworkThatSomethingHasMade) {
  expect_problem({{"/phases/0/phase", "training"}}, "/phases/0/phase", {"plasticity", "/model/state", "drawn"});
  // The phase of the model is that of phases that do not say theirs.
  Json document = counting_experiment();
  document["model"]["phase"] = "training";
  document["phases"] = Json::parse(R"([{"steps": 5}, {"steps": 5, "phase": "plasticity"}, {"steps": 5}])");
  const auto found = problems({}, document);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].substr(0, found[0].find(": ")), "/phases/0/phase");
  document["phases"].erase(0);
  EXPECT_TRUE(problems({}, document).empty());
}

TEST(SornTraining, WorksOnTheNetworkAsDrawnWhereThatIsAskedFor) {
  Json document = counting_experiment();
  document["model"]["state"] = "drawn";
  document["phases"] = Json::parse(R"([{"steps": 50, "phase": "training"}])");
  document["callbacks"] = Json::parse(R"({"every": 49, "series": ["WEE", "TE"]})");
  EXPECT_TRUE(problems({}, document).empty());
  const Outcome outcome = run_in_strides(document, 50);
  for (const char* name : {"WEE/weight", "TE"}) {  // of steps 0 and 49
    const std::string& bytes = outcome.series.at(name);
    EXPECT_EQ(bytes.substr(0, bytes.size() / 2), bytes.substr(bytes.size() / 2)) << name;
  }
  // With plasticity "drawn" says what is the case anyhow.
  Json plastic = counting_experiment(), drawn = plastic;
  drawn["model"]["state"] = "drawn";
  EXPECT_TRUE(run_in_strides(plastic, 50) == run_in_strides(drawn, 50));
}

TEST(SornInputs, NeedAnInputThatTheyCouldActOn) {
  const std::map<std::string, Json> silent{{"/input", Json::object()}, {"/phases", Json::parse(R"([{"steps": 5}])")}};
  auto changes = silent;
  changes["/model/input_weights"] = "plastic";
  expect_problem(changes, "/model/input_weights", {"/input/source"});
  changes = silent;
  changes["/model/feed_forward_inhibition"] = 0.1;
  expect_problem(changes, "/model/feed_forward_inhibition", {"/input/source"});
  expect_problem({{"/callbacks/series/0", "WEU"}}, "/callbacks/series", {"WEU", "/model/input_weights"});
  expect_problem({{"/model/k_winners", 61}}, "/model/k_winners", {"61", "60"});
  expect_problem({{"/model/noise_spikes_e", 1.5}}, "/model/noise_spikes_e", {"1.5", "1"});
  expect_problem({{"/model/initial_thresholds", "sorted"}}, "/model/initial_thresholds", {"sorted", "ordered"});
}

TEST(SornInputs, OfAnotherRunMustBeOfTheKindAskedFor) {
  const Scratch folder;
  const auto backend = make_backend("cpu", {.threads = 1});
  const auto task = make_sorn_task(counting_experiment(), *backend);
  std::map<std::string, std::string> metadata{{"format", checkpoint_format}, {"engram", "0.1.0"}};
  const auto tensors = collect_state(*task, metadata);
  write_safetensors((folder / "state.safetensors").string(), tensors, metadata);
  Json document = counting_experiment();
  document["model"]["state"] = "state.safetensors";
  document["model"]["input_weights"] = "plastic";
  try {
    make_sorn_task(document, *backend, folder.path().string());
    FAIL() << "a state without input synapses was taken";
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.problems().at(0).path, "/model/state");
    EXPECT_NE(error.problems().at(0).text.find("/model/input_weights"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace engram::test
