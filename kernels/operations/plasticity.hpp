// The bodies of plasticity that no storage has to itself: what one synapse reads, and what several batches of state do
// to it together. The walks over dense rows from columns of one batch stand in bodies.hpp.
#pragma once

#include "kernels/operations/bodies.hpp"
#include "kernels/operations/units.hpp"

namespace engram::bodies {

/// What a rule reads of both ends of a synapse.
template <class Rule>
struct Ends {
  real pre[Rule::n_pre > 0 ? Rule::n_pre : 1], post[Rule::n_post > 0 ? Rule::n_post : 1];
  const real* shared;
};

/// A rule and all that it reads, of batches of state that share replicas of weights in groups. `Places` says where
/// activity stands, ColumnPlaces or ListPlaces.
template <class Rule, class Places>
struct Plasticity {
  Rule rule;
  Places pre, post;
  LayerValues layers;
  Scaling scaling;
  bool keep_diagonal;
  Index group;

  ENGRAM_HD bool kept(Index j, Index i) const { return keep_diagonal && i == j; }

  /// Whether batch b changes the synapse from j to i, and what the rule then reads.
  ENGRAM_HD bool read(Index b, Index j, Index i, Ends<Rule>& ends) const {
    ends.shared = shared_values<Rule>() ? layers.of_unit(b, i) : nullptr;
    return pre.template read<Rule::n_pre>(b, j, ends.pre) && post.template read<Rule::n_post>(b, i, ends.post);
  }

  /// Whether none of the batches of a replica before batch b changes this synapse: of several, the first sees to it.
  ENGRAM_HD bool first(Index replica, Index b, Index j, Index i) const {
    Ends<Rule> ends;
    for (Index other = replica * group; other < b; ++other)
      if (read(other, j, i, ends)) return false;
    return true;
  }

  /// The values s of the synapse from j to i, after all batches of a replica.
  ENGRAM_HD void learn(Index replica, Index j, Index i, real* s) const {
    Ends<Rule> ends;
    if (group == 1) {
      if (read(replica, j, i, ends)) rule(s, ends.pre, ends.post, ends.shared);
      return;
    }
    if constexpr (requires { rule.apply(s, real(0), real(0), s); })
      learn_together(replica, j, i, s);
    else
      add_changes(replica, j, i, s);
  }

  /// The same of a synapse that stands in memory, its values `plane` apart. Returns what its incoming sum gains under
  /// scaled normalisation, where the rule sees the effective weight; else 0.
  ENGRAM_HD fixed learn_in_place(Index replica, Index j, Index i, real* at, std::size_t plane = 0) const {
    return in_place(replica, i, at, plane, [&](real* s) { learn(replica, j, i, s); });
  }
  /// The same where a replica has one batch, whose values of both ends are at hand.
  ENGRAM_HD fixed learn_pair(Index replica, Index i, real x, real o, real* at) const {
    return in_place(replica, i, at, 0,
                    [&](real* s) { rule(s, &x, &o, shared_values<Rule>() ? layers.of_unit(replica, i) : nullptr); });
  }

 private:
  /// Of a rule without a memory: the changes that each batch would make alone, added up.
  ENGRAM_HD void add_changes(Index replica, Index j, Index i, real* s) const {
    real before[Rule::n_values];
    double change[Rule::n_values] = {};
    for (int v = 0; v < Rule::n_values; ++v) before[v] = s[v];
    for (Index g = 0; g < group; ++g) {
      Ends<Rule> ends;
      if (!read(replica * group + g, j, i, ends)) continue;
      real own[Rule::n_values];
      for (int v = 0; v < Rule::n_values; ++v) own[v] = before[v];
      rule(own, ends.pre, ends.post, ends.shared);
      for (int v = 0; v < Rule::n_values; ++v)
        change[v] += static_cast<double>(own[v]) - static_cast<double>(before[v]);
    }
    for (int v = 0; v < Rule::n_values; ++v) s[v] = static_cast<real>(static_cast<double>(before[v]) + change[v]);
    if constexpr (requires { rule.settle(before, s); }) rule.settle(before, s);
  }
  /// Of a rule whose synapses have a memory, which takes what all batches propose at once.
  ENGRAM_HD void learn_together(Index replica, Index j, Index i, real* s) const {
    Ends<Rule> first{};
    double proposed = 0, rate = 0;
    Index met = 0;
    for (Index g = 0; g < group; ++g) {
      Ends<Rule> ends;
      if (!read(replica * group + g, j, i, ends)) continue;
      if (met++ == 0) first = ends;
      proposed += static_cast<double>(rule.direction(ends.pre, ends.post, ends.shared));
      rate += static_cast<double>(rule.rate_of(ends.shared));
    }
    if (met) rule.apply(s, static_cast<real>(proposed), static_cast<real>(rate / static_cast<double>(met)), first.post);
  }
  template <class Learn>
  ENGRAM_HD fixed in_place(Index replica, Index i, real* at, std::size_t plane, Learn learn) const {
    real s[Rule::n_values];
    for (int v = 0; v < Rule::n_values; ++v) s[v] = at[static_cast<std::size_t>(v) * plane];
    const real raw = s[0], scale = scaling.scale ? scaling.scale.at(replica)[i] : real(1);
    if (scaling.scale) s[0] = scale * raw;
    learn(s);
    if (scaling.scale) s[0] = s[0] / scale;
    for (int v = 0; v < Rule::n_values; ++v) at[static_cast<std::size_t>(v) * plane] = s[v];
    return scaling.scale ? to_fixed(static_cast<double>(s[0])) - to_fixed(static_cast<double>(raw)) : fixed{0};
  }
};

/// Every unit takes part, with its values in columns.
struct ColumnPlaces {
  Columns columns;

  template <int n>
  ENGRAM_HD bool read(Index batch, Index unit, real* to) const {
    for (int c = 0; c < n; ++c) to[c] = columns.at[c].at(batch)[unit];
    return true;
  }
};

/// Only listed units take part, with the value beside them or 1.
struct ListPlaces {
  Active list;

  template <int>
  ENGRAM_HD bool read(Index batch, Index unit, real* to) const {
    const ListView own = list_of(list, batch);
    const Found found = find(own, unit);
    if (found.here) to[0] = own.at(found.slot);
    return found.here;
  }
};

template <class Rule>
using ColumnPlasticity = Plasticity<Rule, ColumnPlaces>;
template <class Rule>
using ListPlasticity = Plasticity<Rule, ListPlaces>;

template <class Rule>
ColumnPlasticity<Rule> column_plasticity(const Rule& rule, const Sweep& sweep) {
  return {rule,
          {std::get<Columns>(sweep.pre)},
          {std::get<Columns>(sweep.post)},
          layer_values(rule, sweep.shared, sweep.segments),
          sweep.scaling,
          sweep.keep_diagonal,
          sweep.group};
}
template <class Rule>
ListPlasticity<Rule> list_plasticity(const Rule& rule, const Sweep& sweep) {
  return {rule,
          {std::get<Active>(sweep.pre)},
          {std::get<Active>(sweep.post)},
          layer_values(rule, sweep.shared, sweep.segments),
          sweep.scaling,
          sweep.keep_diagonal,
          sweep.group};
}

}  // namespace engram::bodies
