// A problem that no single layer of weights solves: two pairs of opposite patterns each have the same answer. A hidden
// layer, which the answer drives too, learns it. Not every network does; eight begin with other weights, as replicas
// that learn together. error_driven.json is the same as an experiment.
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "engram/leabra/net.hpp"

int main() {
  using namespace engram;
  using namespace engram::leabra;
  const auto backend = make_backend("auto");

  LayerSpec layer = LayerSpec::of(Mode::standard);
  layer.gi = 1.5;
  layer.unit_spec.adapt_dt = layer.unit_spec.vm_gain = layer.unit_spec.spike_gain = 0;
  layer.unit_spec.net_dt = 0.7;
  layer.unit_spec.ss_dt = 1;
  layer.unit_spec.s_dt = 0.2;
  layer.unit_spec.l_dn_dt = 0.4;
  layer.unit_spec.l_up_inc = 0.15;
  ProjectionSpec forward = ProjectionSpec::of(Mode::standard);
  forward.dist = UniformWeights{0.25, 0.75};
  forward.lrate = 0.04;
  forward.thr_l_mix = 0;  // learns from errors alone
  ProjectionSpec back = forward;
  back.wt_scale_rel = 0.3;

  std::vector<std::uint64_t> seeds{1, 2, 3, 4, 5, 6, 7, 8};
  Net net(*backend, seeds);
  for (const auto& [name, size] : {std::pair("input", 4), std::pair("hidden", 4), std::pair("output", 2)})
    net.new_layer(name, static_cast<Index>(size), layer);
  net.new_projection("input_to_hidden", "input", "hidden", forward);
  net.new_projection("hidden_to_output", "hidden", "output", forward);
  net.new_projection("output_to_hidden", "output", "hidden", back);

  const std::vector<std::vector<double>> inputs{{1, 0, 1, 0}, {0, 1, 0, 1}, {1, 1, 0, 0}, {0, 0, 1, 1}},
      outputs{{1, 0}, {1, 0}, {0, 1}, {0, 1}};
  std::vector<int> learned(seeds.size());  // the first epoch without an error
  constexpr int epochs = 600;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      net.clamp_layer("input", inputs[k]);
      net.minus_phase_cycle(50);
      net.clamp_layer("output", outputs[k]);
      net.plus_phase_cycle(20);
      net.unclamp_layer("input");
      net.unclamp_layer("output");
      net.learn();
    }
    std::vector<int> errors(seeds.size());
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      net.clamp_layer("input", inputs[k]);
      net.cycle(50);
      net.unclamp_layer("input");
      const std::vector<real> answer = net.values("output", "unit_act");  // [replica][unit]
      for (std::size_t i = 0; i < answer.size(); ++i)
        errors[i / 2] += std::abs(static_cast<double>(answer[i]) - outputs[k][i % 2]) >= 0.5;
    }
    for (std::size_t r = 0; r < seeds.size(); ++r)
      if (errors[r] == 0 && learned[r] == 0) learned[r] = epoch;
  }
  int networks = 0;
  for (std::size_t r = 0; r < seeds.size(); ++r) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seeds[r]),
                learned[r] ? ("all right after " + std::to_string(learned[r]) + " epochs").c_str() : "some wrong");
    networks += learned[r] > 0;
  }
  std::printf("%d of %zu networks learned it within %d epochs\n", networks, seeds.size(), epochs);
  return networks > 0 ? 0 : 1;
}
