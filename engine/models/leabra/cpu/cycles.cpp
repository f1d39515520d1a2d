// Cycles of Leabra networks on the CPU: a thread takes a replica through all cycles of a call, or threads share the
// units and weights of a single large one. What a call cannot change is worked out once: the input from clamped layers,
// and what clamped layers themselves show.
#include <algorithm>
#include <vector>

#include "engine/cpu/of_thread.hpp"
#include "engine/cpu/parallel.hpp"
#include "engine/models/cpu_extensions.hpp"
#include "engine/models/leabra/cpu/walks.hpp"

namespace engram::leabra {

using namespace bodies;

namespace {

/// Units of one layer, and of one of its pools, that a thread takes at a time.
struct UnitPiece {
  Index layer, pool, first, last;
};
/// Receivers of one layer, likewise.
struct ReceiverTile {
  Index layer, first;  ///< within the layer
  int lanes;
};

constexpr Index piece_units = 512, shared_piece_units = 128;

/// One replica through the cycles of a call: its steps, see in_order.
class ReplicaRun {
 public:
  ReplicaRun(const View& net, const std::vector<ProjectionView>& projections, Index replica, int threads,
             engram::cpu::CpuBackend& ranks)
      : net_(net),
        projections_(projections),
        replica_(replica),
        threads_(threads),
        ranks_(ranks),
        rows_{net.unit + replica * net.room * unit_value::count, net.room},
        layer_(net.layer + std::size_t{replica} * net.groups() * layer_value::count),
        ready_(projections.size()),
        steady_(projections.size()) {
    for (Index l = 0; l < net.layers; ++l) {
      const Index first = first_of(l), last = first_of(l + 1);
      if (net.pools == 0) add_pieces(l, 0, first, last);
      widest_ = std::max(widest_, last - first);
    }
    share_receivers();
    for (Index p = 0; p < net.pools; ++p)
      add_pieces(net.layer_of_pool[p], p, net.pool_segments.start[p], net.pool_segments.start[p + 1]);
    if (threads > 1)  // a thread has a part of each layer, for layers differ in what they cost
      std::stable_sort(pieces_.begin(), pieces_.end(),
                       [&](const auto& a, const auto& b) { return within(a) < within(b); });
    seen_.resize(pieces_.size());
    of_groups_.resize(net.groups());
    for (std::size_t p = 0; p < projections.size(); ++p)
      if (clamped(projections[p].pre)) steady_[p].resize(projections[p].weights.n_post);
  }

  void run(Tick cycles) {
    cycles_ = cycles;
    in_order(*this, cycles);
  }

  void start() {
    each_piece(4, [&](const UnitPiece& p, Seen& seen) { walk_sum(rows_.at(unit_value::act), p.first, p.last, seen); });
    put_means(layer_value::mean_act, [](Index) { return true; });
  }
  void begin(Tick c) {
    first_ = c == 0;
    last_ = c + 1 == cycles_;
  }
  void end() {}

  void take_in() {
    each_piece(4, [&](const UnitPiece& p, Seen& seen) {
      if (moves(p.layer))
        walk_net(rows_, p.first, p.last, constants(p.layer), seen);
      else
        std::fill(rows_.at(unit_value::input) + p.first, rows_.at(unit_value::input) + p.last, real(0));
    });
  }
  void average_net() {
    put_means(layer_value::mean_net, [&](Index l) { return moves(l); });
  }
  /// The largest g of each layer, as the general operations find them.
  void rank() {
    if (!net_.ranked && !net_.pools_ranked) return;
    View one = net_;
    one.batches = 1;
    one.unit = rows_.first;
    one.layer = layer_;
    rank(one, one.segments, 0, [&](int value) { return one.of_layer(value); });
    if (net_.pools > 0) rank(one, one.pool_segments, net_.layers, [&](int value) { return one.of_pool(value); });
  }
  void inhibit() {
    for (Index g = 0; g < net_.groups(); ++g) inhibit(g);
    for (Index p = 0; p < net_.pools; ++p) {
      Seen larger;
      for (const Index group : {net_.pair_of[2 * p], net_.pair_of[2 * p + 1]})
        look(Max{}, &of_layer(layer_value::gc_i, group), 0, 0, larger);
      of_layer(layer_value::gc_i, net_.layers + p) = summary_of(Max{}, larger, 2);
    }
  }
  void activate() {
    namespace u = unit_value;
    each_piece(64, [&](const UnitPiece& p, Seen& seen) {
      const real gc_i = of_layer(layer_value::gc_i, net_.group_of[p.first]);
      if (clamped(p.layer))
        walk_averages(rows_, p.first, p.last, constants(p.layer));
      else
        walk_units(rows_, p.first, p.last, constants(p.layer), gc_i, net_.table, seen);
      if (last_) std::fill(rows_.at(u::of_layer) + p.first, rows_.at(u::of_layer) + p.last, gc_i);
    });
  }
  void average_activation() {
    put_means(layer_value::mean_act, [&](Index l) { return !clamped(l); });
  }
  void send() {
    std::size_t work = 0;
    for (const ProjectionView& p : projections_) work += p.work() / 8;
    engram::cpu::parallel_for(threads_, tiles_.size(), work, [&](std::size_t begin, std::size_t end, int) {
      for (std::size_t k = begin; k < end; ++k)
        for (const ReceiverTile& tile : tiles_[k]) receive(tile);
    });
    for (std::size_t p = 0; p < projections_.size(); ++p)
      if (!steady_[p].empty() && (last_ || !clamped(projections_[p].post))) ready_[p] = true;
  }

 private:
  /// Whether the net input of a layer can change in this cycle.
  bool moves(Index l) const { return first_ || !clamped(l); }
  Index first_of(Index l) const { return net_.segments.start[l]; }
  Index length(Index l) const { return first_of(l + 1) - first_of(l); }
  const real* constants(Index l) const { return net_.constants + std::size_t{l} * leabra_layer::count; }
  void add_pieces(Index layer, Index pool, Index first, Index last) {
    const Index units = threads_ > 1 ? shared_piece_units : piece_units;
    for (Index at = first; at < last; at += units) pieces_.push_back({layer, pool, at, std::min(at + units, last)});
  }
  Index within(const UnitPiece& p) const { return p.first - first_of(p.layer); }
  bool clamped(Index l) const { return constants(l)[leabra_layer::clamped] != real(0); }
  real& of_layer(int value, Index l) const { return layer_[static_cast<std::size_t>(value) * net_.groups() + l]; }

  /// Gives each thread receivers that stand together, whole layers where it can be: rows are read the faster the longer
  /// they are. A thread has its share of the weights that are read in every cycle.
  void share_receivers() {
    std::vector<double> cost(net_.layers, 1);  // of a receiver
    for (const ProjectionView& p : projections_)
      if (!clamped(p.post) && !clamped(p.pre)) cost[p.post] += p.weights.n_pre;
    double all = 0, given = 0;
    for (Index l = 0; l < net_.layers; ++l) all += cost[l] * length(l);
    tiles_.resize(static_cast<std::size_t>(threads_));
    std::size_t thread = 0;
    for (Index l = 0; l < net_.layers; ++l)
      for (Index at = 0; at < length(l);) {
        const double room = all * static_cast<double>(thread + 1) / threads_ - given;
        Index some = static_cast<Index>(std::max(room, 0.0) / cost[l] / slice_lanes + 0.5) * slice_lanes;
        if (thread + 1 == tiles_.size()) some = length(l) - at;
        some = std::min(some, length(l) - at);
        if (some > 0) tiles_[thread].push_back({l, at, static_cast<int>(some)});
        at += some;
        given += some * cost[l];
        if (at < length(l)) ++thread;
      }
  }

  template <class F>
  void each_piece(std::size_t work_a_unit, F&& f) {
    engram::cpu::parallel_for(threads_, pieces_.size(), net_.units * work_a_unit,
                              [&](std::size_t begin, std::size_t end, int) {
                                for (std::size_t k = begin; k < end; ++k) f(pieces_[k], seen_[k]);
                              });
  }
  /// Means of the layers that `wanted` names, and of their pools, from what was seen of their pieces.
  template <class Wanted>
  void put_means(int value, Wanted&& wanted) {
    std::fill(of_groups_.begin(), of_groups_.end(), Seen{});
    for (std::size_t k = 0; k < pieces_.size(); ++k) {
      of_groups_[pieces_[k].layer].join(seen_[k]);
      if (net_.pools > 0) of_groups_[net_.layers + pieces_[k].pool].join(seen_[k]);
    }
    for (Index l = 0; l < net_.layers; ++l)
      if (wanted(l)) of_layer(value, l) = summary_of(Mean{}, of_groups_[l], length(l));
    for (Index p = 0; p < net_.pools; ++p)
      if (wanted(net_.layer_of_pool[p]))
        of_layer(value, net_.layers + p) = summary_of(Mean{}, of_groups_[net_.layers + p],
                                                      net_.pool_segments.start[p + 1] - net_.pool_segments.start[p]);
  }

  template <class Of>
  void rank(const View& one, const Segments& segments, Index first, const Of& of) {
    namespace v = layer_value;
    const Batch<real> g = one.of_unit(unit_value::g);
    ranks_.summarize(g, segments, KthLargest{one.winners + first}, of(v::g_k));
    ranks_.summarize(g, segments, KthLargest{one.winners_next + first}, of(v::g_next));
    ranks_.summarize(g, segments, MeanOfLargest{one.winners + first}, of(v::g_top));
    ranks_.summarize(g, segments, Sum{}, of(v::g_sum));
  }

  /// Of a layer or pool.
  void inhibit(Index l) {
    namespace v = layer_value;
    constexpr int values[] = {v::gc_i, v::fbi, v::mean_net, v::mean_act, v::g_k, v::g_next, v::g_top, v::g_sum};
    real c[LeabraInhibition::n_columns];
    for (int k = 0; k < LeabraInhibition::n_columns; ++k) c[k] = of_layer(values[k], l);
    LeabraInhibition{}(c, constants(l));
    for (int k = 0; k < LeabraInhibition::n_written; ++k) of_layer(values[k], l) = c[k];
  }

  /// What a layer that is clamped receives is dropped by the next cycle, so only the last one's is worked out.
  void receive(const ReceiverTile& tile) {
    auto& room = cpu::of_thread<std::vector<real>, struct ReceivedRoom>();
    if (clamped(tile.layer) && !last_) return;
    room.resize(widest_ + 2 * (64 / sizeof(real)));
    real* const total =
        reinterpret_cast<real*>((reinterpret_cast<std::uintptr_t>(room.data()) + 63) & ~std::uintptr_t{63});
    real* const input = rows_.at(unit_value::input) + first_of(tile.layer) + tile.first;
    for (std::size_t i = 0; i < projections_.size(); ++i) {
      const ProjectionView& p = projections_[i];
      if (p.post != tile.layer) continue;
      real* scale = p.scale.at(replica_) + tile.first;
      if (ready_[i]) {
        add(steady_[i].data() + tile.first, tile.lanes, input);
        continue;
      }
      put_scale(p, tile);
      const real* const source = rows_.at(unit_value::act) + p.pre_first;
      if (p.sparse())
        walk_rows(p.rows, replica_ / p.copies, tile.first, tile.lanes, source, total);
      else
        walk_weights(p.weights, replica_ / p.copies, tile.first, tile.lanes, source, total);
      for (int l = 0; l < tile.lanes; ++l) total[l] = p.gain * (scale[l] * total[l]);
      if (!steady_[i].empty()) std::copy_n(total, tile.lanes, steady_[i].data() + tile.first);
      add(total, tile.lanes, input);
    }
  }
  void put_scale(const ProjectionView& p, const ReceiverTile& tile) const {
    walk_scale(p.scaling(), tile.first, tile.first + static_cast<Index>(tile.lanes), p.connections.at(replica_),
               of_layer(p.activity, p.pre), p.scale.at(replica_));
  }
  static void add(const real* more, int lanes, real* to) {
    for (int l = 0; l < lanes; ++l) to[l] += more[l];
  }

  const View& net_;
  const std::vector<ProjectionView>& projections_;
  Index replica_;
  int threads_;
  engram::cpu::CpuBackend& ranks_;
  UnitRows rows_;
  real* layer_;
  std::vector<UnitPiece> pieces_;
  std::vector<Seen> seen_, of_groups_;
  std::vector<std::vector<ReceiverTile>> tiles_;  ///< of each thread
  std::vector<char> ready_;                       ///< the input of a projection is known until the end of the call
  std::vector<std::vector<real>> steady_;         ///< that of projections from clamped layers
  Index widest_ = 0;
  Tick cycles_ = 0;
  bool first_ = false, last_ = false;  ///< cycle of the call
};

class CpuCycles final : public Cycles {
 public:
  explicit CpuCycles(const engram::cpu::CpuBackend& backend) : threads_(backend.info().threads), ranks_(1) {}

  bool takes(const View&, std::size_t) const override { return true; }
  void run(const View& net, const std::vector<ProjectionView>& projections, const Run& run) override {
    std::size_t work = std::size_t{net.units} * 64;
    for (const ProjectionView& p : projections) work += p.work() / 8;
    const auto one = [&](Index replica, int threads) {
      ReplicaRun(net, projections, replica, threads, ranks_).run(run.cycles);
    };
    if (net.batches < static_cast<Index>(threads_)) {
      for (Index r = 0; r < net.batches; ++r) one(r, threads_);
      return;
    }
    engram::cpu::parallel_for_each(threads_, net.batches, net.batches * work * run.cycles,
                                   [&](std::size_t r, int) { one(static_cast<Index>(r), 1); });
  }

 private:
  int threads_;
  engram::cpu::CpuBackend ranks_;
};

}  // namespace

}  // namespace engram::leabra

namespace engram::cpu {

std::unique_ptr<Extension> leabra_cycles(const CpuBackend& backend) {
  return std::make_unique<leabra::CpuCycles>(backend);
}

}  // namespace engram::cpu
