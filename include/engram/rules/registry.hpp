// All rules. A name added here is known to both backends, JSON, `engram describe`, docs/rules.md and the conformance
// suite.
#pragma once

#include <variant>

#include "engram/rules/attractor.hpp"
#include "engram/rules/hebb.hpp"
#include "engram/rules/inhibition.hpp"
#include "engram/rules/istdp.hpp"
#include "engram/rules/leabra.hpp"
#include "engram/rules/leabra_learning.hpp"
#include "engram/rules/stdp.hpp"
#include "engram/rules/three_factor.hpp"
#include "engram/rules/willshaw.hpp"
#include "engram/rules/xcal.hpp"

namespace engram {

/// Plasticity of a synapse: void operator()(real* s, const real* pre, const real* post, const real* shared), where s[0]
/// is the weight that transmits, s[1..] what else the rule keeps per synapse, pre and post the columns it asks for, and
/// shared the values of the target's layer, of which a rule that reads any says `n_shared`. A rule with bounds also has
/// void settle(const real* before, real* s): it applies them to values that came from elsewhere, such as a sum of
/// changes, `before` being what stood there.
using SynapseRule = std::variant<Hebb, HebbAdditive, Willshaw, Stdp, Istdp, Attractor, ModulatedHebb, EligibilityTrace,
                                 Xcal, XcalAnyGain, XcalMomentum, PhaseContrast>;

/// Dynamics of a unit: void operator()(real* columns, const real* shared). It reads `n_columns` values of the unit and
/// leaves the first `n_written` of them changed; shared are the values of its layer, as above.
using UnitRule = std::variant<LangevinSample, LangevinMean, LangevinPrecision, SubtractiveInhibition, LeabraNet,
                              LeabraInhibition, LeabraUnit, LeabraScale, LeabraClamp, LeabraLongTerm, LeabraMatch,
                              LeabraMix, LeabraBias, LeabraBalance, Decay>;

/// How many values of a layer a rule reads: its n_shared, or none.
template <class Rule>
constexpr int shared_values() {
  if constexpr (requires { Rule::n_shared; })
    return Rule::n_shared;
  else
    return 0;
}

/// Calls visit.operator()<Rule>() for each alternative of a variant of rules.
template <class Variant, class Visit>
void for_each_rule(Visit&& visit) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (visit.template operator()<std::variant_alternative_t<i, Variant>>(), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Variant>>{});
}

}  // namespace engram
