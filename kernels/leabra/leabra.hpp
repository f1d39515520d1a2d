// Cycles of Leabra networks as kernels.
#pragma once

#include <algorithm>

#include "kernels/leabra/block.hpp"

namespace engram::kernels {

/// Networks of more units than this take a block each only where there are enough of them to fill a GPU: one alone is
/// faster in operations that all processors share. Estimates; not measured.
inline constexpr Index leabra_lone_units = 384, leabra_many_networks = 64;

/// Small ones: see LeabraBlock. Pools and k winners take general operations.
inline bool fits_leabra_block(const leabra::View& net, std::size_t projections) {
  return !net.ranked && net.pools == 0 && net.layers <= leabra_block_layers && projections <= leabra_block_projections &&
         net.units <= (net.batches < leabra_many_networks ? leabra_lone_units : leabra_block_units);
}

template <class Launcher>
void run_leabra(Launcher& launch, const leabra::View& net, const std::vector<leabra::ProjectionView>& projections,
                const leabra::Run& run) {
  LeabraBlock block{net, {}, static_cast<Index>(projections.size()), run.cycles};
  std::copy(projections.begin(), projections.end(), block.projections);
  launch.blocks("run_leabra", net.batches, block);
}

}  // namespace engram::kernels
