// Faults planted into kernels, by what they leave: no sanitizer is needed to see these. Those that one must report are
// ctests of the presets that have it (tests/CMakeLists.txt).
#include <gtest/gtest.h>

#include "tests/planted/kernels.hpp"
#include "tests/testing/emulated_backend.hpp"
#include "tests/testing/host_launcher.hpp"

namespace engram::testing_kernels {
namespace {

std::vector<Index> left_by(const std::string& fault, Order order) {
  constexpr Index n = 64;
  EmulatedBackend backend;
  const auto memory = [&] {  // an Array would be zero at first
    return std::unique_ptr<Index, std::function<void(Index*)>>(
        static_cast<Index*>(backend->allocate(n * sizeof(Index))), [&](Index* p) { backend->release(p); });
  };
  const auto data = memory(), never_written = memory();
  HostLauncher launcher(order, false);
  EXPECT_TRUE(planted::plant(launcher, fault, data.get(), never_written.get(), n)) << fault;
  return {data.get(), data.get() + n};
}

TEST(PlantedFaults, AMissingBarrierShowsInTheOrderOfThreads) {
  EXPECT_NE(left_by("missing_barrier", Order::ascending), left_by("missing_barrier", Order::descending));
  EXPECT_NE(left_by("missing_barrier", Order::ascending), left_by("missing_barrier", Order::shuffled));
}

TEST(PlantedFaults, WhatNobodyWroteIsNotZero) {
  EXPECT_EQ(left_by("uninitialised", Order::ascending), std::vector<Index>(64, 1));
  EXPECT_EQ(left_by("uninitialised_shared", Order::ascending), std::vector<Index>(64, 1));
}

TEST(PlantedFaults, NoneOfAnotherNameIsThere) {
  Index data[64] = {};
  HostLauncher launcher(Order::ascending, false);
  EXPECT_FALSE(planted::plant(launcher, "none", data, data, 64));
}

}  // namespace
}  // namespace engram::testing_kernels
