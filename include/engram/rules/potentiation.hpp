// Learning rule: growth by a factor, of the assembly calculus.
#pragma once

#include "engram/core/portable.hpp"

namespace engram {

/// Multiplicative Hebbian rule of the assembly calculus (Papadimitriou et al. 2020, "Brain computation by assemblies of
/// neurons"): a synapse between a firing source and a new winner grows by the factor 1 + beta. Weights are float in
/// every build and the product is formed in double, then rounded, as in the reference; so runs agree bit by bit with
/// it.
struct Potentiation {
  double factor = 1;  ///< 1 + beta
  float w_max = 0;    ///< weights do not grow beyond this, nor are they lowered to it; 0: no ceiling

  ENGRAM_HD float operator()(float w) const {
    const auto grown = static_cast<float>(static_cast<double>(w) * factor);
    const float cap = w > w_max ? w : w_max;
    return w_max > 0 && grown > cap ? cap : grown;
  }
};

}  // namespace engram
