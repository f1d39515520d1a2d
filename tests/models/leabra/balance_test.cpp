// Projections with momentum whose receivers balance their weights, against a plain computation of each synapse.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/backend/trace_backend.hpp"
#include "tests/models/leabra/nets.hpp"
#include "tests/models/leabra/task.hpp"
#include "tests/testing/counting_backend.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using namespace leabra;
using test::error_of;
using test::everything;
using test::expect_error;
using test::seeds;

constexpr Index sending_units = 6, balanced_units = 9;

ProjectionSpec balanced(std::uint64_t every) {
  ProjectionSpec spec;
  spec.learning = Learning::momentum;
  spec.lrate = 0.1;
  spec.balance_weights = true;
  spec.balance_every = every;
  spec.dist = UniformWeights{0.25, 0.75};
  spec.sparsity = 0.8;
  return spec;
}

Net balancing_net(Backend& backend, std::span<const std::uint64_t> seeds, const ProjectionSpec& spec = balanced(2)) {
  Net net(backend, seeds);
  net.new_layer("input", sending_units);
  net.new_layer("output", balanced_units);
  net.new_projection("up", "input", "output", spec);
  return net;
}

void balance_trial(Net& net, Index k) {
  std::vector<double> input(sending_units), output(balanced_units);
  for (Index j = 0; j < sending_units; ++j) input[j] = 0.3 + 0.1 * ((j + k) % 7);
  for (Index i = 0; i < balanced_units; ++i) output[i] = i < 3 ? 0.9 : (i < 6 ? 0.1 * ((i + k) % 4) : 0.3);
  net.clamp_layer("input", input);
  net.minus_phase_cycle(5);
  net.clamp_layer("output", output);
  net.plus_phase_cycle(7);
  net.unclamp_layer("output");
}

/// The synapses of one network in double, as the rules of the field's production system have them.
struct PlainSynapses {
  std::vector<double> f, w, norm, momentum, decrease = std::vector<double>(balanced_units, 1.0);
  std::vector<bool> here;

  void learn(const Net& net, const ProjectionSpec& spec) {
    const auto of = [&](const char* layer, const char* value) { return net.values(layer, value); };
    const std::vector<real> xs = of("input", "unit_avg_s"), xm = of("input", "unit_avg_m"),
                            ys = of("output", "unit_avg_s"), ym = of("output", "unit_avg_m");
    for (std::size_t i = 0; i < balanced_units; ++i)
      for (std::size_t j = 0; j < sending_units; ++j) {
        const std::size_t at = i * sending_units + j;
        if (!here[at]) continue;
        const double srm = static_cast<double>(ym[i]) * static_cast<double>(xm[j]),
                     s = 0.9 * static_cast<double>(ys[i]) * static_cast<double>(xs[j]) + 0.1 * srm;
        const double d = s < 0.0001 ? 0 : (s > 0.1 * srm ? s - srm : -9 * s);  // the receivers were held: no Hebb
        norm[at] = std::max(0.999 * norm[at], std::abs(d));
        momentum[at] = 0.9 * momentum[at] + d;
        const double by = norm[at] == 0 ? 1 : 0.15 / std::max(norm[at], 0.001);
        const double step = spec.lrate * by * 0.1 * momentum[at];
        f[at] += step * (step > 0 ? (2 - decrease[i]) * (1 - f[at]) : decrease[i] * f[at]);
        w[at] = 1 / (1 + std::pow((1 - f[at]) / f[at], 6));
      }
  }
  void balance(const BalanceSpec& b) {
    for (std::size_t i = 0; i < balanced_units; ++i) {
      double sum = 0, count = 0;
      for (std::size_t j = 0; j < sending_units; ++j)
        if (here[i * sending_units + j] && w[i * sending_units + j] >= b.threshold) {
          sum += w[i * sending_units + j];
          ++count;
        }
      const double mean = count > 0 ? sum / count : 0;
      decrease[i] = 1;
      if (mean < 0.4) decrease[i] = 1 / (1 + 6 * (0.4 - std::max(mean, 0.25)));
      if (mean > 0.4) decrease[i] = 2 - 1 / (1 + 4 * (mean - 0.4));
    }
  }
};

TEST(LeabraBalance, LearnsAsAPlainComputationSays) {
  const auto backend = test::test_backend();
  const ProjectionSpec spec = balanced(3);
  Net net = balancing_net(*backend, seeds(1), spec);
  PlainSynapses plain;
  const std::vector<real> start = net.linear_weights("up");
  plain.f.assign(start.begin(), start.end());
  plain.w = plain.f;
  plain.norm = plain.momentum = std::vector<double>(plain.f.size());
  plain.here = net.connections("up");
  double least = 1, most = 1;
  for (Index k = 0; k < 24; ++k) {
    balance_trial(net, k);
    plain.learn(net, spec);
    net.learn();
    const std::vector<real> f = net.linear_weights("up"), w = net.weights("up");
    for (std::size_t at = 0; at < f.size(); ++at) {
      ASSERT_NEAR(static_cast<double>(f[at]), plain.f[at], sizeof(real) == 8 ? 1e-12 : 1e-5) << k << " " << at;
      ASSERT_NEAR(static_cast<double>(w[at]), plain.w[at], sizeof(real) == 8 ? 1e-11 : 1e-4) << k << " " << at;
    }
    if (k % 3 == 2) plain.balance(spec.balance);
    least = std::min(least, *std::min_element(plain.decrease.begin(), plain.decrease.end()));
    most = std::max(most, *std::max_element(plain.decrease.begin(), plain.decrease.end()));
  }
  EXPECT_LT(least, 0.8) << "no receiver had small weights";
  EXPECT_GT(most, 1.2) << "no receiver had large weights";
}

/// What a synapse remembers and what its receiver balances is part of the state.
TEST(LeabraBalance, GoesOnFromAFileAsIfNeverSaved) {
  const auto cpu = make_backend("cpu", {1});
  const test::Scratch scratch;
  const std::string file = (scratch.path() / "net.safetensors").string();
  ProjectionSpec momentum = balanced(2);
  momentum.balance_weights = false;
  for (const ProjectionSpec& spec : {momentum, balanced(2), balanced(3)}) {
    Net net = balancing_net(*cpu, seeds(2), spec);
    for (Index k = 0; k < 4; ++k) balance_trial(net, k), net.learn();
    net.save(file);
    Net loaded = Net::load(*cpu, file);
    for (Net* one : {&net, &loaded})
      for (Index k = 4; k < 9; ++k) balance_trial(*one, k), one->learn();
    EXPECT_EQ(everything(net), everything(loaded));
  }
}

TEST(LeabraBalance, HasTheSameBitsInAnyForm) {
  const auto cpu = make_backend("cpu", {1}), threads = make_backend("cpu", {3}), device = test::test_backend();
  TraceBackend general(*cpu);
  std::vector<std::vector<real>> found;
  for (Backend* backend : {cpu.get(), threads.get(), static_cast<Backend*>(&general), device.get()}) {
    Net net = balancing_net(*backend, seeds(2));
    for (Index k = 0; k < 7; ++k) balance_trial(net, k), net.learn();
    found.push_back(everything(net));
  }
  for (std::size_t k = 1; k < found.size(); ++k) EXPECT_EQ(found[0], found[k]) << k;
  Net alone = balancing_net(*cpu, std::vector<std::uint64_t>{2}), both = balancing_net(*cpu, seeds(2));
  for (Index k = 0; k < 7; ++k)
    for (Net* one : {&alone, &both}) balance_trial(*one, k), one->learn();
  EXPECT_EQ(everything(alone), everything(both, 1));
}

/// The look at the weights moves nothing to the host.
TEST(LeabraBalance, StaysOnTheDevice) {
  const auto cpu = make_backend("cpu", {1});
  test::CountingBackend counting(*cpu);
  Net net = balancing_net(counting, seeds(2), balanced(1));
  balance_trial(net, 0);
  net.learn();
  const std::size_t before = counting.uploads + counting.downloads;
  for (int k = 0; k < 3; ++k) net.learn();
  EXPECT_EQ(counting.uploads + counting.downloads, before);
}

TEST(LeabraBalance, RefusesWhatCannotBe) {
  const auto cpu = make_backend("cpu", {1});
  ProjectionSpec spec = balanced(2);
  spec.learning = Learning::xcal;
  expect_error(error_of([&] { balancing_net(*cpu, seeds(1), spec); }),
               "up/balance_weights: needs learning \"momentum\"");
  spec = balanced(0);
  expect_error(error_of([&] { balancing_net(*cpu, seeds(1), spec); }), "up/balance_every");
  spec = balanced(2);
  spec.balance.low = 0.5;
  expect_error(error_of([&] { balancing_net(*cpu, seeds(1), spec); }), "up/balance/low");
}

/// A replica that stops goes on in the next phase as it would alone, weights, momenta and balance included.
TEST(LeabraBalance, StopsEachReplicaByItself) {
  auto document = test::leabra_example("pattern_association");
  document["model"]["projections"]["input_to_output"].update(
      {{"learning", "momentum"}, {"balance_weights", true}, {"balance_every", 3}, {"lrate", 0.2}});
  document["protocol"] = nlohmann::ordered_json::parse(R"([
    {"do": "train", "epochs": 120, "stop_after": 1}, {"do": "train", "epochs": 7}])");
  const auto together = test::run_leabra(document, 4), alone = test::run_leabra(document, 1);
  const std::vector<double> epochs = together.kept.last("train 1", "epochs");
  EXPECT_NE(*std::min_element(epochs.begin(), epochs.end()), *std::max_element(epochs.begin(), epochs.end()));
  EXPECT_EQ(alone.kept.lines(0), together.kept.lines(0));
}

}  // namespace
}  // namespace engram
