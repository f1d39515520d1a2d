// Leabra networks on the kernels of the CUDA backend, run on the host: the bits of the CPU, in any order of threads.
#include "tests/models/leabra/kernels_cases.hpp"
#include "tests/testing/emulated_backend.hpp"

namespace engram {
namespace {

using namespace testing_kernels;

class LeabraKernels : public testing::TestWithParam<Order> {};

TEST_P(LeabraKernels, GiveTheBitsOfTheCpu) {
  EmulatedBackend emulated(GetParam());
  expect_leabra_of_the_cpu(emulated, 2);
}

TEST_P(LeabraKernels, AreReplayedAsGraphsWhereOperationsFollowEachOther) {
  EmulatedBackend emulated(GetParam());
  leabra_of_many_kinds(emulated, true, 2);
  EXPECT_GT(emulated.replays(), 0);
}

INSTANTIATE_TEST_SUITE_P(Orders, LeabraKernels, testing::Values(Order::ascending, Order::descending, Order::shuffled),
                         [](const auto& order) { return name_of(order.param); });

}  // namespace
}  // namespace engram
