// Rounds of the assembly calculus that a device takes without the host in between, and the same one by one. Compared
// with the CPU on the emulated device and on a real one.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "engine/models/cpu_extensions.hpp"
#include "engram/calculus/parser.hpp"

namespace engram::testing_kernels {

using namespace calculus;

inline const Map stimuli{{"s", {"A"}}, {"t", {"B", "A"}}}, areas{{"A", {"A", "B"}}, {"B", {"B", "A"}}};

inline Brain two_areas(Backend& backend, const BrainOptions& options, Connectome connectome = Connectome::procedural) {
  Brain brain(backend, 11, options, connectome);
  AreaOptions area;
  area.n = 1500;
  area.k = 40;
  area.beta = 0.1;
  brain.add_area("A", area);
  area.n = 1100;
  area.k = 25;
  brain.add_area("B", area);
  brain.add_stimulus("s", 40);
  brain.add_stimulus("t", 30);
  brain.project({{"s", {"A", "B"}}}, {});
  return brain;
}

/// As users have it: rounds that go on after other rounds, with all that may be set in between.
inline void play(Brain& brain, const std::function<void(const Map&, const Map&, Index)>& project) {
  project(stimuli, areas, 9);
  project({}, areas, 4);
  brain.normalise("A");
  brain.set_beta("A", "B", 0);
  project(stimuli, areas, 5);
  brain.clear_beta("A", "B");
  brain.fix("B");
  project({{"t", {"B"}}}, areas, 5);
  brain.unfix("B");
  auto part = brain.winners("A");
  part.resize(part.size() / 2);
  brain.set_winners("A", part);
  std::vector<Index> many(60);
  for (Index i = 0; i < 60; ++i) many[i] = 11 * i;
  brain.set_winners("B", many);
  project({}, {{"B", {"A", "B"}}, {"A", {"A"}}}, 6);
  brain.set_plasticity(false);
  project({}, {{"A", {"A", "B"}}}, 5);
  brain.set_plasticity(true);
  project(stimuli, areas, 2);
}

inline nlohmann::json rounds_at_once(Backend& backend, const BrainOptions& options, Connectome connectome) {
  Brain brain = two_areas(backend, options, connectome);
  play(brain, [&](const Map& s, const Map& a, Index rounds) {
    EXPECT_EQ(brain.project(s, a, rounds), (std::vector<std::string>{"A", "B"})) << "of " << rounds;
  });
  return brain.state();
}

inline nlohmann::json rounds_one_by_one(const BrainOptions& options, Connectome connectome) {
  cpu::CpuBackend cpu(2, cpu::extensions());
  Brain brain = two_areas(cpu, options, connectome);
  play(brain, [&](const Map& s, const Map& a, Index rounds) {
    for (Index r = 0; r < rounds; ++r) brain.project(s, a);
  });
  return brain.state();
}

inline BrainOptions options_of(double p, int bits = 32, double w_max = 0) {
  BrainOptions options;
  options.p = p;
  options.exact_bits = bits;
  options.w_max = w_max;
  return options;
}

inline const BrainOptions brain_options[] = {options_of(0.05),  options_of(0.05, 64), options_of(0.3, 32, 1.3),
                                             options_of(0.002), options_of(1),        options_of(0)};

/// An area that is left alone drifts: each round recruits, so that rows and entries grow without end.
inline nlohmann::json drifting(Backend& backend, bool at_once) {
  Brain brain(backend, 3, options_of(0.02));
  AreaOptions area;
  area.n = 30000;
  area.k = 60;
  area.beta = 0.001;
  brain.add_area("A", area);
  brain.activate("A", 0);
  brain.unfix("A");
  const Map alone{{"A", {"A"}}};
  if (at_once) {
    brain.project({}, alone, 60);
  } else {
    for (int r = 0; r < 60; ++r) brain.project({}, alone);
  }
  EXPECT_GT(brain.support("A"), 2000u) << "or nothing has outgrown anything";
  return brain.state();
}

/// A lazy brain with what reads and writes inputs: an explicit area, inhibition of the last winners, refraction.
inline nlohmann::json lazy_rounds(Backend& backend) {
  Brain brain = two_areas(backend, {}, Connectome::lazy);
  AreaOptions area;
  area.n = 900;
  area.k = 30;
  area.refractory_period = 2;
  area.inhibition_strength = 3;
  brain.add_area("C", area);
  area.refracted_strength = 0.5;
  area.explicit_area = true;
  brain.add_area("D", area);
  brain.project({{"s", {"C", "D"}}}, {});
  for (int r = 0; r < 5; ++r) brain.project(stimuli, {{"A", {"A", "C", "D"}}, {"C", {"D"}}, {"D", {"C", "B"}}});
  Brain copy = brain.clone();
  copy.project(stimuli, areas);
  return {brain.state(), copy.state()};
}

/// A sentence: what a parser knows after it, and the dependencies found.
inline std::pair<nlohmann::json, std::string> parsed(Backend& backend) {
  ParserOptions options;
  options.n = 1000;
  options.k = 40;
  options.rounds = 8;
  Parser parser(backend, 2, english_with_clauses(), options);
  for (const char* word : {"dogs", "that", "people", "love", ",", "chase", "cats"}) parser.read(word);
  auto state = parser.brain().state();
  std::string found;
  for (const Dependency& d : parser.dependencies()) found += d.head + "-" + d.dependent + " " + d.area + "; ";
  return std::pair{state, found};
}

}  // namespace engram::testing_kernels
