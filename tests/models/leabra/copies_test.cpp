// Leabra networks in several states that share weights, and activations that stand on the device.
#include <gtest/gtest.h>

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
  LayerSpec logged;
  logged.log_on_trial = {"avg_act"};
  ProjectionSpec momentum;
  momentum.learning = Learning::momentum;
  Net net = classifier(*cpu, seeds(1), Mode::compatible, 2);
  expect_error(error_of([&] { net.new_layer("logged", 2, logged); }), "logged/log_on_trial");
  expect_error(error_of([&] { net.new_projection("momentum", "input", "output", momentum); }), "momentum/learning");
}

}  // namespace
}  // namespace engram
