// Sweeps over incoming rows: threads over slices of 16 rows, each row with one thread, so no two touch one sum.
#include <vector>

#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/of_thread.hpp"
#include "engine/cpu/parallel.hpp"
#include "kernels/operations/dispatch.hpp"
#include "kernels/operations/incoming_rows.hpp"

namespace engram::cpu {

using namespace bodies;

namespace {

ENGRAM_CLONES void drive_slice(const IncomingView& w, Index replica, Index slice, const real* source, real gain,
                               const real* scale, real* drive) {
  incoming_drive<slice_lanes>(w, replica, slice, 0, {nullptr, source, w.n_pre}, gain, scale, drive);
}

ENGRAM_CLONES void normalize_slice(const IncomingView& w, Index replica, Index slice, real target) {
  incoming_normalize<slice_lanes>(w, replica, slice, 0, target);
}

template <class Rule>
ENGRAM_CLONES void learn_slice(const ColumnPlasticity<Rule>& p, const IncomingView& w, Index replica, Index slice) {
  incoming_learn_rows<slice_lanes>(p, w, replica, slice, 0);
}

class IncomingMachine {
 public:
  IncomingMachine(const IncomingView& w, const Sweep& sweep, int threads) : w_(w), sweep_(sweep), threads_(threads) {}

  template <class Rule>
  void learn_from_columns(const ColumnPlasticity<Rule>& p) const {
    if (p.group == 1 && !p.scaling.scale && !p.layers.segments.start)
      return for_slices(w_.replicas, 1, [&](Index r, Index s) { learn_slice(p, w_, r, s); });
    for_slices(w_.replicas, p.group, [&](Index r, Index s) {
      for (Index lane = 0; lane < slice_lanes; ++lane) incoming_learn(p, w_, r, s, lane);
    });
  }
  template <class Rule>
  void learn_from_lists(const ListPlasticity<Rule>& p) const {
    for (Index b = 0; b < w_.replicas * p.group; ++b) {  // in turn: batches of one replica share its rows
      const Index count = list_of(p.post.list, b).count;
      parallel_for(threads_, count, std::size_t{count} * row() * 8, [&](std::size_t begin, std::size_t end, int) {
        for (std::size_t slot = begin; slot < end; ++slot) {
          const fixed gained = incoming_learn(p, w_, b, static_cast<Index>(slot));
          if (p.scaling.scale)
            p.scaling.sum.at(b / p.group)[list_of(p.post.list, b).unit(static_cast<Index>(slot))] += gained;
        }
      });
    }
  }

  void recount(const Scaling& scaling) const {
    for_slices(w_.replicas, 1, [&](Index r, Index s) {
      for (Index lane = 0; lane < slice_lanes; ++lane)
        if (const Index i = unit_of(w_, r, s, lane); i < w_.n_post) scaling.sum.at(r)[i] = incoming_sum(w_, r, s, lane);
    });
  }
  void set_scale(const Scaling& scaling, real target) const {
    for (Index r = 0; r < w_.replicas; ++r)
      bodies::set_scale(scaling.sum.at(r), w_.n_post, target, scaling.scale.at(r));
  }
  void normalize(real target) const {
    for_slices(w_.replicas, 2, [&](Index r, Index s) { normalize_slice(w_, r, s, target); });
  }

  void average_strong(const MeanOfStrong& strong) const {
    for_slices(w_.replicas, 4, [&](Index r, Index s) {
      for (Index lane = 0; lane < slice_lanes; ++lane)
        if (const Index i = unit_of(w_, r, s, lane); i < w_.n_post)
          strong.mean.at(r)[i] = incoming_strong(w_, r, s, lane, strong.least);
    });
  }

  void drive() const {
    const auto* list = std::get_if<Active>(&sweep_.source);
    const Batch<const real> column = list ? listed(*list) : std::get<Columns>(sweep_.source).at[0];
    for_slices(sweep_.drive.batches, 1, [&](Index b, Index s) {
      const Index r = b / sweep_.group;
      drive_slice(w_, r, s, column.at(b), sweep_.gain, sweep_.scaling.scale ? sweep_.scaling.scale.at(r) : nullptr,
                  sweep_.drive.at(b));
    });
  }

 private:
  /// Synapses of a row, on average; blocks are few where rows are short.
  std::size_t row() const {
    return w_.n_post ? std::size_t{w_.blocks} * block_size / (std::size_t{w_.n_post} * w_.replicas) + 1 : 0;
  }

  /// Calls f(batch, slice) for all slices of all batches.
  template <class F>
  void for_slices(Index batches, std::size_t work_per_synapse, F&& f) const {
    const std::size_t slices = w_.slices(), items = slices * batches;
    parallel_for(threads_, items, items * slice_lanes * row() * work_per_synapse / 4,
                 [&](std::size_t begin, std::size_t end, int) {
                   for (std::size_t i = begin; i < end; ++i)
                     f(static_cast<Index>(i / slices), static_cast<Index>(i % slices));
                 });
  }

  /// What lists send, as columns: a row looks up each of its synapses.
  Batch<const real> listed(const Active& list) const {
    const Index batches = list.stride ? sweep_.drive.batches : 1;
    auto& column = of_thread<std::vector<real>, struct ListedColumn>();
    column.assign(std::size_t{batches} * w_.n_pre, real(0));
    for (Index b = 0; b < batches; ++b) {
      const ListView own = list_of(list, b);
      for (Index s = 0; s < own.count; ++s) column[std::size_t{b} * w_.n_pre + own.unit(s)] = own.at(s);
    }
    return {column.data(), w_.n_pre, batches, list.stride ? w_.n_pre : 0};
  }

  const IncomingView& w_;
  const Sweep& sweep_;
  int threads_;
};

}  // namespace

void sweep_incoming(const IncomingView& w, const Sweep& sweep, int threads) {
  run_sweep(IncomingMachine(w, sweep, threads), w, sweep);
}

}  // namespace engram::cpu
