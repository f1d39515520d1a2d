// When to look for values that are not finite.
#pragma once

#include <chrono>

#include "engram/run/task.hpp"

namespace engram {

/// Every 100 ticks, or as seldom as it must be for looking to take half a percent of the time. Of two looks the faster
/// one counts, so that one that met a busy machine delays none.
class Guard {
 public:
  explicit Guard(Tick tick) : next_(tick + every_) {}
  /// The tick before which to look.
  Tick next() const { return next_; }
  /// Looks; all ticks before next() are done.
  void look(Task&);

 private:
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  Tick every_ = 100, next_;
  Clock::time_point since_ = Clock::now();
  Seconds last_{0};  ///< what the last look took; 0 before the first one
};

}  // namespace engram
