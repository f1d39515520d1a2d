// The kernels of SORN on the host, in any order of threads, against the CPU backend: the same bits.
#include <gtest/gtest.h>

#include <optional>

#include "kernels/sorn/sorn.hpp"
#include "tests/models/sorn/kernels_cases.hpp"
#include "tests/testing/emulated_backend.hpp"
#include "tests/testing/host_launcher.hpp"

namespace engram {
namespace {

using namespace testing_kernels;

class SornKernels : public testing::TestWithParam<Order> {
 protected:
  void compare(const std::vector<sorn::Parameters>& parameters, Index steps,
               std::optional<std::size_t> shared_memory = {}) {
    EmulatedBackend emulated(GetParam());
    if (shared_memory) emulated.set_shared_memory(*shared_memory);
    emulated.set_cluster_blocks(0);  // clusters_kernels_test.cpp has them
    expect_sorn_of_the_cpu(emulated, parameters, steps);
  }
};

TEST_P(SornKernels, NewNetworksAreThoseOfTheHost) {
  for (const Index ne : {Index{25}, Index{300}, Index{1100}}) {
    EmulatedBackend emulated(GetParam());
    expect_sorn_made_as_on_the_host(emulated, ne);
  }
}

TEST_P(SornKernels, NetworksInBlocksAreThoseOfTheCpu) {
  compare(sorn_with_rules_of_their_own(43), GetParam() >= Order::real_threads ? 4 : 30);
}

TEST_P(SornKernels, SparseInhibitionInBlocksIsThatOfTheCpu) {
  compare(sorn_inhibited("Sparse", 43), GetParam() >= Order::real_threads ? 4 : 30);
}

TEST_P(SornKernels, LargeNetworksAreThoseOfTheCpu) {
  for (const char* type : {"Dense", "Sparse"}) compare(sorn_inhibited(type, 1100), 5);
}

TEST_P(SornKernels, PlasticInputsSpikesOfNoiseAndFeedForwardInhibitionAreThoseOfTheCpu) {
  for (const Index ne : {43u, 1100u})
    compare(sorn_with_options(ne), GetParam() >= Order::real_threads || ne > 43 ? 4 : 30);
}

TEST_P(SornKernels, WinnersAreThoseOfTheCpu) {
  for (const Index ne : {43u, 1100u})
    compare(sorn_with_winners(ne), GetParam() >= Order::real_threads || ne > 43 ? 4 : 30);
}

TEST_P(SornKernels, TidyRowsAndFullMatricesAreThoseOfTheCpu) {
  if (GetParam() >= Order::real_threads) GTEST_SKIP() << "too many blocks of threads for a quick test";
  compare({sorn_of_ten(false)}, 300);
  compare({sorn_of_ten(true)}, 60);
}

// The large way takes networks of any size where k units win: slices that are tidied while they grow and lose rows.
TEST_P(SornKernels, TidyRowsOfLargeNetworksAreThoseOfTheCpu) {
  if (GetParam() >= Order::real_threads) GTEST_SKIP() << "too many blocks of threads for a quick test";
  sorn::Parameters p = sorn_network(70);
  p.k_winners = 9;
  p.eta_stdp = 0.05;
  compare({p, p}, 600);
}

// More new synapses in a step than a window of rows takes at once, several of them the same.
TEST_P(SornKernels, ManyNewSynapsesAreThoseOfTheCpu) {
  sorn::Parameters p = sorn_network(70);
  p.k_winners = 9;
  p.sp_rate = 700;
  compare({p}, 2);
  sorn::Parameters block = sorn_network(43);
  block.sp_rate = 300;
  compare({block}, 2);
}

// More networks than have a processor each take smaller blocks.
TEST_P(SornKernels, ManyNetworksAreThoseOfTheCpu) {
  if (GetParam() == Order::whole_threads) GTEST_SKIP() << "too many blocks of threads for a quick test";
  compare(std::vector<sorn::Parameters>(kernels::sorn_few_networks + 1, sorn_network(20)), 5);
  compare(std::vector<sorn::Parameters>(2, sorn_network(300)), 4);
  sorn::Parameters winners = sorn_network(20);  // a window each, that is more than a thread for each row would need
  winners.k_winners = 3;
  compare(std::vector<sorn::Parameters>(kernels::sorn_few_windows + 1, winners), 3);
}

// Whoever does something between the halves of a step changes no bit by it.
TEST_P(SornKernels, TwoHalvesAreAStep) {
  for (const char* type : {"Dense", "Sparse"})
    for (const Index ne : {43u, 1100u}) {
      SCOPED_TRACE(std::string(type) + ", " + std::to_string(ne));
      const std::vector<sorn::Parameters> parameters = sorn_inhibited(type, ne);
      const auto cpu = make_backend("cpu", {.threads = 1});
      EmulatedBackend emulated(GetParam());
      sorn::Network expected(*cpu, parameters, {4, 5}), found(emulated, parameters, {4, 5});
      expected.run(3);
      found.run(2);
      const sorn::Run third{.first = 2};
      auto& steps = emulated->need_extension<sorn::Steps>();
      steps.units(found.view(), third);
      steps.rows(found.view(), third);
      expect_same(found, expected);
    }
}

using SmallBlock = kernels::SornBlock<128>;

kernels::SharedLayout room_for(const sorn::Network& net, Index steps, const kernels::SharedMemory& memory) {
  return kernels::shared_layout(net.view(), {.steps = steps}, memory, offsetof(SmallBlock::Shared, memory));
}

TEST(SornResident, TakesANetworkOfThePackageAndNoneTooLargeOrForFewSteps) {
  EmulatedBackend backend;
  const sorn::Network small(backend, {sorn::Parameters{}}, {1});
  const kernels::SharedLayout room = room_for(small, 1000, {});
  EXPECT_GT(room.ee, small.view().ee.in_use);
  EXPECT_GE(room.ei, small.view().ei.in_use);
  const auto rows = [](const kernels::SharedLayout& r) {
    return (r.ee + r.ei) * std::size_t{block_size} * (sizeof(real) + sizeof(Index));
  };
  EXPECT_GT(room.bytes, rows(room));
  EXPECT_LT(room.bytes, 1.2 * static_cast<double>(rows(room)) + (room.ie ? 8000.0 * 1.2 * sizeof(real) : 0));
  EXPECT_LE((sizeof(real) == 4 ? 3 : 2) * room.bytes,
            kernels::SharedMemory{}.of_processor);  // so many share a processor
  EXPECT_LE(room.bytes, kernels::SharedMemory{}.of_one_block);
  EXPECT_EQ(room_for(small, 3, {}).bytes, 0u);
  EXPECT_EQ(room_for(small, 1000, {50000, 0, 50000}).bytes, 0u);
  sorn::Parameters p;
  p.ne = 1008;
  EXPECT_EQ(room_for(sorn::Network(backend, {p}, {1}), 1000, {}).bytes, 0u);
  EXPECT_EQ(room_for(sorn::Network(backend, {with_options({})}, {1}), 1000, {}).bytes, 0u);
}

TEST_P(SornKernels, NetworksEnterSharedMemoryAndLeaveItAsTheyAre) {
  EmulatedBackend backend(GetParam());
  sorn::Parameters p = sorn_network(70);
  p.eta_stdp = 0.05;  // prunes: rows have holes
  const std::vector<sorn::Parameters> all(3, p);
  sorn::Network net(backend, all, {1, 2, 3});
  net.run(GetParam() >= Order::real_threads ? 5 : 80);
  const std::vector<sorn::State> before = net.states(0, 3);
  const kernels::Block block{SmallBlock::threads, runner_of(GetParam())};
  const kernels::SornStep step{net.view(), {.steps = 10}};
  const kernels::SornResident resident{room_for(net, 10, {})};
  const std::size_t bytes = offsetof(SmallBlock::Shared, memory) + resident.room.bytes;
  std::vector<std::max_align_t> memory(ceil_div(bytes, sizeof(std::max_align_t)));
  auto& shared = *reinterpret_cast<SmallBlock::Shared*>(memory.data());
  shared.share = kernels::SornShare::of(step.net, resident.room.shares, 0);
  for (Index r = 0; r < 3; ++r) {
    const kernels::OneBlock<SmallBlock::Shared> lone{block, r, shared};
    resident.enter(lone, step, r);
    ASSERT_TRUE(shared.resident);
    for (Index i = 0; i < p.ne; ++i) EXPECT_EQ(shared.step.net.te[i], before[r].te[i]);
    // What is in device memory is not looked at while the network is away.
    for (Index i = 0; i < p.ne; ++i) net.view().te[r * p.ne + i] = -1;
    for (Index s = 0; s < step.net.ee.slices(); ++s) {
      const IncomingView rows = net.view().ee;
      bodies::SlotWalk walk = bodies::walk_slots(rows, rows.at(r, s));
      for (Index k = 0; k < rows.at(r, s).used; ++k, walk.advance())
        for (Index l = 0; l < slice_lanes; ++l) rows.weight[walk.at(l)] = 7;
    }
    resident.leave(lone, step, r);
  }
  const std::vector<sorn::State> after = net.states(0, 3);
  for (Index r = 0; r < 3; ++r) {
    EXPECT_EQ(before[r].te, after[r].te);
    EXPECT_EQ(before[r].x, after[r].x);
    for (const auto rows : {&sorn::State::wee, &sorn::State::wei}) {
      EXPECT_EQ((before[r].*rows).start, (after[r].*rows).start);
      EXPECT_EQ((before[r].*rows).pre, (after[r].*rows).pre);
      EXPECT_EQ((before[r].*rows).weight, (after[r].*rows).weight);
    }
  }
}

TEST_P(SornKernels, NetworksThatOutgrowSharedMemoryAreThoseOfTheCpu) {
  const std::vector<sorn::Parameters> growing = sorn_that_grow();
  const bool on_threads = GetParam() >= Order::real_threads;  // too slow for the steps in which networks outgrow it
  const Index steps = on_threads ? 10 : 1100;
  EmulatedBackend backend;
  sorn::Network grown(backend, growing, {10, 11});
  std::size_t least = 0;  // the least memory that a network begins in
  for (std::size_t bytes = 10000; least == 0; bytes += 500)
    if (room_for(grown, steps, {bytes, 0, bytes}).bytes > 0) least = bytes;
  const kernels::SharedLayout room = room_for(grown, steps, {least, 0, least});
  grown.run(steps);
  std::size_t blocks = 0;
  for (Index s = 0; s < grown.view().ee.slices(); ++s) blocks += ceil_div(grown.view().ee.at(0, s).used, block_slots);
  if (!on_threads) {
    EXPECT_GT(blocks, room.ee);  // so it had to leave
  }
  if (GetParam() == Order::whole_threads) return compare({growing[0]}, steps, least);
  for (const std::size_t bytes : {std::size_t{0}, least, least + 4000, std::size_t{232448}}) {
    SCOPED_TRACE(bytes);
    compare(growing, steps, bytes);
  }
  compare(sorn_that_grow("Sparse"), steps, least);
}

TEST(SornSteps, OfLargeNetworksAreGraphs) {
  for (const Index winners : {Index{0}, Index{120}}) {
    const std::vector<sorn::Parameters> parameters = sorn_for_graphs(winners);
    const auto cpu = make_backend("cpu", {.threads = 1});
    EmulatedBackend emulated, launches(Order::ascending, false);
    const std::vector<std::uint64_t> seeds{3, 4};
    sorn::Network expected(*cpu, parameters, seeds), found(emulated, parameters, seeds),
        one_by_one(launches, parameters, seeds);
    // After each call. A step is recorded the second time it is seen; 4 steps are too few for a graph of their own, and
    // recurrent input is recorded without one. Before the last call rows may have moved to larger memory.
    constexpr std::pair<int, int> captures_and_replays[] = {{0, 0}, {1, 2}, {1, 5}, {2, 24}, {2, 24}, {2, 24}};
    for (std::size_t i = 0; i < std::size(sorn_calls); ++i) {
      SCOPED_TRACE(i);
      const SornCall& call = sorn_calls[i];
      const auto wanted = call(expected, parameters[0].nu);
      expect_same(call(found, parameters[0].nu), wanted);
      expect_same(call(one_by_one, parameters[0].nu), wanted);
      expect_same(found, expected);
      expect_same(one_by_one, expected);
      if (i == std::size(captures_and_replays)) break;
      EXPECT_EQ(emulated.captures(), captures_and_replays[i].first);
      EXPECT_EQ(emulated.replays(), captures_and_replays[i].second);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Orders, SornKernels,
                         testing::Values(Order::ascending, Order::descending, Order::shuffled, Order::real_threads,
                                         Order::real_blocks, Order::whole_threads),
                         [](const auto& info) { return name_of(info.param); });

}  // namespace
}  // namespace engram
