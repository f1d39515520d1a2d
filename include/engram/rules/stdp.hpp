// Learning rule: spike timing between excitatory units.
#pragma once

#include "engram/core/fields.hpp"
#include "engram/core/portable.hpp"

namespace engram {

/// Clamp of a learned weight: `low` where it is at or below `at`. An absent synapse (0) stays absent, unless
/// `absent_too`: the functions of the published SORN package clamp whole matrices, so that a lower bound above 0
/// creates synapses. `R` is a number, or a vector of numbers of which each lane is a synapse.
template <class R>
ENGRAM_HD R clamp_weight(R before, R learned, real at, real low, real high, bool absent_too) {
  const R none = R{}, least = none + low, most = none + high;
  const R raised = learned > none + at ? learned : least;
  const R clamped = raised > most ? most : raised;
  return absent_too ? clamped : (before != none ? clamped : none);
}

/// Spike-timing rule of SORN for binary units (Lazar, Pipa & Triesch 2009, eq. 3):
///     w_ij <- w_ij + eta (y_i(t) x_j(t-1) - y_i(t-1) x_j(t)),   existing synapses only, then clamped to [w_min,
///     w_max].
/// A weight that reaches w_min = 0 is pruned. Columns, pre and post alike: activity now, activity one step before.
struct Stdp {
  static constexpr const char* name = "stdp";
  static constexpr const char* help = "w <- w + eta (y(t) x(t-1) - y(t-1) x(t)), clamped: pre before post grows";
  static constexpr int n_pre = 2, n_post = 2, n_values = 1;
  static constexpr bool identity_when_silent = false;  ///< silent now may still mean active one step before
  static constexpr bool creates_synapses = false;
  real eta = static_cast<real>(0.004);
  real w_min = 0;
  real w_max = 1;
  bool clamp_absent = false;
  real prune_at = 0;

  static constexpr auto fields = std::tuple{
      Field{"eta", &Stdp::eta, "step of a weight", 0.0, 1.0},
      Field{"w_min", &Stdp::w_min, "weights at or below become this; 0 prunes", 0.0, 1e3},
      Field{"w_max", &Stdp::w_max, "weights above become this", 0.0, 1e3},
      Field{"clamp_absent", &Stdp::clamp_absent,
            "w_min > 0 also raises absent synapses, as the published package does"},
      Field{"prune_at", &Stdp::prune_at, "weights at or below this become w_min, too", 0.0, 1e3},
  };

  /// `X`: numbers 0 and 1, or bits that a number can be multiplied with.
  template <class R, class X>
  ENGRAM_HD R learned(R w, X x, X x_before, R y, R y_before) const {
    const R grown = w + eta * (y * x_before - y_before * x);
    return clamp_weight(w, grown, lowest(), w_min, w_max, clamp_absent);
  }
  ENGRAM_HD void operator()(real* s, const real* pre, const real* post, const real*) const {
    // An absent synapse learns nothing, even where the clamp reaches it.
    s[0] = s[0] != real(0) ? learned(s[0], pre[0], pre[1], post[0], post[1])
                           : clamp_weight(s[0], s[0], lowest(), w_min, w_max, clamp_absent);
  }
  ENGRAM_HD void settle(const real* before, real* s) const {
    s[0] = clamp_weight(before[0], s[0], lowest(), w_min, w_max, clamp_absent);
  }

 private:
  ENGRAM_HD real lowest() const { return prune_at > w_min ? prune_at : w_min; }
};

}  // namespace engram
