// Cycles of Leabra networks as kernels.
#pragma once

#include <algorithm>

#include "kernels/leabra/block.hpp"

namespace engram::kernels {

/// Small ones: see LeabraBlock. Pools and k winners take general operations.
inline bool fits_leabra_block(const leabra::View& net, std::size_t projections) {
  return !net.ranked && net.pools == 0 && net.units <= leabra_block_units && net.layers <= leabra_block_layers &&
         projections <= leabra_block_projections;
}

template <class Launcher>
void run_leabra(Launcher& launch, const leabra::View& net, const std::vector<leabra::ProjectionView>& projections,
                const leabra::Run& run) {
  LeabraBlock block{net, {}, static_cast<Index>(projections.size()), run.cycles};
  std::copy(projections.begin(), projections.end(), block.projections);
  launch.blocks("run_leabra", net.batches, block);
}

}  // namespace engram::kernels
