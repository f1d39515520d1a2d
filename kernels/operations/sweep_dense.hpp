// Sweeps over dense matrices: normalisation as kernels, and which kernels a sweep takes.
#pragma once

#include "kernels/operations/dense_drive.hpp"
#include "kernels/operations/dense_learn.hpp"

namespace engram::kernels {

/// Incoming sum, or 1 where a row is empty. A block takes sum_units units of one replica.
struct AddTotal {
  static constexpr Index threads = sum_threads;
  using Shared = OrderedSum;
  const real* sums;
  Index chunks, n_post;
  real* totals;

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& s) const {
    const Part part = part_of(at, n_post);
    add_chunks(block, s, sums + std::size_t{part.batch} * chunks * n_post, chunks, n_post, part.first);
    block.each([&](Index t) {
      if (t >= sum_units || part.first + t >= n_post) return;
      totals[std::size_t{part.batch} * n_post + part.first + t] = s.total[t] != real(0) ? s.total[t] : real(1);
    });
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
void sum_chunks(Launcher& launch, const char* operation, const DenseView& w, const Source& source, Index group,
                std::size_t batches, Index chunks, real* sums) {
  const std::size_t all = batches * chunks;
  if (by_wide_lanes(w, all * w.n_post))
    return launch.items(operation, ceil_div<Index>(w.n_post, wide_lanes), all,
                        SumChunk<wide_lanes>{w, source, group, chunks, sums});
  launch.items(operation, w.n_post, all, SumChunk<1>{w, source, group, chunks, sums});
}

template <class Launcher, class Rule>
void learn_chunks(Launcher& launch, const Rule& rule, const DenseView& w, const Sweep& sweep, Batch<const real> source,
                  Index chunks, real* sums) {
  const auto learn = [&]<int N>() {
    launch.items("sweep: learn", ceil_div<Index>(w.n_post, N), std::size_t{w.replicas} * chunks,
                 LearnChunk<Rule, N>{rule, w, std::get<Columns>(sweep.pre), std::get<Columns>(sweep.post), sweep.shared,
                                     source, sweep.keep_diagonal, chunks, sums});
  };
  if (by_wide_lanes(w, std::size_t{w.replicas} * chunks * w.n_post))
    learn.template operator()<wide_lanes>();
  else
    learn.template operator()<1>();
}

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
  sum_chunks(launch, "sweep: normalize", w, {{}, {nullptr, w.n_pre}}, 1, w.replicas, chunks, sums);
  launch.blocks("sweep: normalize", parts(w.replicas, w.n_post), AddTotal{sums, chunks, w.n_post, totals});
  launch.items("sweep: normalize", w.n_post, std::size_t{w.replicas} * w.n_pre, DivideByTotal{w, totals, target});
}

/// Sums of chunks that a sweep leaves to be added to the drive; null where nothing is left.
struct OpenDrive {
  const real* sums = nullptr;
  Index chunks = 0;
};

template <class Launcher>
OpenDrive drive_dense(Launcher& launch, const DenseView& w, const Sweep& sweep, Index chunks) {
  const Source source = source_of(sweep.source);
  const Index batches = sweep.drive.batches;
  const Batch<real> scale = sweep.scaling.scale;
  if (sweep.group >= DriveStates::states && source.column) {
    const Index blocks = ceil_div<Index>(sweep.group, DriveStates::states);
    launch.items("sweep: drive", w.n_post, std::size_t{w.replicas} * blocks,
                 DriveStates{w, source.column, sweep.group, blocks, sweep.gain, scale, sweep.drive});
    return {};
  }
  if (source.list.index && capacity_of(source.list) <= DriveFromList::capacity) {
    launch.blocks("sweep: drive", parts(batches, w.n_post),
                  DriveFromList{w, source.list, sweep.group, sweep.gain, scale, sweep.drive});
    return {};
  }
  if (std::size_t{batches} * w.n_post >= enough_threads) {
    launch.items("sweep: drive", w.n_post, batches, DriveUnit{w, source, sweep.group, sweep.gain, scale, sweep.drive});
    return {};
  }
  auto* sums = launch.template scratch<real>(Scratch::chunks, std::size_t{batches} * chunks * w.n_post);
  sum_chunks(launch, "sweep: drive", w, source, sweep.group, batches, chunks, sums);
  return {sums, chunks};
}

/// A sweep but for the sums it leaves open.
template <class Launcher>
OpenDrive begin_sweep_dense(Launcher& launch, const DenseView& w, const Sweep& sweep) {
  const Index chunks = ceil_div(w.n_pre, dense_chunk);
  const auto* source_columns = std::get_if<Columns>(&sweep.source);
  OpenDrive open;
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
    const std::size_t all = std::size_t{w.replicas} * chunks * w.n_post;
    auto* sums = fused ? launch.template scratch<real>(Scratch::chunks, all) : nullptr;
    learn_chunks(launch, rule, w, sweep, fused ? source_columns->at[0] : Batch<const real>{}, chunks, sums);
    if (!fused) return;
    open = {sums, chunks};
    driven = true;
  };
  if (sweep.learn) std::visit(learn, *sweep.learn);
  if (sweep.normalize_to) normalize_dense(launch, w, sweep.scaling, *sweep.normalize_to, chunks);
  return driven ? open : drive_dense(launch, w, sweep, chunks);
}

template <class Launcher>
void end_sweep_dense(Launcher& launch, const DenseView& w, const Sweep& sweep, const OpenDrive& open) {
  if (open.sums)
    launch.blocks(
        "sweep: drive", parts(sweep.drive.batches, w.n_post),
        AddDrive{open.sums, open.chunks, w.n_post, sweep.group, sweep.gain, sweep.scaling.scale, sweep.drive});
}

template <class Launcher>
void sweep_dense(Launcher& launch, const DenseView& w, const Sweep& sweep) {
  end_sweep_dense(launch, w, sweep, begin_sweep_dense(launch, w, sweep));
}

}  // namespace engram::kernels
