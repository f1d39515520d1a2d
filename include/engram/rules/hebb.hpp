// Hebbian rules of the assembly family. Columns: pre x, post o; 0 or 1 in all published uses, any number >= 0 works.
#pragma once

#include "engram/core/fields.hpp"
#include "engram/core/portable.hpp"

namespace engram {

/// Growth stops at the ceiling, which never lowers a weight; ceiling 0 is none.
ENGRAM_HD real below_ceiling(real before, real grown, real ceiling) {
  const real capped = before > ceiling ? before : ceiling;
  return (ceiling > real(0) && grown > capped) ? capped : grown;
}

/// Multiplicative Hebbian rule (Papadimitriou et al. 2020, "Brain computation by assemblies of neurons"):
///     w_ij <- w_ij (1 + beta x_j o_i), existing synapses only.
struct Hebb {
  static constexpr const char* name = "hebb";
  static constexpr const char* help = "w <- w (1 + beta x o): existing synapses of co-active pairs grow";
  static constexpr int n_pre = 1, n_post = 1, n_values = 1;
  static constexpr bool identity_when_silent = true;  ///< nothing changes unless both ends fire
  static constexpr bool creates_synapses = false;     ///< a weight of 0 stays 0
  real beta = static_cast<real>(0.1);
  real w_max = 0;

  static constexpr auto fields = std::tuple{
      Field{"beta", &Hebb::beta, "learning rate", 0.0, 1e3},
      Field{"w_max", &Hebb::w_max, "weights do not grow beyond this; 0: no ceiling", 0.0, 5e5},
  };

  ENGRAM_HD void operator()(real* s, const real* pre, const real* post, const real*) const {
    const real before = s[0];
    s[0] = before * (real(1) + beta * pre[0] * post[0]);
    settle(&before, s);
  }
  ENGRAM_HD void settle(const real* before, real* s) const { s[0] = below_ceiling(before[0], s[0], w_max); }
};

/// Additive Hebbian rule: w_ij <- w_ij + beta x_j o_i. Creates synapses between all co-active pairs.
struct HebbAdditive {
  static constexpr const char* name = "hebb_additive";
  static constexpr const char* help = "w <- w + beta x o: co-active pairs grow, absent synapses appear";
  static constexpr int n_pre = 1, n_post = 1, n_values = 1;
  static constexpr bool identity_when_silent = true;
  static constexpr bool creates_synapses = true;
  real beta = static_cast<real>(0.1);
  real w_max = 0;

  static constexpr auto fields = std::tuple{
      Field{"beta", &HebbAdditive::beta, "learning rate", 0.0, 1e3},
      Field{"w_max", &HebbAdditive::w_max, "weights do not grow beyond this; 0: no ceiling", 0.0, 5e5},
  };

  ENGRAM_HD void operator()(real* s, const real* pre, const real* post, const real*) const {
    const real before = s[0];
    s[0] = before + beta * pre[0] * post[0];
    settle(&before, s);
  }
  ENGRAM_HD void settle(const real* before, real* s) const { s[0] = below_ceiling(before[0], s[0], w_max); }
};

}  // namespace engram
