// Rounds that a device takes without the host in between leave the state that single rounds leave on the CPU.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/models/cpu_extensions.hpp"
#include "engram/run/config_reader.hpp"
#include "tests/models/calculus/rounds_kernels_cases.hpp"
#include "tests/testing/emulated_backend.hpp"
#include "tests/testing/recorder.hpp"

namespace engram {
namespace {

using namespace testing_kernels;

TEST(RoundsOnDevice, LeaveTheStateOfSingleRoundsOfTheCpu) {
  for (const BrainOptions& options : brain_options) {
    const auto expected = rounds_one_by_one(options, Connectome::procedural);
    for (const Order order : {Order::ascending, Order::descending, Order::shuffled}) {
      EmulatedBackend recorded(order), plain(order, false);
      EXPECT_EQ(rounds_at_once(recorded, options, Connectome::procedural), expected)
          << "p " << options.p << ", " << name_of(order);
      EXPECT_EQ(recorded.captures(), 6) << "of the seven calls one is too short to be recorded";
      EXPECT_EQ(recorded.replays(), 8 + 3 + 4 + 4 + 4 + 4) << "the first round of each is not; the fifth begins with "
                                                              "one of the host, for areas have other than k winners";
      if (order == Order::ascending) {
        EXPECT_EQ(rounds_at_once(plain, options, Connectome::procedural), expected) << "without graphs";
      }
    }
  }
}

TEST(RoundsOnDevice, HaveNoRaces) {
  for (const Order order : {Order::real_threads, Order::real_blocks, Order::whole_threads}) {
    EmulatedBackend emulated(order);
    Brain brain = two_areas(emulated, options_of(0.05));
    brain.project(stimuli, areas, 4);
    cpu::CpuBackend cpu(1, cpu::extensions());
    Brain expected = two_areas(cpu, options_of(0.05));
    for (int r = 0; r < 4; ++r) expected.project(stimuli, areas);
    EXPECT_EQ(brain.state(), expected.state()) << name_of(order);
  }
}

TEST(RoundsOnDevice, OneByOneWhereTheHostIsNeeded) {
  for (const Connectome connectome : {Connectome::dense, Connectome::lazy}) {
    cpu::CpuBackend cpu(1, cpu::extensions());
    Brain once = two_areas(cpu, {}, connectome), single = two_areas(cpu, {}, connectome);
    once.project(stimuli, areas, 6);
    for (int r = 0; r < 6; ++r) single.project(stimuli, areas);
    EXPECT_EQ(once.state(), single.state()) << name_of(connectome);
  }
  EmulatedBackend emulated;
  EXPECT_EQ(rounds_at_once(emulated, {}, Connectome::dense), rounds_one_by_one({}, Connectome::dense));
  BrainOptions watched;
  watched.save_winners = true;
  EXPECT_EQ(rounds_at_once(emulated, watched, Connectome::procedural),
            rounds_one_by_one(watched, Connectome::procedural));
  for (const char* special : {"threshold", "refractory", "refracted", "exclusive"}) {
    cpu::CpuBackend cpu(1, cpu::extensions());
    const auto rounds = [&](Backend& backend, bool at_once) {
      Brain brain = two_areas(backend, {});
      AreaOptions area;
      area.n = 900;
      area.k = 30;
      if (special == std::string("threshold")) {
        area.winners = "threshold";
        area.threshold = 5;
      }
      if (special == std::string("refractory")) {
        area.refractory_period = 2;
        area.inhibition_strength = 3;
      }
      if (special == std::string("refracted")) area.refracted_strength = 0.5;
      brain.add_area("C", area);
      if (special == std::string("exclusive")) brain.exclude({"B", "C"});
      const Map map{{"A", {"A", "C", "B"}}};
      if (at_once) {
        brain.project(stimuli, map, 7);
      } else {
        for (int r = 0; r < 7; ++r) brain.project(stimuli, map);
      }
      return brain.state();
    };
    EXPECT_EQ(rounds(emulated, true), rounds(cpu, false)) << special;
  }
  EXPECT_EQ(emulated.captures(), 0);
}

TEST(RoundsOnDevice, GoOnWhereWhatIsLearnedOutgrowsItsRoom) {
  cpu::CpuBackend cpu(1, cpu::extensions());
  EmulatedBackend emulated;
  EXPECT_EQ(drifting(emulated, true), drifting(cpu, false));
  EXPECT_GE(emulated.captures(), 2) << "a round of the host makes room";
}

TEST(RoundsOnDevice, AreWhatAnExperimentRunsWhereNoRoundIsRecorded) {
  const auto document = nlohmann::ordered_json::parse(R"({
    "model": {"type": "calculus", "p": 0.05, "defaults": {"n": 900, "k": 30, "beta": 0.1},
              "areas": {"A": {}, "B": {"n": 600}}, "stimuli": {"s": {"size": 40}}},
    "record": {"every": 8},
    "protocol": [{"do": "project", "stimuli": {"s": ["A"]}},
                 {"do": "project", "stimuli": {"s": ["A"]}, "areas": {"A": ["A", "B"]}, "rounds": 30},
                 {"do": "remember", "name": "a", "area": "A"},
                 {"do": "project", "areas": {"A": ["A", "B"]}, "rounds": 20, "few": 2},
                 {"do": "project", "areas": {"A": ["A"]}, "rounds": 12},
                 {"do": "remember", "name": "b", "area": "A"},
                 {"do": "measure", "what": "overlap", "label": "o", "a": "a", "b": "b"},
                 {"do": "measure", "what": "support", "label": "support", "area": "B"}]})");
  struct Run {
    std::string results;
    std::vector<Tick> calls;
    std::vector<double> values;
  };
  const auto run = [&](Backend& backend, const char* wanted) {
    const auto families = engram::families();
    const auto calculus = std::find_if(families.begin(), families.end(),
                                       [](const Family& f) { return f.name == std::string("calculus"); });
    ConfigReader reader(document, ".");
    const auto task = calculus->read(reader)->build({backend, {5, 6}, document["record"]["every"]});
    test::KeptRecorder recorder([&](std::string_view name) { return name == wanted; });
    Run done;
    for (Tick t = 0; t < task->ticks(); t += done.calls.back())
      done.calls.push_back(task->advance(t, task->ticks() - t, recorder));
    done.results = task->results().dump();
    for (const test::Metric& m : recorder.metrics) done.values.push_back(m.value);
    return done;
  };
  cpu::CpuBackend cpu(1, cpu::extensions());
  EmulatedBackend emulated;
  const Run host = run(cpu, "nothing"), device = run(emulated, "nothing"), watched = run(emulated, "newcomers");
  EXPECT_EQ(host.calls, std::vector<Tick>(host.calls.size(), 1)) << "a CPU gains nothing";
  // Ticks 1 to 30 are one call, and so are 52 to 63; a step that ends early is taken round by round, as is what is no
  // round.
  std::vector<Tick> expected{1, 30};
  expected.insert(expected.end(), 21, 1);
  expected.insert(expected.end(), {12, 1, 1, 1});
  EXPECT_EQ(device.calls, expected);
  EXPECT_EQ(device.results, host.results);
  EXPECT_EQ(watched.calls, host.calls);
  EXPECT_EQ(watched.values, run(cpu, "newcomers").values);
}

TEST(RoundsOnDevice, ParseAWordInAFewCalls) {
  cpu::CpuBackend cpu(1, cpu::extensions());
  EmulatedBackend emulated;
  EXPECT_EQ(parsed(emulated), parsed(cpu));
  EXPECT_GE(emulated.captures(), 7) << "each word's later rounds are one call";
}

}  // namespace
}  // namespace engram
