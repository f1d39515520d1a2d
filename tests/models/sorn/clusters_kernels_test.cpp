// SORN networks in clusters of blocks, on the host, in any order of threads and blocks: the bits of the CPU.
#include <gtest/gtest.h>

#include <optional>

#include "kernels/sorn/sorn.hpp"
#include "tests/models/sorn/kernels_cases.hpp"
#include "tests/testing/emulated_backend.hpp"
#include "tests/testing/host_launcher.hpp"

namespace engram {
namespace {

using namespace testing_kernels;

class SornClusters : public testing::TestWithParam<Order> {
 protected:
  void compare(const std::vector<sorn::Parameters>& parameters, Index steps,
               std::optional<std::size_t> shared_memory = {}) {
    EmulatedBackend emulated(GetParam());
    if (shared_memory) emulated.set_shared_memory(*shared_memory);
    expect_sorn_of_the_cpu(emulated, parameters, steps);
    EXPECT_EQ(emulated.clusters_run(), 1);
  }
};

// Networks of several windows of rows, with a share for each block and what is left for the last one.
TEST_P(SornClusters, AreThoseOfTheCpu) {
  const bool on_threads = GetParam() >= Order::real_threads;
  for (const char* type : {"Dense", "Sparse"}) {
    compare(sorn_inhibited(type, 300), on_threads ? 4 : 40);
    if (GetParam() != Order::whole_threads) compare(sorn_inhibited(type, 1100), on_threads ? 4 : 8);
  }
  compare(sorn_with_rules_of_their_own(520), 4);
  if (GetParam() == Order::whole_threads) return;
  // The last block has no inhibitory units, and a word of them, or a group of four, is not full.
  for (const char* type : {"Dense", "Sparse"})
    for (const Index ne : {1205u, 1500u, 1536u}) {
      SCOPED_TRACE(std::string(type) + ", " + std::to_string(ne));
      compare(sorn_inhibited(type, ne), on_threads ? 4 : 12);
    }
}

// However units and words divide among the blocks.
TEST(ClustersOfSorn, OfAnySizeAreThoseOfTheCpu) {
  for (Index ne = 257; ne < 2600; ne += 93) {
    SCOPED_TRACE(ne);
    EmulatedBackend emulated(Order::descending);
    expect_sorn_of_the_cpu(emulated, sorn_inhibited(ne % 2 ? "Dense" : "Sparse", ne), 5);
    EXPECT_EQ(emulated.clusters_run(), 1);
  }
}

kernels::SharedLayout cluster_room(const sorn::Network& net, Index steps, std::size_t bytes) {
  HostLauncher launch(Order::ascending, false);
  launch.shared = {bytes, 0, bytes};
  return kernels::cluster_layout(launch, net.view(), {.steps = steps});
}

// Rows grow until a block has no room for the next step: all leave shared memory, and go on without it.
TEST_P(SornClusters, ThatAreOutgrownAreThoseOfTheCpu) {
  if (GetParam() == Order::real_threads || GetParam() == Order::whole_threads) GTEST_SKIP() << "too many steps";
  const Index steps = GetParam() == Order::real_blocks ? 60 : 1500;
  for (const char* type : {"Dense", "Sparse"}) {
    std::vector<sorn::Parameters> growing = sorn_that_grow(type);
    for (sorn::Parameters& p : growing) p.ne = 300;
    EmulatedBackend backend;
    sorn::Network grown(backend, growing, {10, 11});
    std::size_t least = 0;
    for (std::size_t bytes = 10000; least == 0; bytes += 500)
      if (cluster_room(grown, steps, bytes).ee > 0) least = bytes;
    const kernels::SharedLayout room = cluster_room(grown, steps, least);
    grown.run(steps);
    std::size_t blocks = 0;
    for (Index s = 0; s < window_slices; ++s) blocks += ceil_div(grown.view().ee.at(0, s).used, block_slots);
    if (steps == 1500) {
      EXPECT_GT(blocks, room.ee);
    }
    for (const std::size_t bytes : {least, least + 4000, std::size_t{232448}}) compare(growing, steps, bytes);
  }
}

TEST_P(SornClusters, WithTidyRowsAreThoseOfTheCpu) {
  if (GetParam() >= Order::real_threads) GTEST_SKIP() << "too many steps for blocks of threads";
  sorn::Parameters p = sorn_network(300);
  p.eta_stdp = 0.05;
  compare({p}, 270);
}

TEST(ClustersOfSorn, TakeNetworksOfSomeWindowsWhereTheDeviceHasThem) {
  const auto sharing = [](Index ne, Index replicas, Index steps, Index cluster_blocks, Index winners = 0) {
    HostLauncher launch(Order::ascending, false);
    launch.cluster_blocks = cluster_blocks;
    EmulatedBackend backend;
    sorn::Parameters p = sorn_network(ne);
    p.network_type_ie = "Sparse";
    p.k_winners = winners;
    std::vector<std::uint64_t> seeds;
    for (Index r = 0; r < replicas; ++r) seeds.push_back(r);
    const sorn::Network net(backend, std::vector<sorn::Parameters>(replicas, p), seeds);
    const kernels::SharedLayout room = kernels::cluster_layout(launch, net.view(), {.steps = steps});
    return room.ee > 0 ? room.shares.blocks : 0;
  };
  EXPECT_EQ(sharing(256, 1, 100, 16), 0u);  // a block has them
  EXPECT_EQ(sharing(257, 1, 100, 16), 2u);
  EXPECT_EQ(sharing(1000, 1, 100, 16), 4u);
  EXPECT_EQ(sharing(10000, 1, 100, 16), 14u);  // of three windows each, but for the last
  EXPECT_EQ(sharing(12288, 1, 100, 16), 16u);
  EXPECT_EQ(sharing(12289, 1, 100, 16), 0u);
  EXPECT_EQ(sharing(1000, 1, 3, 16), 0u);
  EXPECT_EQ(sharing(1000, 1, 100, 3), 0u);
  EXPECT_EQ(sharing(1000, 33, 100, 16), 4u);
  EXPECT_EQ(sharing(1000, 34, 100, 16), 0u);  // more than there are processors
  EXPECT_EQ(sharing(1000, 1, 100, 16, 20), 0u);
}

INSTANTIATE_TEST_SUITE_P(Orders, SornClusters,
                         testing::Values(Order::ascending, Order::descending, Order::shuffled, Order::real_threads,
                                         Order::real_blocks, Order::whole_threads),
                         [](const auto& info) { return name_of(info.param); });

}  // namespace
}  // namespace engram
