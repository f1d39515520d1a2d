// How far a run is, on stderr: one bar that redraws itself on a terminal, else a plain line now and then.
#pragma once

#include <chrono>
#include <string>

#include "engram/run/simulation.hpp"

namespace engram {

/// "12 s", "3 min 05 s", "1.5 h".
std::string duration_words(double seconds);

class Progress {
 public:
  /// `automatic` draws a bar only where stderr is a terminal that understands it.
  Progress(ProgressStyle style, Tick total, Tick start);
  ~Progress() { clear(); }
  void update(Tick done);
  /// Removes the bar, so that other lines stand clean.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::string status(Tick done, double seconds) const;

  ProgressStyle style_;
  Tick total_, start_, last_share_ = 0;
  Clock::time_point began_, next_;
  bool drawn_ = false;
};

}  // namespace engram
