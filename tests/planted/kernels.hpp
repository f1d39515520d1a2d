// Kernels with a fault each, launched as the real ones are: a sanitizer that does not find them has not looked.
#pragma once

#include <string>

#include "kernels/block.hpp"
#include "kernels/launch.hpp"

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

/// Reads what nobody wrote.
struct Uninitialised {
  const Index* never_written;
  Index* data;
  ENGRAM_HD void operator()(Index x, std::size_t) const { data[x] = never_written[x] ? 1 : 2; }
};

/// Launches the named fault on arrays of n values, n at least 64; false if there is none of this name.
template <class Launcher>
bool plant(Launcher& launcher, const std::string& fault, Index* data, const Index* never_written, Index n) {
  if (fault == "out_of_bounds")
    launcher.items("planted", n, 1, OutOfBounds{data, n});
  else if (fault == "race")
    launcher.blocks("planted", 1, Race{data});
  else if (fault == "uninitialised")
    launcher.items("planted", n, 1, Uninitialised{never_written, data});
  else
    return false;
  return true;
}

}  // namespace engram::planted
