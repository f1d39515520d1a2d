// How far a run is, on stderr: one bar that redraws itself on a terminal, else a plain line now and then.
#pragma once

#include <chrono>
#include <string>

#include "engram/run/simulation.hpp"

namespace engram::apps {

enum class ProgressStyle { automatic, bar, lines, none };

class ProgressPainter {
 public:
  /// `automatic` draws a bar only where stderr is a terminal that understands it.
  explicit ProgressPainter(ProgressStyle style);
  ~ProgressPainter() { clear(); }
  void update(const RunProgress&);
  /// Removes the bar, so that other lines stand clean.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  void begin_point(const RunProgress&, Clock::time_point now);

  ProgressStyle style_;
  std::size_t point_ = static_cast<std::size_t>(-1);
  Tick last_share_ = 0;
  Clock::time_point began_, next_;
  bool drawn_ = false;
};

}  // namespace engram::apps
