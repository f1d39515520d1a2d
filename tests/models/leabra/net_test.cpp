// Leabra networks: bad calls, replicas, threads, saved states, parameters that change.
#include <gtest/gtest.h>

#include "engine/backend/trace_backend.hpp"
#include "tests/models/leabra/nets.hpp"
#include "tests/testing/scratch.hpp"

namespace engram {
namespace {

using namespace leabra;
using test::classifier;
using test::error_of;
using test::everything;
using test::expect_error;
using test::leabra_trial;
using test::seeds;

TEST(LeabraNet, RefusesWhatCannotBe) {
  const auto cpu = make_backend("cpu", {1});
  Net net(*cpu);
  net.new_layer("input", 4);
  net.new_layer("output", 2);
  net.new_projection("up", "input", "output");
  expect_error(error_of([&] { net.new_layer("input", 3); }), "taken");
  expect_error(error_of([&] { net.new_layer("up", 3); }), "taken");
  expect_error(error_of([&] { net.new_layer("x", 0); }), "at least one unit");
  expect_error(error_of([&] { net.new_projection("p", "inptu", "output"); }), "did you mean \"input\"");
  expect_error(error_of([&] { net.clamp_layer("outputs", std::vector<double>{1}); }), "did you mean \"output\"");
  expect_error(error_of([&] { net.clamp_layer("input", std::vector<double>{}); }), "no activations");
  expect_error(error_of([&] { net.clamp_layer("input", std::vector<double>{0.5, 1.5}); }), "between 0 and 1");
  expect_error(error_of([&] { net.clamp_layer("input", std::vector<double>{0, 0, 0, 0, NAN}); }), "between 0 and 1");
  expect_error(error_of([&] { net.cycle(0); }), "at least one cycle");
  expect_error(error_of([&] { net.minus_phase_cycle(0); }), "at least one cycle");
  expect_error(error_of([&] { net.observe("input", "unit_akt"); }), "did you mean \"unit_act\"");
  expect_error(error_of([&] { net.observe("up", "conn_w"); }), "did you mean \"conn_wt\"");
  expect_error(error_of([&] { net.logs(Frequency::cycle, "input"); }), "log_on_cycle");
  expect_error(error_of([&] { net.set_weights("up", std::vector<real>(7)); }), "found 7 weights; 2 receivers of 4");
  expect_error(error_of([&] { net.set_weights("up", std::vector<real>(8), std::vector<bool>(5)); }),
               "found 5 connections; 2 receivers of 4");
  expect_error(error_of([&] { net.set_weights("up", std::vector<real>(8, NAN)); }), "not a finite number");
  LayerSpec layer;
  layer.unit_spec.v_m_r = 0.6;
  layer.kwta_pct = 1.1;
  const std::string both = error_of([&] { net.new_layer("bad", 3, layer); });
  expect_error(both, "bad/unit_spec/v_m_r");
  expect_error(both, "bad/kwta_pct");
  layer = {};
  layer.gi = NAN;
  expect_error(error_of([&] { net.new_layer("bad", 3, layer); }), "bad/gi");
  layer = {};
  layer.log_on_cycle = {"unit_action"};
  expect_error(error_of([&] { net.new_layer("bad", 3, layer); }), "log_on_cycle");
  ProjectionSpec projection;
  projection.dist = UniformWeights{1, 0};
  expect_error(error_of([&] { net.new_projection("bad", "input", "output", projection); }), "bad/low");
  projection = {};
  projection.projn_type = Pattern::one_to_one;
  expect_error(error_of([&] { net.new_projection("bad", "input", "output", projection); }), "4 senders");
  EXPECT_EQ(net.layers().size(), 2u);
  EXPECT_EQ(net.projections().size(), 1u);
}

TEST(LeabraNet, GivesNothingToReceiversWithoutConnections) {
  const auto cpu = make_backend("cpu", {1});
  Net net(*cpu);
  net.new_layer("input", 4);
  net.new_layer("output", 2);
  ProjectionSpec spec;
  spec.post_mask = {true, false};
  net.new_projection("up", "input", "output", spec);
  net.clamp_layer("input", std::vector<double>{1});
  net.cycle(20);
  const std::vector<real> act = net.values("output", "unit_act"), input = net.values("output", "unit_input");
  EXPECT_GT(act[0], real(0.1));
  EXPECT_EQ(act[1], real(0));
  EXPECT_EQ(input[1], real(0));
}

/// What layers are held changes their constants; those of parameters that changed meanwhile are made anew.
TEST(LeabraNet, TakesParametersThatChangeWhileLayersAreHeld) {
  const auto cpu = make_backend("cpu", {1});
  Net changed = classifier(*cpu, seeds(1)), fresh = classifier(*cpu, seeds(1));
  LayerSpec other = changed.layer_spec("hidden");
  leabra_trial(changed, 0);
  leabra_trial(fresh, 0);
  other.gi = 1.9;
  changed.set_layer_spec("hidden", other);
  leabra_trial(changed, 1);
  leabra_trial(fresh, 1);
  EXPECT_NE(everything(changed), everything(fresh));
  Net late = classifier(*cpu, seeds(1));
  leabra_trial(late, 0);
  const test::Scratch scratch;
  const std::string file = (scratch.path() / "net.safetensors").string();
  late.set_layer_spec("hidden", other);
  late.save(file);
  Net loaded = Net::load(*cpu, file);  // has seen no other parameters
  leabra_trial(loaded, 1);
  EXPECT_EQ(everything(changed), everything(loaded));
}

TEST(LeabraNet, GivesEachReplicaWhatItsSeedGivesAlone) {
  const auto cpu = make_backend("cpu", {1}), threads = make_backend("cpu", {3});
  Net together = classifier(*cpu, seeds(5)), shared = classifier(*threads, seeds(5));
  for (Index k = 0; k < 6; ++k) {
    leabra_trial(together, k);
    leabra_trial(shared, k);
  }
  EXPECT_EQ(everything(together), everything(shared)) << "threads";
  for (std::size_t r = 0; r < 5; ++r) {
    Net alone = classifier(*cpu, std::vector<std::uint64_t>{r + 1});
    for (Index k = 0; k < 6; ++k) leabra_trial(alone, k);
    EXPECT_EQ(everything(alone), everything(together, static_cast<std::int64_t>(r))) << r;
  }
}

/// A traced backend offers no extension, so that its cycles are general operations.
TEST(LeabraNet, HasTheSameBitsInGeneralOperations) {
  const auto cpu = make_backend("cpu", {1});
  TraceBackend general(*cpu);
  for (const Mode mode : {Mode::compatible, Mode::standard}) {
    Net fused = classifier(*cpu, seeds(2), mode), plain = classifier(general, seeds(2), mode);
    for (Index k = 0; k < 4; ++k) {
      leabra_trial(fused, k);
      leabra_trial(plain, k);
      ASSERT_EQ(everything(fused), everything(plain)) << k;
    }
  }
}

/// Threads share one network that is large enough.
TEST(LeabraNet, HasTheSameBitsWithAnyNumberOfThreads) {
  std::vector<std::vector<real>> found;
  for (const int threads : {1, 2, 3}) {
    const auto cpu = make_backend("cpu", {threads});
    Net net(*cpu);
    LayerSpec kwta;
    kwta.inhibition_type = Inhibition::kwta_avg;
    net.new_layer("input", 700);
    net.new_layer("hidden", 1030, kwta);
    net.new_layer("output", 300);
    ProjectionSpec spec;
    spec.dist = UniformWeights{0.25, 0.75};
    net.new_projection("up", "input", "hidden", spec);
    net.new_projection("out", "hidden", "output", spec);
    net.new_projection("down", "output", "hidden", spec);
    std::vector<double> input(700), output(300);
    for (std::size_t i = 0; i < input.size(); i += 5) input[i] = 1;
    for (std::size_t i = 0; i < output.size(); i += 7) output[i] = 1;
    for (int k = 0; k < 2; ++k) leabra_trial(net, input, output);
    found.push_back(everything(net));
  }
  EXPECT_EQ(found[0], found[1]);
  EXPECT_EQ(found[0], found[2]);
}

TEST(LeabraNet, GoesOnFromAFileAsIfNeverSaved) {
  const auto cpu = make_backend("cpu", {1});
  const test::Scratch scratch;
  const std::string file = (scratch.path() / "net.safetensors").string();
  Net net = classifier(*cpu, seeds(2), Mode::standard);
  LayerSpec logged = net.layer_spec("hidden");
  logged.log_on_cycle = {"avg_act", "unit_act"};
  net.set_layer_spec("hidden", logged);
  leabra_trial(net, 0);
  net.pause_logging(Frequency::cycle);
  net.clamp_layer("input", std::vector<double>{0, 1});
  net.cycle(7);
  net.save(file);
  Net other = Net::load(*cpu, file);
  for (Net* one : {&net, &other}) {
    one->cycle(3);
    one->resume_logging();
    one->unclamp_layer("input");
    for (Index k = 1; k < 4; ++k) leabra_trial(*one, k);
  }
  EXPECT_EQ(everything(net), everything(other));
  EXPECT_EQ(net.logs(Frequency::cycle, "hidden").parts.values, other.logs(Frequency::cycle, "hidden").parts.values);
  EXPECT_EQ(net.logs(Frequency::cycle, "hidden").whole.values, other.logs(Frequency::cycle, "hidden").whole.values);
}

TEST(LeabraNet, ExchangesWeightsWithTheProductionSystem) {
  const auto cpu = make_backend("cpu", {1});
  const test::Scratch scratch;
  const std::string file = (scratch.path() / "net.wts").string();
  Net net = classifier(*cpu, seeds(1)), other = classifier(*cpu, std::vector<std::uint64_t>{9});
  for (Index k = 0; k < 3; ++k) leabra_trial(net, k);
  net.write_weights(file);
  other.read_weights(file);
  for (const std::string& p : net.projections()) {
    const std::vector<real> a = net.linear_weights(p), b = other.linear_weights(p), w = net.weights(p),
                            v = other.weights(p);
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(w[i]), static_cast<double>(v[i]), 1e-5) << p;
      EXPECT_NEAR(static_cast<double>(a[i]), static_cast<double>(b[i]), 1e-4) << p;
    }
  }
  Net small(*cpu);
  small.new_layer("input", 2);
  expect_error(error_of([&] { small.read_weights(file); }), "no such projection");
}

/// A projection that is switched off counts for nothing; one that contrasts phases learns what changed between them.
TEST(LeabraNet, ContrastsPhasesOfItsChoice) {
  const auto cpu = make_backend("cpu", {1});
  Net net(*cpu);
  net.new_layer("input", 2);
  net.new_layer("output", 2);
  ProjectionSpec spec;
  spec.learning = Learning::contrast;
  spec.plus_phase = "recall";
  spec.minus_phase = "guess";
  spec.lrate = 1;
  net.new_projection("up", "input", "output", spec);
  expect_error(error_of([&] { net.learn(); }), "no phase of this name");
  net.clamp_layer("input", std::vector<double>{1, 0});
  net.clamp_layer("output", std::vector<double>{0, 0.5});
  net.phase_cycle("guess", 2);
  net.clamp_layer("output", std::vector<double>{0.5, 0});
  net.phase_cycle("recall", 2);
  net.learn();
  const std::vector<real> f = net.linear_weights("up");  // [receiver][sender], from 0.5
  EXPECT_NEAR(static_cast<double>(f[0]), 0.5 + 0.5 * 0.475, 1e-6);
  EXPECT_EQ(f[1], real(0.5));
  EXPECT_NEAR(static_cast<double>(f[2]), 0.5 - 0.5 * 0.475, 1e-6);

  net.unclamp_layer("output");
  net.switch_projection("up", false);
  net.cycle(3);
  EXPECT_EQ(net.values("output", "unit_input"), std::vector<real>(2));
  EXPECT_EQ(net.relative_scale("output"), 0);
  net.switch_projection("up", true);
  net.cycle();
  EXPECT_GT(net.values("output", "unit_input")[0], real(0));
}

TEST(LeabraNet, HasSoftClampsNoiseAndATestMode) {
  const auto cpu = make_backend("cpu", {1});
  LayerSpec soft, noisy;
  soft.clamp_type = Clamping::soft;
  soft.clamp_gain = 0.5;
  noisy.unit_spec.noise = 0.1;
  Net net(*cpu, seeds(2));
  net.new_layer("soft", 3, soft);
  net.new_layer("noisy", 50, noisy);
  net.clamp_layer("soft", std::vector<double>{0, 0.4, 0.8});
  EXPECT_FALSE(net.clamped("soft"));
  net.cycle(30);
  const std::vector<real> act = net.values("soft", "unit_net"), noise = net.values("noisy", "unit_net");
  EXPECT_NEAR(static_cast<double>(act[2]), 0.4, 1e-3);
  EXPECT_NEAR(static_cast<double>(act[0]), 0, 1e-3);
  EXPECT_NE(noise[0], noise[1]);
  EXPECT_NE(noise[0], noise[50]) << "replicas draw their own";
  net.set_test_mode(true);
  const std::vector<real> before = net.values("soft", "unit_avg_m");
  net.cycle(5);
  EXPECT_EQ(net.values("soft", "unit_avg_m"), before);
  net.decay_state(1);
  EXPECT_EQ(net.values("soft", "unit_v_m"), std::vector<real>(6));
  EXPECT_EQ(net.values("soft", "unit_avg_m"), before);
}

/// Momentum carries a change on after what caused it is gone.
TEST(LeabraNet, CarriesChangesOnWithMomentum) {
  const auto cpu = make_backend("cpu", {1});
  Net net(*cpu);
  net.new_layer("input", 2);
  net.new_layer("output", 2);
  ProjectionSpec spec;
  spec.learning = Learning::momentum;
  net.new_projection("up", "input", "output", spec);
  leabra_trial(net, std::vector<double>{1, 0}, std::vector<double>{1, 0});
  const std::vector<real> before = net.linear_weights("up");
  EXPECT_NE(before[0], real(0.5));
  for (const char* layer : {"input", "output"})
    for (const char* average : {"unit_avg_s", "unit_avg_m"}) net.set_values(layer, average, std::vector<real>(2));
  net.learn();
  EXPECT_NE(net.linear_weights("up")[0], before[0]);
  ProjectionSpec plain = spec;
  plain.learning = Learning::xcal;
  net.new_projection("plain", "input", "output", plain);
  expect_error(error_of([&] { net.set_projection_spec("plain", spec); }), "no room");
}

TEST(LeabraNet, TakesNewLayersAndParametersWhileItRuns) {
  const auto cpu = make_backend("cpu", {1});
  Net net(*cpu);
  net.new_layer("input", 3);
  net.new_layer("output", 2);
  net.new_projection("up", "input", "output");
  net.clamp_layer("input", std::vector<double>{1});
  net.cycle(20);
  const std::vector<real> before = net.values("output", "unit_v_m");
  net.new_layer("more", 17);
  net.new_projection("on", "output", "more");
  EXPECT_EQ(net.values("output", "unit_v_m"), before);
  EXPECT_EQ(net.values("input", "unit_act"), std::vector<real>(3, static_cast<real>(0.95)));
  net.cycle(20);
  EXPECT_GT(net.values("more", "unit_net")[16], real(0));

  const std::vector<real> weights = net.weights("up");
  ProjectionSpec still = net.projection_spec("up");
  still.lrate = 0;
  net.set_projection_spec("up", still);
  net.end_minus();
  net.end_plus();
  const std::vector<real> linear = net.linear_weights("up");
  net.learn();
  EXPECT_EQ(net.linear_weights("up"), linear);
}

TEST(LeabraNet, DrawsWeightsFromTheirDistributions) {
  const auto cpu = make_backend("cpu", {1});
  const auto moments = [&](const WeightDistribution& dist) {
    Net net(*cpu);
    net.new_layer("a", 100);
    net.new_layer("b", 100);
    ProjectionSpec spec;
    spec.dist = dist;
    net.new_projection("p", "a", "b", spec);
    double sum = 0, squares = 0;
    for (const real w : net.weights("p")) {
      sum += static_cast<double>(w);
      squares += static_cast<double>(w) * static_cast<double>(w);
    }
    return std::pair{sum / 1e4, squares / 1e4 - sum * sum / 1e8};
  };
  const auto near = [](std::pair<double, double> found, double mean, double variance) {
    EXPECT_NEAR(found.first, mean, 5 * std::sqrt(variance / 1e4) + 1e-6);
    EXPECT_NEAR(found.second, variance, 0.12 * variance + 1e-6);
  };
  near(moments(Scalar{0.3}), 0.3, 0);
  near(moments(UniformWeights{0.25, 0.75}), 0.5, 0.25 / 12);
  near(moments(GaussianWeights{0.5, 0.3}), 0.5, 0.3);
  near(moments(LogNormalWeights{-1, 0.1}), std::exp(-0.95), (std::exp(0.1) - 1) * std::exp(-1.9));
  near(moments(ExponentialWeights{2}), 0.5, 0.25);
}

}  // namespace
}  // namespace engram
