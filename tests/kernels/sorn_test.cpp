// The kernels of SORN on the host, in any order of threads, against the CPU backend: the same bits.
#include <gtest/gtest.h>

#include <optional>

#include "emulated_backend.hpp"
#include "engram/models/sorn.hpp"

namespace engram {
namespace {

using testing_kernels::EmulatedBackend;
using testing_kernels::Order;

void expect_same(const Sorn& a, const Sorn& b) {
  for (Index r = 0; r < a.replicas(); ++r) {
    SCOPED_TRACE(r);
    const SornState s = a.state(r), t = b.state(r);
    for (const auto rows : {&SornState::wee, &SornState::wei, &SornState::weu}) {
      EXPECT_EQ((s.*rows).start, (t.*rows).start);
      EXPECT_EQ((s.*rows).pre, (t.*rows).pre);
      EXPECT_EQ((s.*rows).weight, (t.*rows).weight);
    }
    EXPECT_EQ(s.te, t.te);
    EXPECT_EQ(s.x, t.x);
    EXPECT_EQ(s.y, t.y);
    const SornCounts c = a.counts()[r], d = b.counts()[r];
    EXPECT_EQ(c.ee, d.ee);
    EXPECT_EQ(c.ei, d.ei);
    EXPECT_EQ(c.inserted, d.inserted);
    EXPECT_EQ(c.skipped, d.skipped);
    EXPECT_EQ(c.empty_rows, d.empty_rows);
  }
  EXPECT_EQ(a.drives(), b.drives());
  EXPECT_EQ(a.drives_to_inhibitory(), b.drives_to_inhibitory());
}

class SornKernels : public testing::TestWithParam<Order> {
 protected:
  void compare(const std::vector<SornParameters>& parameters, Index steps, std::optional<std::size_t> shared_memory = {}) {
    std::vector<std::uint64_t> seeds;
    for (std::size_t r = 0; r < parameters.size(); ++r) seeds.push_back(10 + r);
    const auto cpu = make_backend("cpu", {.threads = 1});
    EmulatedBackend emulated(GetParam());
    if (shared_memory) emulated.set_shared_memory(*shared_memory);
    Sorn expected(*cpu, parameters, seeds), found(emulated, parameters, seeds);
    const Sorn::Record all{.x = true, .y = true, .recurrent = true, .counts = true};
    const std::vector<real> input(std::size_t{steps} * parameters[0].nu, static_cast<real>(0.3));
    const auto a = expected.run(steps, input, all), b = found.run(steps, input, all);
    EXPECT_EQ(a.x, b.x);
    EXPECT_EQ(a.y, b.y);
    EXPECT_EQ(a.recurrent, b.recurrent);
    for (std::size_t i = 0; i < a.counts.size(); ++i) EXPECT_EQ(a.counts[i].ee, b.counts[i].ee) << i;
    expect_same(found, expected);
  }
};

SornParameters network(Index ne) {
  SornParameters p;
  p.ne = ne;
  p.nu = 3;
  p.lambda_ee = 6;
  p.lambda_ei = 8;
  p.lambda_ie = 12;
  p.h_ip = 0.1;
  p.sp_rate = 2.5;
  return p;
}

TEST_P(SornKernels, NetworksInBlocksAreThoseOfTheCpu) {
  std::vector<SornParameters> parameters(3, network(43));
  parameters[1].fast_inhibition = true;
  parameters[1].inclusive_threshold = true;
  parameters[2].freeze = {"stdp", "ss"};
  compare(parameters, GetParam() >= Order::real_threads ? 4 : 30);
}

TEST_P(SornKernels, SparseInhibitionInBlocksIsThatOfTheCpu) {
  std::vector<SornParameters> parameters(2, network(43));
  for (SornParameters& p : parameters) p.network_type_ie = "Sparse";
  parameters[1].fast_inhibition = true;
  compare(parameters, GetParam() >= Order::real_threads ? 4 : 30);
}

TEST_P(SornKernels, LargeNetworksAreThoseOfTheCpu) {
  for (const char* type : {"Dense", "Sparse"}) {
    std::vector<SornParameters> parameters(2, network(1100));
    for (SornParameters& p : parameters) p.network_type_ie = type;
    parameters[1].fast_inhibition = true;
    compare(parameters, 5);
  }
}

SornParameters with_options(SornParameters p) {
  p.nu = 20;
  p.input_weights = "plastic";
  p.lambda_eu = 5;
  p.eta_input = 0.05;
  p.feed_forward_inhibition = 0.05;
  p.noise_spikes_e = p.noise_spikes_i = 0.05;
  return p;
}

TEST_P(SornKernels, PlasticInputsSpikesOfNoiseAndFeedForwardInhibitionAreThoseOfTheCpu) {
  for (const Index ne : {43u, 1100u}) {
    std::vector<SornParameters> parameters(3, with_options(network(ne)));
    parameters[1].fast_inhibition = true;
    parameters[1].noise_sigma_e = 0;
    parameters[2].freeze = {"stdp"};
    compare(parameters, GetParam() >= Order::real_threads || ne > 43 ? 4 : 30);
  }
}

TEST_P(SornKernels, WinnersAreThoseOfTheCpu) {
  for (const Index ne : {43u, 1100u}) {
    std::vector<SornParameters> parameters(3, with_options(network(ne)));
    for (SornParameters& p : parameters) p.k_winners = ne / 9;
    parameters[1].fast_inhibition = true;
    parameters[2].noise = false;
    parameters[2].freeze = {"ip"};
    compare(parameters, GetParam() >= Order::real_threads || ne > 43 ? 4 : 30);
  }
}

TEST_P(SornKernels, TidyRowsAndFullMatricesAreThoseOfTheCpu) {
  if (GetParam() >= Order::real_threads) GTEST_SKIP() << "too many blocks of threads for a quick test";
  SornParameters p = network(10);
  p.sp_rate = 5;
  p.eta_stdp = 0.05;
  compare({p}, 300);
  p.freeze = {"stdp", "ss"};
  compare({p}, 60);
}

kernels::SornRoom room_for(const Sorn& net, Index steps, const kernels::SharedMemory& memory) {
  return kernels::room_of(net.view(), {.steps = steps}, memory, offsetof(kernels::SornBlock::Shared, memory));
}

TEST(SornResident, TakesANetworkOfThePackageAndNoneTooLargeOrForFewSteps) {
  EmulatedBackend backend;
  const Sorn small(backend, {SornParameters{}}, {1});
  const kernels::SornRoom room = room_for(small, 1000, {});
  EXPECT_GT(room.ee, small.view().ee.in_use);
  EXPECT_GE(room.ei, small.view().ei.in_use);
  const auto rows = [](const kernels::SornRoom& r) { return (r.ee + r.ei) * std::size_t{block_size} * (sizeof(real) + sizeof(Index)); };
  EXPECT_GT(room.bytes, rows(room));
  EXPECT_LT(room.bytes, 1.2 * static_cast<double>(rows(room)) + (room.ie ? 8000.0 * 1.2 * sizeof(real) : 0));
  EXPECT_LE((sizeof(real) == 4 ? 3 : 2) * room.bytes, kernels::SharedMemory{}.of_processor);  // so many share a processor
  EXPECT_LE(room.bytes, kernels::SharedMemory{}.of_one_block);
  EXPECT_EQ(room_for(small, 3, {}).bytes, 0u);
  EXPECT_EQ(room_for(small, 1000, {50000, 0, 50000}).bytes, 0u);
  SornParameters p;
  p.ne = 1008;
  EXPECT_EQ(room_for(Sorn(backend, {p}, {1}), 1000, {}).bytes, 0u);
  EXPECT_EQ(room_for(Sorn(backend, {with_options({})}, {1}), 1000, {}).bytes, 0u);
}

TEST_P(SornKernels, NetworksEnterSharedMemoryAndLeaveItAsTheyAre) {
  EmulatedBackend backend(GetParam());
  SornParameters p = network(70);
  p.eta_stdp = 0.05;  // prunes: rows have holes
  const std::vector<SornParameters> all(3, p);
  Sorn net(backend, all, {1, 2, 3});
  net.run(GetParam() >= Order::real_threads ? 5 : 80);
  const std::vector<SornState> before = net.states(0, 3);
  const kernels::Block block{kernels::SornBlock::threads, testing_kernels::runner_of(GetParam())};
  const kernels::SornStep step{net.view(), {.steps = 10}};
  const kernels::SornResident resident{room_for(net, 10, {})};
  std::vector<std::max_align_t> memory(ceil_div(resident.room.bytes, sizeof(std::max_align_t)));
  for (Index r = 0; r < 3; ++r) {
    kernels::SornStep own;
    bool in = false;
    resident.enter(block, kernels::SornBlock::threads, step, r, reinterpret_cast<std::byte*>(memory.data()), own, in);
    ASSERT_TRUE(in);
    for (Index i = 0; i < p.ne; ++i) EXPECT_EQ(own.net.te[i], before[r].te[i]);
    // What is in device memory is not looked at while the network is away.
    for (Index i = 0; i < p.ne; ++i) net.view().te[r * p.ne + i] = -1;
    for (Index s = 0; s < step.net.ee.slices(); ++s) {
      const IncomingView rows = net.view().ee;
      bodies::SlotWalk walk = bodies::walk_slots(rows, rows.at(r, s));
      for (Index k = 0; k < rows.at(r, s).used; ++k, walk.advance())
        for (Index l = 0; l < slice_lanes; ++l) rows.weight[walk.at(l)] = 7;
    }
    resident.leave(block, kernels::SornBlock::threads, step, r, own);
  }
  const std::vector<SornState> after = net.states(0, 3);
  for (Index r = 0; r < 3; ++r) {
    EXPECT_EQ(before[r].te, after[r].te);
    EXPECT_EQ(before[r].x, after[r].x);
    for (const auto rows : {&SornState::wee, &SornState::wei}) {
      EXPECT_EQ((before[r].*rows).start, (after[r].*rows).start);
      EXPECT_EQ((before[r].*rows).pre, (after[r].*rows).pre);
      EXPECT_EQ((before[r].*rows).weight, (after[r].*rows).weight);
    }
  }
}

TEST_P(SornKernels, NetworksThatOutgrowSharedMemoryAreThoseOfTheCpu) {
  SornParameters p = network(60);
  p.freeze = {"stdp"};  // what grows stays
  p.sp_rate = 0.99;
  const Index steps = GetParam() == Order::real_threads ? 10 : 1100;
  EmulatedBackend backend;
  Sorn grown(backend, {p, p}, {10, 11});
  std::size_t least = 0;  // the least memory that a network begins in
  for (std::size_t bytes = 10000; least == 0; bytes += 500)
    if (room_for(grown, steps, {bytes, 0, bytes}).bytes > 0) least = bytes;
  const kernels::SornRoom room = room_for(grown, steps, {least, 0, least});
  grown.run(steps);
  std::size_t blocks = 0;
  for (Index s = 0; s < grown.view().ee.slices(); ++s) blocks += ceil_div(grown.view().ee.at(0, s).used, block_slots);
  if (GetParam() != Order::real_threads) {
    EXPECT_GT(blocks, room.ee);  // so it had to leave
  }
  if (GetParam() == Order::whole_threads) return compare({p}, steps, least);
  for (const std::size_t bytes : {std::size_t{0}, least, least + 4000, std::size_t{232448}}) {
    SCOPED_TRACE(bytes);
    compare({p, p}, steps, bytes);
  }
  p.network_type_ie = "Sparse";
  compare({p, p}, steps, least);
}

/// A step of large networks is the same launches every time, whatever the tick: one graph serves runs that record nothing,
/// and a run that does record has its own.
TEST(SornSteps, OfLargeNetworksAreGraphs) {
  for (const Index winners : {Index{0}, Index{120}}) {
    std::vector<SornParameters> parameters(2, with_options(network(1100)));
    for (SornParameters& p : parameters) p.k_winners = winners;
    parameters[1].fast_inhibition = true;
    const auto cpu = make_backend("cpu", {.threads = 1});
    EmulatedBackend emulated, launches(Order::ascending, false);
    const std::vector<std::uint64_t> seeds{3, 4};
    Sorn expected(*cpu, parameters, seeds), found(emulated, parameters, seeds), one_by_one(launches, parameters, seeds);
    const auto run = [&](Index steps, std::span<const real> input = {}, const Sorn::Record& record = {}) {
      const auto wanted = expected.run(steps, input, record), as_graphs = found.run(steps, input, record), launched = one_by_one.run(steps, input, record);
      EXPECT_EQ(as_graphs.x, wanted.x);
      EXPECT_EQ(as_graphs.y, wanted.y);
      EXPECT_EQ(as_graphs.recurrent, wanted.recurrent);
      EXPECT_EQ(launched.x, wanted.x);
      expect_same(found, expected);
      expect_same(one_by_one, expected);
    };
    run(1);
    EXPECT_EQ(emulated.replays(), 0);
    run(2);
    run(3);
    EXPECT_EQ(emulated.captures(), 1);
    EXPECT_EQ(emulated.replays(), 5);
    const std::vector<real> input(20 * parameters[0].nu, static_cast<real>(0.3));
    run(20, input, {.x = true, .y = true});
    EXPECT_EQ(emulated.captures(), 2);
    EXPECT_EQ(emulated.replays(), 5 + 19);
    run(4, std::span(input).first(4 * parameters[0].nu), {.x = true});  // too short for a graph
    run(16, {}, {.recurrent = true});
    EXPECT_EQ(emulated.captures(), 2);
    run(2);
  }
}

INSTANTIATE_TEST_SUITE_P(Orders, SornKernels, testing::Values(Order::ascending, Order::descending, Order::shuffled, Order::real_threads, Order::whole_threads),
                         [](const auto& info) { return testing_kernels::name_of(info.param); });

}  // namespace
}  // namespace engram
