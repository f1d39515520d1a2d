// What Leabra networks must show, over many seeds where seeds matter.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/models/leabra/nets.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using namespace leabra;

Backend& backend() {
  static const auto made = test::test_backend();
  return *made;
}

struct TwoNeurons {
  std::vector<std::size_t> spikes;
  double peak = 0, largest_v_m_eq = -1;
  std::size_t peak_at = 0;
  double act = 0;
};

TwoNeurons two_neurons(const LayerSpec& spec) {
  LayerSpec logged = spec;
  logged.log_on_cycle = {"unit_spike", "unit_act", "unit_v_m_eq"};
  Net net(backend());
  net.new_layer("input", 1, spec);
  net.new_layer("output", 1, logged);
  net.new_projection("p", "input", "output");
  net.clamp_layer("input", std::vector<double>{1});
  net.cycle(200);
  const Table log = net.logs(Frequency::cycle, "output").parts;
  const auto spike = log.column("spike"), act = log.column("act"), v = log.column("v_m_eq");
  TwoNeurons found;
  for (std::size_t t = 0; t < spike.size(); ++t)
    if (spike[t] > 0) found.spikes.push_back(t);
  found.peak_at = static_cast<std::size_t>(std::max_element(act.begin(), act.end()) - act.begin());
  found.peak = act[found.peak_at];
  found.largest_v_m_eq = *std::max_element(v.begin(), v.end());
  found.act = act.back();
  return found;
}

TEST(LeabraTwoNeurons, SpikeAndAdaptAsTheReference) {
  const TwoNeurons found = two_neurons(LayerSpec{});
  const std::vector<std::size_t> first{5, 8, 12, 16, 21, 26, 31, 36, 41, 47, 53, 59};
  ASSERT_EQ(found.spikes.size(), 29u);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), found.spikes.begin()));
  EXPECT_EQ(found.peak_at, 13u);
  EXPECT_NEAR(found.peak, 0.8184, 1e-4);
  EXPECT_NEAR(found.act, 0.5048, 1e-4);
  EXPECT_NEAR(found.largest_v_m_eq, 6.442, 1e-2);
}

TEST(LeabraTwoNeurons, CorrectedDriverKeepsThePotentialBounded) {
  LayerSpec spec;
  spec.unit_spec.vm_eq_driver = EqDriver::i_net_r;
  const TwoNeurons found = two_neurons(spec), reference = two_neurons(LayerSpec{});
  EXPECT_EQ(found.spikes, reference.spikes);
  EXPECT_NEAR(found.largest_v_m_eq, 0.601, 1e-3);
}

TEST(LeabraTwoNeurons, SummedInhibitionSilencesThem) {
  const TwoNeurons found = two_neurons(LayerSpec::of(Mode::standard));
  EXPECT_EQ(found.spikes.size(), 3u);
  EXPECT_NEAR(found.peak, 0.2410, 1e-4);
  EXPECT_NEAR(found.act, 0.0811, 1e-4);
}

/// Exactly k units cross their threshold.
TEST(LeabraKwta, LeavesExactlyKWinners) {
  for (int tenth = 0; tenth <= 10; ++tenth) {
    LayerSpec spec;
    spec.inhibition_type = Inhibition::kwta;
    spec.kwta_pct = tenth / 10.0;
    spec.unit_spec.adapt_dt = spec.unit_spec.spike_gain = 0;
    Net net(backend());
    net.new_layer("input", 1);
    net.new_layer("layer", 10, spec);
    ProjectionSpec up;
    up.dist = UniformWeights{0.25, 0.75};
    net.new_projection("one", "input", "layer", up);
    net.new_projection("two", "input", "layer", up);
    net.clamp_layer("input", std::vector<double>{1});
    net.cycle(50);
    const std::vector<real> v = net.values("layer", "unit_v_m_eq");
    EXPECT_EQ(std::count_if(v.begin(), v.end(), [](real x) { return x > real(0.5); }), std::max(tenth, 1)) << tenth;
  }
}

/// Inhibition at the threshold holds the potential there.
TEST(LeabraInhibition, AtTheThresholdHoldsThePotential) {
  const std::vector<real> table(nxx1::points);
  real layer[leabra_layer::count] = {};
  layer[leabra_layer::e_rev_e] = 1;
  layer[leabra_layer::e_rev_i] = real(0.25);
  layer[leabra_layer::e_rev_l] = real(0.3);
  layer[leabra_layer::gc_l] = real(0.1);
  layer[leabra_layer::spk_thr] = real(0.5);
  layer[leabra_layer::vm_step] = real(1 / 3.3);
  layer[leabra_layer::per_from_i] = 4;
  for (int i = 0; i < 10; ++i) {
    real in[LeabraNet::n_columns] = {static_cast<real>(0.3 + 0.05 * i)};
    LeabraNet{}(in, layer);
    real c[LeabraUnit::n_columns] = {};
    c[LeabraUnit::net] = in[LeabraNet::net];
    c[LeabraUnit::gc_i] = in[LeabraNet::g];
    for (int t = 0; t < 200; ++t) LeabraUnit{table.data()}(c, layer);
    EXPECT_NEAR(static_cast<double>(c[LeabraUnit::v_m]), 0.5, 1e-6);
  }
}

}  // namespace
}  // namespace engram
