// Sweeps over dense matrices: normalisation as kernels, and which kernels a sweep takes.
#pragma once

#include "kernels/operations/dense_drive.hpp"
#include "kernels/operations/dense_learn.hpp"
#include "kernels/operations/strong.hpp"

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

/// Strong weights of one chunk of one unit. y = replica * chunks + chunk.
struct SeeStrong {
  DenseView w;
  Index chunks;
  real least;
  Strong* seen;  ///< [replica][chunk][post]

  ENGRAM_HD void operator()(Index i, std::size_t y) const {
    const auto r = static_cast<Index>(y / chunks);
    const Range range = chunk_range(static_cast<Index>(y % chunks), w.n_pre);
    Strong own;
    for (Index j = range.first; j < range.last; ++j) own.add(w.row(r, j)[i], least);
    seen[y * w.n_post + i] = own;
  }
};

struct JoinStrong {
  const Strong* seen;
  Index chunks, n_post;
  Batch<real> mean;

  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    Strong all;
    for (Index c = 0; c < chunks; ++c) all.join(seen[(replica * chunks + c) * n_post + i]);
    mean.at(static_cast<Index>(replica))[i] = all.mean();
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

/// Sums of chunks that a sweep leaves to be added to the drive; null where nothing is left.
struct OpenDrive {
  real* sums = nullptr;
  Index chunks = 0;
};

template <class Launcher>
class DenseMachine {
 public:
  DenseMachine(Launcher& launch, const DenseView& w, const Sweep& sweep)
      : launch_(launch), w_(w), sweep_(sweep), chunks_(ceil_div(w.n_pre, dense_chunk)) {}

  /// The sums that are left to be added once all has run.
  const OpenDrive& open() const { return open_; }

  template <class Rule>
  void learn_from_columns(const ColumnPlasticity<Rule>& p) {
    if (p.group == 1 && !p.scaling.scale) return learn_chunks(p, {}, nullptr);
    launch_.items("sweep: learn", w_.n_post, std::size_t{w_.replicas} * w_.n_pre, LearnSynapse<Rule>{p, w_});
  }
  template <class Rule>
  void learn_and_drive(const ColumnPlasticity<Rule>& p) {
    auto* sums = chunk_sums(w_.replicas);
    learn_chunks(p, std::get<Columns>(sweep_.source).at[0], sums);
    open_ = {sums, chunks_};
  }
  template <class Rule>
  void learn_from_lists(const ListPlasticity<Rule>& p) {
    const Index capacity = capacity_of(p.pre.list);
    launch_.items("sweep: learn", capacity_of(p.post.list), std::size_t{w_.replicas} * p.group * capacity,
                  LearnPair<Rule>{p, w_, capacity});
  }

  void recount(const Scaling& scaling) {
    launch_.items("sweep: recount", w_.n_post, w_.replicas, ClearSum{scaling.sum});
    launch_.items("sweep: recount", w_.n_post, std::size_t{w_.replicas} * chunks_,
                  RecountChunk{w_, chunks_, scaling.sum});
  }
  void set_scale(const Scaling& scaling, real target) {
    launch_.items("sweep: normalize", w_.n_post, w_.replicas, SetScale{scaling, target});
  }
  void normalize(real target) {
    auto* sums = chunk_sums(w_.replicas);
    auto* totals = launch_.template scratch<real>(Scratch::totals, std::size_t{w_.replicas} * w_.n_post);
    sum_chunks(launch_, "sweep: normalize", w_, {{}, {nullptr, w_.n_pre}}, 1, w_.replicas, chunks_, sums);
    launch_.blocks("sweep: normalize", parts(w_.replicas, w_.n_post), AddTotal{sums, chunks_, w_.n_post, totals});
    launch_.items("sweep: normalize", w_.n_post, std::size_t{w_.replicas} * w_.n_pre,
                  DivideByTotal{w_, totals, target});
  }

  void average_strong(const MeanOfStrong& strong) {
    auto* seen = launch_.template scratch<Strong>(Scratch::summary, std::size_t{w_.replicas} * chunks_ * w_.n_post);
    launch_.items("sweep: strong", w_.n_post, std::size_t{w_.replicas} * chunks_,
                  SeeStrong{w_, chunks_, strong.least, seen});
    launch_.items("sweep: strong", w_.n_post, w_.replicas, JoinStrong{seen, chunks_, w_.n_post, strong.mean});
  }

  void drive() {
    const Source source = source_of(sweep_.source);
    const Index batches = sweep_.drive.batches, group = sweep_.group;
    const Batch<real> scale = sweep_.scaling.scale;
    if (group >= DriveStates::states && source.column) {
      const Index blocks = ceil_div<Index>(group, DriveStates::states);
      launch_.items("sweep: drive", w_.n_post, std::size_t{w_.replicas} * blocks,
                    DriveStates{w_, source.column, group, blocks, sweep_.gain, scale, sweep_.drive});
    } else if (source.list.index && capacity_of(source.list) <= DriveFromList::capacity) {
      launch_.blocks("sweep: drive", parts(batches, w_.n_post),
                     DriveFromList{w_, source.list, group, sweep_.gain, scale, sweep_.drive});
    } else if (std::size_t{batches} * w_.n_post >= enough_threads) {
      launch_.items("sweep: drive", w_.n_post, batches, DriveUnit{w_, source, group, sweep_.gain, scale, sweep_.drive});
    } else {
      open_ = {chunk_sums(batches), chunks_};
      sum_chunks(launch_, "sweep: drive", w_, source, group, batches, chunks_, open_.sums);
    }
  }

 private:
  real* chunk_sums(std::size_t batches) {
    return launch_.template scratch<real>(Scratch::chunks, batches * chunks_ * w_.n_post);
  }

  /// One batch a replica: the rows of a chunk at once, and where there are sums their drive. Layers end anywhere, so
  /// that neighbouring units may read different ones.
  template <class Rule>
  void learn_chunks(const ColumnPlasticity<Rule>& p, Batch<const real> source, real* sums) {
    const std::size_t all = std::size_t{w_.replicas} * chunks_;
    const bool one_layer = shared_values<Rule>() == 0 || !p.layers.segments.start;
    if (one_layer && by_wide_lanes(w_, all * w_.n_post))
      launch_.items("sweep: learn", ceil_div<Index>(w_.n_post, wide_lanes), all,
                    LearnChunk<Rule, wide_lanes>{p, w_, source, chunks_, sums});
    else
      launch_.items("sweep: learn", w_.n_post, all, LearnChunk<Rule, 1>{p, w_, source, chunks_, sums});
  }

  Launcher& launch_;
  const DenseView& w_;
  const Sweep& sweep_;
  Index chunks_;
  OpenDrive open_;
};

/// A sweep but for the sums it leaves open.
template <class Launcher>
OpenDrive begin_sweep_dense(Launcher& launch, const DenseView& w, const Sweep& sweep) {
  DenseMachine<Launcher> machine(launch, w, sweep);
  run_sweep(machine, w, sweep);
  return machine.open();
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
