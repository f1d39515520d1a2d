// SORN networks against a plain oracle: every variable after every step.
#include <cmath>

#include "tests/models/sorn/networks.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::test {
namespace {

constexpr bool exact = sizeof(real) == 8;

struct Variant {
  const char* name;
  Index ne;
  void (*change)(sorn::Parameters&);
};

oracle::Sorn oracle_of(const sorn::Parameters& p, const sorn::State& s) {
  oracle::Sorn o;
  o.wee = table_of(s.wee);
  o.wei = table_of(s.wei);
  o.wie = table_of(s.wie);
  if (p.plastic_inputs()) o.weu = table_of(s.weu);
  o.te.assign(s.te.begin(), s.te.end());
  o.ti.assign(s.ti.begin(), s.ti.end());
  o.x.assign(p.ne, 0);
  o.y.assign(p.ni(), 0);
  o.eta_stdp = static_cast<double>(static_cast<real>(p.eta_stdp));
  o.eta_inhib = static_cast<double>(static_cast<real>(p.eta_inhib));
  o.eta_ip = static_cast<double>(static_cast<real>(p.eta_ip));
  o.eta_input = static_cast<double>(static_cast<real>(p.eta_input));
  o.feed_forward = static_cast<double>(static_cast<real>(p.feed_forward_inhibition));
  o.k_winners = p.k_winners;
  o.mu_ip = p.mu_ip;
  o.te_min = p.te_min;
  o.te_max = p.te_max;
  o.h_ip = p.target_rate();
  o.wei_floor = p.wei_floor;
  o.prune_at = p.prune_at;
  o.inclusive = p.inclusive_threshold;
  o.fast_inhibition = p.fast_inhibition;
  o.clamp_te = p.clamp_te;
  o.freeze = {p.freeze.begin(), p.freeze.end()};
  return o;
}

/// What the network draws at a tick, spikes as infinite noise.
std::vector<double> noise_of(const sorn::Parameters& p, Stream stream, Tick t, Index units, double sd, double spikes) {
  std::vector<double> all(ceil_div<Index>(units, 4) * 4);
  for (Index b = 0; b * 4 < units; ++b) {
    real four[4];
    normal_block(5, stream, t, b, four);
    const Words second = Random{5, stream, t, b}.words(1);
    for (Index i = 0; i < 4; ++i) {
      const bool spike = static_cast<double>(second.w[i]) / 4294967296.0 < spikes;
      all[b * 4 + i] = spike ? INFINITY : static_cast<double>(static_cast<real>(sd) * four[i]);
    }
  }
  all.resize(units);
  return p.noise ? all : std::vector<double>{};
}

/// Whether all units do what the oracle's do; in float one that is near its threshold may not.
bool expect_activity(const sorn::Parameters& p, const sorn::Network::Recorded& r, const oracle::Sorn& o) {
  bool parted = false;
  for (Index i = 0; i < p.ne; ++i) {
    const bool same = sorn::is_active(r.x.data(), i) == (o.x[i] != 0);
    parted |= !same;
    EXPECT_TRUE(same || (!exact && std::abs(o.margin_e[i]) < 2e-5)) << "x " << i << " at distance " << o.margin_e[i];
    EXPECT_TRUE(sorn::is_active(r.recurrent.data(), i) == (o.alone[i] != 0) ||
                (!exact && std::abs(o.recurrent[i]) < 2e-5))
        << "recurrent " << i;
  }
  for (Index k = 0; k < p.ni(); ++k) {
    const bool same = sorn::is_active(r.y.data(), k) == (o.y[k] != 0);
    parted |= !same;
    EXPECT_TRUE(same || (!exact && std::abs(o.margin_i[k]) < 2e-5)) << "y " << k << " at distance " << o.margin_i[k];
  }
  return !parted;
}

void expect_state(const sorn::Parameters& p, const sorn::State& now, const oracle::Sorn& o) {
  const auto wee = table_of(now.wee), wei = table_of(now.wei);
  const double tolerance = exact ? 0 : 1e-5;
  for (Index j = 0; j < p.ne; ++j)
    for (Index i = 0; i < p.ne; ++i) ASSERT_NEAR(wee[j][i], o.wee[j][i], tolerance) << j << " to " << i;
  if (p.plastic_inputs()) {
    const auto weu = table_of(now.weu);
    for (Index c = 0; c < p.nu; ++c)
      for (Index i = 0; i < p.ne; ++i) ASSERT_NEAR(weu[c][i], o.weu[c][i], tolerance) << "input " << c << " to " << i;
  }
  for (Index k = 0; k < p.ni(); ++k)
    for (Index i = 0; i < p.ne; ++i) ASSERT_NEAR(wei[k][i], o.wei[k][i], tolerance) << k << " to " << i;
  for (Index i = 0; i < p.ne; ++i) ASSERT_NEAR(static_cast<double>(now.te[i]), o.te[i], tolerance) << i;
}

class SornAgainstOracle : public testing::TestWithParam<Variant> {};

TEST_P(SornAgainstOracle, EveryVariableIsTheSameAfterEveryStep) {
  sorn::Parameters p = small(GetParam().ne);
  GetParam().change(p);
  const auto backend = test::test_backend();
  const sorn::State s = sorn::make_state(p, 5);
  sorn::Network net(*backend, {p}, {5}, std::span(&s, 1));
  oracle::Sorn o = oracle_of(p, s);
  for (Tick t = 0; t < 60; ++t) {
    SCOPED_TRACE(t);
    const auto noise_e = noise_of(p, Stream::sorn_noise_e, t, p.ne, p.noise_sigma_e, p.noise_spikes_e),
               noise_i = noise_of(p, Stream::sorn_noise_i, t, p.ni(), p.noise_sigma_i, p.noise_spikes_i);
    std::vector<real> input;
    for (Index i = 0; i < p.nu; ++i)
      input.push_back(uniform_of(Random{1, Stream::test, t, i}.words(0).w[0]) - static_cast<real>(0.2));
    // A pair that is absent before the step stays absent until structural plasticity.
    sorn::Network::Draws draws;
    draws.synapses = {t % 3 == 0 && p.network_type_ee != "Dense"
                          ? sorn::absent_pair(net.state(0).wee, Random{2, Stream::test, t, 0}.below(p.ne))
                          : sorn::NewSynapse{sorn::no_synapse, sorn::no_synapse}};
    const auto r = net.run(1, input, {.x = true, .y = true, .recurrent = true, .counts = true}, &draws);
    const bool made = draws.synapses[0].pre != sorn::no_synapse;
    o.step(noise_e, noise_i, {input.begin(), input.end()}, made ? static_cast<int>(draws.synapses[0].pre) : -1,
           made ? static_cast<int>(draws.synapses[0].post) : -1);
    if (!expect_activity(p, r, o)) return;  // float: the rest says nothing more
    const sorn::State now = net.state(0);
    expect_state(p, now, o);
    if (::testing::Test::HasFatalFailure()) return;
    if (exact) {
      EXPECT_EQ(r.counts[0].ee, static_cast<std::uint64_t>(o.ee_before));
      EXPECT_EQ(r.counts[0].ei, static_cast<std::uint64_t>(o.ei_before));
      EXPECT_EQ(net.counts()[0].ee, now.wee.pre.size());
      EXPECT_EQ(net.counts()[0].ei, now.wei.pre.size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Variants, SornAgainstOracle,
    testing::Values(
        Variant{"defaults", 100, [](sorn::Parameters&) {}}, Variant{"odd_size", 37, [](sorn::Parameters&) {}},
        Variant{"one_full_word", 16, [](sorn::Parameters&) {}},
        Variant{"many_words", 531, [](sorn::Parameters& p) { p.lambda_ee = 6; }},
        Variant{"no_noise", 50, [](sorn::Parameters& p) { p.noise = false; }},
        Variant{"fast_inhibition", 60, [](sorn::Parameters& p) { p.fast_inhibition = p.inclusive_threshold = true; }},
        Variant{"floor_without_clamp", 60,
                [](sorn::Parameters& p) { p.wei_floor = 0.001, p.clamp_te = false, p.noise_sigma_e = 0.2; }},
        Variant{"prunes_early", 60, [](sorn::Parameters& p) { p.prune_at = 0.02; }},
        Variant{"large_steps", 50, [](sorn::Parameters& p) { p.eta_stdp = 0.1, p.eta_inhib = 0.05, p.eta_ip = 0.1; }},
        Variant{"no_stdp", 50,
                [](sorn::Parameters& p) {
                  p.freeze = {"stdp", "sp"};
                }},
        Variant{"no_scaling", 50, [](sorn::Parameters& p) { p.freeze = {"ss"}, p.eta_stdp = 0.05; }},
        Variant{"liquid", 50,
                [](sorn::Parameters& p) {
                  p.freeze = {"stdp", "ip", "sp", "istdp", "ss"};
                }},
        Variant{"k_winners", 60, [](sorn::Parameters& p) { p.k_winners = 7; }},
        Variant{"all_win", 37, [](sorn::Parameters& p) { p.k_winners = 37, p.noise = false; }},
        Variant{"winners_with_equal_drives", 60,
                [](sorn::Parameters& p) { p.k_winners = 11, p.noise = false, p.te_max = 0; }},
        Variant{"spikes_of_noise", 70,
                [](sorn::Parameters& p) { p.noise_spikes_e = 0.07, p.noise_spikes_i = 0.1, p.noise_sigma_i = 0; }},
        Variant{"feed_forward_inhibition", 60, [](sorn::Parameters& p) { p.nu = 11, p.feed_forward_inhibition = 0.1; }},
        Variant{
            "plastic_inputs", 60,
            [](sorn::Parameters& p) { p.nu = 17, p.input_weights = "plastic", p.lambda_eu = 6, p.eta_input = 0.03; }},
        Variant{"frozen_inputs", 60,
                [](sorn::Parameters& p) {
                  p.nu = 17, p.input_weights = "plastic", p.eta_input = 0.03, p.freeze = {"stdp", "ss"};
                }},
        Variant{
            "inputs_not_scaled", 60,
            [](sorn::Parameters& p) { p.nu = 17, p.input_weights = "plastic", p.eta_input = 0.03, p.freeze = {"ss"}; }},
        Variant{"all_options", 331,
                [](sorn::Parameters& p) {
                  p.nu = 40, p.input_weights = "plastic", p.eta_input = 0.02, p.k_winners = 41,
                  p.feed_forward_inhibition = 0.02;
                  p.noise_spikes_e = p.noise_spikes_i = 0.02, p.initial_thresholds = "ordered",
                  p.fast_inhibition = true;
                }},
        Variant{"dense", 50, [](sorn::Parameters& p) { p.network_type_ee = p.network_type_ei = "Dense"; }}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace engram::test
