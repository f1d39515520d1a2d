// Four patterns, two layers: the weights learn from how a guess (minus phase) and the answer (plus phase) differ, until
// three epochs in a row are right.
#include <cmath>
#include <cstdio>
#include <vector>

#include "engram/leabra/net.hpp"

int main() {
  using namespace engram;
  using namespace engram::leabra;
  const auto backend = make_backend("auto");

  LayerSpec layer;
  layer.gi = 1.5;
  layer.fb = 0.5;
  layer.fb_dt = 0.7;
  layer.unit_spec = {.vm_gain = 0,
                     .spike_gain = 0,
                     .net_dt = 0.7,
                     .vm_dt = 0.3,
                     .adapt_dt = 0,
                     .ss_dt = 1,
                     .s_dt = 0.2,
                     .m_dt = 0.15,
                     .l_dn_dt = 0.4,
                     .l_up_inc = 0.15};
  ProjectionSpec projection;
  projection.dist = UniformWeights{0.25, 0.75};
  projection.thr_l_mix = 0.01;

  Net net(*backend, 1);
  net.new_layer("input", 4, layer);
  net.new_layer("output", 2, layer);
  net.new_projection("input_to_output", "input", "output", projection);

  const std::vector<std::vector<double>> inputs{{1, 1, 1, 0}, {0, 1, 1, 1}, {0, 1, 0, 1}, {0, 1, 0, 0}},
      outputs{{1, 0}, {1, 0}, {0, 1}, {0, 1}};
  int right = 0, epoch = 0;
  for (; right < 3 && epoch < 3000; ++epoch) {
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      net.clamp_layer("input", inputs[k]);
      net.minus_phase_cycle(100);
      net.clamp_layer("output", outputs[k]);
      net.plus_phase_cycle(20);
      net.unclamp_layer("input");
      net.unclamp_layer("output");
      net.learn();
    }
    int errors = 0;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      net.clamp_layer("input", inputs[k]);
      net.cycle(50);
      net.unclamp_layer("input");
      const std::vector<real> answer = net.values("output", "unit_act");
      for (std::size_t i = 0; i < answer.size(); ++i)
        errors += std::abs(static_cast<double>(answer[i]) - outputs[k][i]) >= 0.5;
    }
    right = errors == 0 ? right + 1 : 0;
    if ((epoch + 1) % 50 == 0) std::printf("epoch %4d: %d of 8 outputs wrong\n", epoch + 1, errors);
  }
  std::printf("%s after %d epochs\n", right == 3 ? "learned" : "not learned", epoch);
  return right == 3 ? 0 : 1;
}
