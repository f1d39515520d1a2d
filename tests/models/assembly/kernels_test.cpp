// Sparse areas on the kernels of the CUDA backend, run on the host: the graphs of the CPU, in any order of threads.
#include "tests/models/assembly/kernels_cases.hpp"
#include "tests/testing/emulated_backend.hpp"

namespace engram {
namespace {

using namespace testing_kernels;

class AssemblyKernels : public testing::TestWithParam<Order> {};

TEST_P(AssemblyKernels, NewAreasAreThoseOfTheHost) {
  EmulatedBackend emulated(GetParam());
  expect_areas_made_as_on_the_host(emulated);
}

INSTANTIATE_TEST_SUITE_P(Orders, AssemblyKernels,
                         testing::Values(Order::ascending, Order::descending, Order::shuffled, Order::real_threads),
                         [](const auto& order) { return name_of(order.param); });

}  // namespace
}  // namespace engram
