// Sweeps over dense matrices as kernels. Neighbouring threads are neighbouring postsynaptic units, so a warp reads
// whole lines. A chunk of 64 presynaptic units is one item of its own; the sums of the chunks are added in order
// afterwards, which costs 1/64 of the matrix in traffic and gives the bits of a walk by one thread.
#pragma once

#include "kernels/core/cooperate.hpp"
#include "kernels/core/launch.hpp"
#include "kernels/operations/bodies.hpp"

namespace engram::kernels {

using namespace bodies;

/// What a batch reads: a list, a column, or, without values, all units as 1.
struct Source {
  Active list;
  Batch<const real> column;

  ENGRAM_HD ListView at(Index batch) const { return list.index ? list_of(list, batch) : list_of(column, batch); }
};

inline Source source_of(const Units& units) {
  if (const auto* list = std::get_if<Active>(&units)) return {*list, {}};
  return {{}, std::get<Columns>(units).at[0]};
}

/// Room for a list: what a grid is sized by, since the count stays on the device.
inline Index capacity_of(const Active& list) {
  return list.stride && list.stride < list.units ? static_cast<Index>(list.stride) : list.units;
}

/// The units of a chunk.
struct Range {
  Index first, last;
};
ENGRAM_HD Range chunk_range(Index chunk, Index n_pre) {
  const Index first = chunk * dense_chunk;
  return {first, n_pre - first < dense_chunk ? n_pre : first + dense_chunk};
}

/// First slot of an ascending list whose unit is at least `unit`.
ENGRAM_HD Index lower_slot(const ListView& list, Index unit) {
  if (!list.index) return unit < list.count ? unit : list.count;
  Index begin = 0, end = list.count;
  while (begin < end) {
    const Index middle = begin + (end - begin) / 2;
    if (list.index[middle] < unit)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}

/// Sum of weight * source over one chunk of one unit. y = batch * chunks + chunk.
struct SumChunk {
  DenseView w;
  Source source;
  Index group, chunks;
  real* sums;  ///< [batch][chunk][post]

  ENGRAM_HD void operator()(Index i, std::size_t y) const {
    const auto batch = static_cast<Index>(y / chunks);
    const Range range = chunk_range(static_cast<Index>(y % chunks), w.n_pre);
    const ListView list = source.at(batch);
    real sum = 0;
    if (!list.index && list.value)
      dense_drive_chunk(w, batch / group, range.first, range.last, i, 1, list.value, &sum);
    else
      for (Index slot = lower_slot(list, range.first); slot < list.count && list.unit(slot) < range.last; ++slot)
        sum += w.row(batch / group, list.unit(slot))[i] * list.at(slot);
    sums[y * w.n_post + i] = sum;
  }
};

ENGRAM_HD real add_chunks(const real* sums, Index chunks, Index n_post, std::size_t batch, Index i) {
  real total = 0;
  for (Index c = 0; c < chunks; ++c) total += sums[(batch * chunks + c) * n_post + i];
  return total;
}

struct AddDrive {
  const real* sums;
  Index chunks, n_post, group;
  real gain;
  Batch<real> scale, drive;

  ENGRAM_HD void operator()(Index i, std::size_t batch) const {
    const real total = add_chunks(sums, chunks, n_post, batch, i);
    const auto b = static_cast<Index>(batch);
    drive.at(b)[i] += gain * (scale ? scale.at(b / group)[i] * total : total);
  }
};

/// The whole drive of one unit by one thread, where units are many.
struct DriveUnit {
  DenseView w;
  Source source;
  Index group;
  real gain;
  Batch<real> scale, drive;

  ENGRAM_HD void operator()(Index i, std::size_t batch) const {
    const auto b = static_cast<Index>(batch);
    dense_drive<1>(w, b / group, i, 1, source.at(b), gain, scale ? scale.at(b / group) + i : nullptr, drive.at(b) + i);
  }
};

/// The whole drives of one unit in eight states that share its weights, which are read once for all of them.
/// y = replica * blocks + block of eight states.
struct DriveStates {
  static constexpr int states = 8;
  DenseView w;
  Batch<const real> source;
  Index group, blocks;
  real gain;
  Batch<real> scale, drive;

  ENGRAM_HD void operator()(Index i, std::size_t y) const {
    const auto r = static_cast<Index>(y / blocks), first = static_cast<Index>(y % blocks) * states;
    const Index there = group - first < states ? group - first : states, batch = r * group + first;
    real total[states] = {}, sum[states];
    for (Index begin = 0; begin < w.n_pre; begin += dense_chunk) {
      const Range range = chunk_range(begin / dense_chunk, w.n_pre);
      const real* from[states];
      for (int b = 0; b < states; ++b) from[b] = source.at(batch + (b < static_cast<int>(there) ? b : 0)) + begin;
      dense_drive_states(w.row(r, begin) + i, w.pitch, range.last - begin, from, sum);
      for (int b = 0; b < states; ++b) total[b] += sum[b];
    }
    for (int b = 0; b < states; ++b)
      if (b < static_cast<int>(there))
        drive.at(batch + static_cast<Index>(b))[i] += gain * (scale ? scale.at(r)[i] * total[b] : total[b]);
  }
};

/// Plasticity of one chunk of one unit, then the sum of its new weights times `source`. y = replica * chunks + chunk.
template <class Rule>
struct LearnChunk {
  Rule rule;
  DenseView w;
  Columns pre, post;
  Batch<const real> shared, source;
  bool keep_diagonal;
  Index chunks;
  real* sums;  ///< null: only learn

  ENGRAM_HD void operator()(Index i, std::size_t y) const {
    const auto r = static_cast<Index>(y / chunks);
    const Range range = chunk_range(static_cast<Index>(y % chunks), w.n_pre);
    const ColumnPointers x = columns_of(pre, r), o = columns_of(post, r);
    const real* layer = shared ? shared.at(r) : nullptr;
    if (!sums)
      return dense_learn_chunk<1, false>(rule, w, r, range.first, range.last, i, 1, x, o, layer, keep_diagonal, nullptr,
                                         nullptr);
    real sum = 0;
    dense_learn_chunk<1, true>(rule, w, r, range.first, range.last, i, 1, x, o, layer, keep_diagonal, source.at(r),
                               &sum);
    sums[y * w.n_post + i] = sum;
  }
};

/// Plasticity of pairs of active units. x is the place in the postsynaptic list, y = replica * capacity + place in pre.
template <class Rule>
struct LearnPair {
  Rule rule;
  DenseView w;
  Active pre, post;
  Index pre_capacity;
  Batch<const real> shared;
  bool keep_diagonal;
  Scaling scaling;

  ENGRAM_HD void operator()(Index b, std::size_t y) const {
    const auto r = static_cast<Index>(y / pre_capacity), a = static_cast<Index>(y % pre_capacity);
    const ListView from = list_of(pre, r), to = list_of(post, r);
    if (a >= from.count || b >= to.count) return;
    const Index j = from.unit(a), i = to.unit(b);
    if (keep_diagonal && i == j) return;
    const real x = from.at(a), o = to.at(b);
    const real* layer = shared ? shared.at(r) : nullptr;
    real& weight = w.row(r, j)[i];
    if (scaling.scale)
      atomic_add(scaling.sum.at(r) + i, learn_scaled(rule, weight, x, o, layer, scaling.scale.at(r)[i]));
    else
      rule(&weight, &x, &o, layer);
  }
};

/// Incoming sum, or 1 where a row is empty.
struct AddTotal {
  const real* sums;
  Index chunks, n_post;
  real* totals;

  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const real total = add_chunks(sums, chunks, n_post, replica, i);
    totals[replica * n_post + i] = total != real(0) ? total : real(1);
  }
};

/// y = replica * n_pre + pre.
struct DivideByTotal {
  DenseView w;
  const real* totals;
  real target;

  ENGRAM_HD void operator()(Index i, std::size_t y) const {
    const auto r = static_cast<Index>(y / w.n_pre);
    real& weight = w.row(r, static_cast<Index>(y % w.n_pre))[i];
    weight = weight / totals[std::size_t{r} * w.n_post + i] * target;
  }
};

struct ClearSum {
  Batch<fixed> sum;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const { sum.at(static_cast<Index>(replica))[i] = 0; }
};

/// Integer sum of the weights of one chunk of one unit, added to the others in any order.
struct RecountChunk {
  DenseView w;
  Index chunks;
  Batch<fixed> sum;

  ENGRAM_HD void operator()(Index i, std::size_t y) const {
    const auto r = static_cast<Index>(y / chunks);
    const Range range = chunk_range(static_cast<Index>(y % chunks), w.n_pre);
    fixed part = 0;
    for (Index j = range.first; j < range.last; ++j) part += to_fixed(static_cast<double>(w.row(r, j)[i]));
    atomic_add(sum.at(r) + i, part);
  }
};

struct SetScale {
  Scaling scaling;
  real target;

  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    set_scale(scaling.sum.at(r) + i, 1, target, scaling.scale.at(r) + i);
  }
};

template <class Launcher>
void normalize_dense(Launcher& launch, const DenseView& w, const Scaling& scaling, real target, Index chunks) {
  const std::size_t all = std::size_t{w.replicas} * chunks;
  if (scaling.scale) {
    if (scaling.recount) {
      launch.items("sweep: recount", w.n_post, w.replicas, ClearSum{scaling.sum});
      launch.items("sweep: recount", w.n_post, all, RecountChunk{w, chunks, scaling.sum});
    }
    return launch.items("sweep: normalize", w.n_post, w.replicas, SetScale{scaling, target});
  }
  auto* sums = launch.template scratch<real>(Scratch::chunks, all * w.n_post);
  auto* totals = launch.template scratch<real>(Scratch::totals, std::size_t{w.replicas} * w.n_post);
  launch.items("sweep: normalize", w.n_post, all, SumChunk{w, {{}, {nullptr, w.n_pre}}, 1, chunks, sums});
  launch.items("sweep: normalize", w.n_post, w.replicas, AddTotal{sums, chunks, w.n_post, totals});
  launch.items("sweep: normalize", w.n_post, std::size_t{w.replicas} * w.n_pre, DivideByTotal{w, totals, target});
}

template <class Launcher>
void sweep_dense(Launcher& launch, const DenseView& w, const Sweep& sweep) {
  const Index chunks = w.n_pre / dense_chunk + (w.n_pre % dense_chunk != 0);
  const auto* source_columns = std::get_if<Columns>(&sweep.source);
  bool driven = std::holds_alternative<std::monostate>(sweep.source);

  const auto learn = [&](const auto& rule) {
    using Rule = std::decay_t<decltype(rule)>;
    if (const auto* post = std::get_if<Active>(&sweep.post)) {
      if constexpr (Rule::identity_when_silent && Rule::n_values == 1) {
        const auto& pre = std::get<Active>(sweep.pre);
        const Index capacity = capacity_of(pre);
        launch.items("sweep: learn", capacity_of(*post), std::size_t{w.replicas} * capacity,
                     LearnPair<Rule>{rule, w, pre, *post, capacity, sweep.shared, sweep.keep_diagonal, sweep.scaling});
      } else {
        refuse_lists(Rule::name);
      }
      return;
    }
    const bool fused = source_columns && !sweep.normalize_to && !sweep.scaling.scale;
    const std::size_t all = std::size_t{w.replicas} * chunks;
    auto* sums = fused ? launch.template scratch<real>(Scratch::chunks, all * w.n_post) : nullptr;
    launch.items(
        "sweep: learn", w.n_post, all,
        LearnChunk<Rule>{rule, w, std::get<Columns>(sweep.pre), std::get<Columns>(sweep.post), sweep.shared,
                         fused ? source_columns->at[0] : Batch<const real>{}, sweep.keep_diagonal, chunks, sums});
    if (!fused) return;
    launch.items("sweep: drive", w.n_post, w.replicas,
                 AddDrive{sums, chunks, w.n_post, 1, sweep.gain, {}, sweep.drive});
    driven = true;
  };
  if (sweep.learn) std::visit(learn, *sweep.learn);
  if (sweep.normalize_to) normalize_dense(launch, w, sweep.scaling, *sweep.normalize_to, chunks);
  if (driven) return;

  const Source source = source_of(sweep.source);
  const Index batches = sweep.drive.batches;
  if (sweep.group >= DriveStates::states && source.column) {
    const Index blocks = ceil_div<Index>(sweep.group, DriveStates::states);
    return launch.items(
        "sweep: drive", w.n_post, std::size_t{w.replicas} * blocks,
        DriveStates{w, source.column, sweep.group, blocks, sweep.gain, sweep.scaling.scale, sweep.drive});
  }
  if (std::size_t{batches} * w.n_post >= enough_threads)
    return launch.items("sweep: drive", w.n_post, batches,
                        DriveUnit{w, source, sweep.group, sweep.gain, sweep.scaling.scale, sweep.drive});
  const std::size_t all = std::size_t{batches} * chunks;
  auto* sums = launch.template scratch<real>(Scratch::chunks, all * w.n_post);
  launch.items("sweep: drive", w.n_post, all, SumChunk{w, source, sweep.group, chunks, sums});
  launch.items("sweep: drive", w.n_post, batches,
               AddDrive{sums, chunks, w.n_post, sweep.group, sweep.gain, sweep.scaling.scale, sweep.drive});
}

}  // namespace engram::kernels
