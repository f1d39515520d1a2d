// Bodies of the operations over fibres: per unit, per row or per list entry, compiled by both compilers.
#pragma once

#include "engram/calculus/connections.hpp"

namespace engram::bodies {

/// Sums of input are float in every build, so that a run has the same bits in both.
ENGRAM_HD real add_float(real a, float b) { return static_cast<real>(static_cast<float>(a) + b); }

ENGRAM_HD bool bit_at(const std::uint32_t* bits, Index i) { return (bits[i >> 5] >> (i & 31)) & 1u; }

/// What one unit receives through a fibre that has learned.
ENGRAM_HD float row_input(const OverlayView& overlay, Index row, const std::uint32_t* firing, Index count) {
  double sum = count;
  for (Index e = overlay.start[row]; e < overlay.start[row + 1]; ++e)
    if (bit_at(firing, overlay.pre[e])) sum += static_cast<double>(overlay.weight[e]) - 1.0;
  return static_cast<float>(sum);
}

/// The row of a unit, or overlay.rows.
ENGRAM_HD Index find_row(const OverlayView& overlay, Index unit) {
  Index begin = 0, end = overlay.rows;
  while (begin < end) {
    const Index middle = begin + (end - begin) / 2;
    if (overlay.unit[middle] < unit)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin < overlay.rows && overlay.unit[begin] == unit ? begin : overlay.rows;
}

ENGRAM_HD void learn_row(const OverlayView& overlay, Index row, const std::uint32_t* firing, const Potentiation& rule) {
  for (Index e = overlay.start[row]; e < overlay.start[row + 1]; ++e)
    if (bit_at(firing, overlay.pre[e])) overlay.weight[e] = rule(overlay.weight[e]);
}

}  // namespace engram::bodies
