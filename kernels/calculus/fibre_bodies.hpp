// Bodies of the operations over fibres: per unit, per row or per list entry, compiled by both compilers.
#pragma once

#include "engram/calculus/connections.hpp"

namespace engram::bodies {

/// Sums of input are float in every build, so that a run has the same bits in both.
ENGRAM_HD real add_float(real a, float b) { return static_cast<real>(static_cast<float>(a) + b); }

ENGRAM_HD bool bit_at(const std::uint32_t* bits, Index i) { return (bits[i >> 5] >> (i & 31)) & 1u; }

/// How many entries of a row a device reads before it uses one: a thread waits for memory twice a group, not twice an
/// entry. A processor with a cache takes them one by one.
inline constexpr Index entries_ahead = 8;

/// Calls use(at, weight) for those entries whose source fires from `begin` to `end`, every `stride`th one, in this
/// order.
template <Index n, class Use>
ENGRAM_HD void for_entries(const OverlayView& overlay, Index begin, Index end, Index stride,
                           const std::uint32_t* firing, Use use) {
  for (std::size_t e = begin; e < end; e += std::size_t{n} * stride) {
    Index pre[n];
    std::uint32_t word[n];
    float weight[n];
    for (Index q = 0; q < n; ++q) pre[q] = e + q * stride < end ? overlay.pre[e + q * stride] : 0;
    for (Index q = 0; q < n; ++q) {
      word[q] = firing[pre[q] >> 5];
      weight[q] = e + q * stride < end ? overlay.weight[e + q * stride] : 0;
    }
    for (Index q = 0; q < n; ++q)
      if (e + q * stride < end && (word[q] >> (pre[q] & 31) & 1u)) use(e + q * stride, weight[q]);
  }
}

/// What one unit receives through a fibre that has learned.
template <Index at_once = 1>
ENGRAM_HD float row_input(const OverlayView& overlay, Index row, const std::uint32_t* firing, Index count) {
  double sum = count;
  for_entries<at_once>(overlay, overlay.start[row], overlay.start[row + 1], 1, firing,
                       [&](std::size_t, float weight) { sum += static_cast<double>(weight) - 1.0; });
  return static_cast<float>(sum);
}

/// Position of the first element of an ascending list that is not below x.
ENGRAM_HD Index position(Span<const Index> list, Index x) {
  Index begin = 0, end = static_cast<Index>(list.size);
  while (begin < end) {
    const Index middle = begin + (end - begin) / 2;
    if (list[middle] < x)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}

/// The row of a unit, or overlay.rows.
ENGRAM_HD Index find_row(const OverlayView& overlay, Index unit) {
  const Index row = position({overlay.unit, overlay.rows}, unit);
  return row < overlay.rows && overlay.unit[row] == unit ? row : overlay.rows;
}

/// One of the `lanes` that share a row.
template <Index at_once = 1>
ENGRAM_HD void learn_row(const OverlayView& overlay, Index row, const std::uint32_t* firing, const Potentiation& rule,
                         Index lane = 0, Index lanes = 1) {
  for_entries<at_once>(overlay, overlay.start[row] + lane, overlay.start[row + 1], lanes, firing,
                       [&](std::size_t e, float weight) { overlay.weight[e] = rule(weight); });
}

}  // namespace engram::bodies
