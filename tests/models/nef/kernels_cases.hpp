// NEF networks that another backend must take as the CPU does: products long enough to be summed in chunks, phases that
// are launches of their own, rules of learning.
#pragma once

#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.hpp"
#include "engine/models/cpu_extensions.hpp"
#include "engram/nef/operations.hpp"

namespace engram::testing_kernels {

inline Part nef_filled(Schedule& schedule, const char* name, Index rows, Index cols, std::uint32_t seed,
                       bool sparse = false) {
  Schedule::ArrayInfo info;
  info.name = name;
  info.rows = rows;
  info.cols = cols;
  for (std::uint32_t i = 0; i < rows * cols; ++i)
    info.initial.push_back(sparse && i % 7 ? 0 : Random{seed, Stream::test, 0, i}.uniform() - real(0.5));
  return schedule.whole(schedule.add(std::move(info)));
}

/// Products of long and short rows, of transposed and of strided matrices, with sources that are mostly 0.
inline Schedule nef_products() {
  Schedule schedule;
  nef::Operations add(schedule);
  const Part a = nef_filled(schedule, "a", 5, 1000, 1), x = nef_filled(schedule, "x", 1000, 1, 2, true),
             y = nef_filled(schedule, "y", 5, 1, 3), z = nef_filled(schedule, "z", 3, 1, 4),
             gain = nef_filled(schedule, "gain", 1, 1, 5);
  add.product("long rows", y, a, x, nef::Mode::increment);
  Part rows = a, some = x;
  rows.rows = {0, 2, 3};
  rows.cols = {998, -3, 300};
  some.rows = {1, 3, 300};
  add.product("every third column, backwards", z, rows, some, nef::Mode::set);
  add.rls_gain("gain", gain, x, x);
  add.learn_now("learning", a, {nef::Learning::outer, y, x, {}, gain, {}, 1e-3, 0});
  schedule.order();
  return schedule;
}

/// So many elements that a phase is a launch, and rows of so many chunks that a block adds them; rules by column and
/// row.
inline Schedule nef_launches() {
  Schedule schedule;
  nef::Operations add(schedule);
  const Part a = nef_filled(schedule, "a", 70, 4300, 1), x = nef_filled(schedule, "x", 4300, 1, 2, true),
             y = nef_filled(schedule, "y", 70, 1, 3), e = nef_filled(schedule, "e", 4300, 18, 4),
             key = nef_filled(schedule, "key", 18, 1, 5), norm = nef_filled(schedule, "norm", 4300, 1, 6),
             drive = nef_filled(schedule, "drive", 4300, 1, 7);
  add.product("decoded", y, a, x, nef::Mode::set);
  add.product("encoded", drive, e, key, nef::Mode::increment);
  add.learn_now("decoders", a, {nef::Learning::outer, y, x, {}, {}, {}, 1e-3, 0});
  add.learn_now("encoders", e, {nef::Learning::voja, x, key, norm, {}, {}, 0.05, 0});
  schedule.order();
  return schedule;
}

/// The arrays of both ends after five steps are the same.
inline void expect_same_arrays(Program& found, Program& expected, std::initializer_list<const char*> arrays) {
  expected.run(0, 5);
  found.run(0, 5);
  for (const char* array : arrays) {
    const ArrayId id = expected.schedule().find(array);
    for (Index r = 0; r < 2; ++r) EXPECT_EQ(found.values(id, r), expected.values(id, r)) << array;
  }
}

/// Two networks of each, through five steps of one call.
inline void expect_nef_of_the_cpu(Backend& backend) {
  cpu::CpuBackend reference(1, cpu::extensions());
  Program small(reference, nef_products(), 2), small_found(backend, nef_products(), 2);
  expect_same_arrays(small_found, small, {"y", "z", "gain", "a"});
  Program large(reference, nef_launches(), 2), large_found(backend, nef_launches(), 2);
  expect_same_arrays(large_found, large, {"y", "drive", "a", "e"});
}

}  // namespace engram::testing_kernels
