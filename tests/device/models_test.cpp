// Models on a device by the ways that make them fast, against the CPU bit for bit: networks in shared memory through
// many steps of a call, steps recorded as graphs, rounds without the host in between.
#include "conformance/compare.hpp"
#include "conformance/lockstep.hpp"
#include "tests/device/needs_cuda.hpp"
#include "tests/models/assembly/kernels_cases.hpp"
#include "tests/models/attractor/kernels_cases.hpp"
#include "tests/models/calculus/rounds_kernels_cases.hpp"
#include "tests/models/leabra/kernels_cases.hpp"
#include "tests/models/nef/kernels_cases.hpp"
#include "tests/models/sorn/kernels_cases.hpp"

namespace engram {
namespace {

using namespace testing_kernels;

constexpr Index many_steps = 30;  // from 4 on small networks enter shared memory, from 16 on large ones are recorded

TEST(CudaAssembly, NewAreasAreThoseOfTheHost) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  expect_areas_made_as_on_the_host(*cuda);
}

TEST(CudaSorn, NewNetworksAreThoseOfTheHost) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  for (const Index ne : {Index{25}, Index{1100}, Index{100000}}) expect_sorn_made_as_on_the_host(*cuda, ne);
}

TEST(CudaSorn, NetworksInSharedMemoryAreThoseOfTheCpu) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  for (const Index ne : {43u, 70u, 200u}) {
    SCOPED_TRACE(ne);
    expect_sorn_of_the_cpu(*cuda, sorn_with_rules_of_their_own(ne), many_steps);
    for (const char* type : {"Dense", "Sparse"}) expect_sorn_of_the_cpu(*cuda, sorn_inhibited(type, ne), many_steps);
  }
  expect_sorn_of_the_cpu(*cuda, {sorn_of_ten(false)}, 300);
  expect_sorn_of_the_cpu(*cuda, {sorn_of_ten(true)}, 60);
}

TEST(CudaSorn, NetworksThatOutgrowSharedMemoryAreThoseOfTheCpu) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  for (const char* type : {"Dense", "Sparse"}) expect_sorn_of_the_cpu(*cuda, sorn_that_grow(type), 1100);
}

// On a card without clusters these take a block or a few launches a step.
TEST(CudaSorn, NetworksInClustersAreThoseOfTheCpu) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  for (const char* type : {"Dense", "Sparse"})
    for (const Index ne : {300u, 1100u, 1205u, 1500u}) {
      SCOPED_TRACE(std::to_string(ne) + ", " + type);
      expect_sorn_of_the_cpu(*cuda, sorn_inhibited(type, ne), many_steps);
    }
  expect_sorn_of_the_cpu(*cuda, sorn_inhibited("Sparse", 10000), many_steps);
  expect_sorn_of_the_cpu(*cuda, sorn_with_rules_of_their_own(520), many_steps);
  std::vector<sorn::Parameters> growing = sorn_that_grow();
  for (sorn::Parameters& p : growing) p.ne = 300;
  expect_sorn_of_the_cpu(*cuda, growing, 1500);
}

TEST(CudaSorn, LargeNetworksRecordedAsGraphsAreThoseOfTheCpu) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  for (const char* type : {"Dense", "Sparse"})
    expect_sorn_of_the_cpu(*cuda, sorn_inhibited(type, 1100), 3);  // too few steps for a cluster
  expect_sorn_of_the_cpu(*cuda, sorn_inhibited("Sparse", 20000), many_steps);
  const auto cpu = make_backend("cpu", {.threads = 1});
  for (const Index winners : {0u, 120u}) {
    const std::vector<sorn::Parameters> parameters = sorn_for_graphs(winners);
    sorn::Network expected(*cpu, parameters, {3, 4}), found(*cuda, parameters, {3, 4});
    for (const SornCall& call : sorn_calls) {
      SCOPED_TRACE(call.steps);
      expect_same(call(found, parameters[0].nu), call(expected, parameters[0].nu));
      expect_same(found, expected);
    }
  }
}

TEST(CudaSorn, OptionsAndWinnersAreThoseOfTheCpu) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  for (const Index ne : {43u, 200u, 1100u}) {
    SCOPED_TRACE(ne);
    expect_sorn_of_the_cpu(*cuda, sorn_with_options(ne), many_steps);
    expect_sorn_of_the_cpu(*cuda, sorn_with_winners(ne), many_steps);
  }
}

TEST(CudaAttractor, FastSumsAreTheExactOnesWithinTheirTolerance) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  try {
    cuda->multiply({}, {nullptr, 0, 0}, 1, {nullptr, 0, 0});
  } catch (const LibraryError& absent) {
    std::printf("SKIPPED: no cuBLAS: %s\n", absent.what());
    GTEST_SKIP() << absent.what();
  }
  expect_fast_sums_within_their_tolerance(*cuda);
}

TEST(CudaAttractor, StepsAndManyStatesAreThoseOfTheCpu) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  cpu::CpuBackend reference(1, cpu::extensions());
  for (const attractor::UpdateOrder order : update_orders)
    for (const bool learn : {false, true}) {
      const attractor::Options options = attractor_step_by_step(order, learn);
      EXPECT_TRUE(run_attractor_network(*cuda, options, 6) == run_attractor_network(reference, options, 6))
          << "order " << static_cast<int>(order) << ", learning " << learn;
    }
  const attractor::Options many = attractor_of_many_states();
  EXPECT_TRUE(run_attractor_network(*cuda, many, 6) == run_attractor_network(reference, many, 6));
}

TEST(CudaAttractor, BlocksTakeANetworkThroughAllStepsOfACall) {
  NEEDS_CUDA
  expect_attractor_blocks_of_the_cpu(*make_backend("cuda"));
}

TEST(CudaLeabra, CyclesAndLearningAreThoseOfTheCpu) {
  NEEDS_CUDA
  expect_leabra_of_the_cpu(*make_backend("cuda"), 5);
}

TEST(CudaNef, NetworksInABlockAndInLaunchesAreThoseOfTheCpu) {
  NEEDS_CUDA
  expect_nef_of_the_cpu(*make_backend("cuda"));
}

TEST(CudaRounds, LeaveTheStateOfSingleRoundsOfTheCpu) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  for (const BrainOptions& options : brain_options)
    EXPECT_EQ(rounds_at_once(*cuda, options, Connectome::procedural),
              rounds_one_by_one(options, Connectome::procedural))
        << "p " << options.p;
}

TEST(CudaRounds, GoOnWhereWhatIsLearnedOutgrowsItsRoom) {
  NEEDS_CUDA
  cpu::CpuBackend reference(1, cpu::extensions());
  EXPECT_EQ(drifting(*make_backend("cuda"), true), drifting(reference, false));
}

TEST(CudaRounds, OfALazyBrainAreThoseOfTheCpu) {
  NEEDS_CUDA
  cpu::CpuBackend reference(1, cpu::extensions());
  EXPECT_EQ(lazy_rounds(*make_backend("cuda")), lazy_rounds(reference));
}

TEST(CudaRounds, ParseWhatTheCpuParses) {
  NEEDS_CUDA
  cpu::CpuBackend reference(1, cpu::extensions());
  EXPECT_EQ(parsed(*make_backend("cuda")), parsed(reference));
}

/// Assemblies among them, whose steps are recorded.
TEST(CudaModels, EndInTheStateOfTheCpuWhenStepsAreReplayed) {
  NEEDS_CUDA
  const auto reference = make_backend("cpu"), cuda = make_backend("cuda");
  for (const conformance::Checked& c : conformance::everything()) {
    if (c.model) {
      EXPECT_EQ(conformance::first_difference(c.run(*reference, conformance::default_steps),
                                              c.run(*cuda, conformance::default_steps)),
                "")
          << c.name;
    }
  }
}

}  // namespace
}  // namespace engram
