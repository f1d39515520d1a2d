// Schedules: the order of operations, what they refuse, and what a program of them gives.
#include "engram/schedule.hpp"

#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.hpp"
#include "engine/models/cpu_extensions.hpp"
#include "engram/nef/operations.hpp"

namespace engram {
namespace {

Part vector_of(Schedule& schedule, const char* name, Index n, std::vector<double> initial = {}) {
  Schedule::ArrayInfo info;
  info.name = name;
  info.rows = n;
  info.initial = std::move(initial);
  return schedule.whole(schedule.add(std::move(info)));
}

std::vector<std::string> names(const Schedule& schedule) {
  std::vector<std::string> all;
  for (const Schedule::Entry& entry : schedule.entries()) all.push_back(entry.name);
  return all;
}

/// Operations are added in the wrong order on purpose.
TEST(Schedule, SetsThenIncrementsThenReadsThenUpdates) {
  Schedule schedule;
  nef::Operations add(schedule);
  const Part x = vector_of(schedule, "x", 2), y = vector_of(schedule, "y", 2),
             one = vector_of(schedule, "one", 2, {1, 1}), delayed = vector_of(schedule, "delayed", 2);
  add.copy("reads", y, x, nef::Mode::set);
  add.copy("updates", delayed, x, nef::Mode::update);
  add.copy("looks at the last step", x, delayed, nef::Mode::increment);
  add.copy("increments", x, one, nef::Mode::increment);
  add.fill("sets", x, 5);
  schedule.order();
  EXPECT_EQ(names(schedule),
            (std::vector<std::string>{"sets", "looks at the last step", "increments", "reads", "updates"}));

  cpu::CpuBackend backend(1, cpu::extensions());
  Program program(backend, std::move(schedule), 1);
  program.run(0, 1);
  EXPECT_EQ(program.values(y.array), (std::vector<real>{6, 6}));
  program.run(1, 2);
  EXPECT_EQ(program.values(y.array), (std::vector<real>{18, 18})) << "5 + 1 + (5 + 1 + 6)";
}

TEST(Schedule, NamesTheMembersOfACycle) {
  Schedule schedule;
  nef::Operations add(schedule);
  const Part a = vector_of(schedule, "a", 1), b = vector_of(schedule, "b", 1), c = vector_of(schedule, "c", 1);
  add.copy("first", b, a, nef::Mode::set);
  add.copy("second", c, b, nef::Mode::set);
  add.copy("third", a, c, nef::Mode::set);
  try {
    schedule.order();
    FAIL() << "a cycle passed";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("first -> second -> third -> first"), std::string::npos) << error.what();
  }
}

TEST(Schedule, RefusesTwoThatSetOneValue) {
  Schedule schedule;
  nef::Operations add(schedule);
  const Part x = vector_of(schedule, "x", 4);
  Part even = x, odd = x;
  even.rows = {0, 2, 2};
  odd.rows = {1, 2, 2};
  add.fill("even", even, 1);
  add.fill("odd", odd, 2);
  EXPECT_NO_THROW(schedule.order()) << "they meet nowhere";
  add.fill("all", x, 3);
  EXPECT_THROW(schedule.order(), Error);
}

TEST(Schedule, PrintsWhatOperationsDoToArrays) {
  Schedule schedule;
  nef::Operations add(schedule);
  const Part x = vector_of(schedule, "x", 4), y = vector_of(schedule, "y", 4);
  Part part = x;
  part.rows = {1, 1, 2};
  Part half = y;
  half.rows = {0, 2, 2};
  add.copy("a connection", part, half, nef::Mode::increment);
  EXPECT_EQ(schedule.print(), "a connection: copy; increment x[1+2]; read y[0+2*2]\n");
}

TEST(Schedule, CallsOperationsOfTheBackend) {
  Schedule schedule;
  const Part x = vector_of(schedule, "x", 3), sum = vector_of(schedule, "sum", 1);
  nef::Operations add(schedule);
  add.fill("fill", x, 2);
  const BackendCall call = [=](Backend& backend, const Memory& memory, Tick) {
    backend.summarize(Batch<const real>{memory.reals(x.array), 3, memory.replicas(), memory.stride(x.array)}, {}, Sum{},
                      Batch<real>{memory.reals(sum.array), 1, memory.replicas(), memory.stride(sum.array)});
  };
  schedule.add(Schedule::Entry{"sum", "summarize", &backend_calls(), call, {{Access::read, x}, {Access::set, sum}}});
  schedule.order();
  cpu::CpuBackend backend(1, cpu::extensions());
  Program program(backend, std::move(schedule), 2);
  program.run(0, 3);
  EXPECT_EQ(program.values(sum.array, 1), std::vector<real>{6});
}

/// Repeated targets add up; so do the taps of a filter.
TEST(NefOperations, GatherAddsRepeatedTargets) {
  Schedule schedule;
  nef::Operations add(schedule);
  const Part x = vector_of(schedule, "x", 3, {1, 10, 100}), y = vector_of(schedule, "y", 2);
  add.fill("fill", y, 0.5);
  add.gather("gather", y, std::nullopt, x, {{1}, {0, 3}, {0, 0, 2}, {}}, nef::Mode::increment);
  schedule.order();
  cpu::CpuBackend backend(1, cpu::extensions());
  Program program(backend, std::move(schedule), 1);
  program.run(0, 1);
  EXPECT_EQ(program.values(y.array), (std::vector<real>{real(0.5), real(102.5)}));
}

/// A held product sums rows anew where they were touched, and all where x changes: always the bits of a plain one.
TEST(NefOperations, HeldProductsEqualPlainOnes) {
  constexpr Index n = 70, d = 130;
  const auto build = [&](bool held) {
    Schedule schedule;
    nef::Operations add(schedule);
    Schedule::ArrayInfo matrix;
    matrix.name = "a";
    matrix.rows = n;
    matrix.cols = d;
    for (std::uint32_t i = 0; i < n * d; ++i) matrix.initial.push_back(Random{1, Stream::test, 0, i}.uniform());
    const Part a = schedule.whole(schedule.add(matrix));
    Schedule::ArrayInfo table;
    table.name = "table";
    table.rows = d;
    table.cols = 3;
    table.shared = true;
    for (std::uint32_t i = 0; i < 3 * d; ++i)
      table.initial.push_back(i % 5 ? Random{2, Stream::test, 0, i}.uniform() : 0);
    const Part values = schedule.whole(schedule.add(table)), x = vector_of(schedule, "x", d),
               y = vector_of(schedule, "y", n), b = vector_of(schedule, "b", n),
               scale = vector_of(schedule, "scale", n);
    add.table("x", x, values, 3);
    Part some = b;
    some.rows = {5, 13, 4};
    add.fill("few neurons are active", some, 100);
    add.learn("voja", a, {{nef::Learning::voja, b, x, scale, {}, {}, 1e-3, 0}});
    add.fill("y", y, 0);
    if (held)
      add.held_product("product", y, a, x, b);
    else
      add.product("product", y, a, x, nef::Mode::increment);
    schedule.order();
    return schedule;
  };
  cpu::CpuBackend backend(1, cpu::extensions());
  Program held(backend, build(true), 1), plain(backend, build(false), 1);
  for (Tick t = 0; t < 20; ++t) {
    held.run(t, 1);
    plain.run(t, 1);
    ASSERT_EQ(held.values(held.schedule().find("y")), plain.values(plain.schedule().find("y"))) << t;
  }
}

}  // namespace
}  // namespace engram
