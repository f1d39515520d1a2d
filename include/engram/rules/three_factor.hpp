// Learning rules with a third factor: a signal for a whole layer, such as reward or surprise, decides what the activity
// of both ends does to a synapse (Fremaux & Gerstner 2016, "Neuromodulated spike-timing-dependent plasticity, and
// theory of three-factor learning rules").
#pragma once

#include "engram/core/fields.hpp"
#include "engram/core/portable.hpp"

namespace engram {

/// Hebbian growth or decay at once:
///     w_ij <- w_ij + eta m x_j o_i,   existing synapses only, within [0, w_max].
/// Columns: pre x, post o. Shared: m of the target's layer.
struct ModulatedHebb {
  static constexpr const char* name = "modulated_hebb";
  static constexpr const char* help = "w <- w + eta m x o: existing synapses change as the layer's signal m says";
  static constexpr int n_pre = 1, n_post = 1, n_values = 1, n_shared = 1;
  static constexpr bool identity_when_silent = true;
  static constexpr bool creates_synapses = false;
  real eta = static_cast<real>(0.01);
  real w_max = 1;

  static constexpr auto fields = std::tuple{
      Field{"eta", &ModulatedHebb::eta, "learning rate", 0.0, 1e3},
      Field{"w_max", &ModulatedHebb::w_max, "weights do not grow beyond this", 0.0, 5e5},
  };

  ENGRAM_HD void operator()(real* s, const real* pre, const real* post, const real* shared) const {
    const real before = s[0];
    s[0] = before + eta * shared[0] * (pre[0] * post[0]);
    settle(&before, s);
  }
  /// A weight that reaches 0 is gone; one above w_max is not lowered.
  ENGRAM_HD void settle(const real* before, real* s) const {
    const real most = before[0] > w_max ? before[0] : w_max;
    const real raised = s[0] > real(0) ? s[0] : real(0);
    const real bounded = raised < most ? raised : most;
    s[0] = before[0] != real(0) ? bounded : real(0);
  }
};

/// The same with a memory: each synapse keeps an eligibility that the signal turns into change when it comes.
///     e_ij <- decay e_ij + x_j o_i,   w_ij <- w_ij + eta m e_ij,   existing synapses only, within [0, w_max].
/// Values of a synapse: w, e. Columns and shared as above.
struct EligibilityTrace {
  static constexpr const char* name = "eligibility_trace";
  static constexpr const char* help = "e <- decay e + x o, w <- w + eta m e: the layer's signal m may come later";
  static constexpr int n_pre = 1, n_post = 1, n_values = 2, n_shared = 1;
  static constexpr bool identity_when_silent = false;  ///< the trace decays
  static constexpr bool creates_synapses = false;
  real eta = static_cast<real>(0.01);
  real decay = static_cast<real>(0.9);
  real w_max = 1;

  static constexpr auto fields = std::tuple{
      Field{"eta", &EligibilityTrace::eta, "learning rate", 0.0, 1e3},
      Field{"decay", &EligibilityTrace::decay, "what is left of the eligibility after a step", 0.0, 1.0},
      Field{"w_max", &EligibilityTrace::w_max, "weights do not grow beyond this", 0.0, 5e5},
  };

  ENGRAM_HD void operator()(real* s, const real* pre, const real* post, const real* shared) const {
    const real before = s[0];
    s[1] = decay * s[1] + pre[0] * post[0];
    s[0] = before + eta * shared[0] * s[1];
    settle(&before, s);
  }
  ENGRAM_HD void settle(const real* before, real* s) const { ModulatedHebb{eta, w_max}.settle(before, s); }
};

}  // namespace engram
