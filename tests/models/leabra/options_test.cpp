// What the field's production system has and the reference does not: bias weights, scales by an expected activity,
// activation functions and limits of one's choice, averages that are mixed by unit. Each against a plain computation.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "engine/backend/trace_backend.hpp"
#include "tests/models/leabra/nets.hpp"
#include "tests/models/leabra/task.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using namespace leabra;
using test::error_of;
using test::everything;
using test::expect_error;
using test::leabra_trial;
using test::seeds;

constexpr double near = sizeof(real) == 8 ? 1e-12 : 1e-5;

double number(real x) { return static_cast<double>(x); }

/// Two layers of full connection with equal weights.
Net two_layers(Backend& backend, const LayerSpec& input, const LayerSpec& output, const ProjectionSpec& up = {},
               Index senders = 10, Index copies = 1) {
  Net net(backend, seeds(1), copies);
  net.new_layer("input", senders, input);
  net.new_layer("output", 2, output);
  net.new_projection("up", "input", "output", up);
  return net;
}

TEST(LeabraOptions, ABiasAddsToTheNetInput) {
  const auto backend = test::test_backend();
  LayerSpec biased;
  biased.bias = true;
  biased.bias_init = 0.25;
  Net with = two_layers(*backend, {}, biased), without = two_layers(*backend, {}, {});
  for (Net* net : {&with, &without}) {
    net->clamp_layer("input", std::vector<double>{0.5});
    net->cycle(200);  // net input has settled
  }
  EXPECT_NEAR(number(with.values("output", "unit_net")[0]), number(without.values("output", "unit_net")[0]) + 0.25,
              1e-5);
  EXPECT_EQ(without.values("output", "unit_bias"), std::vector<real>(2));
  biased.bias = false;  // switched off while it runs, and on again
  with.set_layer_spec("output", biased);
  with.cycle(200);
  EXPECT_NEAR(number(with.values("output", "unit_net")[1]), number(without.values("output", "unit_net")[1]), 1e-5);
  biased.bias = true;
  with.set_layer_spec("output", biased);
  with.cycle(200);
  EXPECT_NEAR(number(with.values("output", "unit_net")[1]), number(without.values("output", "unit_net")[1]) + 0.25,
              1e-5);
}

TEST(LeabraOptions, ABiasLearnsFromWhatTheCopiesSee) {
  const auto backend = test::test_backend();
  LayerSpec biased;
  biased.bias = true;
  biased.bias_lrate = 0.5;
  biased.bias_threshold = 0.3;
  Net net = two_layers(*backend, {}, biased, {}, 10, 2);
  const std::vector<double> held{0.9, 0.1, 0.6, 0.0};  // [copy][unit]
  net.clamp_layer("input", std::vector<double>{0.5});
  net.minus_phase_cycle(20);
  net.clamp_each("output", held);
  net.plus_phase_cycle(10);
  const std::vector<real> factor{real(0.5)};
  net.set_rate_factors(factor);
  const std::vector<real> minus = net.values("output", "unit_acts_m"), plus = net.values("output", "unit_acts_p");
  std::vector<double> expected(2);
  int moved = 0;
  for (std::size_t k = 0; k < held.size(); ++k) {
    const double apart = number(plus[k]) - number(minus[k]);
    if (std::abs(apart) < 0.3) continue;
    expected[k % 2] += 0.25 * apart;
    ++moved;
  }
  ASSERT_GT(moved, 0);
  ASSERT_LT(moved, 4);
  net.learn();
  const std::vector<real> bias = net.values("output", "unit_bias");
  for (std::size_t k = 0; k < held.size(); ++k) EXPECT_NEAR(number(bias[k]), expected[k % 2], near) << k;
}

/// How much of each connection a receiver takes in: one over the active senders to be expected.
TEST(LeabraOptions, ScalesByAnExpectedActivity) {
  const auto backend = test::test_backend();
  LayerSpec input;
  input.scale_by_act = ActScale::fixed;
  input.act_p_avg_init = 0.25;  // 2.5 of 10 senders, rounded to 2
  Net net = two_layers(*backend, input, {});
  const auto met = [&] { return number(net.values("output", "unit_input")[0]); };
  for (const double activation : {0.1, 0.5, 0.9}) {
    net.clamp_layer("input", std::vector<double>{activation});
    net.cycle();
    EXPECT_NEAR(met(), 10 * 0.5 * activation / 2, near) << activation;
  }
  input.act_p_avg_init = 0.75;  // takes effect at once: 7.5, rounded to 8
  net.set_layer_spec("input", input);
  net.cycle();
  EXPECT_NEAR(met(), 10 * 0.5 * 0.9 / 8, near);
  input.scale_by_act = ActScale::current;  // 9 of 10
  net.set_layer_spec("input", input);
  net.cycle();
  EXPECT_NEAR(met(), 10 * 0.5 * 0.9 / 9, near);
}

TEST(LeabraOptions, FollowsTheActivityOfPlusPhases) {
  const auto backend = test::test_backend();
  LayerSpec input;
  input.scale_by_act = ActScale::running;
  input.act_p_avg_dt = 0.5;
  Net net = two_layers(*backend, input, {});
  double expected = 0.15;
  for (const double activation : {0.9, 0.4, 0.6}) {
    net.clamp_layer("input", std::vector<double>{activation});
    net.minus_phase_cycle(3);
    EXPECT_NEAR(number(net.values("input", "act_p_avg")[0]), expected, near);
    EXPECT_NEAR(number(net.values("output", "unit_input")[0]),
                10 * 0.5 * activation / std::max(1.0, std::nearbyint(10 * expected)), near);
    net.plus_phase_cycle(2);
    expected += 0.5 * (activation - expected);
  }
  EXPECT_NEAR(number(net.values("input", "act_p_avg")[0]), expected, near);
}

TEST(LeabraOptions, AllowsPartlyConnectedReceiversForMoreSenders) {
  const auto backend = test::test_backend();
  ProjectionSpec half;
  half.pre_mask = {true, false};  // 5 of 10 connections; 6 senders are active, 3 of them connected
  for (const double extra : {0.0, 1.0, 2.0, 9.0}) {
    half.sem_extra = extra;
    Net net = two_layers(*backend, {}, {}, half);
    net.clamp_layer("input", std::vector<double>{0.6});
    net.cycle();
    EXPECT_NEAR(number(net.values("output", "unit_input")[0]), 5 * 0.5 * 0.6 / std::min(5.0, 3 + extra), near) << extra;
  }
}

TEST(LeabraOptions, MixesAveragesByUnitWhereAsked) {
  const auto backend = test::test_backend();
  for (const Learning learning : {Learning::xcal, Learning::momentum})
    for (const Mixing mixing : {Mixing::products, Mixing::units}) {
      ProjectionSpec up;
      up.learning = learning;
      up.normalize_changes = false;
      up.momentum = 0;
      up.s_mix = 0.6;
      up.s_mix_of = mixing;
      up.thr_l_mix = 0;
      Net net = two_layers(*backend, {}, {}, up);
      net.clamp_layer("input", std::vector<double>{0.9, 0.5});
      net.minus_phase_cycle(30);
      net.clamp_layer("output", std::vector<double>{0.9, 0.3});
      net.plus_phase_cycle(3);
      const auto of = [&](const char* layer, const char* attribute, std::size_t unit) {
        return number(net.values(layer, attribute)[unit]);
      };
      std::vector<double> expected;
      for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 10; ++j) {
          const double ys = of("output", "unit_avg_s", i), ym = of("output", "unit_avg_m", i),
                       xs = of("input", "unit_avg_s", j), xm = of("input", "unit_avg_m", j), srm = ym * xm;
          const double s =
              mixing == Mixing::units ? (0.6 * ys + 0.4 * ym) * (0.6 * xs + 0.4 * xm) : 0.6 * ys * xs + 0.4 * srm;
          const double d = s < 0.0001 ? 0 : (s > 0.1 * srm ? s - srm : -9 * s);
          expected.push_back(0.5 + 0.02 * d * 0.5);
        }
      net.learn();
      const std::vector<real> found = net.linear_weights("up");
      for (std::size_t k = 0; k < expected.size(); ++k)
        EXPECT_NEAR(number(found[k]), expected[k], near) << static_cast<int>(mixing) << " " << k;
    }
}

/// How alike the phases are scales the rate, where that is not dropped as in the reference.
TEST(LeabraOptions, LearnsByHowThePhasesAgree) {
  const auto backend = test::test_backend();
  std::vector<double> changes;
  double agreement = 0, usual = 0;
  for (const auto& [flag, acts] : {std::pair(false, false), {true, false}, {true, true}}) {
    ProjectionSpec up;
    up.cos_diff_lrate = flag;
    up.cos_diff_lrate_acts = acts;
    Net net = two_layers(*backend, {}, {}, up);
    for (const double answer : {0.9, 0.2}) {
      net.clamp_layer("input", std::vector<double>{0.9, 0.5});
      net.minus_phase_cycle(30);
      net.clamp_layer("output", std::vector<double>{answer, 0.6});
      net.plus_phase_cycle(5);
    }
    agreement = number(net.values("output", "cos_diff")[0]);
    usual = number(net.values("output", "cos_diff_avg")[0]);
    net.learn();
    changes.push_back(number(net.linear_weights("up")[0]) - 0.5);
  }
  ASSERT_NE(changes[0], 0);
  EXPECT_EQ(changes[0], changes[1]);
  const double share = agreement < usual ? agreement / usual : (1 - agreement) / (1 - usual);
  EXPECT_LT(share, 0.9);
  EXPECT_NEAR(changes[2] / changes[0], 0.01 + 0.99 * share, sizeof(real) == 8 ? 1e-9 : 1e-3);
}

TEST(LeabraOptions, PassesInitialWeightsThroughTheContrastWhereAsked) {
  const auto backend = test::test_backend();
  for (const bool contrast : {false, true}) {
    ProjectionSpec up;
    up.dist = UniformWeights{0.25, 0.75};
    up.initial_contrast = contrast;
    const Net net = two_layers(*backend, {}, {}, up);
    const std::vector<real> linear = net.linear_weights("up"), effective = net.weights("up");
    for (std::size_t k = 0; k < linear.size(); ++k) {
      const double f = number(linear[k]);
      EXPECT_NEAR(number(effective[k]), contrast ? 1 / (1 + std::pow((1 - f) / f, 6)) : f, near) << k;
    }
  }
}

TEST(LeabraOptions, HasActivationFunctionsOfItsChoice) {
  const std::vector<double> sharp = nxx1_table({100, 0}), smooth = nxx1_table({100, 0.005}), usual = nxx1_table();
  for (const int point : {0, 29, 30, 31, 80, 1030}) {
    const double x = std::max(0.0, nxx1::first + nxx1::resolution * point);
    EXPECT_NEAR(sharp[static_cast<std::size_t>(point)], 100 * x / (100 * x + 1), 1e-12) << point;
  }
  EXPECT_EQ(nxx1_kernel(0.005).size(), 31u);
  double sum = 0, mean = 0;  // of f at x = 0, the kernel being even
  for (int k = -15; k <= 15; ++k) {
    const double weight = std::exp(-std::pow(0.001 * k / 0.005, 2)), u = 100 * std::max(0.0, 0.001 * k);
    sum += weight;
    mean += weight * u / (u + 1);
  }
  EXPECT_NEAR(smooth[30], mean / sum, 1e-12);
  EXPECT_NE(smooth[30], usual[30]);
  // Layers with different ones are what each is in a network whose layers all have it.
  const auto backend = test::test_backend();
  const auto activity = [&](double first, double second) {
    Net net(*backend, seeds(1));
    LayerSpec spec;
    net.new_layer("input", 5);
    for (const auto& [name, gain] : {std::pair("a", first), std::pair("b", second)}) {
      spec.unit_spec.nxx1_gain = gain;
      net.new_layer(name, 3, spec);
      net.new_projection(std::string("to ") + name, "input", name);
    }
    net.clamp_layer("input", std::vector<double>{0.8});
    net.cycle(60);
    return std::pair(net.values("a", "unit_act"), net.values("b", "unit_act"));
  };
  const auto both = activity(40, 100);
  EXPECT_EQ(both.first, activity(40, 40).first);
  EXPECT_EQ(both.second, activity(100, 100).second);
  EXPECT_NE(both.first, both.second);
}

TEST(LeabraOptions, HasLimitsOfItsChoice) {
  const auto backend = test::test_backend();
  LayerSpec spec;
  spec.unit_spec.clamp_silent = 0.2;
  spec.unit_spec.avg_l_above = 0.5;
  Net net = two_layers(*backend, spec, {});
  net.clamp_layer("input", std::vector<double>{0.1, 0.3});
  const std::vector<real> v_m = net.values("input", "unit_v_m");
  EXPECT_EQ(v_m[0], real(0.3));
  EXPECT_NEAR(number(v_m[1]), 0.5 + 0.3 / 100, near);
  net.minus_phase_cycle(60);
  net.plus_phase_cycle(60);
  const std::vector<real> m = net.values("input", "unit_avg_m"), l = net.values("input", "unit_avg_l");
  const double mean = 0.2;
  for (std::size_t i : {0u, 1u}) {  // below the limit, though above 0.1: a step down from 0
    ASSERT_LT(number(m[i]), 0.5);
    EXPECT_NEAR(number(l[i]), 2.5 * mean * number(m[i]), 1e-5);
  }
}

TEST(LeabraOptions, AreSavedAndGoOnWithTheSameBits) {
  const auto cpu = make_backend("cpu", {1}), threads = make_backend("cpu", {3}), device = test::test_backend();
  const test::Scratch scratch;
  const std::string file = (scratch.path() / "net.safetensors").string();
  TraceBackend general(*cpu);
  std::vector<std::vector<real>> found;
  for (Backend* backend : {cpu.get(), threads.get(), static_cast<Backend*>(&general), device.get()}) {
    Net net(*backend, seeds(2));
    test::add_layers_with_options(net, 23);
    for (Index k = 0; k < 3; ++k) leabra_trial(net, k);
    if (backend == cpu.get()) net.save(file);
    for (Index k = 3; k < 6; ++k) leabra_trial(net, k);
    found.push_back(everything(net));
  }
  Net loaded = Net::load(*cpu, file);
  for (Index k = 3; k < 6; ++k) leabra_trial(loaded, k);
  found.push_back(everything(loaded));
  for (std::size_t k = 1; k < found.size(); ++k) EXPECT_EQ(found[0], found[k]) << k;
  EXPECT_NE(loaded.values("hidden", "unit_bias"), std::vector<real>(46, real(0.05))) << "no bias has learned";
}

TEST(LeabraOptions, AreExchangedWithTheProductionSystem) {
  const auto cpu = make_backend("cpu", {1});
  const test::Scratch scratch;
  const std::string file = (scratch.path() / "net.wts").string();
  Net net(*cpu, seeds(1)), other(*cpu, seeds(2));
  test::add_layers_with_options(net, 23);
  test::add_layers_with_options(other, 23);
  for (Index k = 0; k < 3; ++k) leabra_trial(net, k);
  net.write_weights(file);
  other.read_weights(file);
  for (const char* attribute : {"unit_bias", "act_p_avg"}) {
    std::vector<real> once = net.values("hidden", attribute), twice = once;
    twice.insert(twice.end(), once.begin(), once.end());
    const std::vector<real> read = other.values("hidden", attribute);
    for (std::size_t k = 0; k < twice.size(); ++k) EXPECT_NEAR(number(read[k]), number(twice[k]), 1e-6) << attribute;
  }
  std::ofstream(file)
      << R"({"Layers": [{"Layer": "hidden", "MetaData": {"ActPAvg": "much"}, "Units": {"Bias": [1]}}]})";
  const std::string error = error_of([&] { other.read_weights(file); });
  expect_error(error, "/Layers/0/Units/Bias");
  expect_error(error, "found 1 weights of 23 units");
  expect_error(error, "/Layers/0/MetaData/ActPAvg");
  const std::vector<real> before = other.values("output", "unit_bias");
  std::ofstream(file)
      << R"({"Layers": [{"Layer": "output", "Units": {"Bias": [1, 1, 1]}}, {"Layer": "hidden", "Units": {"Bias": [1]}}]})";
  expect_error(error_of([&] { other.read_weights(file); }), "/Layers/1/Units/Bias");
  EXPECT_EQ(other.values("output", "unit_bias"), before) << "a file that was refused changed something";
}

/// One of two patterns is silent: without a bias nothing drives the answer to it.
TEST(LeabraOptions, ABiasAnswersASilentPattern) {
  auto document = nlohmann::ordered_json::parse(R"({
    "schema": "engram/1", "seed": 1, "model": {"type": "leabra", "mode": "standard",
      "layers": {"input": {"size": 2}, "output": {"size": 2, "gi": 1}},
      "projections": {"up": {"pre": "input", "post": "output", "lrate": 0.1}}},
    "patterns": {"inputs": ["input"], "targets": ["output"],
      "train": {"input": [[0, 0], [1, 0]], "output": [[1, 0], [0, 1]]}},
    "protocol": [{"do": "train", "epochs": 300, "evaluate_every": 50, "predict": "copy"}]})");
  for (const char* layer : {"input", "output"})
    document["model"]["layers"][layer]["unit_spec"] = {{"adapt_dt", 0}, {"spike_gain", 0}, {"vm_gain", 0}};
  const auto loss = [&] { return test::run_leabra(document, 1).kept.last("train 1", "loss").at(0); };
  const double without = loss();
  document["model"]["layers"]["output"]["bias"] = true;
  document["model"]["layers"]["output"]["bias_lrate"] = 0.1;
  EXPECT_GT(without, 0.1);
  EXPECT_EQ(loss(), 0);
}

}  // namespace
}  // namespace engram
