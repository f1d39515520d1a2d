// The kernels of SORN on the host, in any order of threads, against the CPU backend: the same bits.
#include <gtest/gtest.h>

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
    for (const auto rows : {&SornState::wee, &SornState::wei}) {
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
  void compare(const std::vector<SornParameters>& parameters, Index steps) {
    std::vector<std::uint64_t> seeds;
    for (std::size_t r = 0; r < parameters.size(); ++r) seeds.push_back(10 + r);
    const auto cpu = make_backend("cpu", {.threads = 1});
    EmulatedBackend emulated(GetParam());
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
  compare(parameters, GetParam() == Order::real_threads ? 4 : 30);
}

TEST_P(SornKernels, SparseInhibitionInBlocksIsThatOfTheCpu) {
  std::vector<SornParameters> parameters(2, network(43));
  for (SornParameters& p : parameters) p.network_type_ie = "Sparse";
  parameters[1].fast_inhibition = true;
  compare(parameters, GetParam() == Order::real_threads ? 4 : 30);
}

TEST_P(SornKernels, LargeNetworksAreThoseOfTheCpu) {
  for (const char* type : {"Dense", "Sparse"}) {
    std::vector<SornParameters> parameters(2, network(1100));
    for (SornParameters& p : parameters) p.network_type_ie = type;
    parameters[1].fast_inhibition = true;
    compare(parameters, 5);
  }
}

TEST_P(SornKernels, TidyRowsAndFullMatricesAreThoseOfTheCpu) {
  if (GetParam() == Order::real_threads) GTEST_SKIP() << "too many blocks of threads for a quick test";
  SornParameters p = network(10);
  p.sp_rate = 5;
  p.eta_stdp = 0.05;
  compare({p}, 300);
  p.freeze = {"stdp", "ss"};
  compare({p}, 60);
}

INSTANTIATE_TEST_SUITE_P(Orders, SornKernels, testing::Values(Order::ascending, Order::descending, Order::shuffled, Order::real_threads),
                         [](const auto& info) { return testing_kernels::name_of(info.param); });

}  // namespace
}  // namespace engram
