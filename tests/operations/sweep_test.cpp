// Every operation of the CUDA backend, run on the host kernel by kernel, against the CPU backend: the same bits.
#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.hpp"
#include "tests/operations/operations.hpp"
#include "tests/testing/emulated_backend.hpp"

namespace engram {
namespace {

using namespace testing_kernels;

class Kernels : public testing::TestWithParam<Order> {};

TEST_P(Kernels, SweepDenseGivesTheBitsOfTheCpu) {
  for (const Case& c : cases)
    for (const Parts& p : all_parts(true, c.group)) {
      SCOPED_TRACE(testing::Message() << c << ", " << p);
      cpu::CpuBackend reference(1);
      EmulatedBackend emulated(GetParam());
      expect_same(run(emulated, c, p, true), run(reference, c, p, true));
    }
}

TEST_P(Kernels, SweepOutgoingGivesTheBitsOfTheCpu) {
  for (const Case& c : cases)
    for (const Parts& p : all_parts(false, c.group)) {
      if (c.group > 100 && GetParam() != Order::ascending) continue;  // half a million threads: once is enough
      SCOPED_TRACE(testing::Message() << c << ", " << p);
      cpu::CpuBackend reference(1);
      EmulatedBackend emulated(GetParam());
      expect_same(run(emulated, c, p, false), run(reference, c, p, false));
    }
}

TEST_P(Kernels, SelectAndCollectGiveTheBitsOfTheCpu) {
  for (Index units : {1u, 32u, 1000u, 17001u})
    for (Index batches : {1u, 3u})
      for (std::size_t room : {std::size_t{units}, std::size_t{units / 4 + 1}}) {
        const Index k = static_cast<Index>(room / 2 + 1);
        SCOPED_TRACE(testing::Message() << units << " units, " << batches << " batches, room " << room);
        cpu::CpuBackend reference(1);
        EmulatedBackend emulated(GetParam());
        expect_same(select_and_collect(emulated, units, batches, k, real(0.2), room),
                    select_and_collect(reference, units, batches, k, real(0.2), room));
      }
}

TEST_P(Kernels, SampleGivesTheBitsOfTheCpu) {
  for (const Distribution& distribution : {Distribution(Uniform{-1, 3}), Distribution(Normal{2, real(0.5)})})
    for (Index units : {1u, 3u, 4u, 1001u})
      for (Index batches : {1u, 3u}) {
        cpu::CpuBackend reference(1);
        EmulatedBackend emulated(GetParam());
        expect_same(draw(emulated, distribution, units, batches), draw(reference, distribution, units, batches));
      }
}

INSTANTIATE_TEST_SUITE_P(Orders, Kernels, testing::Values(Order::ascending, Order::descending, Order::shuffled),
                         [](const auto& order) { return testing_kernels::name_of(order.param); });

TEST(KernelsOnThreads, SweepsGiveTheBitsOfTheCpu) {
  for (const Case& c : {Case{65, 33, 2, 1}})
    for (bool dense : {true, false})
      for (const Parts& p : all_parts(dense, c.group)) {
        SCOPED_TRACE(testing::Message() << c << ", " << p);
        cpu::CpuBackend reference(1);
        EmulatedBackend emulated(Order::real_threads);
        expect_same(run(emulated, c, p, dense), run(reference, c, p, dense));
      }
}

TEST(KernelsOnThreads, CollectGivesTheBitsOfTheCpu) {
  cpu::CpuBackend reference(1);
  for (const Order order : {Order::real_threads, Order::whole_threads}) {
    EmulatedBackend emulated(order);
    expect_same(select_and_collect(emulated, 17001, 2, 100, real(0.2), 500),
                select_and_collect(reference, 17001, 2, 100, real(0.2), 500));
  }
}

TEST(KernelsRefuse, WhatTheStorageCannotDo) {
  cpu::CpuBackend reference(1);
  EmulatedBackend emulated;
  const Parts lists{1, true, false, false, false, false, Read::nothing},
      columns{1, false, false, false, false, false, Read::nothing};  // a rule that creates synapses
  for (const Parts& p : {lists, columns}) {
    std::string said[2];
    for (Backend* backend : {static_cast<Backend*>(&reference), emulated.operator->()}) try {
        run(*backend, cases[2], p, false);
        ADD_FAILURE() << "accepted: " << p;
      } catch (const Error& e) {
        said[backend != &reference] = e.what();
      }
    EXPECT_EQ(said[0], said[1]);
    EXPECT_FALSE(said[0].empty());
  }
}

}  // namespace
}  // namespace engram
