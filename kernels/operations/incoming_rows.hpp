// The bodies of sweeps over incoming rows: `Width` neighbouring rows of one slice at a time, 16 on the CPU, one a
// thread on a GPU. A slot of weight 0 holds no synapse: it neither transmits nor learns.
#pragma once

#include "kernels/operations/incoming_slots.hpp"
#include "kernels/operations/plasticity.hpp"
#include "kernels/operations/strong.hpp"

namespace engram::bodies {

/// Whose row stands in a lane of a slice; n_post or more: nobody's.
ENGRAM_HD Index unit_of(const IncomingView& w, Index replica, Index slice, Index lane) {
  return w.unit ? w.units(replica, slice)[lane] : slice * slice_lanes + lane;
}

/// The sums over the rows of Width lanes from `lane` on, plain, in the order of the slots.
template <int Width, class Term>
ENGRAM_HD void sum_rows(const IncomingView& w, Index replica, Index slice, Index lane, real (&sum)[Width], Term term) {
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
    if (*weight != real(0) && !p.kept(*j, i)) gained += p.learn_in_place(replica, *j, i, weight);
  });
  if (p.scaling.scale) p.scaling.sum.at(replica)[i] += gained;
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
    if (*weight == real(0)) return;  // read last: until here it may be of another batch
    gained += p.group == 1 ? p.learn_pair(replica, i, from.at(found.slot), to.at(slot), weight)
                           : p.learn_in_place(replica, *j, i, weight);
  });
  return gained;
}

}  // namespace engram::bodies
