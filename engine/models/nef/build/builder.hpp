// From a network to a schedule: its arrays and the operations of a step.
#pragma once

#include "engine/models/nef/build/parameters.hpp"
#include "engram/nef/operations.hpp"

namespace engram::nef {

struct BuiltProbe {
  std::string name;
  ArrayId kept = 0;
  Index kept_rows = 1;       ///< steps
  std::vector<Index> shape;  ///< of a sample: numbers, or rows and columns
  double period = 1;         ///< steps between two samples
  std::size_t values() const {
    std::size_t n = 1;
    for (const Index extent : shape) n *= extent;
    return n;
  }
};

struct Built {
  Schedule schedule;
  std::vector<BuiltProbe> probes;
};

/// `parameters` are those of each replica, whose matrices move to the schedule; without any the arrays have their sizes
/// and no values, which is enough for a forecast and for checks. Probes keep so many bytes of each replica, or one
/// sample.
Built build(const Network&, std::span<Parameters> parameters, Index replicas, std::size_t probe_bytes = 1 << 20);

}  // namespace engram::nef
