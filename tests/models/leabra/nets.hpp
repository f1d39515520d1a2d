// Leabra networks that several tests use, and the calls of a trial.
#pragma once

#include <gtest/gtest.h>

#include "engram/leabra/net.hpp"

namespace engram::test {

using leabra::Mode;

inline std::vector<std::uint64_t> seeds(std::size_t count) {
  std::vector<std::uint64_t> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(i + 1);
  return all;
}

template <class F>
std::string error_of(F&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}
inline void expect_error(const std::string& error, const std::string& part) {
  EXPECT_NE(error.find(part), std::string::npos) << "found \"" << error << "\", expected \"" << part << "\" in it";
}

inline leabra::LayerSpec without_adaptation(Mode mode) {
  leabra::LayerSpec spec = leabra::LayerSpec::of(mode);
  spec.gi = 1.5;
  spec.unit_spec.adapt_dt = spec.unit_spec.vm_gain = spec.unit_spec.spike_gain = 0;
  return spec;
}

/// 40, 23 and 3 units with feedback, as the classifier of iris flowers.
inline leabra::Net classifier(Backend& backend, std::span<const std::uint64_t> seeds, Mode mode = Mode::compatible,
                              Index copies = 1) {
  leabra::Net net(backend, seeds, copies);
  for (const auto& [name, size] :
       std::initializer_list<std::pair<const char*, Index>>{{"input", 40}, {"hidden", 23}, {"output", 3}})
    net.new_layer(name, size, without_adaptation(mode));
  leabra::ProjectionSpec up = leabra::ProjectionSpec::of(mode), down = up;
  up.dist = leabra::UniformWeights{0.25, 0.75};
  down.dist = leabra::UniformWeights{0.25, 0.5};
  down.wt_scale_rel = 0.3;
  net.new_projection("up", "input", "hidden", up);
  net.new_projection("out", "hidden", "output", up);
  net.new_projection("down", "output", "hidden", down);
  return net;
}

/// Three layers with biases, functions and scales that differ; 40, `units` and 3 units.
inline void add_layers_with_options(leabra::Net& net, Index units) {
  leabra::LayerSpec input, hidden = leabra::LayerSpec::of(Mode::standard), output = hidden;
  input.scale_by_act = leabra::ActScale::fixed;
  hidden.scale_by_act = leabra::ActScale::running;
  hidden.act_p_avg_init = 0.3;
  hidden.act_p_avg_dt = 0.2;
  hidden.bias = output.bias = true;
  hidden.bias_init = 0.05;
  hidden.bias_threshold = 0.01;
  hidden.unit_spec.nxx1_gain = output.unit_spec.nxx1_gain = 100;
  hidden.unit_spec.nxx1_noise = 0.005;
  hidden.unit_spec.avg_l_above = 0.02;
  output.unit_spec.nxx1_noise = 0;
  output.unit_spec.clamp_silent = 0.5;
  leabra::ProjectionSpec up, down;
  up.dist = leabra::UniformWeights{0.25, 0.75};
  up.sparsity = 0.5;
  up.sem_extra = 5;
  up.s_mix_of = leabra::Mixing::units;
  up.s_mix = 0.6;
  down.dist = leabra::UniformWeights{0.25, 0.5};
  down.wt_scale_rel = 0.3;
  net.new_layer("input", 40, input);
  net.new_layer("hidden", units, hidden);
  net.new_layer("output", 3, output);
  net.new_projection("up", "input", "hidden", up);
  net.new_projection("out", "hidden", "output", up);
  net.new_projection("down", "output", "hidden", down);
}

inline void leabra_trial(leabra::Net& net, std::span<const double> input, std::span<const double> output,
                         std::uint64_t minus = 50, std::uint64_t plus = 25) {
  net.clamp_layer("input", input);
  net.minus_phase_cycle(minus);
  net.clamp_layer("output", output);
  net.plus_phase_cycle(plus);
  net.unclamp_layer("input");
  net.unclamp_layer("output");
  net.learn();
}

/// Ten units of 40 and one of three, others for each k.
inline void leabra_trial(leabra::Net& net, Index k) {
  std::vector<double> input(40), output(3);
  for (Index feature = 0; feature < 4; ++feature) input[10 * feature + (k * (feature + 3)) % 10] = 1;
  output[k % 3] = 1;
  leabra_trial(net, input, output, 20, 10);
}

/// All that a network shows, replica by replica where `replica` is not negative.
inline std::vector<real> everything(const leabra::Net& net, std::int64_t replica = -1) {
  std::vector<real> all;
  const auto add = [&](const std::vector<real>& values) {
    const std::size_t part = values.size() / net.replicas();
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(replica < 0 ? 0 : part * replica);
    all.insert(all.end(), first, replica < 0 ? values.end() : first + static_cast<std::ptrdiff_t>(part));
  };
  for (const std::string& layer : net.layers())
    for (const char* attribute :
         {"unit_net", "unit_act", "unit_v_m", "unit_v_m_eq", "unit_adapt", "unit_avg_ss", "unit_avg_m", "unit_avg_l",
          "unit_input", "unit_bias", "gc_i", "fbi", "cos_diff_avg", "act_p_avg"})
      add(net.values(layer, attribute));
  for (const std::string& projection : net.projections()) {
    add(net.weights(projection));
    add(net.linear_weights(projection));
  }
  return all;
}

}  // namespace engram::test
