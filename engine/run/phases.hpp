// What the phases of every protocol have in common: together they are countable, and each keeps its results apart.
#pragma once

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "engram/core/portable.hpp"
#include "engram/run/config_reader.hpp"

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

/// The names under which results are kept.
class ResultNames {
 public:
  using Names = std::function<std::vector<std::string>(const std::string& label)>;

  /// The label, with a number behind it where results would replace those of another one: `names` says what they are
  /// called.
  std::string take(
      const std::string& label, const Names& names = [](const std::string& name) { return std::vector{name}; }) {
    for (int n = 1;; ++n) {
      const std::string wanted = n == 1 ? label : label + " (" + std::to_string(n) + ")";
      const std::vector<std::string> all = names(wanted);
      if (std::any_of(all.begin(), all.end(), [&](const std::string& name) { return taken_.contains(name); })) continue;
      taken_.insert(all.begin(), all.end());
      return wanted;
    }
  }

 private:
  std::set<std::string> taken_;
};

}  // namespace engram
