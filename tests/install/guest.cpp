#include <engram/engram.hpp>
#include <iostream>

int main() {
  using namespace engram::assembly;
  const auto backend = engram::make_backend("cpu", {.threads = 2});
  Assembly brain(*backend, {.stimuli = {{"x", 1000}}, .stages = {{{.name = "A", .inputs = {"x"}, .n = 1000}}}}, {1});
  Simulator simulator(brain, {.epoch_size = 10});
  simulator.simulate({{{"x", {sample_k_active(1, 0, 0, 1000, 50)}}}});
  std::cout << ENGRAM_VERSION << ": " << simulator.last().at("A/convergence")[0] << " winners\n";
}
