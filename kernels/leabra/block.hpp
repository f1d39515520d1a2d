// Small Leabra networks as kernels: a block takes a replica through all cycles of a call, a thread every so many units;
// nothing is launched in between. The order within a cycle is that of leabra::in_order, the bits are those of
// leabra::run_cycles: sums over a layer are those of integers, sums over senders go in the chunks of dense_drive.
#pragma once

#include "engram/leabra/cycles.hpp"
#include "kernels/core/cooperate.hpp"
#include "kernels/core/launch.hpp"
#include "kernels/operations/bodies.hpp"
#include "kernels/operations/incoming_rows.hpp"
#include "kernels/operations/summary.hpp"

namespace engram::kernels {

/// Layers and projections that a block can keep in view.
inline constexpr Index leabra_block_layers = 32, leabra_block_projections = 16, leabra_block_units = 2048;

struct LeabraBlock {
  static constexpr Index threads = 128, lanes = 16;  ///< so many threads add up a layer
  struct Shared {
    bodies::Seen sum[leabra_block_layers][lanes];
  };
  leabra::View net;
  leabra::ProjectionView projections[leabra_block_projections];
  Index count;
  Tick cycles;

  ENGRAM_HD real* column(std::size_t replica, int value) const {
    return net.unit + (replica * leabra::unit_value::count + static_cast<std::size_t>(value)) * net.room;
  }
  /// Values of the layers of a replica, [value][layer].
  ENGRAM_HD real* layers_of(std::size_t replica) const {
    return net.layer + replica * leabra::layer_value::count * net.layers;
  }
  ENGRAM_HD real& of_layer(real* layers, int value, Index l) const {
    return layers[static_cast<std::size_t>(value) * net.layers + l];
  }
  ENGRAM_HD const real* constants(Index l) const { return net.constants + std::size_t{l} * leabra_layer::count; }

  /// The mean of a value of the units in each layer.
  ENGRAM_HD void take_means(const Block& block, std::size_t replica, int unit, int layer, Shared& s) const {
    block.each([&](Index t) {
      for (Index l = t / lanes; l < net.layers; l += threads / lanes) {
        bodies::Seen part;
        for (Index i = net.segments.start[l] + t % lanes; i < net.segments.start[l + 1]; i += lanes)
          part.add(static_cast<double>(column(replica, unit)[i]));
        s.sum[l][t % lanes] = part;
      }
    });
    block.each([&](Index t) {
      for (Index l = t; l < net.layers; l += threads) {
        bodies::Seen whole;
        for (const bodies::Seen& part : s.sum[l]) whole.join(part);
        of_layer(layers_of(replica), layer, l) =
            bodies::summary_of(Mean{}, whole, net.segments.start[l + 1] - net.segments.start[l]);
      }
    });
  }

  ENGRAM_HD void inhibit(real* layers, Index l) const {
    namespace v = leabra::layer_value;
    real c[LeabraInhibition::n_columns] = {of_layer(layers, v::gc_i, l),     of_layer(layers, v::fbi, l),
                                           of_layer(layers, v::mean_net, l), of_layer(layers, v::mean_act, l),
                                           of_layer(layers, v::g_k, l),      of_layer(layers, v::g_next, l),
                                           of_layer(layers, v::g_top, l),    of_layer(layers, v::g_sum, l)};
    LeabraInhibition{}(c, constants(l));
    of_layer(layers, v::gc_i, l) = c[LeabraInhibition::gc_i];
    of_layer(layers, v::fbi, l) = c[LeabraInhibition::fbi];
  }

  ENGRAM_HD void take_in(std::size_t replica, Index i) const {
    namespace u = leabra::unit_value;
    const Index l = net.layer_of[i];
    real c[LeabraNet::n_columns] = {
        column(replica, u::net)[i],   column(replica, u::input)[i], 0,
        column(replica, u::given)[i], column(replica, u::noise)[i], column(replica, u::bias)[i]};
    LeabraNet{}(c, constants(l));
    column(replica, u::net)[i] = c[LeabraNet::net];
    column(replica, u::input)[i] = c[LeabraNet::input];
    column(replica, u::g)[i] = c[LeabraNet::g];
  }

  ENGRAM_HD void activate(real* layers, std::size_t replica, Index i) const {
    namespace u = leabra::unit_value;
    constexpr int written[] = {u::act_nd, u::act,   u::i_net,  u::i_net_r, u::v_m,  u::v_m_eq,
                               u::adapt,  u::spike, u::avg_ss, u::avg_s,   u::avg_m};
    const Index l = net.layer_of[i];
    real c[LeabraUnit::n_columns];
    for (int k = 0; k < LeabraUnit::n_written; ++k) c[k] = column(replica, written[k])[i];
    c[LeabraUnit::net] = column(replica, u::net)[i];
    c[LeabraUnit::gc_i] = of_layer(layers, leabra::layer_value::gc_i, l);
    column(replica, u::of_layer)[i] = c[LeabraUnit::gc_i];
    LeabraUnit{net.table}(c, constants(l));
    for (int k = 0; k < LeabraUnit::n_written; ++k) column(replica, written[k])[i] = c[k];
  }

  /// Keeps and returns the scale of what a projection brings a unit, by how active its senders are.
  ENGRAM_HD real rescale(real* layers, const leabra::ProjectionView& from, Index batch, Index post) const {
    real c[LeabraScale::n_columns] = {0, from.connections.at(batch)[post]};
    from.scaling()(c, &of_layer(layers, from.activity, from.pre));
    return from.scale.at(batch)[post] = c[LeabraScale::scale];
  }

  /// The sum over the row of one receiver.
  ENGRAM_HD static real sum_row(const IncomingView& rows, Index replica, Index post, const real* source) {
    real sum[1];
    bodies::sum_rows(rows, replica, post / slice_lanes, post % slice_lanes, sum,
                     [&](real weight, Index j) { return weight * source[j]; });
    return sum[0];
  }

  /// What all projections bring unit i.
  ENGRAM_HD void receive(std::size_t replica, Index i) const {
    const Index l = net.layer_of[i], post = i - net.segments.start[l];
    real input = column(replica, leabra::unit_value::input)[i];
    for (Index p = 0; p < count; ++p) {
      const leabra::ProjectionView& from = projections[p];
      if (from.post != l) continue;
      const auto r = static_cast<Index>(replica);
      const real scale = rescale(layers_of(replica), from, r, post);
      const real* const source = column(replica, leabra::unit_value::act) + from.pre_first;
      if (from.sparse())
        input += from.gain * (scale * sum_row(from.rows, r / from.copies, post, source));
      else
        bodies::dense_drive<1>(from.weights, r / from.copies, post, 1, {nullptr, source, from.weights.n_pre}, from.gain,
                               &scale, &input);
    }
    column(replica, leabra::unit_value::input)[i] = input;
  }

  ENGRAM_HD void operator()(const Block& block, std::size_t replica, Shared& s) const;
};

/// The steps of a block, see leabra::in_order.
struct LeabraBlockSteps {
  const LeabraBlock& of;
  const Block& block;
  std::size_t replica;
  LeabraBlock::Shared& s;

  /// Calls f for all `n`, which the threads share.
  template <class F>
  ENGRAM_HD void each(Index n, F f) const {
    block.each([&](Index t) {
      for (Index i = t; i < n; i += LeabraBlock::threads) f(i);
    });
  }
  ENGRAM_HD void start() const { average_activation(); }
  ENGRAM_HD void begin(Tick) const {}
  ENGRAM_HD void end() const {}
  ENGRAM_HD void take_in() const {
    each(of.net.units, [&](Index i) { of.take_in(replica, i); });
  }
  ENGRAM_HD void average_net() const {
    of.take_means(block, replica, leabra::unit_value::net, leabra::layer_value::mean_net, s);
  }
  ENGRAM_HD void rank() const {}  // such networks take no block
  ENGRAM_HD void inhibit() const {
    each(of.net.layers, [&](Index l) { of.inhibit(of.layers_of(replica), l); });
  }
  ENGRAM_HD void activate() const {
    each(of.net.units, [&](Index i) { of.activate(of.layers_of(replica), replica, i); });
  }
  ENGRAM_HD void average_activation() const {
    of.take_means(block, replica, leabra::unit_value::act, leabra::layer_value::mean_act, s);
  }
  ENGRAM_HD void send() const {
    each(of.net.units, [&](Index i) { of.receive(replica, i); });
  }
};

ENGRAM_HD void LeabraBlock::operator()(const Block& block, std::size_t replica, Shared& s) const {
  LeabraBlockSteps steps{*this, block, replica, s};
  leabra::in_order(steps, cycles);
}

}  // namespace engram::kernels
