// The kernels of the CUDA backend, stepped on the host, in every case and model: the bits of the CPU.
#include <gtest/gtest.h>

#include "conformance/compare.hpp"
#include "conformance/lockstep.hpp"
#include "tests/testing/emulated_backend.hpp"

namespace engram::conformance {
namespace {

using testing_kernels::EmulatedBackend;
using testing_kernels::Order;

TEST(EmulatedDevice, GivesTheBitsOfTheCpuInEveryCase) {
  const auto cpu = make_backend("cpu", {1});
  EmulatedBackend ascending(Order::ascending), shuffled(Order::shuffled);
  for (const Case& c : cases()) {
    const Inputs inputs = c.make();
    const Result expected = run(*cpu, inputs);
    EXPECT_EQ(first_difference(expected, run(ascending, inputs)), "") << c.name;
    EXPECT_EQ(first_difference(expected, run(shuffled, inputs)), "") << c.name << ", threads in shuffled order";
  }
}

TEST(EmulatedDevice, EndsModelsInTheStateOfTheCpuWhenStepsAreReplayed) {
  const auto cpu = make_backend("cpu", {1});
  int clusters = 0;
  for (const Checked& c : everything())
    if (c.model) {
      const auto expected = c.run(*cpu, 50);
      EmulatedBackend emulated(Order::ascending), without_clusters(Order::ascending);
      without_clusters.set_cluster_blocks(0);
      EXPECT_EQ(first_difference(expected, c.run(without_clusters, 50)), "") << c.name;
      EXPECT_EQ(without_clusters.replays() > 0, c.recorded) << c.name << ": replays of recorded steps";
      EXPECT_EQ(first_difference(expected, c.run(emulated, 50)), "") << c.name;
      clusters += emulated.clusters_run();
    }
  EXPECT_GT(clusters, 0);
}

}  // namespace
}  // namespace engram::conformance
