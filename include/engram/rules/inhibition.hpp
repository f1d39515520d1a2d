// Unit rule: inhibition that a layer shares.
#pragma once

#include "engram/core/fields.hpp"
#include "engram/core/portable.hpp"

namespace engram {

/// Subtractive inhibition in proportion to a value m of the layer, such as its mean or its k-th largest drive:
///     x <- max(0, x - strength m).
/// Columns: x (written). Shared: m of the unit's layer.
struct SubtractiveInhibition {
  static constexpr const char* name = "subtractive_inhibition";
  static constexpr const char* help = "x <- max(0, x - strength m): all units of a layer lose the same";
  static constexpr int n_written = 1, n_columns = 1, n_shared = 1;
  real strength = 1;

  static constexpr auto fields = std::tuple{
      Field{"strength", &SubtractiveInhibition::strength, "share of the layer's value that is taken off", 0.0, 1e3},
  };

  ENGRAM_HD void operator()(real* c, const real* shared) const {
    const real left = c[0] - strength * shared[0];
    c[0] = left > real(0) ? left : real(0);
  }
};

}  // namespace engram
