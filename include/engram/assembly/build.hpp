// Sparse areas made where they will run: the graph of a projection is drawn on the device, with the bits of the host,
// and never lies on the host.
#pragma once

#include "engram/extension.hpp"
#include "engram/synapses/random_graph.hpp"
#include "engram/synapses/synapses.hpp"

namespace engram::assembly {

class Build : public Extension {
 public:
  static constexpr ExtensionId id = "assembly.build/1";
  /// Rows of `n_pre` units a key, one replica after the other: unit j of replica r has the targets of its fibre of
  /// keys[r]. Weights are 1, or with `uniform` drawn from Stream::weight.
  virtual Outgoing draw(const SkipTable&, std::span<const std::uint64_t> keys, Index n_pre, Index n_post,
                        bool uniform) = 0;

  Extension* traced(Tracer&) override { return this; }  // the first step meets all that it makes
};

}  // namespace engram::assembly
