// NEF networks on the kernels of the CUDA backend, run on the host: the bits of the CPU, in any order of threads.
#include "tests/models/nef/kernels_cases.hpp"
#include "tests/testing/emulated_backend.hpp"

namespace engram {
namespace {

using namespace testing_kernels;

class NefKernels : public testing::TestWithParam<Order> {};

/// Large networks in launches that are replayed.
TEST_P(NefKernels, TakeStepsAsTheCpuDoes) {
  EmulatedBackend emulated(GetParam());
  expect_nef_of_the_cpu(emulated);
  EXPECT_GT(emulated.replays(), 0);
}

INSTANTIATE_TEST_SUITE_P(Orders, NefKernels, testing::Values(Order::ascending, Order::descending, Order::shuffled),
                         [](const auto& order) { return name_of(order.param); });

}  // namespace
}  // namespace engram
