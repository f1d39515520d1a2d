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

/// The units of a list as bits, [replica][words]. y is the replica.
struct MarkUnits {
  Active list;
  std::size_t words;
  std::uint32_t* marks;

  ENGRAM_HD void operator()(Index slot, std::size_t replica) const {
    const ListView view = list_of(list, static_cast<Index>(replica));
    if (slot >= view.count) return;
    const Index i = view.unit(slot);
    atomic_or(marks + replica * words + (i >> 5), 1u << (i & 31));
  }
};

/// Plasticity of the synapses of active units onto marked ones. x is a lane, y = replica * capacity + place in the
/// list.
template <class Rule>
struct LearnOutgoing {
  Rule rule;
  OutgoingView w;
  Active pre;
  Index capacity, lanes;
  const std::uint32_t* marks;
  std::size_t words;
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
    for_slots(w, w.row(r, j), lane, lanes, [&](std::uint64_t slot) {
      const Index i = w.target[slot];
      if (!test_bit(marks + r * words, i) || (keep_diagonal && i == j)) return;
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

template <class Launcher>
void sweep_outgoing(Launcher& launch, const OutgoingView& w, const Sweep& sweep) {
  const auto learn = [&](const auto& rule) {
    using Rule = std::decay_t<decltype(rule)>;
    const auto* pre = std::get_if<Active>(&sweep.pre);
    const auto* post = std::get_if<Active>(&sweep.post);
    if (!pre || !post || post->value) refuse_columns();
    if constexpr (Rule::creates_synapses || !Rule::identity_when_silent || Rule::n_values != 1) {
      refuse_outgoing(Rule::name);
    } else {
      const std::size_t words = ceil_div<std::size_t>(w.n_post, 32);
      auto* marks = launch.template scratch<std::uint32_t>(Scratch::marks, w.replicas * words);
      launch.zero(marks, w.replicas * words * sizeof(std::uint32_t));
      launch.items("sweep: learn", capacity_of(*post), w.replicas, MarkUnits{*post, words, marks});
      const Index capacity = capacity_of(*pre);
      const std::size_t rows = std::size_t{w.replicas} * capacity;
      const Index lanes = lanes_for(rows);
      launch.items("sweep: learn", lanes, rows,
                   LearnOutgoing<Rule>{rule, w, *pre, capacity, lanes, marks, words, sweep.shared, sweep.keep_diagonal,
                                       sweep.scaling});
    }
  };
  if (sweep.learn) std::visit(learn, *sweep.learn);
  if (sweep.normalize_to) normalize_outgoing(launch, w, sweep.scaling, *sweep.normalize_to);
  if (!sweep.drive) return;

  const Index batches = sweep.drive.batches;
  const Source source = source_of(sweep.source);
  const Index capacity = source.list.index ? capacity_of(source.list) : source.column.units;
  const std::size_t rows = std::size_t{batches} * capacity;
  const Index lanes = lanes_for(rows);
  auto* sums = launch.template scratch<fixed>(Scratch::sums, std::size_t{batches} * w.n_post);
  launch.items("sweep: drive", lanes, rows, Scatter{w, source, capacity, sweep.group, lanes, sums});
  launch.items("sweep: drive", w.n_post, batches,
               FinishDrive{sums, w.n_post, sweep.group, sweep.gain, sweep.scaling.scale, sweep.drive});
}

}  // namespace engram::kernels
