// What SORN networks may do beside the rules of the package: what each of it means for the network.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/models/sorn/networks.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::test {
namespace {

double active(const std::vector<std::uint32_t>& words, std::size_t n_words, std::size_t row, Index units) {
  double n = 0;
  for (Index i = 0; i < units; ++i) n += sorn::is_active(words.data() + row * n_words, i);
  return n;
}

TEST(SornOptions, AsManyUnitsFireAsThereAreWinners) {
  const auto backend = test_backend();
  sorn::Parameters p = small(100);
  p.k_winners = 13;
  sorn::Network net(*backend, {p, p}, {1, 2});
  std::vector<real> input(200 * 5);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<real>(i % 3);
  const auto r = net.run(200, input, {.x = true, .recurrent = true});
  for (std::size_t row = 0; row < 400; ++row) {
    EXPECT_EQ(active(r.x, r.words_e, row, 100), 13) << row;
    EXPECT_EQ(active(r.recurrent, r.words_e, row, 100), 13) << row;
  }
  EXPECT_NE(r.x, r.recurrent);
}

TEST(SornOptions, WithoutDrivesTheFirstUnitsWin) {
  const auto backend = test_backend();
  sorn::Parameters p = small(40);
  p.k_winners = 5;
  p.te_max = 0;  // equal thresholds
  p.noise = false;
  p.freeze = {"ip"};
  sorn::Network net(*backend, {p}, {1});
  const auto r = net.run(1, {}, {.x = true});
  for (Index i = 0; i < 40; ++i) EXPECT_EQ(sorn::is_active(r.x.data(), i), i < 5) << i;
}

/// Units out of reach of their drives fire when noise says so and at no other time.
TEST(SornOptions, NoiseMakesUnitsFireAsOftenAsItsProbabilitySays) {
  const auto backend = test_backend();
  sorn::Parameters p = small(200);
  p.te_min = p.te_max = 100;
  p.ti_min = p.ti_max = 100;
  p.noise_spikes_e = 0.05;
  p.noise_spikes_i = 0.3;
  p.freeze = {"stdp", "ip", "sp", "istdp", "ss"};
  sorn::Network net(*backend, {p}, {3});
  constexpr std::size_t steps = 2000;
  const auto r = net.run(steps, {}, {.x = true, .y = true});
  double e = 0, i = 0;
  for (std::size_t s = 0; s < steps; ++s) {
    e += active(r.x, r.words_e, s, 200);
    i += active(r.y, r.words_i, s, 40);
  }
  const auto within = [](double found, double n, double probability) {
    EXPECT_NEAR(found, n * probability, 4 * std::sqrt(n * probability * (1 - probability)));
  };
  within(e, 200.0 * steps, 0.05);
  within(i, 40.0 * steps, 0.3);
  net.set_rules(p.freeze, "plasticity", false);
  const auto silent = net.run(100, {}, {.x = true});
  EXPECT_EQ(std::count_if(silent.x.end() - silent.words_e, silent.x.end(), [](std::uint32_t w) { return w != 0; }), 0);
}

TEST(SornOptions, InputInhibitsBeforeAnyUnitHasFired) {
  const auto backend = test_backend();
  sorn::Parameters p = small(100);
  p.noise = false;
  p.ti_min = p.ti_max = 0.5;
  p.feed_forward_inhibition = 0.2;  // five components of 1: twice the threshold
  sorn::Network net(*backend, {p}, {1});
  const std::vector<real> none(5), one(5, real(1));
  EXPECT_EQ(active(net.run(1, none, {.y = true}).y, 2, 0, 20), 0);
  EXPECT_EQ(active(net.run(1, one, {.y = true}).y, 2, 0, 20), 20);
  p.feed_forward_inhibition = 0.09;
  sorn::Network weak(*backend, {p}, {1});
  EXPECT_EQ(active(weak.run(1, one, {.y = true}).y, 2, 0, 20), 0);
}

TEST(SornOptions, OrderedThresholdsAreEvenlySpacedAndShuffled) {
  sorn::Parameters p = small(100);
  p.initial_thresholds = "ordered";
  p.te_min = 0.25;
  p.te_max = 0.75;
  const sorn::State a = sorn::make_state(p, 1), b = sorn::make_state(p, 2);
  EXPECT_NE(a.te, b.te);
  EXPECT_EQ(a.ti, b.ti);
  std::vector<real> sorted = a.te;
  EXPECT_FALSE(std::is_sorted(sorted.begin(), sorted.end()));
  std::sort(sorted.begin(), sorted.end());
  for (Index i = 0; i < 100; ++i) EXPECT_EQ(sorted[i], static_cast<real>(0.25 + (i + 0.5) * 0.5 / 100)) << i;
  for (Index k = 0; k < 20; ++k) EXPECT_EQ(a.ti[k], static_cast<real>((k + 0.5) * 0.5 / 20)) << k;
}

TEST(SornOptions, TargetRatesOfUnitsHaveTheDistributionAsked) {
  const auto backend = test_backend();
  sorn::Parameters p = small(4000);
  p.network_type_ie = "Sparse";
  p.h_ip = 0.1;
  p.sigma_ip = 0.5;
  p.h_ip_distribution = "lognormal";
  const std::vector<real> rates = sorn::Network(*backend, {p}, {1}).target_rates();
  double mean = 0, log_mean = 0, log_square = 0;
  for (const real h : rates) {
    const double l = std::log(static_cast<double>(h));
    mean += static_cast<double>(h) / 4000;
    log_mean += l / 4000;
    log_square += l * l / 4000;
  }
  EXPECT_NEAR(mean, 0.1, 4 * 0.1 * 0.53 / std::sqrt(4000));
  EXPECT_NEAR(log_mean, std::log(0.1) - 0.125, 4 * 0.5 / std::sqrt(4000));
  EXPECT_NEAR(std::sqrt(log_square - log_mean * log_mean), 0.5, 4 * 0.5 / std::sqrt(8000));
  p.h_ip_distribution = "fixed";
  for (const real h : sorn::Network(*backend, {p}, {1}).target_rates()) EXPECT_EQ(h, static_cast<real>(0.1));
}

TEST(SornOptions, InputSynapsesAreSparseAndScaled) {
  sorn::Parameters p = small(300);
  p.nu = 50;
  p.input_weights = "plastic";
  p.lambda_eu = 8;
  const sorn::State s = sorn::make_state(p, 1);
  EXPECT_EQ(s.weu.n_pre, 50u);
  EXPECT_NEAR(static_cast<double>(s.weu.pre.size()), 300 * 7.5, 4 * std::sqrt(300.0));
  for (Index i = 0; i < 300; ++i) {
    double sum = 0;
    for (std::uint64_t k = s.weu.start[i]; k < s.weu.start[i + 1]; ++k) sum += static_cast<double>(s.weu.weight[k]);
    EXPECT_NEAR(sum, 1, 1e-5);
  }
}

/// Of two halves of the input, one whose components come just before the unit's spikes and one that comes just after.
TEST(SornOptions, InputsThatPrecedeSpikesWinThoseThatFollow) {
  const auto backend = test_backend();
  sorn::Parameters p = small(100);
  p.nu = 20;
  p.input_weights = "plastic";
  p.lambda_eu = 20;
  p.eta_input = 0.01;
  p.noise_sigma_e = 0;
  p.te_min = p.te_max = 0.4;
  p.freeze = {"ip", "sp", "istdp"};
  sorn::Network net(*backend, {p}, {1});
  std::vector<real> input;
  for (Index t = 0; t < 300; ++t)
    for (Index c = 0; c < 20; ++c)
      input.push_back(t % 5 == 0 && c < 10 ? real(4) : t % 5 == 1 && c >= 10 ? real(0.01) : real(0));
  net.run(300, input);
  const sorn::State s = net.state(0);
  double before = 0, after = 0;
  for (std::size_t k = 0; k < s.weu.pre.size(); ++k)
    (s.weu.pre[k] < 10 ? before : after) += static_cast<double>(s.weu.weight[k]);
  EXPECT_GT(before, 95);
  EXPECT_LT(after, 5);
}

TEST(SornOptions, ThreadsReplicasAndCutsDoNotChangeABit) {
  sorn::Parameters p = small(600);
  p.nu = 30;
  p.input_weights = "plastic";
  p.eta_input = 0.02;
  p.k_winners = 61;
  p.feed_forward_inhibition = 0.02;
  p.noise_spikes_e = p.noise_spikes_i = 0.01;
  p.initial_thresholds = "ordered";
  std::vector<real> input;
  for (Index i = 0; i < 60 * 30; ++i) input.push_back(uniform_of(Random{1, Stream::test, i, 0}.words(0).w[0]));
  std::optional<std::vector<sorn::State>> first;
  for (const int threads : {1, 2, 3, 7}) {
    SCOPED_TRACE(threads);
    const auto backend = make_backend("cpu", {.threads = threads});
    sorn::Network net(*backend, {p, p, p}, {4, 5, 6});
    net.run(60, input);
    const std::vector<sorn::State> states = net.states(0, 3);
    if (!first) first = states;
    for (Index r = 0; r < 3; ++r) expect_same(states[r], (*first)[r]);
    sorn::Network alone(*backend, {p}, {5});
    alone.run(23, std::span(input).first(23 * 30));
    const sorn::State half = alone.state(0);
    sorn::Network resumed(*backend, {p}, {5}, std::span(&half, 1), alone.tick());
    resumed.run(37, std::span(input).subspan(23 * 30));
    expect_same(resumed.state(0), (*first)[1]);
  }
}

TEST(SornOptions, WhatCannotBeIsRefused) {
  const auto problem = [](void (*change)(sorn::Parameters&)) {
    sorn::Parameters p = small(40);
    change(p);
    const auto found = problems_of(p);
    return found.size() == 1 ? found[0].path : std::to_string(found.size()) + " problems";
  };
  EXPECT_EQ(problem([](sorn::Parameters& p) { p.k_winners = 41; }), "k_winners");
  EXPECT_EQ(problem([](sorn::Parameters& p) { p.noise_spikes_e = 1.1; }), "noise_spikes_e");
  EXPECT_EQ(problem([](sorn::Parameters& p) { p.noise_spikes_i = -0.1; }), "noise_spikes_i");
  EXPECT_EQ(problem([](sorn::Parameters& p) { p.feed_forward_inhibition = -1; }), "feed_forward_inhibition");
  EXPECT_EQ(problem([](sorn::Parameters& p) { p.feed_forward_inhibition = 1, p.nu = 0; }), "feed_forward_inhibition");
  EXPECT_EQ(problem([](sorn::Parameters& p) { p.initial_thresholds = "sorted"; }), "initial_thresholds");
  EXPECT_EQ(problem([](sorn::Parameters& p) { p.input_weights = "none"; }), "input_weights");
  EXPECT_EQ(problem([](sorn::Parameters& p) { p.input_weights = "plastic", p.nu = 0; }), "input_weights");
  EXPECT_EQ(problem([](sorn::Parameters& p) { p.lambda_eu = -1; }), "lambda_eu");
  EXPECT_EQ(problem([](sorn::Parameters& p) { p.eta_input = 2; }), "eta_input");
  const auto backend = test_backend();
  sorn::Parameters p = small(40), q = small(40);
  q.k_winners = 3;
  EXPECT_THROW(sorn::Network(*backend, {p, q}, {1, 2}), ConfigError);
  q = small(40);
  q.input_weights = "plastic";
  EXPECT_THROW(sorn::Network(*backend, {p, q}, {1, 2}), ConfigError);
  const sorn::State s = sorn::make_state(p, 1);
  EXPECT_THROW(sorn::Network(*backend, {q}, {1}, std::span(&s, 1)), ConfigError);
}

}  // namespace
}  // namespace engram::test
