// Sweeps over outgoing rows as kernels: neighbouring threads walk neighbouring synapses of one row. All sums are made
// of integers, so atomics in any order give the bits of the CPU.
#pragma once

#include "kernels/operations/sweep_dense.hpp"

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

/// Plasticity of the synapses of active units onto listed ones. x is a lane, y = replica * capacity + place in the
/// list.
template <class Rule>
struct LearnOutgoing {
  Rule rule;
  OutgoingView w;
  Active pre, post;
  Index capacity, lanes;
  Batch<const real> shared;
  bool keep_diagonal;
  Scaling scaling;

  ENGRAM_HD void operator()(Index lane, std::size_t y) const {
    const auto r = static_cast<Index>(y / capacity), a = static_cast<Index>(y % capacity);
    const ListView list = list_of(pre, r);
    if (a >= list.count) return;
    const Index j = list.unit(a);
    const real x = list.at(a), o = 1;
    const real* layer = shared ? shared.at(r) : nullptr;
    const ListView winners = list_of(post, r);
    for_slots(w, w.row(r, j), lane, lanes, [&](std::uint64_t slot) {
      const Index i = w.target[slot];
      const Index place = lower_slot(winners, i);
      if (place == winners.count || winners.unit(place) != i || (keep_diagonal && i == j)) return;
      if (scaling.scale)
        atomic_add(scaling.sum.at(r) + i, learn_scaled(rule, w.weight[slot], x, o, layer, scaling.scale.at(r)[i]));
      else
        rule(w.weight + slot, &x, &o, layer);
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

template <class Launcher>
void normalize_outgoing(Launcher& launch, const OutgoingView& w, const Scaling& scaling, real target) {
  const std::size_t rows = std::size_t{w.replicas} * w.n_pre;
  const Index lanes = lanes_for(rows);
  if (scaling.scale) {
    if (scaling.recount) {
      launch.items("sweep: recount", w.n_post, w.replicas, ClearSum{scaling.sum});
      launch.items("sweep: recount", lanes, rows, SumOutgoing{w, lanes, scaling.sum});
    }
    return launch.items("sweep: normalize", w.n_post, w.replicas, SetScale{scaling, target});
  }
  auto* sums = launch.template scratch<fixed>(Scratch::sums, std::size_t{w.replicas} * w.n_post);
  const Batch<fixed> sum{sums, w.n_post, w.replicas, w.n_post};
  launch.items("sweep: normalize", lanes, rows, SumOutgoing{w, lanes, sum});
  launch.items("sweep: normalize", lanes, rows, DivideOutgoing{w, lanes, sum, target});
  launch.items("sweep: normalize", w.n_post, w.replicas, ClearSum{sum});
}

/// Rules that lists of active units serve.
template <class Rule>
inline constexpr bool learns_outgoing = !Rule::creates_synapses && Rule::identity_when_silent && Rule::n_values == 1;

inline void check_outgoing_learning(const Sweep& sweep) {
  const auto* post = std::get_if<Active>(&sweep.post);
  if (!std::get_if<Active>(&sweep.pre) || !post || post->value) refuse_columns();
  std::visit(
      [](const auto& rule) {
        using Rule = std::decay_t<decltype(rule)>;
        if constexpr (!learns_outgoing<Rule>) refuse_outgoing(Rule::name);
      },
      *sweep.learn);
}

inline std::size_t learning_rows(const OutgoingView& w, const Sweep& sweep) {
  return std::size_t{w.replicas} * capacity_of(std::get<Active>(sweep.pre));
}
template <class Rule>
LearnOutgoing<Rule> learning_of(const Rule& rule, const OutgoingView& w, const Sweep& sweep, Index lanes) {
  const auto& pre = std::get<Active>(sweep.pre);
  return {
      rule,         w, pre, std::get<Active>(sweep.post), capacity_of(pre), lanes, sweep.shared, sweep.keep_diagonal,
      sweep.scaling};
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
void sweep_outgoing(Launcher& launch, const OutgoingView& w, const Sweep& sweep) {
  if (sweep.learn) {
    check_outgoing_learning(sweep);
    const std::size_t rows = learning_rows(w, sweep);
    const Index lanes = lanes_for(rows);
    std::visit(
        [&](const auto& rule) {
          if constexpr (learns_outgoing<std::decay_t<decltype(rule)>>)
            launch.items("sweep: learn", lanes, rows, learning_of(rule, w, sweep, lanes));
        },
        *sweep.learn);
  }
  if (sweep.normalize_to) normalize_outgoing(launch, w, sweep.scaling, *sweep.normalize_to);
  if (!sweep.drive) return;

  const Index batches = sweep.drive.batches;
  const std::size_t rows = scatter_rows(sweep);
  const Index lanes = lanes_for(rows);
  auto* sums = launch.template scratch<fixed>(Scratch::sums, std::size_t{batches} * w.n_post);
  launch.items("sweep: drive", lanes, rows, scatter_of(w, sweep, lanes, sums));
  launch.items("sweep: drive", w.n_post, batches,
               FinishDrive{sums, w.n_post, sweep.group, sweep.gain, sweep.scaling.scale, sweep.drive});
}

}  // namespace engram::kernels
