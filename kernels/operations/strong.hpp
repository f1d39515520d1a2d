// The bodies of means over strong incoming weights, compiled by both compilers: what was seen of some weights of a
// unit, how two of these join, and what the whole gives.
#pragma once

#include "kernels/operations/summary.hpp"

namespace engram::bodies {

struct Strong {
  Seen sum;
  fixed count = 0;

  ENGRAM_HD void add(real weight, real least) {
    const bool counts = weight >= least && weight != real(0);
    sum.add(counts ? static_cast<double>(weight) : 0.0);
    count += counts;
  }
  ENGRAM_HD void join(const Strong& other) {
    sum.join(other.sum);
    count += other.count;
  }
  ENGRAM_HD real mean() const { return count ? static_cast<real>(sum.sum() / static_cast<double>(count)) : real(0); }
};

}  // namespace engram::bodies
