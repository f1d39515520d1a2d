// The whole list of conformance cases and models on the CUDA operations, run by the host, against the CPU: the same
// bits.
#include <gtest/gtest.h>

#include "conformance/compare.hpp"
#include "conformance/lockstep.hpp"
#include "tests/testing/emulated_backend.hpp"

namespace engram::conformance {
namespace {

using testing_kernels::EmulatedBackend;
using testing_kernels::Order;

class Emulated : public testing::TestWithParam<Order> {};

TEST_P(Emulated, CasesAndModelsGiveTheBitsOfTheCpu) {
  const auto cpu = make_backend("cpu", {1});
  int replays = 0;
  for (const Checked& c : everything()) {
    EmulatedBackend backend(GetParam());
    EXPECT_EQ(first_difference(c.run(*cpu, 20), c.run(backend, 20)), "") << c.name;
    replays += backend.replays();
  }
  EXPECT_GT(replays, 0) << "no model ran as a recorded step";
}

INSTANTIATE_TEST_SUITE_P(Orders, Emulated, testing::Values(Order::ascending, Order::descending, Order::real_blocks),
                         [](const auto& order) { return testing_kernels::name_of(order.param); });

}  // namespace
}  // namespace engram::conformance
