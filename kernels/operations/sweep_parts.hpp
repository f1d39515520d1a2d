// What the kernels of sweeps share, whatever the storage: what a batch reads, the room of lists, scaled normalisation.
#pragma once

#include "kernels/core/cooperate.hpp"
#include "kernels/core/launch.hpp"
#include "kernels/operations/dispatch.hpp"

namespace engram::kernels {

using namespace bodies;

/// What a batch reads: a list, a column, or, without values, all units as 1.
struct Source {
  Active list;
  Batch<const real> column;

  ENGRAM_HD ListView at(Index batch) const { return list.index ? list_of(list, batch) : list_of(column, batch); }
};

inline Source source_of(const Units& units) {
  if (const auto* list = std::get_if<Active>(&units)) return {*list, {}};
  return {{}, std::get<Columns>(units).at[0]};
}

/// Room for a list: what a grid is sized by, since the count stays on the device.
inline Index capacity_of(const Active& list) {
  return list.stride && list.stride < list.units ? static_cast<Index>(list.stride) : list.units;
}

struct ClearSum {
  Batch<fixed> sum;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const { sum.at(static_cast<Index>(replica))[i] = 0; }
};

struct SetScale {
  Scaling scaling;
  real target;

  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    set_scale(scaling.sum.at(r) + i, 1, target, scaling.scale.at(r) + i);
  }
};

}  // namespace engram::kernels
