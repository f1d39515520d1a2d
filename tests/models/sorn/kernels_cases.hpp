// SORN networks and calls that take every way through the kernels: in blocks and in shared memory, large, with all
// options, with winners, as recorded graphs. Compared with the CPU on the emulated device and on a real one.
#pragma once

#include <gtest/gtest.h>

#include "engram/sorn/build.hpp"
#include "engram/sorn/sorn.hpp"

namespace engram::testing_kernels {

inline void expect_same(const sorn::Network& a, const sorn::Network& b) {
  for (Index r = 0; r < a.replicas(); ++r) {
    SCOPED_TRACE(r);
    const sorn::State s = a.state(r), t = b.state(r);
    for (const auto rows : {&sorn::State::wee, &sorn::State::wei, &sorn::State::weu}) {
      EXPECT_EQ((s.*rows).start, (t.*rows).start);
      EXPECT_EQ((s.*rows).pre, (t.*rows).pre);
      EXPECT_EQ((s.*rows).weight, (t.*rows).weight);
    }
    EXPECT_EQ(s.te, t.te);
    EXPECT_EQ(s.x, t.x);
    EXPECT_EQ(s.y, t.y);
    const sorn::Counts c = a.counts()[r], d = b.counts()[r];
    EXPECT_EQ(c.ee, d.ee);
    EXPECT_EQ(c.ei, d.ei);
    EXPECT_EQ(c.inserted, d.inserted);
    EXPECT_EQ(c.skipped, d.skipped);
    EXPECT_EQ(c.empty_rows, d.empty_rows);
  }
  EXPECT_EQ(a.drives(), b.drives());
  EXPECT_EQ(a.drives_to_inhibitory(), b.drives_to_inhibitory());
}

inline void expect_same(const sorn::Network::Recorded& a, const sorn::Network::Recorded& b) {
  EXPECT_EQ(a.x, b.x);
  EXPECT_EQ(a.y, b.y);
  EXPECT_EQ(a.recurrent, b.recurrent);
  ASSERT_EQ(a.counts.size(), b.counts.size());
  for (std::size_t i = 0; i < a.counts.size(); ++i) EXPECT_EQ(a.counts[i].ee, b.counts[i].ee) << i;
}

/// One call of `steps` steps with input that records everything.
inline void expect_sorn_of_the_cpu(Backend& backend, const std::vector<sorn::Parameters>& parameters, Index steps) {
  std::vector<std::uint64_t> seeds;
  for (std::size_t r = 0; r < parameters.size(); ++r) seeds.push_back(10 + r);
  const auto cpu = make_backend("cpu", {.threads = 1});
  sorn::Network expected(*cpu, parameters, seeds), found(backend, parameters, seeds);
  const sorn::Network::Record all{.x = true, .y = true, .recurrent = true, .counts = true};
  const std::vector<real> input(std::size_t{steps} * parameters[0].nu, static_cast<real>(0.3));
  expect_same(found.run(steps, input, all), expected.run(steps, input, all));
  expect_same(found, expected);
}

inline sorn::Parameters sorn_network(Index ne) {
  sorn::Parameters p;
  p.ne = ne;
  p.nu = 3;
  p.lambda_ee = 6;
  p.lambda_ei = 8;
  p.lambda_ie = 12;
  p.h_ip = 0.1;
  p.sp_rate = 2.5;
  return p;
}

inline sorn::Parameters with_options(sorn::Parameters p) {
  p.nu = 20;
  p.input_weights = "plastic";
  p.lambda_eu = 5;
  p.eta_input = 0.05;
  p.feed_forward_inhibition = 0.05;
  p.noise_spikes_e = p.noise_spikes_i = 0.05;
  return p;
}

inline std::vector<sorn::Parameters> sorn_with_rules_of_their_own(Index ne) {
  std::vector<sorn::Parameters> parameters(3, sorn_network(ne));
  parameters[1].fast_inhibition = true;
  parameters[1].inclusive_threshold = true;
  parameters[2].freeze = {"stdp", "ss"};
  return parameters;
}

inline std::vector<sorn::Parameters> sorn_inhibited(const char* network_type_ie, Index ne) {
  std::vector<sorn::Parameters> parameters(2, sorn_network(ne));
  for (sorn::Parameters& p : parameters) p.network_type_ie = network_type_ie;
  parameters[1].fast_inhibition = true;
  return parameters;
}

/// A new network of sparse projections is made on the device: every row of it is that of the host, and lies as it does.
inline void expect_sorn_made_as_on_the_host(Backend& backend, Index ne) {
  ASSERT_NE(backend.extension<sorn::Build>(), nullptr);
  const auto cpu = make_backend("cpu", {.threads = 1});
  for (const char* repair : {"auto", "uniform_rows", "reference"})
    for (const double few : {0.4, 8.0})
      for (const bool options : {false, true}) {
        SCOPED_TRACE(repair + std::string(options ? ", options, " : ", ") + std::to_string(few));
        sorn::Parameters p = options ? with_options(sorn_network(ne)) : sorn_network(ne);
        p.network_type_ie = "Sparse";
        p.repair = repair;
        p.lambda_ei = few;  // with few partners some rows have none until they are repaired
        sorn::Network made(backend, {p}, {7}), expected(*cpu, {p}, {7});
        EXPECT_EQ(made.bytes(), expected.bytes());
        expect_same(made, expected);
        const sorn::State a = made.state(0), b = expected.state(0);
        EXPECT_EQ(a.wie.start, b.wie.start);
        EXPECT_EQ(a.wie.pre, b.wie.pre);
        EXPECT_EQ(a.wie.weight, b.wie.weight);
        EXPECT_EQ(a.ti, b.ti);
      }
}

inline std::vector<sorn::Parameters> sorn_with_options(Index ne) {
  std::vector<sorn::Parameters> parameters(3, with_options(sorn_network(ne)));
  parameters[1].fast_inhibition = true;
  parameters[1].noise_sigma_e = 0;
  parameters[2].freeze = {"stdp"};
  return parameters;
}

inline std::vector<sorn::Parameters> sorn_with_winners(Index ne) {
  std::vector<sorn::Parameters> parameters(3, with_options(sorn_network(ne)));
  for (sorn::Parameters& p : parameters) p.k_winners = ne / 9;
  parameters[1].fast_inhibition = true;
  parameters[2].noise = false;
  parameters[2].freeze = {"ip"};
  return parameters;
}

/// Rows that lose synapses all the time, or a matrix that fills up.
inline sorn::Parameters sorn_of_ten(bool fills_up) {
  sorn::Parameters p = sorn_network(10);
  p.sp_rate = 5;
  p.eta_stdp = 0.05;
  if (fills_up) p.freeze = {"stdp", "ss"};
  return p;
}

/// What grows stays: after some hundred steps these outgrow what they were given of shared memory.
inline std::vector<sorn::Parameters> sorn_that_grow(const char* network_type_ie = "Dense") {
  sorn::Parameters p = sorn_network(60);
  p.freeze = {"stdp"};
  p.sp_rate = 0.99;
  p.network_type_ie = network_type_ie;
  return {p, p};
}

/// A call of `run`.
struct SornCall {
  Index steps;
  bool input;
  sorn::Network::Record record;

  sorn::Network::Recorded operator()(sorn::Network& net, Index nu) const {
    const std::vector<real> values(input ? std::size_t{steps} * nu : 0, static_cast<real>(0.3));
    return net.run(steps, values, record);
  }
};

/// A step of large networks is the same launches every time, whatever the tick: one graph serves calls that record
/// nothing and have no input, a call of 16 steps and more that has input or records activity has its own.
inline constexpr SornCall sorn_calls[] = {{1, false, {}},         {2, false, {}},
                                          {3, false, {}},         {20, true, {.x = true, .y = true}},
                                          {4, true, {.x = true}}, {16, false, {.recurrent = true}},
                                          {2, false, {}}};

inline std::vector<sorn::Parameters> sorn_for_graphs(Index winners) {
  std::vector<sorn::Parameters> parameters(2, with_options(sorn_network(1100)));
  for (sorn::Parameters& p : parameters) p.k_winners = winners;
  parameters[1].fast_inhibition = true;
  return parameters;
}

}  // namespace engram::testing_kernels
