// Tasks that need not be asked for every tick.
#pragma once

#include "engram/run/task.hpp"

namespace engram {

/// A task that can take many ticks in one launch where nobody wants to see what lies between.
class ManyTicks {
 public:
  virtual ~ManyTicks() = default;
  /// Ticks t .. t + n - 1 as tick() would do them, one after the other; returns n, 1 to `most`.
  virtual Tick advance(Tick t, Tick most, Recorder&) = 0;
};

}  // namespace engram
