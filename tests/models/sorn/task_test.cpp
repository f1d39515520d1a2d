// SORN experiments: a run cut anywhere goes on with the same bits, many steps in a launch are single ones, and what a
// user may write wrong is refused where it stands.
#include "tests/models/sorn/task.hpp"

#include "engine/io/file.hpp"
#include "engine/models/sorn/report.hpp"
#include "engine/run/checkpoint.hpp"
#include "engram/run/simulation.hpp"
#include "engram/sorn/analysis.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/state.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::test {
namespace {

/// The same with all that a network may do beside the rules of the package.
Json options() {
  Json d = counting_experiment();
  for (const auto& [key, value] : std::map<std::string, Json>{{"k_winners", 7},
                                                              {"input_weights", "plastic"},
                                                              {"lambda_eu", 4},
                                                              {"eta_input", 0.02},
                                                              {"feed_forward_inhibition", 0.05},
                                                              {"noise_spikes_e", 0.02},
                                                              {"noise_spikes_i", 0.02},
                                                              {"initial_thresholds", "ordered"},
                                                              {"h_ip_distribution", "lognormal"},
                                                              {"sigma_ip", 0.3}})
    d["model"][key] = value;
  d["callbacks"]["series"].push_back("WEU");
  return d;
}

Json balancing() {
  return sorn_example("cart_pole", {{"/phases/0/steps", 90},
                                    {"/phases/1/steps", 120},
                                    {"/callbacks", Json{{"every", 5}, {"series", {"ExcitatoryActivation"}}}}});
}

TEST(SornTask, ARunCutAnywhereContinuesWithTheSameBits) {
  const Scratch folder;
  for (const Json& document : {counting_experiment(), options(), balancing()}) {
    const Outcome whole = run_in_strides(document, 1);
    EXPECT_FALSE(whole.series.at("ExcitatoryActivation/unit").empty());
    for (const Tick cut : {1u, 33u, 60u, 89u, 90u, 111u, 131u, 150u, 171u, 189u}) {
      SCOPED_TRACE(cut);
      const auto backend = make_backend("cpu", {.threads = 1});
      KeptRecorder recorder;
      const std::filesystem::path file = folder / "state.safetensors";
      {
        const auto task = make_sorn_task(document, *backend);
        run_ticks(*task, 0, cut, cut, recorder);
        std::map<std::string, std::string> metadata;
        const auto tensors = collect_state(*task, metadata);
        write_safetensors(file, tensors, metadata);
      }
      const auto task = make_sorn_task(document, *backend);
      restore_state(*task, io::SafetensorsFile(file));
      run_ticks(*task, cut, task->ticks(), 13, recorder);
      EXPECT_TRUE(outcome(*task, recorder) == whole);
    }
  }
}

TEST(SornTask, ManyStepsInALaunchAreSingleOnes) {
  for (const Json& document : {counting_experiment(), options(), balancing()}) {
    const Outcome single = run_in_strides(document, 1);
    for (const Tick most : {2u, 5u, 1000u}) EXPECT_TRUE(run_in_strides(document, most, 2) == single) << most;
  }
}

TEST(SornTask, StridesEndWhereSomethingIsRecorded) {
  const auto backend = make_backend("cpu", {.threads = 1});
  const auto task = make_sorn_task(counting_experiment(), *backend);
  KeptRecorder recorder;
  EXPECT_EQ(task->advance(0, 100, recorder), 1u);  // recorded
  EXPECT_EQ(task->advance(1, 100, recorder), 6u);
  EXPECT_EQ(task->advance(7, 100, recorder), 1u);
  EXPECT_EQ(task->advance(8, 3, recorder), 3u);
}

TEST(SornTask, WhatIsWrongIsRefusedWhereItStands) {
  EXPECT_TRUE(problems({}).empty());
  expect_problem(
      {{"/model/nu", 61}, {"/input", Json{{"source", "random"}}}, {"/phases", Json::parse(R"([{"steps": 5}])")}},
      "/model/nu", {"61", "60"});
  expect_problem({{"/model/freeze", {"ip", "spt"}}}, "/model/freeze/1", {"spt", "sp", "istdp"});
  expect_problem({{"/phases/1/freeze/0", "scaling"}}, "/phases/1/freeze/0", {"scaling", "ss"});
  expect_problem({{"/callbacks/series/2", "WII"}}, "/callbacks/series/2", {"WII", "WEI"});
  expect_problem({{"/phases/0/phase", "testing"}}, "/phases/0/phase", {"testing", "plasticity", "training"});
  expect_problem({{"/phases/0/do", "walk"}}, "/phases/0/do", {"walk", "perturb"});
  expect_problem({{"/phases/3/unit", 60}}, "/phases/3/unit", {"60"});
  expect_problem({{"/phases/1/do", "run"}}, "/phases/2/do", {"no readout was trained"});
  expect_problem({{"/phases", Json::array()}}, "/phases", {"phase"});
  expect_problem({{"/model/eta_stdp", -0.1}}, "/model/eta_stdp", {"-0.1"});
  expect_problem({{"/model/network_type_ee", "sparse"}}, "/model/network_type_ee", {"sparse", "Sparse"});
  expect_problem({{"/input/pool", 3}}, "/input/pool", {"3", "12"});
  expect_problem({{"/input/pools", "overlapping"}, {"/input/pool", 13}}, "/input/pool", {"13", "12"});
  expect_problem({{"/phases/0/do", "cart_pole"}}, "/phases/0/do", {"cart_pole"});
  const auto found = problems({{"/model/nu", 5}}, sorn_example("cart_pole"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].substr(0, found[0].find(": ")), "/input/source");
}

TEST(SornTask, InputIsWhatItsSourceSays) {
  const std::vector<double> strong = sorn::strong_one_hot(20, 50, 3);
  std::size_t active = 0;
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_TRUE(strong[i] == 0 || (strong[i] == 1e4 && i < 20)) << i;
    active += strong[i] != 0;
  }
  EXPECT_GT(active, 0u);
  EXPECT_EQ(strong, sorn::strong_one_hot(20, 50, 3));
  EXPECT_NE(strong, sorn::strong_one_hot(20, 50, 4));
  EXPECT_THROW(sorn::strong_one_hot(51, 50, 3), Error);

  // Strong input decides alone who fires among the input units.
  Json document = counting_experiment();
  document["input"] = {{"source", "strong_one_hot"}};
  document["phases"] = Json::parse(R"([{"steps": 8}])");
  document["replicas"]["seeds"] = 1;
  const std::string units = run_in_strides(document, 1).series.at("ExcitatoryActivation/unit");
  const std::vector<double> expected = sorn::strong_one_hot(12, 12, 5);
  for (std::uint32_t i = 0; i < 12; ++i) {
    if (expected[i] == 0) continue;
    std::size_t spikes = 0;
    for (std::size_t k = 0; k < units.size() / 4; ++k) {
      std::uint32_t unit;
      __builtin_memcpy(&unit, units.data() + 4 * k, 4);
      spikes += unit == i;
    }
    EXPECT_EQ(spikes, 2u) << i;  // steps 0 and 7 are recorded
  }

  Json pools = counting_experiment();
  pools["input"]["pools"] = "overlapping";
  EXPECT_NE(run_in_strides(pools, 1).series.at("ExcitatoryActivation/unit"),
            run_in_strides(counting_experiment(), 1).series.at("ExcitatoryActivation/unit"));
}

/// A series of a network costs a few calls of the recorder, not some for each spike and synapse.
TEST(SornTask, WhatANetworkShowsIsAppendedAtOnce) {
  struct Counting : KeptRecorder {
    std::size_t calls = 0, rows = 0;
    using KeptRecorder::append;
    void append(std::string_view name, std::span<const std::uint32_t> values, std::size_t width) override {
      KeptRecorder::append(name, values, width);
      ++calls;
      rows += values.size();
    }
  } recorder;
  const auto backend = make_backend("cpu", {.threads = 1});
  make_sorn_task(counting_experiment(), *backend)->tick(0, recorder);
  EXPECT_GT(recorder.rows, 1000u);
  EXPECT_LE(recorder.calls, 2u * (3 * 2 + 3 * 3)) << "two networks; three series of spikes, three of synapses";
}

TEST(SornTask, ARunMayBeginWithTheStateThatAnotherOneLeft) {
  const Scratch folder;
  const std::string base = folder.path().string(), file = "state.safetensors", path = (folder / file).string();
  const auto backend = make_backend("cpu", {.threads = 1});
  const auto document = [&](int steps, const std::string& state) {
    Json d = counting_experiment();
    d["input"] = {{"source", "none"}};
    d["callbacks"] = {{"every", 1}, {"series", {"EEConnectionCounts", "ExcitatoryActivation"}}};
    d["phases"] = Json::parse(R"([{"steps": )" + std::to_string(steps) + "}]");
    if (!state.empty()) d["model"]["state"] = state;
    return d;
  };
  const auto save = [&](Task& task) {
    std::map<std::string, std::string> metadata{{"format", checkpoint_format}, {"engram", "0.1.0"}};
    const auto tensors = collect_state(task, metadata);
    write_safetensors(path, tensors, metadata);
  };
  KeptRecorder whole, parts;
  const auto all = make_sorn_task(document(90, ""), *backend);
  run_ticks(*all, 0, 90, 1, whole);
  const auto first = make_sorn_task(document(50, ""), *backend);
  run_ticks(*first, 0, 50, 1, parts);
  save(*first);
  const auto second = make_sorn_task(document(40, file), *backend, base);
  run_ticks(*second, 0, 40, 1, parts);
  for (const char* name : {"ExcitatoryActivation/unit", "ExcitatoryActivation/replica"})
    EXPECT_EQ(parts.bytes.at(name), whole.bytes.at(name)) << name;
  EXPECT_EQ(second->results()["run 1, EE synapses"], all->results()["run 1, EE synapses"]);

  Json other = document(40, file);
  other["model"]["ne"] = 70;
  try {
    make_sorn_task(other, *backend, base);
    FAIL() << "a state of another size was taken";
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.problems().at(0).path, "/model/state");
    for (const char* word : {"60", "70"})
      EXPECT_NE(error.problems().at(0).text.find(word), std::string::npos) << error.what();
  }
  expect_problem({{"/model/state", "none"}}, "/model/state", {"none"}, base);
  expect_problem({{"/model/state", "../" + file}}, "/model/state", {"no such file"}, base);
  std::ofstream(path, std::ios::app) << "x";
  expect_problem({{"/model/state", file}}, "/model/state", {"state.safetensors"}, base);
}

TEST(SornReport, SaysOfARunFolderWhatItsSpikesAndWeightsSay) {
  const Scratch folder;
  Json document = sorn_example("readme", {{"/replicas/seeds", 2}, {"/phases/0/steps", 101}});
  document["callbacks"]["series"].push_back("WEE");
  document["backend"] = "cpu";
  const Experiment experiment = read_experiment(document, ".", "readme");
  const std::string run = (folder / "run").string();
  ASSERT_EQ(run_experiment(experiment, run, {}), Ending::complete);

  const auto reports = sorn::report(run, {.from = 1, .windows = 7, .lag = 2, .against = run});
  ASSERT_EQ(reports.size(), 2u);
  const auto backend = test::test_backend();
  const auto task = make_sorn_task(document, *backend);
  KeptRecorder kept;
  run_ticks(*task, 0, task->ticks(), 1, kept);
  for (std::uint32_t r = 0; r < 2; ++r) {
    SCOPED_TRACE(r);
    // The raster, put together from the series.
    const auto values = [&]<class T>(const char* name, T) {
      const std::string& bytes = kept.bytes.at(std::string("ExcitatoryActivation/") + name);
      std::vector<T> v(bytes.size() / sizeof(T));
      __builtin_memcpy(v.data(), bytes.data(), bytes.size());
      return v;
    };
    const auto step = values("step", std::uint64_t{});
    const auto replica = values("replica", std::uint32_t{}), unit = values("unit", std::uint32_t{});
    sorn::Raster raster{100, 200, std::vector<std::uint8_t>(100 * 200)};
    for (std::size_t k = 0; k < unit.size(); ++k)
      if (replica[k] == r && step[k] >= 1) raster.active[(step[k] - 1) * 200 + unit[k]] = 1;
    const Json& report = reports[r];
    const auto rate = sorn::analysis::network_rate(raster);
    EXPECT_EQ(report["seed"], r + 1);
    EXPECT_EQ(report["recorded steps"], 100);
    EXPECT_EQ(report["autocorrelation"], sorn::analysis::autocorrelation(rate, 2));
    EXPECT_EQ(report["source entropy"], sorn::analysis::source_entropy(raster));
    EXPECT_EQ(report["smoothness"], sorn::analysis::smoothness(rate));
    EXPECT_EQ(report["correlation of pairs"], sorn::analysis::correlation(raster).pair_mean());
    EXPECT_EQ(report["Hamming distance"], 0.0);
    raster.steps = 98;  // seven parts
    raster.active.resize(98 * 200);
    double fano = 0, n = 0;
    for (std::size_t i = 0; i < 200; ++i)
      if (const auto f = sorn::analysis::fano_factor(raster, i, 7); f.mean > 0) fano += f.factor, ++n;
    EXPECT_EQ(report["Fano factor"], fano / n);
    EXPECT_NEAR(report["EE synapses"].get<double>(), 3900, 60);
    EXPECT_NEAR(report["in-degree"].get<double>() * 200, report["EE synapses"].get<double>(), 1e-6);
    EXPECT_LT(report["log-normal mode"].get<double>(), report["log-normal mean"].get<double>());
  }
  EXPECT_THROW(sorn::report(run, {.from = 101}), Error);
  EXPECT_THROW(sorn::report(run, {.windows = 1}), Error);
  EXPECT_THROW(sorn::report(run, {.lag = 101}), Error);
  EXPECT_THROW(sorn::report(folder / "nowhere"), IoError);
}

}  // namespace
}  // namespace engram::test
