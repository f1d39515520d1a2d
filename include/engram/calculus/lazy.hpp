// The threshold of the lazy scheme, which the reference's results rest on.
#pragma once

#include "engram/core/portable.hpp"

namespace engram::calculus {

struct LazyThreshold {
  double quantile = 0;  ///< (unknown - k) / unknown, with unknown = n - w
  double alpha = 0;     ///< smallest integer where the distribution function of Binomial(K, p) reaches the quantile
  double mean = 0, sd = 0;
  double cut = 0;  ///< (alpha - mean) / sd
};

/// n neurons of which w have fired, k winners, `total_k` firing sources, density p in (0, 1). Throws Error if n - w <=
/// k.
LazyThreshold lazy_threshold(std::uint64_t n, std::uint64_t w, std::uint64_t k, std::uint64_t total_k, double p);

}  // namespace engram::calculus
