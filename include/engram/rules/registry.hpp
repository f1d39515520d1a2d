// All rules. A name added here is known to both backends, JSON, `engram describe`, docs/rules.md and the conformance
// suite.
#pragma once

#include <variant>

#include "engram/rules/attractor.hpp"
#include "engram/rules/hebb.hpp"
#include "engram/rules/istdp.hpp"
#include "engram/rules/stdp.hpp"
#include "engram/rules/willshaw.hpp"

namespace engram {

/// Plasticity of a synapse: void operator()(real* s, const real* pre, const real* post, const real* shared), where s[0]
/// is the weight that transmits, s[1..] what else the rule keeps per synapse, and pre and post the columns it asks for.
using SynapseRule = std::variant<Hebb, HebbAdditive, Willshaw, Stdp, Istdp, Attractor>;

/// Dynamics of a unit: void operator()(real* columns, const real* shared). It reads `n_columns` values of the unit and
/// leaves the first `n_written` of them changed.
using UnitRule = std::variant<LangevinSample, LangevinMean, LangevinPrecision>;

/// Calls visit.operator()<Rule>() for each alternative of a variant of rules.
template <class Variant, class Visit>
void for_each_rule(Visit&& visit) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (visit.template operator()<std::variant_alternative_t<i, Variant>>(), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Variant>>{});
}

}  // namespace engram
