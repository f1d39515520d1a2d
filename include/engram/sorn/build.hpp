// New SORN networks made where they will run: rows are drawn, turned over, repaired and sliced on the device, with the
// bits of those that the host would have made, and never lie on the host.
#pragma once

#include "engram/extension.hpp"
#include "engram/sorn/draws.hpp"
#include "engram/synapses/incoming.hpp"

namespace engram::sorn {

/// What Rows is on the host: row i is entries start[i] .. start[i+1], pre ascending.
struct DeviceRows {
  Index n_pre = 0, n_post = 0;
  Array<std::uint64_t> start;
  Array<Index> pre;
  Array<real> weight;
};

class Build : public Extension {
 public:
  static constexpr ExtensionId id = "sorn.build/1";
  using Rows = DeviceRows;

  /// Longer rows are left to the host: a thread draws a whole row, and looks for each pick among those before.
  static constexpr double longest = 1024;
  /// Synapses of rows that are turned over have places of 32 bits.
  static constexpr double most_turned = 4e9;

  virtual Rows draw(const RowDraws&) = 0;
  /// The same synapses, in rows of what were the presynaptic units. Throws MemoryError beyond 2^32 of them.
  virtual Rows transposed(Rows) = 0;
  virtual void repair(Rows&, const RowRepair&) = 0;
  virtual void normalize(Rows&) = 0;
  virtual Incoming incoming(Rows, bool by_length) = 0;

  Extension* traced(Tracer&) override { return this; }  // the first step meets all that it makes
};

}  // namespace engram::sorn
