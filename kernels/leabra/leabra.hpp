// Cycles of Leabra networks as kernels, each with all cycles of a call: a block a replica, or where networks are large
// and few, all blocks of the device for them.
#pragma once

#include <algorithm>

#include "kernels/leabra/grid.hpp"

namespace engram::kernels {

/// Networks of more units than this take a block each only where there are enough of them to fill a GPU: one alone is
/// faster by all processors, though they wait for each other: on an H200 16 us a cycle of 2,000 units, where a block
/// takes 6 us for 66 units. Where the two meet is an estimate.
inline constexpr Index leabra_lone_units = 384, leabra_many_networks = 64;

/// Pools and k winners take general operations.
inline bool fits_leabra_kernel(const leabra::View& net, std::size_t projections) {
  return !net.ranked && net.pools == 0 && net.layers <= leabra_block_layers && projections <= leabra_block_projections;
}
inline bool fits_leabra_block(const leabra::View& net) {
  return net.units <= (net.batches < leabra_many_networks ? leabra_lone_units : leabra_block_units);
}
/// Blocks that each replica may have; 0: they do not all run at once.
inline Index leabra_blocks(const leabra::View& net, Index processors) { return processors / net.batches; }

/// Memory between the phases of all blocks.
struct LeabraScratch {
  Scratch sums, parts;
};

template <class Launcher>
void run_leabra(Launcher& launch, const LeabraScratch& scratch, const leabra::View& net,
                const std::vector<leabra::ProjectionView>& projections, const leabra::Run& run) {
  if (run.cycles == 0) return;
  LeabraBlock block{net, {}, static_cast<Index>(projections.size()), run.cycles};
  std::copy(projections.begin(), projections.end(), block.projections);
  if (fits_leabra_block(net)) return launch.blocks("run_leabra", net.batches, block);
  std::size_t chunks = 0;
  for (const leabra::ProjectionView& p : projections)
    chunks += std::size_t{LeabraGrid::chunk_count(p)} * p.weights.n_post;
  const Index blocks = leabra_blocks(net, launch.processors());
  const std::size_t all = std::size_t{blocks} * net.batches;
  auto* parts = launch.template scratch<bodies::Seen>(scratch.parts, 2 * all * net.layers);
  launch.grid("run_leabra", all,
              LeabraGrid{block, blocks, chunks, launch.template scratch<real>(scratch.sums, chunks * net.batches),
                         parts, parts + all * net.layers});
}

}  // namespace engram::kernels
