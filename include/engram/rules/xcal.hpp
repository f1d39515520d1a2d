// Learning rules of the Leabra family, whose synapses have a linear weight f, which learns, and an effective weight w,
// which transmits: w = 1 / (1 + (offset (1 - f) / f)^gain).
#pragma once

#include <limits>

#include "engram/core/fields.hpp"
#include "engram/core/power.hpp"

namespace engram {

namespace contrast {

/// The linear weight of a pair without a synapse: a number that no weight reaches, for 0 may be learned.
inline constexpr real absent = std::numeric_limits<real>::lowest();

/// The effective weight of a linear one. `gain_is_6` spares the power; `bounded`: f outside [0, 1] counts as the nearer
/// end.
template <bool gain_is_6>
ENGRAM_HD real effective(real f, real gain, real offset, real bounded) {
  const real raised = bounded > real(0) && f < real(0) ? real(0) : f;
  const real within = bounded > real(0) && raised > real(1) ? real(1) : raised;
  const real rest = offset * (real(1) - within);
  if constexpr (gain_is_6) {
    const real own = within * within * within, other = rest * rest * rest;
    return within == real(0) ? real(0) : own * own / (own * own + other * other);
  } else {
    return within == real(0) ? real(0) : real(1) / (real(1) + math::pow(rest / within, gain));
  }
}

/// Stores a linear weight that was learned, and its effective one; pairs without a synapse stay as they are.
template <bool gain_is_6>
ENGRAM_HD void store(real* v, real learned, real gain, real offset, real bounded) {
  const bool here = v[1] != absent;
  v[0] = here ? effective<gain_is_6>(learned, gain, offset, bounded) : real(0);
  v[1] = here ? learned : absent;
}

}  // namespace contrast

/// XCAL, the temporally eXtended Contrastive Attractor Learning (O'Reilly, Munakata, Frank, Hazy et al. 2012,
/// "Computational cognitive neuroscience"), with soft bounds:
///     s = m avg_s avg_s + (1 - m) avg_m avg_m,   products of post and pre, m = s_mix
///     t = h avg_l avg_m + (1 - h) avg_m avg_m,   h the Hebbian share
///     d = s - t where s > d_rev t, else -s (1 - d_rev) / d_rev; 0 where s < d_thr
///     f <- f + rate d (1 - f) where d > 0, f + rate d f elsewhere
/// Values of a synapse: w, f. Columns: pre avg_s, avg_m; post avg_s, avg_m, avg_l. Shared: what the layer makes of h,
/// what it makes of the rate, what the network makes of the rate.
template <bool gain_is_6>
struct XcalRule {
  static constexpr const char* name = gain_is_6 ? "xcal" : "xcal_any_gain";
  static constexpr const char* help =
      "f <- f + rate xcal(avg_s products, mix of avg_l and avg_m products), w = sigmoid(f)";
  static constexpr int n_pre = 2, n_post = 3, n_values = 2, n_shared = 3;
  static constexpr bool identity_when_silent = false;  ///< weights become effective at their first update
  static constexpr bool creates_synapses = false;

  real rate = static_cast<real>(0.02);
  real hebbian = static_cast<real>(0.1);
  real by_match = 0;       ///< above 0: the layer scales the Hebbian share
  real rate_by_match = 0;  ///< above 0: the layer scales the rate
  real s_mix = static_cast<real>(0.9);
  real d_rev = static_cast<real>(0.1);
  real d_thr = static_cast<real>(0.0001);
  real gain = 6;
  real offset = 1;
  real bounded = 0;

  static constexpr auto fields = std::tuple{
      Field{"rate", &XcalRule::rate, "learning rate", 0.0, 1e3},
      Field{"hebbian", &XcalRule::hebbian, "Hebbian share", 0.0, 1e3},
      Field{"by_match", &XcalRule::by_match, "above 0: the layer scales the Hebbian share", 0.0, 1.0},
      Field{"rate_by_match", &XcalRule::rate_by_match, "above 0: the layer scales the rate", 0.0, 1.0},
      Field{"s_mix", &XcalRule::s_mix, "weight of the short-term averages beside the medium-term ones", 0.0, 1.0},
      Field{"d_rev", &XcalRule::d_rev, "share of the threshold at which the change turns back to 0", 1e-6, 1.0},
      Field{"d_thr", &XcalRule::d_thr, "products below change nothing", 0.0, 1.0},
      Field{"gain", &XcalRule::gain, "gain of the contrast sigmoid", 0.0, 1e3},
      Field{"offset", &XcalRule::offset, "offset of the contrast sigmoid", 0.0, 1e3},
      Field{"bounded", &XcalRule::bounded, "above 0: weights outside 0 to 1 count as the nearer end", 0.0, 1.0},
  };

  ENGRAM_HD static real check_mark(real s, real t, real d_rev, real d_thr) {
    const real d = s > d_rev * t ? s - t : -s * ((real(1) - d_rev) / d_rev);
    return s < d_thr ? real(0) : d;
  }
  ENGRAM_HD real effective(real f) const { return contrast::effective<gain_is_6>(f, gain, offset, bounded); }
  /// d, before rate and bounds.
  ENGRAM_HD real direction(const real* pre, const real* post, const real* layer) const {
    const real srm = post[1] * pre[1];
    const real s = s_mix * (post[0] * pre[0]) + (real(1) - s_mix) * srm;
    const real h = hebbian * (by_match > real(0) ? layer[0] : real(1));
    return check_mark(s, post[2] * pre[1] * h + (real(1) - h) * srm, d_rev, d_thr);
  }
  ENGRAM_HD real rate_of(const real* layer) const {
    return rate * layer[2] * (rate_by_match > real(0) ? layer[1] : real(1));
  }

  ENGRAM_HD void operator()(real* v, const real* pre, const real* post, const real* layer) const {
    const real f = v[1], d = rate_of(layer) * direction(pre, post, layer);
    contrast::store<gain_is_6>(v, f + d * (d > real(0) ? real(1) - f : f), gain, offset, bounded);
  }
  /// After changes of the linear weight that were summed up elsewhere.
  ENGRAM_HD void settle(const real*, real* v) const { contrast::store<gain_is_6>(v, v[1], gain, offset, bounded); }
};
using Xcal = XcalRule<true>;
using XcalAnyGain = XcalRule<false>;

/// The same with a memory of each synapse, as the field's production system has it: the change is divided by a running
/// maximum of its magnitude, and carried on by momentum; a receiver may balance its weights.
///     n <- max(norm_keep n, |d|),   m <- momentum m + d
///     f <- f + rate g m inc (1 - f) where d > 0, ... dec f elsewhere,   g = momentum_rate norm_rate / max(n, norm_min)
/// Values of a synapse: w, f, n, m. Columns: as above; post also dec, inc being 2 - dec.
struct XcalMomentum {
  static constexpr const char* name = "xcal_momentum";
  static constexpr const char* help = "xcal with changes that are normalised and have momentum";
  static constexpr int n_pre = 2, n_post = 4, n_values = 4, n_shared = 3;
  static constexpr bool identity_when_silent = false;
  static constexpr bool creates_synapses = false;

  XcalAnyGain xcal;
  real norm_keep = static_cast<real>(0.999);
  real norm_rate = static_cast<real>(0.15);
  real norm_min = static_cast<real>(0.001);
  real momentum = static_cast<real>(0.9);
  real momentum_rate = static_cast<real>(0.1);
  real normalized = 1;  ///< 0: changes are not normalised

  static constexpr auto fields = std::tuple{
      Field{"norm_keep", &XcalMomentum::norm_keep, "what is left of the running maximum after an update", 0.0, 1.0},
      Field{"norm_rate", &XcalMomentum::norm_rate, "makes up for the size of normalised changes", 0.0, 1e3},
      Field{"norm_min", &XcalMomentum::norm_min, "changes are not divided by less", 1e-9, 1e3},
      Field{"momentum", &XcalMomentum::momentum, "what is left of earlier changes; 0: no momentum", 0.0, 1.0},
      Field{"momentum_rate", &XcalMomentum::momentum_rate, "makes up for the size of carried changes", 0.0, 1e3},
      Field{"normalized", &XcalMomentum::normalized, "0: changes are not normalised", 0.0, 1.0},
  };

  ENGRAM_HD void operator()(real* v, const real* pre, const real* post, const real* layer) const {
    apply(v, direction(pre, post, layer), rate_of(layer), post);
  }
  /// What a state proposes, before the synapse's memory takes it, and the rate at which it learns.
  ENGRAM_HD real direction(const real* pre, const real* post, const real* layer) const {
    return xcal.direction(pre, post, layer);
  }
  ENGRAM_HD real rate_of(const real* layer) const { return xcal.rate_of(layer); }
  /// Takes a proposal d, of one state or of several together.
  ENGRAM_HD void apply(real* v, real d, real rate, const real* post) const {
    const real f = v[1], size = d < real(0) ? -d : d, kept = norm_keep * v[2];
    v[2] = kept > size ? kept : size;
    v[3] = momentum * v[3] + d;
    const real norm = v[2] == real(0) ? real(1) : norm_rate / (v[2] > norm_min ? v[2] : norm_min);
    const real carried = (normalized > real(0) ? norm : real(1)) * (momentum > real(0) ? momentum_rate * v[3] : d);
    const real step = rate * carried, dec = post[3];
    const real learned = f + step * (step > real(0) ? (real(2) - dec) * (real(1) - f) : dec * f);
    contrast::store<false>(v, learned, xcal.gain, xcal.offset, xcal.bounded);
  }
};

/// Contrastive Hebbian learning between two phases of the user's choice (Movellan 1990, "Contrastive Hebbian learning
/// in the continuous Hopfield model"), x and y being the activations of sender and receiver:
///     e = y(plus) x(plus) - y(minus) x(minus), soft bounded,   c = y(plus) (x(plus) - f)
///     f <- f + rate ((1 - h) e + h c)
/// Values of a synapse: w, f. Columns: pre and post, activation in the plus and in the minus phase.
/// Shared: as above.
struct PhaseContrast {
  static constexpr const char* name = "phase_contrast";
  static constexpr const char* help =
      "f <- f + rate (change of the product of activations between two phases), w = sigmoid(f)";
  static constexpr int n_pre = 2, n_post = 2, n_values = 2, n_shared = 3;
  static constexpr bool identity_when_silent = false;
  static constexpr bool creates_synapses = false;

  real rate = static_cast<real>(0.02);
  real hebbian = 0;
  real gain = 6;
  real offset = 1;
  real bounded = 0;

  static constexpr auto fields = std::tuple{
      Field{"rate", &PhaseContrast::rate, "learning rate", 0.0, 1e3},
      Field{"hebbian", &PhaseContrast::hebbian, "Hebbian share", 0.0, 1.0},
      Field{"gain", &PhaseContrast::gain, "gain of the contrast sigmoid", 0.0, 1e3},
      Field{"offset", &PhaseContrast::offset, "offset of the contrast sigmoid", 0.0, 1e3},
      Field{"bounded", &PhaseContrast::bounded, "above 0: weights outside 0 to 1 count as the nearer end", 0.0, 1.0},
  };

  ENGRAM_HD void operator()(real* v, const real* pre, const real* post, const real* layer) const {
    const real f = v[1], error = post[0] * pre[0] - post[1] * pre[1];
    const real bound = error > real(0) ? error * (real(1) - f) : error * f;
    const real d = (real(1) - hebbian) * bound + hebbian * (post[0] * (pre[0] - f));
    contrast::store<false>(v, f + rate * layer[2] * d, gain, offset, bounded);
  }
  ENGRAM_HD void settle(const real*, real* v) const { contrast::store<false>(v, v[1], gain, offset, bounded); }
};

}  // namespace engram
