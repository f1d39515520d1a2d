// The guarded device ends a host that touches its memory; the heap, which other emulated devices have, does not.
#include <gtest/gtest.h>

#include "tests/models/calculus/rounds_kernels_cases.hpp"
#include "tests/testing/emulated_backend.hpp"
#include "tests/testing/host_launcher.hpp"

namespace engram {
namespace {

using testing_kernels::EmulatedBackend;
using testing_kernels::Memory;
using testing_kernels::Order;

/// The planted fault: a model that reads an array of the device where it stands.
real first_of(const Array<real>& x) { return *static_cast<const volatile real*>(x.view().data); }

TEST(GuardedDeviceDeathTest, EndsAHostThatReadsOrWritesMemoryOfTheDevice) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EmulatedBackend heap(Order::ascending, true, Memory::heap), guarded(Order::ascending, true, Memory::guarded);
  const std::vector<real> values(100, real(3));
  Array<real> on_heap(heap, values), behind(guarded, values);
  EXPECT_EQ(first_of(on_heap), 3);
  EXPECT_EQ(behind.download(), values);
  EXPECT_DEATH(std::exit(static_cast<int>(first_of(behind))), "");
  EXPECT_DEATH(*static_cast<volatile real*>(behind.view().data) = 1, "");
  guarded->zero(behind.view().data, behind.bytes());
  EXPECT_EQ(behind.download(), std::vector<real>(100));
  EXPECT_DEATH(std::exit(static_cast<int>(first_of(behind))), "") << "after a launch";
}

TEST(GuardedDeviceDeathTest, GuardsScratchMemoryAndWhatStepsRecordedAsGraphsLeave) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EmulatedBackend guarded(Order::ascending, true, Memory::guarded);
  Array<real> a(guarded, std::vector<real>(100, real(3))), b(guarded, 100);
  for (Tick t = 0; t < 4; ++t) {
    guarded->begin_step(1, t);
    guarded->copy(b.view().data, a.view().data, a.bytes());
    guarded->end_step();
  }
  guarded->synchronize();
  EXPECT_GT(guarded.replays(), 0);
  EXPECT_EQ(b.download(), a.download());
  EXPECT_DEATH(std::exit(static_cast<int>(first_of(b))), "");
  testing_kernels::HostLauncher launcher(Order::ascending, false, Memory::guarded);
  Tick* const word = launcher.scratch<Tick>(kernels::Scratch::tick, 1);
  EXPECT_DEATH(std::exit(static_cast<int>(*static_cast<volatile Tick*>(word))), "");
}

TEST(GuardedDevice, LeavesALazyBrainOnTheHost) {
  EmulatedBackend guarded(Order::ascending, true, Memory::guarded);
  cpu::CpuBackend cpu(1, cpu::extensions());
  EXPECT_EQ(testing_kernels::lazy_rounds(guarded), testing_kernels::lazy_rounds(cpu));
}

TEST(GuardedMemory, GivesWhatWasGivenBackAgainAndJoinsIt) {
  const auto memory = testing_kernels::make_memory(Memory::guarded);
  void* const a = memory->take(5000);
  void* const b = memory->take(1);
  void* const c = memory->take(0);
  void* const last = memory->take(1);
  EXPECT_NE(b, c);
  memory->give(a);
  memory->give(c);
  memory->give(b);
  EXPECT_EQ(memory->take(5120 + 256 + 256), a) << "three neighbours are one range";
  memory->give(nullptr);
  memory->give(last);
  EXPECT_EQ(memory->take(testing_kernels::guarded_room + 1), nullptr);
  EXPECT_EQ(memory->take(testing_kernels::guarded_room), nullptr);
}

}  // namespace
}  // namespace engram
