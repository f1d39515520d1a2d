// Leabra networks in several states that share weights, and activations that stand on the device.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "engine/backend/trace_backend.hpp"
#include "tests/models/leabra/nets.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using namespace leabra;
using test::classifier;
using test::error_of;
using test::everything;
using test::expect_error;
using test::leabra_trial;
using test::seeds;

TEST(LeabraCopies, IsHeldAtActivationsThatStandOnTheDevice) {
  const auto backend = test::test_backend();
  Net net = classifier(*backend, seeds(2)), other = classifier(*backend, seeds(2));
  std::vector<double> given(80);
  for (std::size_t i = 0; i < given.size(); ++i) given[i] = 0.9 * static_cast<double>(i % 3) / 3;
  const Array<real> on_device(*backend, std::vector<real>(given.begin(), given.end()));
  net.clamp_each("input", given);
  other.clamp_on_device("input", on_device.batch(40, 2));
  for (Net* one : {&net, &other}) one->cycle(9);
  EXPECT_EQ(everything(net), everything(other));
  const Array<real> answers(*backend, 46);
  net.copy_activations("hidden", answers.batch(23, 2));
  EXPECT_EQ(answers.download(), net.values("hidden", "unit_act"));
  expect_error(error_of([&] { net.clamp_on_device("input", on_device.batch(80)); }), "there are 2 of 40");
  expect_error(error_of([&] { net.copy_activations("hidden", answers.batch(46)); }), "there are 2 of 23");
}

/// Copies learn together what each would have learned alone, added up exactly.
TEST(LeabraCopies, AddsUpWhatItsCopiesLearn) {
  constexpr Index copies = 3;
  const auto backend = test::test_backend();
  Net net = classifier(*backend, seeds(2), Mode::standard, copies);
  std::vector<double> input(2 * copies * 40), output(2 * copies * 3);
  for (std::size_t s = 0; s < 2 * copies; ++s) {
    for (std::size_t i = 0; i < 10; ++i) input[s * 40 + (s * 7 + 3 * i) % 40] = 1;
    output[s * 3 + s % 3] = 1;
  }
  const auto trial = [](Net& one, std::span<const double> in, std::span<const double> out) {
    one.clamp_each("input", in);
    one.minus_phase_cycle(20);
    one.clamp_each("output", out);
    one.plus_phase_cycle(10);
    one.learn();
  };
  const std::vector<std::string> projections = net.projections();
  std::map<std::string, std::vector<real>> start;
  std::map<std::string, std::vector<double>> change;
  for (const std::string& p : projections) {
    start[p] = net.linear_weights(p);
    change[p].resize(start[p].size());
  }
  for (std::size_t r = 0; r < 2; ++r)
    for (std::size_t s = r * copies; s < (r + 1) * copies; ++s) {
      Net alone = classifier(*backend, std::vector<std::uint64_t>{r + 1}, Mode::standard);
      trial(alone, std::span(input).subspan(s * 40, 40), std::span(output).subspan(s * 3, 3));
      for (const std::string& p : projections) {
        const std::vector<real> learned = alone.linear_weights(p);
        for (std::size_t i = 0; i < learned.size(); ++i) {
          const std::size_t at = r * learned.size() + i;
          change[p][at] += static_cast<double>(learned[i]) - static_cast<double>(start[p][at]);
        }
      }
    }
  trial(net, input, output);
  for (const std::string& p : projections) {
    const std::vector<real> learned = net.linear_weights(p);
    EXPECT_NE(learned, start[p]) << p;
    for (std::size_t i = 0; i < learned.size(); ++i)
      EXPECT_EQ(learned[i], static_cast<real>(static_cast<double>(start[p][i]) + change[p][i])) << p << " " << i;
  }
}

TEST(LeabraCopies, HasTheSameBitsWithCopiesInAnyForm) {
  const auto cpu = make_backend("cpu", {1}), threads = make_backend("cpu", {3}), device = test::test_backend();
  TraceBackend general(*cpu);
  std::vector<std::vector<real>> found;
  for (Backend* backend : {cpu.get(), threads.get(), static_cast<Backend*>(&general), device.get()}) {
    Net net = classifier(*backend, seeds(2), Mode::compatible, 4);
    LayerSpec noisy = net.layer_spec("hidden");
    noisy.unit_spec.noise = 0.01;
    net.set_layer_spec("hidden", noisy);
    for (Index k = 0; k < 3; ++k) leabra_trial(net, k);
    found.push_back(everything(net));
    const std::vector<real> act = net.values("hidden", "unit_net");
    EXPECT_NE(act[0], act[23]) << "copies have noise of their own";
    const test::Scratch scratch;
    const std::string file = (scratch.path() / "net.safetensors").string();
    net.save(file);
    Net loaded = Net::load(*backend, file);
    for (Net* one : {&net, &loaded}) leabra_trial(*one, 3);
    EXPECT_EQ(everything(net), everything(loaded));
  }
  for (std::size_t k = 1; k < found.size(); ++k) EXPECT_EQ(found[0], found[k]) << k;
}

/// Copies at two different activations, in two replicas.
void show_copies(Net& net, Index k) {
  std::vector<double> input(net.states() * 40), output(net.states() * 3);
  for (std::size_t s = 0; s < net.states(); ++s) {
    for (std::size_t i = 0; i < 8; ++i) input[s * 40 + (s * 7 + 3 * i + k) % 40] = 1;
    output[s * 3 + (s + k) % 3] = 1;
  }
  net.clamp_each("input", input);
  net.minus_phase_cycle(12);
  net.clamp_each("output", output);
  net.plus_phase_cycle(8);
  net.unclamp_layer("input");
  net.unclamp_layer("output");
}

/// Rows of a log say of which copy of which replica they are; connections are of a replica.
TEST(LeabraCopies, KeepLogsOfEachCopy) {
  const auto backend = test::test_backend(), threads = make_backend("cpu", {3});
  std::vector<std::vector<double>> found;
  for (Backend* const one : {backend.get(), threads.get()}) {
    Net net = classifier(*one, seeds(2), Mode::standard, 3);
    LayerSpec logged = net.layer_spec("hidden");
    logged.log_on_trial = {"avg_act", "unit_acts_p"};
    net.set_layer_spec("hidden", logged);
    ProjectionSpec connections = net.projection_spec("out");
    connections.log_on_trial = {"conn_wt"};
    net.set_projection_spec("out", connections);
    for (Index k = 0; k < 2; ++k) show_copies(net, k), net.learn();
    const Logs logs = net.logs(Frequency::trial, "hidden"), of_pairs = net.logs(Frequency::trial, "out");
    EXPECT_EQ(logs.whole.names, (std::vector<std::string>{"avg_act", "time", "replica", "copy"}));
    EXPECT_EQ(logs.parts.names, (std::vector<std::string>{"unit", "acts_p", "time", "replica", "copy"}));
    EXPECT_EQ(of_pairs.parts.names, (std::vector<std::string>{"pre_unit", "post_unit", "conn_wt", "time", "replica"}));
    ASSERT_EQ(logs.parts.rows(), 2u * 6 * 23);
    const std::vector<real> now = net.values("hidden", "unit_acts_p");
    const std::vector<double> replica = logs.parts.column("replica"), copy = logs.parts.column("copy"),
                              unit = logs.parts.column("unit"), act = logs.parts.column("acts_p");
    for (std::size_t row = 6 * 23; row < act.size(); ++row)
      EXPECT_EQ(act[row],
                static_cast<double>(now[static_cast<std::size_t>((replica[row] * 3 + copy[row]) * 23 + unit[row])]));
    const Table seen = net.observe("hidden", "fbi");
    EXPECT_EQ(seen.column("replica"), (std::vector<double>{0, 0, 0, 1, 1, 1}));
    EXPECT_EQ(seen.column("copy"), (std::vector<double>{0, 1, 2, 0, 1, 2}));
    const test::Scratch scratch;
    const std::string file = (scratch.path() / "net.safetensors").string();
    net.save(file);
    EXPECT_EQ(Net::load(*one, file).logs(Frequency::trial, "hidden").parts.values, logs.parts.values);
    found.push_back(logs.parts.values);
    found.back().insert(found.back().end(), of_pairs.parts.values.begin(), of_pairs.parts.values.end());
  }
  EXPECT_EQ(found[0], found[1]);
}

/// The memory of a synapse takes what all copies propose at once, as it would take the proposal of one.
TEST(LeabraCopies, MomentumTakesWhatAllProposeTogether) {
  constexpr Index copies = 3;
  const auto backend = test::test_backend();
  Net net(*backend, seeds(2), copies);
  ProjectionSpec spec;
  spec.learning = Learning::momentum;
  spec.lrate = 0.1;
  spec.dist = UniformWeights{0.25, 0.75};
  net.new_layer("input", 40);
  net.new_layer("hidden", 23);
  net.new_layer("output", 3);
  net.new_projection("up", "input", "hidden", spec);
  net.new_projection("out", "hidden", "output", spec);
  std::vector<double> norm(2 * 3 * 23), momentum(norm.size());
  for (Index k = 0; k < 6; ++k) {
    show_copies(net, k);
    const std::vector<real> xs = net.values("hidden", "unit_avg_s"), xm = net.values("hidden", "unit_avg_m"),
                            ys = net.values("output", "unit_avg_s"), ym = net.values("output", "unit_avg_m"),
                            before = net.linear_weights("out");
    net.learn();
    const std::vector<real> after = net.linear_weights("out");
    for (std::size_t r = 0; r < 2; ++r)
      for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 23; ++j) {
          double d = 0;
          for (std::size_t s = r * copies; s < (r + 1) * copies; ++s) {
            const double srs = static_cast<double>(ys[s * 3 + i]) * static_cast<double>(xs[s * 23 + j]),
                         srm = static_cast<double>(ym[s * 3 + i]) * static_cast<double>(xm[s * 23 + j]),
                         mixed = 0.9 * srs + 0.1 * srm;
            d += mixed < 0.0001 ? 0 : (mixed > 0.1 * srm ? mixed - srm : -9 * mixed);  // the output was held: no Hebb
          }
          const std::size_t at = (r * 3 + i) * 23 + j;
          norm[at] = std::max(0.999 * norm[at], std::abs(d));
          momentum[at] = 0.9 * momentum[at] + d;
          const double by = norm[at] == 0 ? 1 : 0.15 / std::max(norm[at], 0.001), step = 0.1 * by * 0.1 * momentum[at],
                       f = static_cast<double>(before[at]);
          ASSERT_NEAR(static_cast<double>(after[at]), f + step * (step > 0 ? 1 - f : f),
                      sizeof(real) == 8 ? 1e-12 : 2e-5)
              << k << " " << at;
        }
  }
}

/// With momentum and balance too, whatever computes it; a copy alone learns as a network without copies.
TEST(LeabraCopies, HasTheSameBitsWithMomentumInAnyForm) {
  const auto cpu = make_backend("cpu", {1}), threads = make_backend("cpu", {3}), device = test::test_backend();
  TraceBackend general(*cpu);
  const auto learned = [](Backend& backend, Index copies) {
    Net net = classifier(backend, seeds(2), Mode::standard, copies);
    ProjectionSpec spec = net.projection_spec("up");
    spec.learning = Learning::momentum;
    spec.balance_weights = true;
    spec.balance_every = 2;
    net.new_projection("again", "input", "hidden", spec);
    for (Index k = 0; k < 5; ++k) show_copies(net, k), net.learn();
    return everything(net);
  };
  const std::vector<real> first = learned(*cpu, 4);
  for (Backend* backend : {threads.get(), static_cast<Backend*>(&general), device.get()})
    EXPECT_EQ(first, learned(*backend, 4));
  EXPECT_EQ(learned(*cpu, 1), learned(*device, 1));
}

}  // namespace
}  // namespace engram
