// When to look for values that are not finite.
#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "engram/run/task.hpp"

namespace engram {

/// Every 100 ticks, or as seldom as it must be for looking to take half a percent of the time. Of two looks the faster
/// one counts, so that one that met a busy machine delays none.
class Guard {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Guard(Tick tick, std::function<Clock::time_point()> now = Clock::now)
      : now_(std::move(now)), next_(tick + every_), since_(now_()) {}
  /// The tick before which to look.
  Tick next() const { return next_; }
  /// Looks; all ticks before next() are done.
  void look(Task&);

 private:
  using Seconds = std::chrono::duration<double>;
  std::function<Clock::time_point()> now_;
  Tick every_ = 100, next_;
  Clock::time_point since_;
  Seconds last_{0};  ///< what the last look took; 0 before the first one
};

}  // namespace engram
