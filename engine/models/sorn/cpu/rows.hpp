// The loops of SORN networks on the CPU, as many rows at a time as a register holds. They are compiled once per
// instruction set, as whole files (rows_*.cpp): g++ lowers vectors before it clones functions, so ENGRAM_CLONES cannot
// do it.
#pragma once

#include "engram/sorn/steps.hpp"

namespace engram::cpu {

/// Slices [begin, end) of one network, both projections onto its excitatory units; `begin` is that of a window.
struct RowJob {
  const sorn::View* net;
  Index replica, begin, end;
  Tick tick;
  const std::uint32_t *x, *y;
  const sorn::NewSynapse* events;  ///< of all rows, in their order
  Index n_events;
  bool learn_ee, learn_ei, normalize, tidy;
  std::uint64_t ee, ei, empty;  ///< results: synapses, and rows without one
};

inline constexpr Index drive_tile = 64;  ///< inhibitory units whose sums stay in registers

struct SornLoops {
  void (*walk_rows)(RowJob&);
  /// drive[k] = sum over active sources, ascending, of their weights, for units [begin, end); begin is that of a tile.
  void (*sum_active)(const DenseView&, Index replica, const Index* active, Index count, Index begin, Index end,
                     real* drive);
};
extern const SornLoops sorn_loops_base, sorn_loops_v3, sorn_loops_v4;

}  // namespace engram::cpu
