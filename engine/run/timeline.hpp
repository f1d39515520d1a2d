// The phases of a protocol: which of them holds a tick, and under which names each keeps its results.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "engram/core/portable.hpp"

namespace engram {

class ConfigReader;

inline constexpr Tick max_ticks = Tick{1} << 62;

/// Phases one after the other, each of some ticks.
class Timeline {
 public:
  /// The phase that holds a tick: ticks [begin, end).
  struct Place {
    std::size_t phase;
    Tick begin, end;
  };

  /// Adds a phase. A run longer than ticks can count is a problem of the place where the configuration has the phase.
  void add(const ConfigReader& phase, Tick length);
  Tick ticks() const { return ends_.empty() ? 0 : ends_.back(); }
  /// `t` is below ticks().
  Place at(Tick t) const;

 private:
  std::vector<Tick> ends_;  ///< of each phase, the first tick after it
};

/// The names under which results are kept.
class ResultNames {
 public:
  using Names = std::function<std::vector<std::string>(const std::string& label)>;

  /// The label, with a number behind it where results would replace those of another one: `names` says what they are
  /// called.
  std::string take(
      const std::string& label, const Names& names = [](const std::string& name) { return std::vector{name}; });

 private:
  std::set<std::string> taken_;
};

}  // namespace engram
