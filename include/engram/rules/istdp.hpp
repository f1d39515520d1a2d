// Learning rule: spike timing between inhibitory and excitatory units.
#pragma once

#include "engram/core/fields.hpp"
#include "engram/core/portable.hpp"
#include "engram/rules/stdp.hpp"

namespace engram {

/// Inhibitory spike-timing rule of SORN (Zheng, Dimitrakakis & Triesch 2013, eq. 6), for synapses from an inhibitory
/// unit y onto an excitatory one x:
///     w_ij <- w_ij - eta y_j(t-1) (1 - x_i(t) (1 + 1/mu)),   existing synapses only, then clamped to [w_min, w_max].
/// With w_min = 0 a synapse that reaches 0 is gone for good; the papers keep 0.001.
/// Columns, pre and post alike: activity now, activity one step before.
struct Istdp {
  static constexpr const char* name = "istdp";
  static constexpr const char* help =
      "w <- w - eta y(t-1) (1 - x(t) (1 + 1/mu)), clamped: inhibition of silent units falls";
  static constexpr int n_pre = 2, n_post = 2, n_values = 1;
  static constexpr bool identity_when_silent = false;
  static constexpr bool creates_synapses = false;
  real eta = static_cast<real>(0.001);
  real mu = static_cast<real>(0.1);
  real w_min = 0;
  real w_max = 1;
  bool clamp_absent = false;

  static constexpr auto fields = std::tuple{
      Field{"eta", &Istdp::eta, "step of a weight", 0.0, 1.0},
      Field{"mu", &Istdp::mu, "rate at which growth and decay balance", 1e-6, 1.0},
      Field{"w_min", &Istdp::w_min, "weights at or below become this; 0 prunes", 0.0, 1e3},
      Field{"w_max", &Istdp::w_max, "weights above become this", 0.0, 1e3},
      Field{"clamp_absent", &Istdp::clamp_absent,
            "w_min > 0 also raises absent synapses, as the published package does"},
  };

  /// `X`: numbers 0 and 1, or bits that a number can be multiplied with.
  template <class R, class X>
  ENGRAM_HD R learned(R w, X, X x_before, R y, R) const {
    const R grown = w + ((R{} - eta) * x_before) * (R{} + real(1) - y * (real(1) + real(1) / mu));
    return clamp_weight(w, grown, w_min, w_min, w_max, clamp_absent);
  }
  ENGRAM_HD void operator()(real* s, const real* pre, const real* post, const real*) const {
    s[0] = s[0] != real(0) ? learned(s[0], pre[0], pre[1], post[0], post[1])
                           : clamp_weight(s[0], s[0], w_min, w_min, w_max, clamp_absent);
  }
  ENGRAM_HD void settle(const real* before, real* s) const {
    s[0] = clamp_weight(before[0], s[0], w_min, w_min, w_max, clamp_absent);
  }
};

}  // namespace engram
