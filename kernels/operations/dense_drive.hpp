// Drives from dense matrices as kernels. Neighbouring threads are neighbouring postsynaptic units, so a warp reads
// whole lines. A chunk of 64 presynaptic units is one item of its own; the sums of the chunks are added in order
// afterwards, which costs 1/64 of the matrix in traffic and gives the bits of a walk by one thread.
#pragma once

#include "kernels/operations/dense_rows.hpp"

namespace engram::kernels {

/// sum[l] += weight * source over presynaptic units [j, end), for N neighbouring units from `first` on.
template <int Rows, int N>
ENGRAM_HD void drive_rows(const DenseView& w, Index replica, Index j, Index first, const real* source, Lanes<N>& sum) {
  Lanes<N> row[Rows];  // rows are read before one is added: each would be waited for
  for (int r = 0; r < Rows; ++r) row[r] = *reinterpret_cast<const Lanes<N>*>(w.row(replica, j + r) + first);
  for (int r = 0; r < Rows; ++r)
    for (int l = 0; l < N; ++l) sum.at[l] += row[r].at[l] * source[j + static_cast<Index>(r)];
}

/// Sum of weight * source over one chunk of N units. y = batch * chunks + chunk.
template <int N>
struct SumChunk {
  DenseView w;
  Source source;
  Index group, chunks;
  real* sums;  ///< [batch][chunk][post]

  template <int M>
  ENGRAM_HD void walk(Index first, std::size_t y) const {
    const auto batch = static_cast<Index>(y / chunks), r = batch / group;
    const Range range = chunk_range(static_cast<Index>(y % chunks), w.n_pre);
    const ListView list = source.at(batch);
    Lanes<M> sum{};
    if (!list.index && list.value) {
      Index j = range.first;
      for (; j + rows_at_once <= range.last; j += rows_at_once)
        drive_rows<rows_at_once>(w, r, j, first, list.value, sum);
      for (; j < range.last; ++j) drive_rows<1>(w, r, j, first, list.value, sum);
    } else {
      for (Index slot = lower_slot(list, range.first); slot < list.count && list.unit(slot) < range.last; ++slot) {
        const auto row = *reinterpret_cast<const Lanes<M>*>(w.row(r, list.unit(slot)) + first);
        for (int l = 0; l < M; ++l) sum.at[l] += row.at[l] * list.at(slot);
      }
    }
    for (int l = 0; l < M; ++l) sums[y * w.n_post + first + static_cast<Index>(l)] = sum.at[l];
  }

  ENGRAM_HD void operator()(Index x, std::size_t y) const {
    by_lanes<N>(x, w.n_post, [&]<int M>(Index first) { walk<M>(first, y); });
  }
};

/// Adds the sums of the chunks to the drive. A block takes sum_units units of one batch.
struct AddDrive {
  static constexpr Index threads = sum_threads;
  using Shared = OrderedSum;
  const real* sums;
  Index chunks, n_post, group;
  real gain;
  Batch<real> scale, drive;

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& s) const {
    const Part part = part_of(at, n_post);
    add_chunks(block, s, sums + std::size_t{part.batch} * chunks * n_post, chunks, n_post, part.first);
    block.each([&](Index t) {
      if (t >= sum_units || part.first + t >= n_post) return;
      const Index i = part.first + t;
      drive.at(part.batch)[i] += gain * (scale ? scale.at(part.batch / group)[i] * s.total[t] : s.total[t]);
    });
  }
};

/// The whole drive from a list that a block holds, in one launch.
struct DriveFromList {
  static constexpr Index threads = sum_threads;
  static constexpr Index capacity = 8 * sum_rows;  ///< of a list for which this is the better way
  using Shared = OrderedSum;
  DenseView w;
  Active source;
  Index group;
  real gain;
  Batch<real> scale, drive;

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& s) const {
    const Part part = part_of(at, w.n_post);
    const Index r = part.batch / group;
    const ListView list = list_of(source, part.batch);
    sum_in_order(
        block, s, list.count,
        [&](Index slot, Index l) {
          return part.first + l < w.n_post ? w.row(r, list.unit(slot))[part.first + l] * list.at(slot) : real(0);
        },
        [&](Index slot) {
          return slot + 1 == list.count || list.unit(slot) / dense_chunk != list.unit(slot + 1) / dense_chunk;
        });
    block.each([&](Index t) {
      if (t >= sum_units || part.first + t >= w.n_post) return;
      const Index i = part.first + t;
      drive.at(part.batch)[i] += gain * (scale ? scale.at(r)[i] * s.total[t] : s.total[t]);
    });
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

}  // namespace engram::kernels
