// Values of chosen units as a kernel: a thread a value.
#pragma once

#include "engram/backend.hpp"
#include "kernels/core/launch.hpp"

namespace engram::bodies {

/// Throws where there is no room for what is gathered.
inline void check_gather(Span<const Index> at, Batch<real> to) {
  if (at.size > to.units)
    throw Error("gather: found " + std::to_string(at.size) + " units for " + std::to_string(to.units) +
                " values a batch");
}

}  // namespace engram::bodies

namespace engram::kernels {

struct GatherUnits {
  Batch<const real> from;
  const Index* at;
  Batch<real> to;

  ENGRAM_HD void operator()(Index i, std::size_t batch) const {
    const auto b = static_cast<Index>(batch);
    to.at(b)[i] = from.at(b)[at[i]];
  }
};

template <class Launcher>
void gather(Launcher& launch, Batch<const real> from, Span<const Index> at, Batch<real> to) {
  bodies::check_gather(at, to);
  launch.items("gather", static_cast<Index>(at.size), to.batches, GatherUnits{from, at.data, to});
}

}  // namespace engram::kernels
