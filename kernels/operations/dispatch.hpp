// Which parts a sweep has, in what order, and what a storage refuses: said once for all machines.
#pragma once

#include "kernels/operations/plasticity.hpp"

namespace engram::bodies {

template <class View>
inline constexpr bool is_dense = std::is_same_v<View, DenseView>;

/// Values that a storage may hold of a synapse.
inline Index planes_of(const DenseView& w) { return w.planes; }
inline Index planes_of(const OutgoingView&) { return 1; }
inline Index planes_of(const IncomingView& w) { return w.planes; }

/// What a storage can learn: sparse rows can create no synapse, and only fixed ones hold several values of one.
template <class View, class Rule>
inline constexpr bool can_learn = is_dense<View> || (!Rule::creates_synapses &&
                                                     (Rule::n_values == 1 || std::is_same_v<View, IncomingView>));
/// Lists of active units may stand in for columns.
template <class Rule>
inline constexpr bool learns_from_lists = Rule::identity_when_silent&& Rule::n_values == 1;

inline std::string refused(const char* rule) { return std::string("sweep: rule ") + rule; }

/// Throws where what is said of one end is of fewer batches than learn: they would be read beyond its end.
template <class Side>
void check_batches(const char* rule, const char* end, const Side& side, std::size_t batches) {
  const auto check = [&](const auto& given) {
    if (given.stride && given.batches < batches)
      throw Error(refused(rule) + " learns from " + std::to_string(batches) + " batches; " + end + " has " +
                  std::to_string(given.batches));
  };
  if (const auto* list = std::get_if<Active>(&side)) return check(*list);
  if (const auto* columns = std::get_if<Columns>(&side))
    for (const auto& column : columns->at)
      if (column) check(column);
}

/// Throws where a storage cannot do with a rule what is asked.
template <class View, class Rule>
void check_learning(const View& w, const Rule&, const Sweep& sweep) {
  const bool lists = std::holds_alternative<Active>(sweep.pre);
  if (sweep.pre.index() != sweep.post.index() || std::holds_alternative<std::monostate>(sweep.pre))
    throw Error(refused(Rule::name) + " needs columns of both ends, or lists of both");
  if (Rule::creates_synapses && !is_dense<View>)
    throw Error(refused(Rule::name) + " creates synapses, which sparse rows cannot; use dense storage");
  if (!can_learn<View, Rule> || (!is_dense<View> && planes_of(w) < Index{Rule::n_values}))
    throw Error(refused(Rule::name) + " keeps " + std::to_string(Rule::n_values) +
                " values a synapse, these rows have " + std::to_string(planes_of(w)) + "; use dense storage");
  if (lists && !learns_from_lists<Rule>) throw Error(refused(Rule::name) + " needs columns, not lists of active units");
  const std::size_t batches = std::size_t{w.replicas} * sweep.group;
  check_batches(Rule::name, "pre", sweep.pre, batches);
  check_batches(Rule::name, "post", sweep.post, batches);
}

/// Whether plasticity and drive may take one walk. Rules that keep more of a synapse than its weight take two: none of
/// their models asks for both at once, and each walk is a loop of its own to compile.
template <class Rule>
inline constexpr bool may_fuse = Rule::n_values == 1;

/// Whether they do: both from columns, with nothing between them.
inline bool fuses(const Sweep& sweep) {
  return std::holds_alternative<Columns>(sweep.source) && std::holds_alternative<Columns>(sweep.pre) &&
         !sweep.normalize_to && !sweep.scaling.scale && sweep.group == 1;
}

/// Throws where columns do not fit the matrix that multiplies them.
inline void check_product(const DenseView& w, const Batch<const real>& x, Index group, const Batch<real>& out) {
  const bool fits = group >= 1 && x.batches == std::size_t{w.replicas} * group && out.batches == x.batches &&
                    x.units == w.n_pre && out.units == w.n_post && x.stride >= x.units && out.stride >= out.units;
  if (x.batches > 0 && !fits)
    throw Error("multiply: found " + std::to_string(x.batches) + " columns of " + std::to_string(x.units) +
                " values and room for " + std::to_string(out.batches) + " of " + std::to_string(out.units) + "; the " +
                std::to_string(w.replicas) + " matrices take " + std::to_string(group) + " columns each of " +
                std::to_string(w.n_pre) + " and give " + std::to_string(w.n_post));
}

/// `Machine` walks one storage and has
///   learn_from_lists(plasticity), learn_from_columns(plasticity)
///   learn_and_drive(plasticity)                        of dense storage, where `may_fuse` and `fuses`
///   recount(scaling), set_scale(scaling, target), normalize(target), drive()
///   average_strong(strong)                             where its rows are by postsynaptic unit
template <class View, class Machine>
void run_sweep(Machine&& machine, const View& w, const Sweep& sweep) {
  bool driven = std::holds_alternative<std::monostate>(sweep.source) || !sweep.drive;
  if (sweep.group < 1) throw Error("sweep: found group 0; at least one batch reads a replica");
  if (sweep.learn)
    std::visit(
        [&](const auto& rule) {
          using Rule = std::decay_t<decltype(rule)>;
          check_learning(w, rule, sweep);
          if constexpr (can_learn<View, Rule>) {
            if constexpr (learns_from_lists<Rule>)
              if (std::holds_alternative<Active>(sweep.pre))
                return machine.learn_from_lists(list_plasticity(rule, sweep));
            if constexpr (is_dense<View>) {
              if constexpr (may_fuse<Rule>)
                if (fuses(sweep)) {
                  driven = true;
                  return machine.learn_and_drive(column_plasticity(rule, sweep));
                }
            }
            machine.learn_from_columns(column_plasticity(rule, sweep));
          }
        },
        *sweep.learn);
  if (sweep.normalize_to) {
    if (sweep.scaling.scale) {
      if (sweep.scaling.recount) machine.recount(sweep.scaling);
      machine.set_scale(sweep.scaling, *sweep.normalize_to);
    } else {
      machine.normalize(*sweep.normalize_to);
    }
  }
  if (!driven) machine.drive();
  if (sweep.strong.mean) {
    if constexpr (requires { machine.average_strong(sweep.strong); })
      machine.average_strong(sweep.strong);
    else
      throw Error("sweep: means of strong weights need dense storage or incoming rows");
  }
}

}  // namespace engram::bodies
