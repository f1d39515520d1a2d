// Numbers and seeds that tests of attractor networks begin with.
#pragma once

#include "engram/attractor/attractor.hpp"

namespace engram::test {

inline std::vector<real> draws(std::size_t count, std::uint64_t seed, double low, double high) {
  std::vector<real> values(count);
  for (std::uint32_t i = 0; i < count; ++i)
    values[i] = static_cast<real>(low + (high - low) * static_cast<double>(Random{seed, Stream::test, 0, i}.uniform()));
  return values;
}

inline std::vector<std::uint64_t> seeds(std::size_t count, std::uint64_t first = 1) {
  std::vector<std::uint64_t> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = first + i;
  return all;
}

}  // namespace engram::test
