// Brains that several tests of the assembly calculus use.
#pragma once

#include <functional>

#include "engram/calculus/presets.hpp"

namespace engram::calculus {

inline Brain small_brain(Backend& backend, std::uint64_t seed, Connectome connectome, double beta = 0.1,
                         BrainOptions options = {}) {
  Brain brain(backend, seed, options, connectome);
  AreaOptions area;
  area.n = 700;
  area.k = 25;
  area.beta = beta;
  brain.add_area("A", area);
  area.n = 900;
  area.k = 30;
  brain.add_area("B", area);
  brain.add_stimulus("s", 40);
  return brain;
}

/// Rounds that exercise everything: recurrence, feedback, fixing, learning off, partial winners, own rates.
inline std::vector<std::vector<Index>> exercise(Brain& brain) {
  std::vector<std::vector<Index>> history;
  const auto round = [&](const Map& stimuli, const Map& areas) {
    brain.project(stimuli, areas);
    for (const char* area : {"A", "B"}) history.push_back(brain.winners(area));
  };
  round({{"s", {"A"}}}, {});
  for (int i = 0; i < 4; ++i) round({{"s", {"A"}}}, {{"A", {"A", "B"}}});
  for (int i = 0; i < 4; ++i) round({{"s", {"A", "B"}}}, {{"A", {"A", "B"}}, {"B", {"A", "B"}}});
  brain.fix("A");
  brain.set_beta("B", "A", 1);
  round({}, {{"B", {"A", "B"}}});
  brain.unfix("A");
  brain.set_plasticity(false);
  round({}, {{"B", {"A"}}});
  brain.set_plasticity(true);
  auto part = brain.winners("A");
  part.resize(part.size() / 2);
  brain.set_winners("A", part);
  for (int i = 0; i < 3; ++i) round({}, {{"A", {"A", "B"}}});
  return history;
}

inline Brain make(Backend& backend, std::uint64_t seed, double p, double beta, const std::vector<std::string>& areas,
                  const std::vector<std::string>& stimuli, Connectome connectome = Connectome::procedural,
                  Index n = 100000, Index k = 317) {
  BrainOptions options;
  options.p = p;
  Brain brain(backend, seed, options, connectome);
  AreaOptions area;
  area.n = n;
  area.k = k;
  area.beta = beta;
  for (const auto& name : areas) brain.add_area(name, area);
  for (const auto& name : stimuli) brain.add_stimulus(name, k);
  return brain;
}

inline Player played(Brain brain, const Script& script) {
  Player player(std::move(brain), script);
  player.run();
  return player;
}

inline std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing thrown";
}

}  // namespace engram::calculus
