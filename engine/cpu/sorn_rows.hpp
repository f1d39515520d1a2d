// The rows of SORN networks on the CPU, 16 at a time. The loops are compiled once per instruction set, as whole files
// (sorn_rows_*.cpp): g++ lowers vectors before it clones functions, so ENGRAM_CLONES cannot do it.
#pragma once

#include "engram/sorn_networks.hpp"

namespace engram::cpu {

/// Slices [begin, end) of one network, both projections onto its excitatory units.
struct RowJob {
  const SornView* net;
  Index replica, begin, end;
  Tick tick;
  const std::uint32_t *x, *y;
  const NewSynapse* events;  ///< of all rows, in their order
  Index n_events;
  bool learn_ee, learn_ei, normalize, tidy;
  std::uint64_t ee, ei, empty;  ///< results: synapses, and rows without one
};

void walk_rows_base(RowJob&);
void walk_rows_v3(RowJob&);
void walk_rows_v4(RowJob&);

}  // namespace engram::cpu
