// What `engram bench` times. A family adds its cases in its own file, bench/<family>.cpp, and one line in registry.cpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engram/backend.hpp"

namespace engram::bench {

/// A model in its stationary regime, ready to be timed. The functions own the state.
struct Runnable {
  double bytes_per_step = 0;     ///< of all replicas; each array read or written counts once
  double synapses_per_step = 0;  ///< synaptic events of all replicas, 0 where there are none
  std::function<void()> step;
  std::function<void()> prepare = {};  ///< before each timed batch of steps, not timed itself
  std::function<std::string()> check;  ///< after the timing: empty, or what is wrong with what was timed
  double steps_per_call = 1;           ///< steps that one call of `step` makes
  std::size_t rewritten = 0;           ///< bytes of what every step reads and writes in place; 0: nothing of the kind
};

struct Case {
  std::string name;      ///< "topk/n=1000000,k=1000"; activity and density are parameters in it
  std::string question;  ///< which question the time answers, and in which regime
  Index replicas = 1;    ///< unless --replicas asks for others
  std::function<Runnable(Backend&, Index replicas)> build;
  bool host_only = false;  ///< what is timed is the host's work, whatever the backend
};

const std::vector<Case>& cases();

/// One for each network side by side.
inline std::vector<std::uint64_t> seeds_of(Index replicas) {
  std::vector<std::uint64_t> seeds(replicas);
  for (Index r = 0; r < replicas; ++r) seeds[r] = r + 1;
  return seeds;
}

// The families.
std::vector<Case> topk_cases();
std::vector<Case> assembly_cases();
std::vector<Case> attractor_cases();
std::vector<Case> sorn_cases();
std::vector<Case> calculus_cases();
std::vector<Case> leabra_cases();
std::vector<Case> nef_cases();

}  // namespace engram::bench
