// Cases of update and update_in_order: every unit rule, from values whose closed forms cancel to values that overflow
// an exponential.
#include <cmath>
#include <numeric>

#include "conformance/cases.hpp"
#include "engine/models/leabra/parts.hpp"

namespace engram::conformance {

namespace {

struct Kind {
  const char* name;
  double smallest, largest;  ///< magnitude of drives and biases; 0, 0: all are 0
};
constexpr Kind kinds[] = {
    {"moderate", 1e-2, 10}, {"tiny", 1e-12, 1e-3}, {"near_half", 0.3, 0.8}, {"huge", 1e2, 1e6}, {"zero", 0, 0}};

real drawn(Draws& draws, const Kind& kind) {
  if (kind.largest == 0) return 0;
  const double exponent = static_cast<double>(draws.uniform()), sign = draws.chance(0.5) ? 1 : -1;
  return static_cast<real>(sign * kind.smallest * std::pow(kind.largest / kind.smallest, exponent));
}

/// Rules that read the constants of a layer, and the others of the Leabra family.
template <class Rule>
inline constexpr bool reads_layer = shared_values<Rule>() == leabra_layer::count;
template <class Rule>
inline constexpr bool of_leabra =
    reads_layer<Rule> || std::is_same_v<Rule, LeabraScale> || std::is_same_v<Rule, LeabraBalance> ||
    std::is_same_v<Rule, LeabraMix> || std::is_same_v<Rule, LeabraBias> || std::is_same_v<Rule, Decay>;
/// Rules whose last column is written.
template <class Rule>
inline constexpr bool writes_all = Rule::n_written == Rule::n_columns;

/// Constants of layers that differ in all that decides how a rule goes on.
void draw_layer(Draws& draws, real* to) {
  leabra::LayerSpec spec;
  spec.inhibition_type = static_cast<leabra::Inhibition>(draws.below(4));
  spec.fffb_combine = static_cast<leabra::Combine>(draws.below(2));
  spec.kwta_pct = static_cast<double>(draws.uniform());
  spec.unit_spec.vm_eq_driver = static_cast<leabra::EqDriver>(draws.below(2));
  spec.unit_spec.avg_l = static_cast<leabra::LongTerm>(draws.below(2));
  spec.bias = draws.chance(0.5);
  spec.scale_by_act = static_cast<leabra::ActScale>(draws.below(3));
  spec.unit_spec.avg_l_above = static_cast<double>(draws.uniform());
  spec.unit_spec.clamp_silent = static_cast<double>(draws.uniform());
  spec.unit_spec.syn_tr = static_cast<double>(draws.between(real(0.5), 1));
  leabra::put_constants(spec, 1 + draws.below(20),
                        {.clamped = draws.chance(0.2), .relative = 1.3, .table = draws.below(2)}, to);
  to[leabra_layer::soft_clamp] = draws.uniform();
  to[leabra_layer::noise] = draws.uniform();
}

template <class Rule>
void draw_leabra(Draws& draws, UpdateInputs& p, const Kind& kind) {
  for (auto& column : p.columns)
    for (real& x : column) x = kind.largest == 0 ? real(0) : draws.between(real(-0.2), real(1.2));
  if constexpr (std::is_same_v<Rule, LeabraScale>)
    for (real& x : p.columns[LeabraScale::connections]) x = real(draws.below(20));
  if constexpr (std::is_same_v<Rule, LeabraMatch>)
    for (auto& column : p.columns)
      for (real& x : column) x = x < real(0) ? -x : x;  // lengths
  const std::size_t layers = (p.segments.empty() ? 1 : p.segments.size() - 1) * p.batches;
  p.shared.resize(layers * shared_values<Rule>());
  for (std::size_t l = 0; l < layers; ++l)
    if constexpr (reads_layer<Rule>)
      draw_layer(draws, p.shared.data() + l * leabra_layer::count);
    else if constexpr (shared_values<Rule>() > 0)
      p.shared[l] = draws.uniform();
}

template <class Rule>
UpdateInputs inputs_of(Draws& draws, const Rule& rule, const Kind& kind, Index units, Index batches) {
  UpdateInputs p;
  p.rule = rule;
  p.units = units;
  p.batches = batches;
  p.columns.assign(Rule::n_columns, std::vector<real>(std::size_t{units} * batches));
  if constexpr (of_leabra<Rule>) {
    if (units > 1 && shared_values<Rule>() > 0) p.segments = layers_of(units);
    draw_leabra<Rule>(draws, p, kind);
    return p;
  }
  for (std::size_t i = 0; i < std::size_t{units} * batches; ++i) {
    if constexpr (std::is_same_v<Rule, SubtractiveInhibition>) {
      p.columns[0][i] = drawn(draws, kind);
    } else if constexpr (of_leabra<Rule>) {
      break;  // drawn above
    } else if constexpr (std::is_same_v<Rule, LangevinPrecision>) {
      p.columns[1][i] = drawn(draws, kind);
      p.columns[2][i] = draws.between(real(0.1), 2);
    } else {
      using namespace langevin_column;
      p.columns[state][i] = draws.between(-1, 1);
      p.columns[drive][i] = drawn(draws, kind);
      p.columns[bias][i] = drawn(draws, kind);
      p.columns[inverse_temperature][i] = draws.between(real(0.1), 2);
      p.columns[precision][i] = draws.between(real(0.5), 3);
      if constexpr (Rule::n_columns > uniform)
        p.columns[uniform][i] = draws.chance(0.02) ? real(draws.below(2)) : draws.uniform();
    }
  }
  if constexpr (shared_values<Rule>() > 0) {
    if (units > 1) p.segments = layers_of(units);
    p.shared.resize((p.segments.empty() ? 1 : p.segments.size() - 1) * batches * shared_values<Rule>());
    for (real& m : p.shared) m = drawn(draws, kind);
  }
  return p;
}

template <class Rule>
void add(std::vector<Case>& all, const char* variant, const Rule& rule, const Kind& kind, Index units, Index batches,
         bool shared_last) {
  const std::string name = std::string("update/") + Rule::name + "/" + variant + "/" + kind.name +
                           (shared_last ? ",one_for_all" : "") + "/n=" + std::to_string(units) +
                           ",B=" + std::to_string(batches);
  all.push_back({name, [=]() -> Inputs {
                   Draws draws(name);
                   UpdateInputs p = inputs_of(draws, rule, kind, units, batches);
                   p.shared_last = shared_last;
                   return p;
                 }});
}

template <class Rule>
void add_in_order(std::vector<Case>& all, const Rule& rule, Index units, bool shuffled, Index group) {
  const std::string name = std::string("update_in_order/") + Rule::name + (shuffled ? "/shuffled" : "/ascending") +
                           "/n=" + std::to_string(units) + ",group=" + std::to_string(group);
  all.push_back({name, [=]() -> Inputs {
                   Draws draws(name);
                   const Index replicas = 2, batches = replicas * group;
                   UpdateInputs p = inputs_of(draws, rule, kinds[0], units, batches);
                   p.group = group;
                   p.order.resize(std::size_t{batches} * units);
                   for (Index b = 0; b < batches; ++b) {
                     const auto first = p.order.begin() + static_cast<std::ptrdiff_t>(std::size_t{b} * units);
                     std::iota(first, first + units, Index{0});
                     for (Index i = units; shuffled && i > 1; --i) std::swap(first[i - 1], first[draws.below(i)]);
                   }
                   p.weight.resize(std::size_t{replicas} * units * units);
                   for (real& w : p.weight) w = draws.between(real(-0.05), real(0.05));
                   return p;
                 }});
}

}  // namespace

void add_update_cases(std::vector<Case>& all) {
  const auto add_unit = [&]<class Rule>(const Rule& rule) {
    for (const Kind& kind : kinds) add(all, "default", rule, kind, 257, 3, false);
    for (const Index units : {Index{0}, Index{1}, Index{31}, Index{64}, Index{10001}})
      add(all, "default", rule, kinds[0], units, 2, false);
    if constexpr (writes_all<Rule>) {
      add(all, "changed", Rule{real(0.3)}, kinds[0], 100, 1, false);
      return;
    } else {
      add(all, "default", rule, kinds[0], 33, 3, true);
    }
    if constexpr (std::is_same_v<Rule, LangevinSample> || std::is_same_v<Rule, LangevinMean>) {
      Rule changed;
      changed.predict_bias = real(0.5);
      changed.predict_inverse_temperature = 1;
      changed.bound = real(0.9);
      changed.uniform_margin = real(0.01);
      changed.uniform_below = real(0.5);
      for (const Kind& kind : kinds) add(all, "changed", changed, kind, 100, 1, false);
      for (const bool shuffled : {false, true})
        for (const Index group : {Index{1}, Index{3}}) add_in_order(all, rule, 70, shuffled, group);
    }
  };
  for_each_rule<UnitRule>([&]<class Rule>() { add_unit(Rule{}); });
}

}  // namespace engram::conformance
