// Large Leabra networks as one kernel: all blocks of a launch take a replica each, or share one, through all cycles of
// a call and wait for each other three times a cycle. A block keeps the values of its layers in shared memory, so each
// finds the inhibition for itself. Order and bits are those of LeabraBlock.
#pragma once

#include "kernels/leabra/block.hpp"
#include "kernels/operations/dense_drive.hpp"

namespace engram::kernels {

struct LeabraGrid {
  static constexpr Index threads = 256, lanes = LeabraBlock::lanes;
  struct Shared {
    bodies::Seen part[leabra_block_layers][lanes];
    real layer[leabra::layer_value::count * leabra_block_layers];
  };
  LeabraBlock of;
  Index blocks;                            ///< of each replica
  std::size_t chunks;                      ///< sums of a replica
  real* sums;                              ///< [replica][projection][chunk][receiver]
  bodies::Seen *net_inputs, *activations;  ///< [block][layer]

  ENGRAM_HD static bool apart() { return false; }
  static std::size_t shared_bytes() { return sizeof(Shared); }

  ENGRAM_HD std::size_t replica(std::size_t at) const { return at / blocks; }
  /// The units of a block.
  ENGRAM_HD bodies::SegmentRange own(std::size_t at) const {
    return bodies::part_of({0, of.net.units}, static_cast<Index>(at % blocks), blocks);
  }
  template <class F>
  ENGRAM_HD void each_own(const Block& block, std::size_t at, F f) const {
    const bodies::SegmentRange units = own(at);
    block.each([&](Index t) {
      for (Index i = units.first + t; i < units.last; i += threads) f(i);
    });
  }

  /// f(layer, lane) for all layers, then the mean or the part that the lanes of each layer make together.
  template <class F, class G>
  ENGRAM_HD void by_layers(const Block& block, Shared& s, F f, G whole) const {
    block.each([&](Index t) {
      for (Index l = t / lanes; l < of.net.layers; l += threads / lanes) s.part[l][t % lanes] = f(l, t % lanes);
    });
    block.each([&](Index t) {
      for (Index l = t; l < of.net.layers; l += threads) {
        bodies::Seen sum;
        for (const bodies::Seen& part : s.part[l]) sum.join(part);
        whole(l, sum);
      }
    });
  }
  /// Adds up a value of the block's own units.
  ENGRAM_HD void add_up(const Block& block, std::size_t at, Shared& s, int value, bodies::Seen* to) const {
    const bodies::SegmentRange units = own(at);
    const real* const x = of.column(replica(at), value);
    by_layers(
        block, s,
        [&](Index l, Index lane) {
          bodies::Seen part;
          const Index begin = of.net.segments.start[l], end = of.net.segments.start[l + 1];
          for (Index i = (begin > units.first ? begin : units.first) + lane; i < end && i < units.last; i += lanes)
            part.add(static_cast<double>(x[i]));
          return part;
        },
        [&](Index l, const bodies::Seen& sum) { to[at * of.net.layers + l] = sum; });
  }
  /// The means of what the blocks of a replica added up.
  ENGRAM_HD void take_means(const Block& block, std::size_t at, Shared& s, const bodies::Seen* from, int value) const {
    const std::size_t first = at / blocks * blocks;
    by_layers(
        block, s,
        [&](Index l, Index lane) {
          bodies::Seen part;
          for (Index b = lane; b < blocks; b += lanes) part.join(from[(first + b) * of.net.layers + l]);
          return part;
        },
        [&](Index l, const bodies::Seen& sum) {
          of.of_layer(s.layer, value, l) =
              bodies::summary_of(Mean{}, sum, of.net.segments.start[l + 1] - of.net.segments.start[l]);
        });
  }

  /// Calls f(projection, where its sums begin) for all, or until one returns true.
  template <class F>
  ENGRAM_HD void each_projection(std::size_t replica, F f) const {
    real* begin = sums + replica * chunks;
    for (Index p = 0; p < of.count; ++p) {
      if (f(of.projections[p], begin)) return;
      begin += std::size_t{chunk_count(of.projections[p])} * of.projections[p].weights.n_post;
    }
  }
  /// A row is summed as a whole.
  ENGRAM_HD static Index chunk_count(const leabra::ProjectionView& p) {
    return p.sparse() ? 1 : ceil_div(p.weights.n_pre, dense_chunk);
  }

  /// The block's share of the chunks of all projections.
  ENGRAM_HD void send(const Block& block, std::size_t at) const {
    block.each([&](Index t) {
      for (std::size_t k = at % blocks * threads + t; k < chunks; k += std::size_t{blocks} * threads) {
        std::size_t item = k;
        each_projection(replica(at), [&](const leabra::ProjectionView& from, real* to) {
          const DenseView& w = from.weights;
          const std::size_t all = std::size_t{chunk_count(from)} * w.n_post;
          if (item >= all) {
            item -= all;
            return false;
          }
          to[item] = chunk(from, replica(at), static_cast<Index>(item / w.n_post), static_cast<Index>(item % w.n_post));
          return true;
        });
      }
    });
  }
  ENGRAM_HD real chunk(const leabra::ProjectionView& from, std::size_t replica, Index number, Index post) const {
    constexpr int at_once = 16;
    const DenseView& w = from.weights;
    const Index r = static_cast<Index>(replica) / from.copies;
    const real* const source = of.column(replica, leabra::unit_value::act) + from.pre_first;
    if (from.sparse()) return LeabraBlock::sum_row(from.rows, r, post, source);
    const Range range = chunk_range(number, w.n_pre);
    Lanes<1> sum{};
    Index j = range.first;
    for (; j + at_once <= range.last; j += at_once) drive_rows<at_once>(w, r, j, post, source, sum);
    for (; j < range.last; ++j) drive_rows<1>(w, r, j, post, source, sum);
    return sum.at[0];
  }
  /// What the last cycle sent unit i.
  ENGRAM_HD void receive(std::size_t replica, Index i, Shared& s) const {
    const Index l = of.net.layer_of[i], post = i - of.net.segments.start[l];
    real input = of.column(replica, leabra::unit_value::input)[i];
    each_projection(replica, [&](const leabra::ProjectionView& from, const real* sum) {
      if (from.post != l) return false;
      const real scale = of.rescale(s.layer, from, static_cast<Index>(replica), post);
      real total = 0;
      for (Index c = 0; c < chunk_count(from); ++c) total += sum[std::size_t{c} * from.weights.n_post + post];
      input += from.gain * (scale * total);
      return false;
    });
    of.column(replica, leabra::unit_value::input)[i] = input;
  }

  ENGRAM_HD void operator()(const Grid<Shared>& grid) const;
};

/// The steps of all blocks, see leabra::in_order: what follows without waiting is one phase.
struct LeabraGridSteps {
  using Shared = LeabraGrid::Shared;
  const LeabraGrid& in;
  const Grid<Shared>& grid;
  bool first = true;

  ENGRAM_HD void start() const {
    grid.each([&](const Block& block, std::size_t at, Shared& s) {
      const Index values = leabra::layer_value::count * in.of.net.layers;
      block.each([&](Index t) {
        for (Index v = t; v < values; v += LeabraGrid::threads) s.layer[v] = in.of.layers_of(in.replica(at))[v];
      });
      in.add_up(block, at, s, leabra::unit_value::act, in.activations);
    });
  }
  ENGRAM_HD void begin(Tick c) { first = c == 0; }
  ENGRAM_HD void end() const {}
  ENGRAM_HD void take_in() const {
    grid.each([&](const Block& block, std::size_t at, Shared& s) {
      if (first) in.take_means(block, at, s, in.activations, leabra::layer_value::mean_act);
      in.each_own(block, at, [&](Index i) {
        if (!first) in.receive(in.replica(at), i, s);
        in.of.take_in(in.replica(at), i);
      });
      in.add_up(block, at, s, leabra::unit_value::net, in.net_inputs);
    });
  }
  ENGRAM_HD void average_net() const {}
  ENGRAM_HD void rank() const {}  // such networks take general operations
  ENGRAM_HD void inhibit() const {}
  ENGRAM_HD void activate() const {
    grid.each([&](const Block& block, std::size_t at, Shared& s) {
      in.take_means(block, at, s, in.net_inputs, leabra::layer_value::mean_net);
      block.each([&](Index t) {
        for (Index l = t; l < in.of.net.layers; l += LeabraGrid::threads) in.of.inhibit(s.layer, l);
      });
      in.each_own(block, at, [&](Index i) { in.of.activate(s.layer, in.replica(at), i); });
      in.add_up(block, at, s, leabra::unit_value::act, in.activations);
    });
  }
  ENGRAM_HD void average_activation() const {}
  ENGRAM_HD void send() const {
    grid.each([&](const Block& block, std::size_t at, Shared& s) {
      in.take_means(block, at, s, in.activations, leabra::layer_value::mean_act);
      in.send(block, at);
    });
  }
  /// What the last cycle sent is received, and the values of the layers go back.
  ENGRAM_HD void finish() const {
    grid.last([&](const Block& block, std::size_t at, Shared& s) {
      in.each_own(block, at, [&](Index i) { in.receive(in.replica(at), i, s); });
      if (at % in.blocks != 0) return;
      const Index values = leabra::layer_value::count * in.of.net.layers;
      block.each([&](Index t) {
        for (Index v = t; v < values; v += LeabraGrid::threads) in.of.layers_of(in.replica(at))[v] = s.layer[v];
      });
    });
  }
};

ENGRAM_HD void LeabraGrid::operator()(const Grid<Shared>& grid) const {
  LeabraGridSteps steps{*this, grid};
  leabra::in_order(steps, of.cycles);
  steps.finish();
}

}  // namespace engram::kernels
