// One unit is held at full activation and drives another, which spikes, adapts, and shows a rate. two_neurons.json is
// the same as an experiment.
#include <cstdio>
#include <vector>

#include "engram/leabra/net.hpp"

int main() {
  using namespace engram;
  using namespace engram::leabra;
  const auto backend = make_backend("auto");
  Net net(*backend, 1);
  LayerSpec seen;
  seen.log_on_cycle = {"unit_act", "unit_spike", "unit_v_m", "unit_adapt"};
  net.new_layer("input", 1);
  net.new_layer("output", 1, seen);
  net.new_projection("input_to_output", "input", "output");  // one weight of 0.5

  net.clamp_layer("input", std::vector<double>{1});
  net.cycle(200);

  const Table log = net.logs(Frequency::cycle, "output").parts;
  const std::vector<double> activation = log.column("act"), spike = log.column("spike");
  std::printf("spikes in cycles");
  int spikes = 0;
  double highest = 0;
  for (std::size_t t = 0; t < spike.size(); ++t) {
    if (spike[t] > 0 && ++spikes <= 12) std::printf(" %zu", t);
    if (activation[t] > highest) highest = activation[t];
  }
  std::printf(" ...: %d in all\nactivation rises to %.4f and falls to %.4f as the unit adapts\n", spikes, highest,
              activation.back());
  return spikes > 0 && activation.back() < highest ? 0 : 1;
}
