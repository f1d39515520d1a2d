// Rules of the attractor family: the unit (a continuous Bernoulli variable) and its free-energy plasticity.
#pragma once

#include "engram/core/fields.hpp"
#include "engram/core/portable.hpp"
#include "engram/rules/langevin.hpp"

namespace engram {

/// Observed minus predicted correlation (Spisak & Friston 2025, eq. 13 with the prediction that the published code
/// makes):
///     J_ij <- J_ij + eta (s_i - L(h_i)) s_j,   h from before the update of s, J_ij from j to i.
/// Columns: pre s_j; post the error s_i - L(h_i), which LangevinUnit leaves behind.
struct Attractor {
  static constexpr const char* name = "attractor";
  static constexpr const char* help = "J <- J + eta (s_i - L(h_i)) s_j: observed minus predicted correlation";
  static constexpr int n_pre = 1, n_post = 1, n_values = 1;
  static constexpr bool identity_when_silent = true;
  static constexpr bool creates_synapses = true;
  real eta = static_cast<real>(0.001);

  static constexpr auto fields = std::tuple{
      Field{"eta", &Attractor::eta, "learning rate", 0.0, 1e3},
  };

  ENGRAM_HD void operator()(real* s, const real* pre, const real* post, const real*) const {
    s[0] = s[0] + eta * (post[0] * pre[0]);
  }
};

/// Columns of a LangevinUnit: the first three are written.
namespace langevin_column {
enum : int { state, drive, error, bias, inverse_temperature, precision, uniform };
}

/// One unit: theta = beta (b + h); s is drawn from the continuous Bernoulli distribution with log-odds theta, or is its
/// mean; error = pi (s - L(prediction)) for the plasticity. The drive is set to 0, ready for the next sum.
template <bool stochastic>
struct LangevinUnit {
  static constexpr const char* name = stochastic ? "langevin_sample" : "langevin_mean";
  static constexpr const char* help =
      stochastic ? "continuous Bernoulli unit, sampled" : "continuous Bernoulli unit, its mean";
  static constexpr int n_written = 3, n_columns = stochastic ? 7 : 6;
  real predict_bias = 0;                 ///< the prediction is L(p (h + predict_bias b))
  real predict_inverse_temperature = 0;  ///< above 0: p is beta instead of 1
  real bound = 1;                        ///< |s| does not exceed this
  real uniform_margin = 0;               ///< draws are uniform on [margin, 1 - margin]
  real uniform_below = static_cast<real>(1e-8);
  real keep_error = 1;  ///< 0: the error stays as it was, for nobody reads it

  static constexpr auto fields = std::tuple{
      Field{"predict_bias", &LangevinUnit::predict_bias, "share of the bias in the prediction", 0.0, 1.0},
      Field{"predict_inverse_temperature", &LangevinUnit::predict_inverse_temperature,
            "above 0: the prediction uses the inverse temperature", 0.0, 1.0},
      Field{"bound", &LangevinUnit::bound, "largest magnitude of a state", 0.0, 1.0},
      Field{"uniform_margin", &LangevinUnit::uniform_margin, "uniform draws keep this distance from 0 and 1", 0.0, 0.5},
      Field{"uniform_below", &LangevinUnit::uniform_below, "log-odds up to this count as 0", 0.0, 1.0},
  };

  ENGRAM_HD void operator()(real* c, const real*) const {
    using namespace langevin_column;
    const real beta = c[inverse_temperature], h = c[drive], b = c[bias];
    const real theta = beta * (b + h);
    real s;
    if constexpr (stochastic) {
      s = langevin::sample(theta, uniform_margin + (real(1) - real(2) * uniform_margin) * c[uniform], uniform_below);
    } else {
      s = langevin::mean(theta);
    }
    s = s > bound ? bound : (s < -bound ? -bound : s);
    if (keep_error != real(0)) {
      const real gain = predict_inverse_temperature > real(0) ? beta : real(1);
      c[error] = c[precision] * (s - langevin::mean(gain * (h + predict_bias * b)));
    }
    c[state] = s;
    c[drive] = 0;
  }
};
using LangevinSample = LangevinUnit<true>;
using LangevinMean = LangevinUnit<false>;

/// Precision of a unit's prediction error: 1 / max(L'(beta h), 1e-8). Columns: precision (written), drive, inverse
/// temperature.
struct LangevinPrecision {
  static constexpr const char* name = "langevin_precision";
  static constexpr const char* help = "precision of a prediction error: one over the variance of the unit";
  static constexpr int n_written = 1, n_columns = 3;
  static constexpr auto fields = std::tuple{};

  ENGRAM_HD void operator()(real* c, const real*) const {
    const real variance = langevin::variance(c[2] * c[1]);
    c[0] = real(1) / (variance > static_cast<real>(1e-8) ? variance : static_cast<real>(1e-8));
  }
};

}  // namespace engram
