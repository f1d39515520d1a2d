// The kernels of the assembly calculus give the bits of the CPU, in any order and on real threads.
#include <gtest/gtest.h>

#include "engine/models/cpu_extensions.hpp"
#include "engram/calculus/brain.hpp"
#include "kernels/calculus/fibre_kernels.hpp"
#include "tests/testing/emulated_backend.hpp"

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

TEST(FibreKernels, CountTheSynapsesOfTheCpuInBlocksAndOneChainAThread) {
  struct Case {
    double p;
    int bits;
    Index n_post, n_sources;
    bool in_blocks;
  };
  for (const Case c : {Case{0.05, 32, 5000, 300, true}, Case{0.05, 64, 5000, 40, true}, Case{0.05, 32, 5000, 7, false},
                       Case{0.005, 32, 20000, 64, true}, Case{0.001, 32, 70000, 300, true},
                       Case{0.001, 32, 70000, 200, false}, Case{1, 32, 1500, 30, true}, Case{1, 32, 1025, 70000, true},
                       Case{0, 32, 1500, 30, true}, Case{0.5, 32, 1, 9, true}}) {
    const SkipTable table(c.p, c.bits);
    const Fibre fibre = table.fibre(fibre_key(3, "A", "B"), c.n_post);
    if (c.p > 0) {
      EXPECT_EQ(kernels::count_in_blocks(fibre, c.n_sources), c.in_blocks) << "p " << c.p;
    }
    std::vector<Index> units(c.n_sources), few(c.n_sources / 2);
    for (Index i = 0; i < c.n_sources; ++i) units[i] = 3 * i;
    std::copy_n(units.begin(), few.size(), few.begin());
    const auto counted = [&](Backend& backend) {
      Array<Index> counts(backend, c.n_post);
      const Array<Index> sources(backend, units), gone(backend, few);
      backend.need_extension<calculus::Connections>().count(fibre, sources.view(), false, counts.view());
      backend.need_extension<calculus::Connections>().count(fibre, gone.view(), true, counts.view());
      return counts.download();
    };
    cpu::CpuBackend cpu(1, cpu::extensions());
    const auto expected = counted(cpu);
    for (const Order order : {Order::ascending, Order::descending, Order::shuffled}) {
      EmulatedBackend emulated(order);
      EXPECT_EQ(counted(emulated), expected) << "p " << c.p << ", " << c.n_sources << " sources, " << name_of(order);
    }
    if (c.n_post <= 5000 && c.n_sources == 40) {
      for (const Order order : {Order::real_threads, Order::whole_threads}) {
        EmulatedBackend emulated(order);
        EXPECT_EQ(counted(emulated), expected) << name_of(order);
      }
    }
  }
}

TEST(FibreKernels, ABrainHasTheBitsOfTheCpu) {
  struct Case {
    Connectome connectome;
    double p;
    int bits;
  };
  for (const Case c : {Case{Connectome::procedural, 0.05, 32}, Case{Connectome::procedural, 0.05, 64},
                       Case{Connectome::procedural, 0.4, 32}, Case{Connectome::procedural, 1, 32},
                       Case{Connectome::dense, 0.05, 32}}) {
    cpu::CpuBackend cpu(2, cpu::extensions());
    const auto expected = run(cpu, c.connectome, c.p, c.bits);
    for (const Order order : {Order::ascending, Order::descending, Order::shuffled, Order::real_threads}) {
      if (order == Order::real_threads && c.p != 0.4) continue;  // slow: threads are started for every launch
      EmulatedBackend emulated(order);
      EXPECT_EQ(run(emulated, c.connectome, c.p, c.bits), expected)
          << name_of(c.connectome) << ", p " << c.p << ", " << name_of(order);
    }
  }
}

}  // namespace
}  // namespace engram
