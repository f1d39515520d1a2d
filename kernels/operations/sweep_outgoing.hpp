// Sweeps over outgoing rows as kernels: neighbouring threads walk neighbouring synapses of one row. All sums are made
// of integers, so atomics in any order give the bits of the CPU.
#pragma once

#include "kernels/operations/sweep_parts.hpp"

namespace engram::kernels {

/// Threads that share a row: as many as it takes to fill the device, at least a warp.
inline Index lanes_for(std::size_t rows) {
  const std::size_t wanted = enough_threads / 2 / (rows ? rows : 1);
  return wanted < 32 ? 32 : (wanted > 512 ? 512 : static_cast<Index>(wanted / 32 * 32));
}

/// Calls f(slot) for the slots of a row that belong to a lane.
template <class F>
ENGRAM_HD void for_slots(const OutgoingView& w, std::size_t row, Index lane, Index lanes, F f) {
  const std::uint64_t end = w.row_start[row + 1];
  for (std::uint64_t slot = w.row_start[row] + lane; slot < end; slot += lanes) f(slot);
}

/// Plasticity of the synapses of active units onto listed ones. x is a lane, y = batch * capacity + place in the list.
template <class Rule>
struct LearnOutgoing {
  ListPlasticity<Rule> p;
  OutgoingView w;
  Index capacity, lanes;

  ENGRAM_HD void operator()(Index lane, std::size_t y) const {
    const auto b = static_cast<Index>(y / capacity), a = static_cast<Index>(y % capacity), r = b / p.group;
    const ListView list = list_of(p.pre.list, b);
    if (a >= list.count) return;
    const Index j = list.unit(a);
    const ListView winners = list_of(p.post.list, b);
    for_slots(w, w.row(r, j), lane, lanes, [&](std::uint64_t slot) {
      const Index i = w.target[slot];
      const Found found = find(winners, i);
      if (!found.here || p.kept(j, i) || !p.first(r, b, j, i)) return;
      real* const weight = w.weight + slot;
      const fixed gained = p.group == 1 ? p.learn_pair(r, i, list.at(a), winners.at(found.slot), weight)
                                        : p.learn_in_place(r, j, i, weight);
      if (p.scaling.scale) atomic_add(p.scaling.sum.at(r) + i, gained);
    });
  }
};

/// Plasticity of all synapses from columns. y = replica * n_pre + pre.
template <class Rule>
struct LearnOutgoingColumns {
  ColumnPlasticity<Rule> p;
  OutgoingView w;
  Index lanes;

  ENGRAM_HD void operator()(Index lane, std::size_t y) const {
    const auto r = static_cast<Index>(y / w.n_pre), j = static_cast<Index>(y % w.n_pre);
    for_slots(w, y, lane, lanes, [&](std::uint64_t slot) {
      const Index i = w.target[slot];
      if (p.kept(j, i)) return;
      const fixed gained = p.learn_in_place(r, j, i, w.weight + slot);
      if (p.scaling.scale) atomic_add(p.scaling.sum.at(r) + i, gained);
    });
  }
};

/// Adds every weight to the sum of its target. y = replica * n_pre + pre.
struct SumOutgoing {
  OutgoingView w;
  Index lanes;
  Batch<fixed> sum;

  ENGRAM_HD void operator()(Index lane, std::size_t y) const {
    fixed* own = sum.at(static_cast<Index>(y / w.n_pre));
    for_slots(w, y, lane, lanes, [&](std::uint64_t slot) {
      atomic_add(own + w.target[slot], to_fixed(static_cast<double>(w.weight[slot])));
    });
  }
};

struct DivideOutgoing {
  OutgoingView w;
  Index lanes;
  Batch<fixed> sum;
  real target;

  ENGRAM_HD void operator()(Index lane, std::size_t y) const {
    const fixed* own = sum.at(static_cast<Index>(y / w.n_pre));
    for_slots(w, y, lane, lanes, [&](std::uint64_t slot) {
      const fixed total = own[w.target[slot]];
      if (total != 0) w.weight[slot] = w.weight[slot] / from_fixed(total) * target;
    });
  }
};

/// Adds weight * source to the sums of the targets. y = batch * capacity + place in the source.
struct Scatter {
  OutgoingView w;
  Source source;
  Index capacity, group, lanes;
  fixed* sums;  ///< [batch][post]

  ENGRAM_HD void operator()(Index lane, std::size_t y) const {
    const std::size_t batch = y / capacity;
    const auto a = static_cast<Index>(y % capacity);
    const ListView list = source.at(static_cast<Index>(batch));
    if (a >= list.count) return;
    const real x = list.at(a);
    if (x == real(0)) return;
    fixed* own = sums + batch * w.n_post;
    for_slots(w, w.row(static_cast<Index>(batch) / group, list.unit(a)), lane, lanes,
              [&](std::uint64_t slot) { atomic_add(own + w.target[slot], drive_term(w.weight[slot], x)); });
  }
};

/// Turns the sums into drive and leaves them zero.
struct FinishDrive {
  fixed* sums;
  Index n_post, group;
  real gain;
  Batch<real> scale, drive;

  ENGRAM_HD void operator()(Index i, std::size_t batch) const {
    const auto b = static_cast<Index>(batch);
    fixed& sum = sums[batch * n_post + i];
    drive.at(b)[i] += scattered_drive(sum, gain, scale ? scale.at(b / group) : nullptr, i);
    sum = 0;
  }
};

/// A list learns in as many rows as it has room for, of each batch.
inline std::size_t learning_rows(const OutgoingView& w, const Active& pre, Index group) {
  return std::size_t{w.replicas} * group * capacity_of(pre);
}
inline Index scatter_capacity(const Source& source) {
  return source.list.index ? capacity_of(source.list) : source.column.units;
}
inline std::size_t scatter_rows(const Sweep& sweep) {
  return std::size_t{sweep.drive.batches} * scatter_capacity(source_of(sweep.source));
}
inline Scatter scatter_of(const OutgoingView& w, const Sweep& sweep, Index lanes, fixed* sums) {
  const Source source = source_of(sweep.source);
  return {w, source, scatter_capacity(source), sweep.group, lanes, sums};
}

template <class Launcher>
class OutgoingMachine {
 public:
  OutgoingMachine(Launcher& launch, const OutgoingView& w, const Sweep& sweep)
      : launch_(launch), w_(w), sweep_(sweep), rows_(std::size_t{w.replicas} * w.n_pre), lanes_(lanes_for(rows_)) {}

  template <class Rule>
  void learn_from_columns(const ColumnPlasticity<Rule>& p) {
    launch_.items("sweep: learn", lanes_, rows_, LearnOutgoingColumns<Rule>{p, w_, lanes_});
  }
  template <class Rule>
  void learn_from_lists(const ListPlasticity<Rule>& p) {
    const std::size_t rows = learning_rows(w_, p.pre.list, p.group);
    const Index lanes = lanes_for(rows);
    launch_.items("sweep: learn", lanes, rows, LearnOutgoing<Rule>{p, w_, capacity_of(p.pre.list), lanes});
  }

  void recount(const Scaling& scaling) {
    launch_.items("sweep: recount", w_.n_post, w_.replicas, ClearSum{scaling.sum});
    launch_.items("sweep: recount", lanes_, rows_, SumOutgoing{w_, lanes_, scaling.sum});
  }
  void set_scale(const Scaling& scaling, real target) {
    launch_.items("sweep: normalize", w_.n_post, w_.replicas, SetScale{scaling, target});
  }
  void normalize(real target) {
    auto* sums = launch_.template scratch<fixed>(Scratch::sums, std::size_t{w_.replicas} * w_.n_post);
    const Batch<fixed> sum{sums, w_.n_post, w_.replicas, w_.n_post};
    launch_.items("sweep: normalize", lanes_, rows_, SumOutgoing{w_, lanes_, sum});
    launch_.items("sweep: normalize", lanes_, rows_, DivideOutgoing{w_, lanes_, sum, target});
    launch_.items("sweep: normalize", w_.n_post, w_.replicas, ClearSum{sum});
  }

  void drive() {
    const Index batches = sweep_.drive.batches;
    const std::size_t rows = scatter_rows(sweep_);
    const Index lanes = lanes_for(rows);
    auto* sums = launch_.template scratch<fixed>(Scratch::sums, std::size_t{batches} * w_.n_post);
    launch_.items("sweep: drive", lanes, rows, scatter_of(w_, sweep_, lanes, sums));
    launch_.items("sweep: drive", w_.n_post, batches,
                  FinishDrive{sums, w_.n_post, sweep_.group, sweep_.gain, sweep_.scaling.scale, sweep_.drive});
  }

 private:
  Launcher& launch_;
  const OutgoingView& w_;
  const Sweep& sweep_;
  std::size_t rows_;
  Index lanes_;
};

template <class Launcher>
void sweep_outgoing(Launcher& launch, const OutgoingView& w, const Sweep& sweep) {
  run_sweep(OutgoingMachine<Launcher>(launch, w, sweep), w, sweep);
}

}  // namespace engram::kernels
