// Layers in pools: what inhibits a unit, against a plain computation of a network, and the same bits in any form.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "engine/backend/trace_backend.hpp"
#include "engram/leabra/nxx1.hpp"
#include "tests/models/leabra/nets.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using namespace leabra;
using test::error_of;
using test::everything;
using test::expect_error;
using test::seeds;

constexpr std::size_t senders = 8, receivers = 12, pools = 3, width = receivers / pools;

/// Inhibition of some units as the equations of docs/families/leabra.md have it.
double inhibition_of(const InhibitionSpec& spec, std::span<const double> net, std::span<const double> act,
                     double& fbi) {
  const auto mean = [](std::span<const double> x) {
    return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
  };
  if (spec.inhibition_type == Inhibition::none) return 0;
  if (spec.inhibition_type == Inhibition::fffb) {
    const double ffi = spec.ff * std::max(mean(net) - spec.ff0, 0.0);
    fbi += spec.fb_dt * (spec.fb * mean(act) - fbi);
    return spec.gi * (spec.fffb_combine == Combine::sum ? ffi + fbi : ffi * fbi);
  }
  std::vector<double> g;
  for (const double x : net) g.push_back((0.5 * x - 0.2 * 0.1) / 0.25);
  std::sort(g.begin(), g.end(), std::greater<>());
  const auto k = static_cast<std::size_t>(std::max(1.0, std::nearbyint(static_cast<double>(g.size()) * spec.kwta_pct)));
  if (k == g.size()) return 0;
  if (spec.inhibition_type == Inhibition::kwta) return g[k] + spec.kwta_pt * (g[k - 1] - g[k]);
  const double top = mean(std::span(g).first(k)), rest = mean(std::span(g).subspan(k));
  return rest + spec.kwta_pt * (top - rest);
}

/// A layer that a clamped one drives through given weights, in double.
struct PlainLayer {
  LayerSpec spec;
  std::vector<double> input, net = std::vector<double>(receivers), act = net, v = net, v_eq = net, gc_i = net;
  double fbi = 0, fbi_of_pool[pools] = {};
  std::vector<double> sent = std::vector<double>(receivers);

  void cycle() {
    const auto part = [](const std::vector<double>& x, std::size_t p) {
      return std::span(x).subspan(p * width, width);
    };
    const std::vector<double> before = act;
    for (std::size_t i = 0; i < receivers; ++i) net[i] += (sent[i] - net[i]) / 1.4;
    const double whole = inhibition_of(spec, net, before, fbi);
    for (std::size_t p = 0; p < pools; ++p) {
      const double own = inhibition_of(spec.pool_inhibition, part(net, p), part(before, p), fbi_of_pool[p]);
      const double acts = spec.inhibition_type == Inhibition::none ? own : std::max(own, whole);
      for (std::size_t i = p * width; i < (p + 1) * width; ++i) move(i, acts);
    }
    sent = input;
  }
  void move(std::size_t i, double inhibition) {
    gc_i[i] = inhibition;
    const auto current = [&](double at) { return net[i] * (1 - at) + 0.1 * (0.3 - at) + inhibition * (0.25 - at); };
    const double i_net = current(v[i]),
                 driver = spec.unit_spec.vm_eq_driver == EqDriver::i_net ? i_net : current(v_eq[i]);
    v[i] += i_net / 3.3;
    v_eq[i] += driver / 3.3;
    const double threshold = (inhibition * (0.25 - 0.5) + 0.1 * (0.3 - 0.5)) / (0.5 - 1);
    if (v[i] > 0.5) v[i] = 0.3;
    const double x = v_eq[i] < 0.5 ? v_eq[i] - 0.5 : net[i] - threshold;
    act[i] += (rate(x) - act[i]) / 3.3;
    if (act[i] < 1e-15) act[i] = 0;
  }
  static double rate(double x) {
    static const std::vector<real> table = nxx1_values();
    const double place = std::clamp((x + 0.03) / 0.001, 0.0, 1030.0);
    const auto low = std::min<std::size_t>(static_cast<std::size_t>(place), 1029);
    const double share = place - static_cast<double>(low);
    return (1 - share) * static_cast<double>(table[low]) + share * static_cast<double>(table[low + 1]);
  }
};

LayerSpec layer_in_pools(Inhibition layer, Inhibition pool) {
  LayerSpec spec = LayerSpec::of(Mode::standard);
  spec.unit_spec.adapt_dt = spec.unit_spec.vm_gain = spec.unit_spec.spike_gain = 0;
  spec.inhibition_type = layer;
  spec.gi = 1.2;
  spec.kwta_pct = 0.5;
  spec.pools = pools;
  spec.pool_inhibition.inhibition_type = pool;
  spec.pool_inhibition.gi = 1.5;
  spec.pool_inhibition.kwta_pct = 0.25;
  return spec;
}

class LeabraPools : public testing::TestWithParam<std::pair<Inhibition, Inhibition>> {};

/// Pools of different drive, so that in some the layer's inhibition is larger and in some their own.
TEST_P(LeabraPools, InhibitAsAPlainComputationSays) {
  const auto backend = test::test_backend();
  Net net(*backend);
  PlainLayer plain{layer_in_pools(GetParam().first, GetParam().second), std::vector<double>(receivers)};
  net.new_layer("input", senders);
  net.new_layer("layer", receivers, plain.spec);
  net.new_projection("up", "input", "layer");
  std::vector<real> weights(senders * receivers);
  std::vector<double> input(senders);
  for (std::size_t j = 0; j < senders; ++j) input[j] = 0.5 + 0.05 * static_cast<double>(j);
  const double active = std::nearbyint(std::accumulate(input.begin(), input.end(), 0.0));
  for (std::size_t i = 0; i < receivers; ++i)
    for (std::size_t j = 0; j < senders; ++j) {
      const double w = 0.2 + 0.25 * static_cast<double>(i / width) + 0.03 * static_cast<double>((i * 5 + j * 3) % 7);
      weights[i * senders + j] = static_cast<real>(w);
      plain.input[i] += w * input[j] / active;
    }
  net.set_weights("up", weights);
  net.clamp_layer("input", input);
  const double tolerance = sizeof(real) == 8 ? 1e-9 : 2e-4;
  for (int t = 0; t < 60; ++t) {
    net.cycle();
    plain.cycle();
    const std::vector<real> act = net.values("layer", "unit_act"), gc_i = net.values("layer", "unit_gc_i");
    for (std::size_t i = 0; i < receivers; ++i) {
      ASSERT_NEAR(static_cast<double>(gc_i[i]), plain.gc_i[i], tolerance) << "unit " << i << ", cycle " << t;
      ASSERT_NEAR(static_cast<double>(act[i]), plain.act[i], tolerance) << "unit " << i << ", cycle " << t;
    }
  }
  EXPECT_GT(*std::max_element(plain.act.begin(), plain.act.end()), 0.1);
}

INSTANTIATE_TEST_SUITE_P(Kinds, LeabraPools,
                         testing::Values(std::pair{Inhibition::fffb, Inhibition::fffb},
                                         std::pair{Inhibition::none, Inhibition::fffb},
                                         std::pair{Inhibition::none, Inhibition::kwta},
                                         std::pair{Inhibition::kwta, Inhibition::fffb},
                                         std::pair{Inhibition::kwta_avg, Inhibition::kwta},
                                         std::pair{Inhibition::fffb, Inhibition::kwta_avg}));

/// Each pool has winners of its own, which one layer of the same units need not have.
TEST(LeabraPools, HaveWinnersInEachPool) {
  const auto backend = test::test_backend();
  Net net(*backend);
  LayerSpec spec = layer_in_pools(Inhibition::none, Inhibition::kwta);
  spec.pool_inhibition.kwta_pct = 0.5;
  net.new_layer("input", 1);
  net.new_layer("layer", receivers, spec);
  ProjectionSpec up;
  up.dist = UniformWeights{0.25, 0.75};
  net.new_projection("one", "input", "layer", up);
  net.clamp_layer("input", std::vector<double>{1});
  net.cycle(50);
  const std::vector<real> v = net.values("layer", "unit_v_m_eq");
  for (std::size_t p = 0; p < pools; ++p)
    EXPECT_EQ(std::count_if(v.begin() + p * width, v.begin() + (p + 1) * width, [](real x) { return x > real(0.5); }),
              2);
}

Net net_in_pools(Backend& backend, std::span<const std::uint64_t> seeds) {
  Net net(backend, seeds);
  net.new_layer("input", 40);
  LayerSpec hidden = layer_in_pools(Inhibition::kwta_avg, Inhibition::fffb), output;
  hidden.pools = 5;
  output.pool_inhibition.inhibition_type = Inhibition::kwta;
  output.pools = 3;
  net.new_layer("hidden", 1300, hidden);
  net.new_layer("output", 3, output);
  ProjectionSpec up, down;
  up.dist = UniformWeights{0.25, 0.75};
  down.wt_scale_rel = 0.3;
  net.new_projection("up", "input", "hidden", up);
  net.new_projection("out", "hidden", "output", up);
  net.new_projection("down", "output", "hidden", down);
  return net;
}

TEST(LeabraPools, HaveTheSameBitsInAnyForm) {
  const auto cpu = make_backend("cpu", {1}), threads = make_backend("cpu", {3}), device = test::test_backend();
  TraceBackend general(*cpu);
  const test::Scratch scratch;
  const std::string file = (scratch.path() / "net.safetensors").string();
  std::vector<std::vector<real>> found;
  for (Backend* backend : {cpu.get(), threads.get(), static_cast<Backend*>(&general), device.get()}) {
    Net net = net_in_pools(*backend, seeds(2));
    for (Index k = 0; k < 2; ++k) test::leabra_trial(net, k);
    net.save(file);
    Net loaded = Net::load(*backend, file);
    for (Net* one : {&net, &loaded}) test::leabra_trial(*one, 2);
    EXPECT_EQ(everything(net), everything(loaded));
    EXPECT_EQ(net.values("hidden", "unit_gc_i"), loaded.values("hidden", "unit_gc_i"));
    found.push_back(everything(net));
  }
  for (std::size_t k = 1; k < found.size(); ++k) EXPECT_EQ(found[0], found[k]) << k;
  Net alone = net_in_pools(*cpu, std::vector<std::uint64_t>{2});
  for (Index k = 0; k < 3; ++k) test::leabra_trial(alone, k);
  Net both = net_in_pools(*cpu, seeds(2));
  for (Index k = 0; k < 3; ++k) test::leabra_trial(both, k);
  EXPECT_EQ(everything(alone), everything(both, 1));
}

TEST(LeabraPools, GrowWithTheNetworkAndRefuseWhatCannotBe) {
  const auto cpu = make_backend("cpu", {1});
  Net net(*cpu);
  LayerSpec spec = layer_in_pools(Inhibition::fffb, Inhibition::fffb);
  expect_error(error_of([&] { net.new_layer("odd", 10, spec); }), "odd/pools: found 3; the 10 units");
  spec.pool_inhibition.kwta_pct = 2;
  expect_error(error_of([&] { net.new_layer("odd", 12, spec); }), "odd/pool_inhibition/kwta_pct");
  spec.pool_inhibition.kwta_pct = 0.25;
  net.new_layer("layer", receivers, spec);
  net.new_layer("input", senders);
  net.new_projection("up", "input", "layer");
  net.clamp_layer("input", std::vector<double>{1});
  net.cycle(20);
  const std::vector<real> before = net.values("layer", "unit_gc_i"), fbi = net.values("layer", "fbi");
  net.new_layer("more", 8);
  EXPECT_EQ(net.values("layer", "unit_gc_i"), before);
  net.cycle(20);
  EXPECT_NE(net.values("layer", "unit_gc_i"), before);
  EXPECT_NE(net.values("layer", "fbi"), fbi);
  spec.pools = 2;
  expect_error(error_of([&] { net.set_layer_spec("layer", spec); }), "fixed once a layer is made");
}

}  // namespace
}  // namespace engram
