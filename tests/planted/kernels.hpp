// Kernels with a fault each, launched as the real ones are: a sanitizer that does not find them has not looked.
#pragma once

#include <string>

#include "kernels/core/block.hpp"
#include "kernels/core/launch.hpp"

namespace engram::planted {

using kernels::Block;

/// Writes one value behind the array.
struct OutOfBounds {
  Index* data;
  Index n;
  ENGRAM_HD void operator()(Index x, std::size_t) const { data[x < n ? x + 1 : 0] = x; }
};

/// All threads of a block add to one sum, without atomics and within a phase.
struct Race {
  static constexpr Index threads = 64;
  struct Shared {
    Index sum;
  };
  Index* data;
  ENGRAM_HD void operator()(const Block& block, std::size_t, Shared& shared) const {
    block.each([&](Index t) {
      if (t == 0) shared.sum = 0;
    });
    block.each([&](Index t) { shared.sum += t; });
    block.each([&](Index t) { data[t] = shared.sum; });
  }
};

/// Each thread reads what its neighbour wrote within the same phase.
struct MissingBarrier {
  static constexpr Index threads = 64;
  struct Shared {
    Index value[threads];
  };
  Index* data;
  ENGRAM_HD void operator()(const Block& block, std::size_t, Shared& shared) const {
    block.each([&](Index t) { shared.value[t] = 0; });
    block.each([&](Index t) {
      shared.value[t] = t;
      data[t] = shared.value[(t + 1) % threads];
    });
  }
};

/// Reads between two phases what the next one writes.
struct BetweenPhases {
  static constexpr Index threads = 64;
  struct Shared {
    Index word;
  };
  Index* data;
  ENGRAM_HD void operator()(const Block& block, std::size_t, Shared& shared) const {
    block.each([&](Index t) {
      if (t == 0) shared.word = 1;
    });
    const Index seen = shared.word;
    block.each([&](Index t) {
      if (t == 0) shared.word = 2;
      data[t] = seen;
    });
  }
};

/// Writes one value behind the shared memory that its block asked for.
struct OutOfSharedMemory {
  static constexpr Index threads = 64;
  struct Shared {
    Index value[1];  ///< as many as shared_bytes() holds
  };
  Index* data;
  std::size_t shared_bytes() const { return threads * sizeof(Index); }
  ENGRAM_HD void operator()(const Block& block, std::size_t, Shared& shared) const {
    Index* value = shared.value;
    block.each([&](Index t) { value[t + 1] = t; });
    block.each([&](Index t) { data[t] = value[t]; });
  }
};

/// Reads what nobody wrote.
struct Uninitialised {
  const Index* never_written;
  Index* data;
  ENGRAM_HD void operator()(Index x, std::size_t) const { data[x] = never_written[x] ? 1 : 2; }
};

/// Reads of the shared memory what no thread of this block wrote.
struct UninitialisedShared {
  static constexpr Index threads = 64;
  struct Shared {
    Index value[threads];
  };
  Index* data;
  ENGRAM_HD void operator()(const Block& block, std::size_t, Shared& shared) const {
    block.each([&](Index t) {
      if (t != 0) shared.value[t] = t;
    });
    block.each([&](Index t) { data[t] = shared.value[t] ? 1 : 2; });
  }
};

inline constexpr const char* usage =
    "out_of_bounds | out_of_shared_memory | race | missing_barrier | between_phases | uninitialised | "
    "uninitialised_shared";

/// Launches the named fault on arrays of n values, n at least 64; false if there is none of this name.
template <class Launcher>
bool plant(Launcher& launcher, const std::string& fault, Index* data, const Index* never_written, Index n) {
  if (fault == "out_of_bounds")
    launcher.items("planted", n, 1, OutOfBounds{data, n});
  else if (fault == "race")
    launcher.blocks("planted", 1, Race{data});
  else if (fault == "missing_barrier")
    launcher.blocks("planted", 1, MissingBarrier{data});
  else if (fault == "between_phases")
    launcher.blocks("planted", 1, BetweenPhases{data});
  else if (fault == "out_of_shared_memory")
    launcher.blocks("planted", 1, OutOfSharedMemory{data});
  else if (fault == "uninitialised")
    launcher.items("planted", n, 1, Uninitialised{never_written, data});
  else if (fault == "uninitialised_shared")
    launcher.blocks("planted", 1, UninitialisedShared{data});
  else
    return false;
  return true;
}

}  // namespace engram::planted
