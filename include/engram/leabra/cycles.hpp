// Cycles of Leabra networks: what a cycle reads and writes, and how it is made of general operations. A batch is a
// state of the network, of which some share the weights of a replica; all layers are one population, a segment each,
// and layers themselves are units of a second, small population.
#pragma once

#include <vector>

#include "engram/extension.hpp"
#include "engram/operations.hpp"

namespace engram {
class Backend;
}

namespace engram::leabra {

/// Values of a unit, [batch][value][unit].
namespace unit_value {
enum : int {
  net,
  act_nd,
  act,
  i_net,
  i_net_r,
  v_m,
  v_m_eq,
  adapt,
  spike,
  avg_ss,
  avg_s,
  avg_m,
  avg_l,
  input,     ///< sums of the projections
  g,         ///< inhibition that would hold the unit at its threshold
  of_layer,  ///< a value of the unit's layer
  acts_m,    ///< activation where the last minus phase ended
  acts_p,    ///< likewise of the plus phase
  given,     ///< clamped activation, or external input
  noise,
  bias,  ///< bias weight
  count
};
}

/// Values of a layer, [batch][value][group]: groups are the layers, then the pools, which have those up to g_sum.
namespace layer_value {
enum : int {
  gc_i,
  fbi,
  mean_net,
  mean_act,
  g_k,
  g_next,
  g_top,
  g_sum,
  cos_diff,
  cos_diff_avg,
  rate,
  both,
  plus,
  minus,
  mean_plus,
  act_p_avg,  ///< running average of the mean activation in plus phases
  count
};
}

/// One projection: `connections` and `scale` are [batch][receiver].
struct ProjectionView {
  DenseView weights;                    ///< planes: effective weight, linear weight; of rows only the sizes
  IncomingView rows;                    ///< in place of a matrix, where few pairs are connected
  Index pre = 0, post = 0;              ///< layers
  Index pre_first = 0, post_first = 0;  ///< their first units
  real gain = 1;                        ///< wt_scale_abs times wt_scale_rel
  Batch<real> connections, scale;
  Index copies = 1;                      ///< batches that share a replica of the weights
  int activity = layer_value::mean_act;  ///< value of the sending layer that its scale goes by
  real sem_extra = 2;                    ///< see LeabraScale::extra

  ENGRAM_HD LeabraScale scaling() const {
    LeabraScale rule;
    rule.senders = static_cast<real>(weights.n_pre);
    rule.extra = sem_extra;
    return rule;
  }
  ENGRAM_HD bool sparse() const { return rows.fixed; }
  Synapses synapses() const { return sparse() ? Synapses(rows) : Synapses(weights); }
  /// What a walk over all synapses of a replica reads.
  std::size_t work() const {
    return sparse() ? rows.plane_stride() / rows.replicas : std::size_t{weights.n_pre} * weights.n_post;
  }
};

struct View {
  Index units = 0, layers = 0, pools = 0, batches = 1;  ///< pools: none, or at least one a layer
  Segments segments;                                    ///< of the units
  Segments each_layer;                                  ///< of the layers, one each
  Segments pool_segments, each_pool;                    ///< of the units, and of the pools, one each
  const Index* layer_of = nullptr;                      ///< [unit]
  const Index* group_of = nullptr;                      ///< [unit]: the group whose inhibition acts
  const Index* layer_of_pool = nullptr;                 ///< [pool]
  Batch<real> pool_pairs = {};                          ///< [batch][2 * pools]: inhibition of a pool and of its layer
  Segments each_pair;                                   ///< of these
  const Index* pair_of = nullptr;                       ///< [2 * pools]: where they stand among the groups
  real* unit = nullptr;                                 ///< [batch][unit_value::count][room]
  real* layer = nullptr;                                ///< [batch][layer_value::count][groups]
  std::size_t room = 0;                                 ///< distance of two values of a unit
  const real* constants = nullptr;                      ///< [group][leabra_layer::count]
  const real* table = nullptr;                          ///< of nxx1
  const Index *winners = nullptr, *winners_next = nullptr;  ///< [group], k and k + 1
  bool ranked = false, pools_ranked = false;                ///< some layer, some pool has k winners

  Batch<real> of_unit(int value) const {
    return {unit + static_cast<std::size_t>(value) * room, units, batches, room * unit_value::count};
  }
  /// Of `n` units from `first` on.
  Batch<real> of_unit(int value, Index first, Index n) const {
    Batch<real> part = of_unit(value);
    return {part.data + first, n, batches, part.stride};
  }
  Index groups() const { return layers + pools; }
  Batch<real> of_group(int value) const {
    return {layer + static_cast<std::size_t>(value) * groups(), groups(), batches,
            std::size_t{groups()} * layer_value::count};
  }
  Batch<real> of_layer(int value) const {
    const Batch<real> all = of_group(value);
    return {all.data, layers, batches, all.stride};
  }
  Batch<real> of_pool(int value) const {
    const Batch<real> all = of_group(value);
    return {all.data + layers, pools, batches, all.stride};
  }
  Batch<const real> shared() const { return {constants, layers * leabra_layer::count, batches, 0}; }
  Batch<const real> shared_of_pools() const {
    return {constants + std::size_t{layers} * leabra_layer::count, pools * leabra_layer::count, batches, 0};
  }
};

/// Some cycles in a row. `first` counts cycles since the network was made.
struct Run {
  Tick first = 0, cycles = 1;
};

/// Whole runs in one call, with the bits of run_cycles.
class Cycles : public Extension {
 public:
  static constexpr ExtensionId id = "leabra.cycles/1";
  /// Whether it takes such a network; run_cycles takes every one.
  virtual bool takes(const View&, std::size_t projections) const = 0;
  virtual void run(const View&, const std::vector<ProjectionView>&, const Run&) = 0;
};

/// The order of a cycle, said once for all that run cycles: operations of a backend, the threads of the CPU, a block of
/// a device. Layers do not see each other before `send`, so each step is of all layers; what is
/// said of layers goes for their pools as well. `Steps` has
///   start()                what a call does once
///   begin(c), end()        around cycle c of the call
///   take_in()              net input from what was sent before, and the inhibition g that would hold each unit
///   average_net()          mean net input of each layer; and mean activation, where clamping may have changed it
///   rank()                 the largest g of each layer, where some layer has k winners
///   inhibit()              inhibition of each layer, from these
///   activate()             membrane, activation, running averages
///   average_activation()   its mean in each layer
///   send()                 what all projections bring, scaled by these means
template <class Steps>
ENGRAM_HD void in_order(Steps& steps, Tick cycles) {
  steps.start();
  for (Tick c = 0; c < cycles; ++c) {
    steps.begin(c);
    steps.take_in();
    steps.average_net();
    steps.rank();
    steps.inhibit();
    steps.activate();
    steps.average_activation();
    steps.send();
    steps.end();
  }
}

/// Takes the networks through all cycles, in operations of the backend.
void run_cycles(Backend&, const View&, const std::vector<ProjectionView>&, const Run&);

}  // namespace engram::leabra
