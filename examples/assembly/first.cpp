// One area learns one stimulus: its winners settle.
#include <cstdio>

#include "engram/assembly/simulator.hpp"

int main() {
  using namespace engram::assembly;
  const auto backend = engram::make_backend("auto");
  Assembly brain(*backend, {.stimuli = {{"x", 1000}}, .stages = {{{.name = "A", .inputs = {"x"}, .n = 1000}}}}, {1});
  Simulator simulator(brain, {.epoch_size = 10});
  simulator.simulate({{{"x", {sample_k_active(1, 0, 0, 1000, 50)}}}});
  std::printf("%.0f of 50 winners were those of the step before\n", simulator.last().at("A/convergence")[0]);
}
