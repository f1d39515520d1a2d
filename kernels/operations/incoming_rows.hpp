// The bodies of sweeps over incoming rows: `Width` neighbouring rows of one slice at a time, 16 on the CPU, one a
// thread on a GPU. A slot without a synapse (IncomingView::holds) neither transmits nor learns.
#pragma once

#include "kernels/operations/incoming_slots.hpp"
#include "kernels/operations/plasticity.hpp"
#include "kernels/operations/strong.hpp"

namespace engram::bodies {

/// Whose row stands in a lane of a slice; n_post or more: nobody's.
ENGRAM_HD Index unit_of(const IncomingView& w, Index replica, Index slice, Index lane) {
  return w.unit ? w.units(replica, slice)[lane] : slice * slice_lanes + lane;
}

/// The sums over the rows of Width lanes from `lane` on as a dense row has them: in chunks of presynaptic units, then
/// the chunks in order. Pairs that are not joined would add 0 there.
template <int Width, class Term>
ENGRAM_HD void sum_in_chunks(const IncomingView& w, Index replica, Index slice, Index lane, real (&sum)[Width],
                             Term term) {
  real part[Width];
  Index chunk[Width];
  for (int l = 0; l < Width; ++l) {
    sum[l] = part[l] = 0;
    chunk[l] = 0;
  }
  for_slots(w, w.at(replica, slice), lane, [&](const Index* pre, const real* weight) {
    for (int l = 0; l < Width; ++l) {
      const bool here = pre[l] != no_pre;
      const Index own = here ? pre[l] : chunk[l] * dense_chunk, next = own / dense_chunk;
      const real x = here ? term(weight[l], own) : real(0), closed = sum[l] + part[l];
      sum[l] = next != chunk[l] ? closed : sum[l];
      part[l] = (next != chunk[l] ? real(0) : part[l]) + x;
      chunk[l] = next;
    }
  });
  for (int l = 0; l < Width; ++l) sum[l] += part[l];
}

/// The sums over the rows of Width lanes from `lane` on: of rows that may change, plain, in the order of the slots.
template <int Width, class Term>
ENGRAM_HD void sum_rows(const IncomingView& w, Index replica, Index slice, Index lane, real (&sum)[Width], Term term) {
  if (w.fixed) return sum_in_chunks(w, replica, slice, lane, sum, term);
  for (int l = 0; l < Width; ++l) sum[l] = 0;
  for_slots(w, w.at(replica, slice), lane, [&](const Index* pre, const real* weight) {
    for (int l = 0; l < Width; ++l) sum[l] += weight[l] != real(0) ? term(weight[l], pre[l]) : real(0);
  });
}

/// drive += gain * scale * sum of weight * source over the rows of Width lanes.
template <int Width>
ENGRAM_HD void incoming_drive(const IncomingView& w, Index replica, Index slice, Index lane, const ListView& source,
                              real gain, const real* scale, real* drive) {
  real sum[Width];
  if (!source.index && source.value)
    sum_rows(w, replica, slice, lane, sum, [&](real weight, Index j) { return weight * source.value[j]; });
  else
    sum_rows(w, replica, slice, lane, sum, [&](real weight, Index j) {
      const Found found = find(source, j);
      return weight * (found.here ? source.at(found.slot) : real(0));
    });
  for (int l = 0; l < Width; ++l) {
    const Index i = unit_of(w, replica, slice, lane + static_cast<Index>(l));
    if (i < w.n_post) drive[i] += gain * (scale ? scale[i] * sum[l] : sum[l]);
  }
}

/// Each row divided by its sum and multiplied by `target`; an empty one stays.
template <int Width>
ENGRAM_HD void incoming_normalize(const IncomingView& w, Index replica, Index slice, Index lane, real target) {
  real total[Width];
  sum_rows(w, replica, slice, lane, total, [](real weight, Index) { return weight; });
  for (int l = 0; l < Width; ++l) total[l] = total[l] != real(0) ? total[l] : real(1);
  for_slots(w, w.at(replica, slice), lane, [&](const Index*, real* weight) {
    for (int l = 0; l < Width; ++l) weight[l] = weight[l] / total[l] * target;
  });
}

/// The incoming sum of one row in integers.
ENGRAM_HD fixed incoming_sum(const IncomingView& w, Index replica, Index slice, Index lane) {
  fixed sum = 0;
  for_slots(w, w.at(replica, slice), lane,
            [&](const Index*, const real* weight) { sum += to_fixed(static_cast<double>(*weight)); });
  return sum;
}

/// What counts of one row in the mean of its strong weights.
ENGRAM_HD real incoming_strong(const IncomingView& w, Index replica, Index slice, Index lane, real least) {
  Strong own;
  for_slots(w, w.at(replica, slice), lane, [&](const Index*, const real* weight) { own.add(*weight, least); });
  return own.mean();
}

/// Plasticity of one row from columns.
template <class Rule>
ENGRAM_HD void incoming_learn(const ColumnPlasticity<Rule>& p, const IncomingView& w, Index replica, Index slice,
                              Index lane) {
  const Index i = unit_of(w, replica, slice, lane);
  if (i >= w.n_post) return;
  fixed gained = 0;
  for_slots(w, w.at(replica, slice), lane, [&](const Index* j, real* weight) {
    if (w.holds(j, weight) && !p.kept(*j, i)) gained += p.learn_in_place(replica, *j, i, weight, w.plane_stride());
  });
  if (p.scaling.scale) p.scaling.sum.at(replica)[i] += gained;
}

/// The same of Width rows from `lane` on, where a replica has one batch, nothing is scaled and all units are of one
/// layer: side by side.
template <int Width, class Rule>
ENGRAM_HD void incoming_learn_rows(const ColumnPlasticity<Rule>& p, const IncomingView& w, Index replica, Index slice,
                                   Index lane) {
  constexpr int values = Rule::n_values, n_pre = Rule::n_pre > 0 ? Rule::n_pre : 1,
                n_post = Rule::n_post > 0 ? Rule::n_post : 1, n_shared = shared_values<Rule>();
  const Rule own = p.rule;
  const ColumnPointers from = columns_of(p.pre.columns, replica), to = columns_of(p.post.columns, replica);
  const real* const given = p.layers.at(replica, 0);
  real layer[n_shared > 0 ? n_shared : 1], o[n_post][Width];
  for (int k = 0; k < n_shared; ++k) layer[k] = given[k];
  Index unit[Width];
  for (int l = 0; l < Width; ++l) {
    unit[l] = unit_of(w, replica, slice, lane + static_cast<Index>(l));
    for (int c = 0; c < Rule::n_post; ++c) o[c][l] = unit[l] < w.n_post ? to.at[c][unit[l]] : real(0);
  }
  const std::size_t plane = w.plane_stride();
  for_slots(w, w.at(replica, slice), lane, [&](const Index* pre, real* weight) {
#pragma GCC ivdep  // weights and columns are distinct arrays
    for (int l = 0; l < Width; ++l) {
      const bool here = w.holds(pre + l, weight + l) && !p.kept(pre[l], unit[l]);
      const Index j = here ? pre[l] : 0;
      real s[values], before[values], x[n_pre], y[n_post];
      for (int v = 0; v < values; ++v) s[v] = before[v] = weight[static_cast<std::size_t>(v) * plane + l];
      for (int c = 0; c < Rule::n_pre; ++c) x[c] = from.at[c][j];
      for (int c = 0; c < Rule::n_post; ++c) y[c] = o[c][l];
      own(s, x, y, n_shared > 0 ? layer : nullptr);
      for (int v = 0; v < values; ++v) weight[static_cast<std::size_t>(v) * plane + l] = here ? s[v] : before[v];
    }
  });
}

/// Plasticity of the row of the unit in place `slot` of the list of batch b. Returns what its incoming sum gains;
/// another batch of the replica may add to the same sum at the same time.
template <class Rule>
ENGRAM_HD fixed incoming_learn(const ListPlasticity<Rule>& p, const IncomingView& w, Index b, Index slot) {
  const Index replica = b / p.group;
  const ListView from = list_of(p.pre.list, b), to = list_of(p.post.list, b);
  const Index i = to.unit(slot), place = w.place ? w.place_of(replica, i) : i;
  fixed gained = 0;
  for_slots(w, w.at(replica, place / slice_lanes), place % slice_lanes, [&](const Index* j, real* weight) {
    const Found found = find(from, *j);
    if (!found.here || p.kept(*j, i) || !p.first(replica, b, *j, i)) return;
    if (!w.holds(j, weight)) return;  // read last: until here it may be of another batch
    gained += p.group == 1 ? p.learn_pair(replica, i, from.at(found.slot), to.at(slot), weight)
                           : p.learn_in_place(replica, *j, i, weight, w.plane_stride());
  });
  return gained;
}

}  // namespace engram::bodies
