// Rules of the Leabra family about what synapses learn from: averages that are mixed, and weights of units themselves.
#pragma once

#include "engram/core/fields.hpp"

namespace engram {

/// The average that a unit learns from, where its own averages are mixed before those of a pair are multiplied (as in
/// emergent). Columns: the mix, avg_s, avg_m.
struct LeabraMix {
  static constexpr const char* name = "leabra_mix";
  static constexpr const char* help = "mix of a unit's short-term and medium-term average";
  static constexpr int n_written = 1, n_columns = 3;
  enum : int { mix, avg_s, avg_m };
  real share = static_cast<real>(0.9);

  static constexpr auto fields = std::tuple{
      Field{"share", &LeabraMix::share, "weight of the short-term average", 0.0, 1.0},
  };

  ENGRAM_HD void operator()(real* c, const real*) const { c[mix] = share * c[avg_s] + (real(1) - share) * c[avg_m]; }
};

/// The bias weight of a unit, which learns how far the activations of the two phases are apart:
///     b <- b + rate (plus - minus)   where |plus - minus| reaches the threshold.
/// Columns: b, plus, minus. Shared: what the network makes of the rate.
struct LeabraBias {
  static constexpr const char* name = "leabra_bias";
  static constexpr const char* help = "bias weight of a unit: it learns from the difference of the two phases";
  static constexpr int n_written = 1, n_columns = 3, n_shared = 1;
  enum : int { bias, plus, minus };
  real rate = static_cast<real>(0.02);
  real threshold = static_cast<real>(0.1);

  static constexpr auto fields = std::tuple{
      Field{"rate", &LeabraBias::rate, "learning rate", 0.0, 1e3},
      Field{"threshold", &LeabraBias::threshold, "smaller differences change nothing", 0.0, 1.0},
  };

  ENGRAM_HD void operator()(real* c, const real* network) const {
    const real apart = c[plus] - c[minus], size = apart < real(0) ? -apart : apart;
    c[bias] = c[bias] + (size < threshold ? real(0) : rate * network[0] * apart);
  }
};

/// How fast the weights of a receiver fall, from the mean of its large ones (WtBal of emergent). Columns: the factor of
/// decreases, the mean.
struct LeabraBalance {
  static constexpr const char* name = "leabra_balance";
  static constexpr const char* help = "how fast the weights of a receiver fall, from the mean of its large ones";
  static constexpr int n_written = 1, n_columns = 2;
  enum : int { decrease, mean };
  real threshold = static_cast<real>(0.25);
  real high = static_cast<real>(0.4);
  real high_gain = 4;
  real low = static_cast<real>(0.4);
  real low_gain = 6;

  static constexpr auto fields = std::tuple{
      Field{"threshold", &LeabraBalance::threshold, "means below count as this", 0.0, 1.0},
      Field{"high", &LeabraBalance::high, "a mean above this speeds decreases up", 0.0, 1.0},
      Field{"high_gain", &LeabraBalance::high_gain, "how much it does", 0.0, 1e3},
      Field{"low", &LeabraBalance::low, "a mean below this slows decreases down", 0.0, 1.0},
      Field{"low_gain", &LeabraBalance::low_gain, "how much it does", 0.0, 1e3},
  };

  ENGRAM_HD void operator()(real* c, const real*) const {
    const real raised = c[mean] > threshold ? c[mean] : threshold;
    const real missing = low > raised ? low - raised : real(0);
    const real below = real(1) / (real(1) + low_gain * missing);
    const real above = real(2) - real(1) / (real(1) + high_gain * (c[mean] - high));
    c[decrease] = c[mean] > high ? above : (c[mean] < low ? below : real(1));
  }
};

}  // namespace engram
