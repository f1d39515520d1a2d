// Plasticity of pairs of active units where a replica has one batch: the loop that assemblies learn in. Whether weights
// are scaled is asked once a walk, and nothing is copied.
#pragma once

#include "kernels/operations/plasticity.hpp"

namespace engram::cpu {

template <class Rule>
class LonePairs {
 public:
  LonePairs(const bodies::ListPlasticity<Rule>& p, Index replica)
      : p_(p),
        replica_(replica),
        scale_(p.scaling.scale ? p.scaling.scale.at(replica) : nullptr),
        sum_(scale_ ? p.scaling.sum.at(replica) : nullptr) {}

  /// The synapse from j to i, whose weight is `at`.
  void learn(Index j, Index i, real x, real o, real* at) const {
    if (p_.kept(j, i)) return;
    const real* shared = engram::shared_values<Rule>() ? p_.layers.of_unit(replica_, i) : nullptr;
    if (!scale_) return p_.rule(at, &x, &o, shared);
    const fixed before = to_fixed(static_cast<double>(*at));
    real effective = scale_[i] * *at;
    p_.rule(&effective, &x, &o, shared);
    *at = effective / scale_[i];
    sum_[i] += to_fixed(static_cast<double>(*at)) - before;
  }

 private:
  const bodies::ListPlasticity<Rule> p_;
  Index replica_;
  real* scale_;
  fixed* sum_;
};

}  // namespace engram::cpu
