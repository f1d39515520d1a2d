// The kernels of the assembly calculus give the bits of the CPU, in any order and on real threads.
#include <gtest/gtest.h>

#include "emulated_backend.hpp"
#include "engine/cpu/cpu_backend.hpp"
#include "engram/models/calculus.hpp"

namespace engram {
namespace {

using namespace calculus;
using testing_kernels::EmulatedBackend;
using testing_kernels::Order;

std::vector<std::vector<Index>> run(Backend& backend, Connectome connectome, double p, int bits) {
  BrainOptions options;
  options.p = p;
  options.exact_bits = bits;
  Brain brain(backend, 11, options, connectome);
  AreaOptions area;
  area.n = 1500;
  area.k = 30;
  area.refractory_period = 2;
  area.inhibition_strength = 0.5;
  area.refracted_strength = 0.01;
  brain.add_area("A", area);
  brain.add_area("B", area);
  brain.add_stimulus("s", 40);
  std::vector<std::vector<Index>> history;
  brain.project({{"s", {"A"}}}, {});
  for (int round = 0; round < 6; ++round) {
    brain.project({{"s", {"A"}}}, round < 2 ? Map{{"A", {"A", "B"}}} : Map{{"A", {"A", "B"}}, {"B", {"A", "B"}}});
    for (const char* name : {"A", "B"}) history.push_back(brain.winners(name));
  }
  return history;
}

TEST(FibreKernels, ABrainHasTheBitsOfTheCpu) {
  struct Case {
    Connectome connectome;
    double p;
    int bits;
  };
  for (const Case c : {Case{Connectome::procedural, 0.05, 32}, Case{Connectome::procedural, 0.05, 64}, Case{Connectome::procedural, 0.4, 32},
                       Case{Connectome::procedural, 1, 32}, Case{Connectome::dense, 0.05, 32}}) {
    cpu::CpuBackend cpu(2);
    const auto expected = run(cpu, c.connectome, c.p, c.bits);
    for (const Order order : {Order::ascending, Order::descending, Order::shuffled, Order::real_threads}) {
      if (order == Order::real_threads && c.p != 0.4) continue;  // slow: threads are started for every launch
      EmulatedBackend emulated(order);
      EXPECT_EQ(run(emulated, c.connectome, c.p, c.bits), expected) << name_of(c.connectome) << ", p " << c.p << ", " << name_of(order);
    }
  }
}

}  // namespace
}  // namespace engram
