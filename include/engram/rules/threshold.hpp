// What SORN does to its units in a step: threshold, and the slow adaptation of the threshold.
#pragma once

#include "engram/core/fields.hpp"
#include "engram/core/portable.hpp"

namespace engram {

/// Binary threshold unit (Lazar, Pipa & Triesch 2009, eq. 1): fires where the excess over its threshold is above 0;
/// with `inclusive`, at 0 as well, as the papers write it.
struct Threshold {
  bool inclusive = false;

  ENGRAM_HD bool operator()(real excess) const { return inclusive ? excess >= real(0) : excess > real(0); }
};

/// Intrinsic plasticity (Lazar, Pipa & Triesch 2009, eq. 5): T <- T + eta (x(t) - target), clamped to [low, high].
struct IntrinsicPlasticity {
  real eta = static_cast<real>(0.01);
  real low = 0;
  real high = 1;

  ENGRAM_HD real operator()(real threshold, real x, real target) const {
    const real moved = threshold + eta * (x - target);
    const real raised = moved > low ? moved : low;
    return raised > high ? high : raised;
  }
};

}  // namespace engram
