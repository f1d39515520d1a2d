// What the phases of every protocol have in common: together they must be countable, and each keeps its results apart.
#pragma once

#include <set>
#include <string>

#include "engram/config_reader.hpp"
#include "engram/portable.hpp"

namespace engram {

inline constexpr Tick most_ticks = Tick{1} << 62;

/// Adds a phase to the ticks before it; a run longer than ticks can count is a problem of the phase.
inline void add_ticks(const ConfigReader& phase, Tick length, Tick& total) {
  if (length > most_ticks || total > most_ticks - length) {
    phase.problem("the run would be longer than 2^62 ticks with this phase");
    return;
  }
  total += length;
}

/// The names under which phases keep results.
class ResultNames {
 public:
  /// A name that is taken already is a problem of the phase.
  void take(const ConfigReader& phase, const std::string& name) {
    if (!names_.insert(name).second)
      phase.problem("label", "another phase keeps its results as \"" + name + "\" already; they would replace each other");
  }

 private:
  std::set<std::string> names_;
};

}  // namespace engram
