// Sweeps over dense matrices: the bodies on tiles of postsynaptic units, threads over tiles of all batches.
#include "cpu_backend.hpp"
#include "kernels/bodies.hpp"
#include "parallel.hpp"

namespace engram::cpu {

using namespace bodies;

namespace {

/// Lanes of a tile: 2 kB of a row, long enough for the prefetcher, while two sums of a tile stay in the first cache.
constexpr int tile = 2048 / sizeof(real);

int lanes_of(Index units, Index first) { return static_cast<int>(std::min<Index>(tile, units - first)); }

ENGRAM_CLONES void drive_tile(const DenseView& w, Index replica, Index first, int lanes, const ListView& source, real gain,
                              const real* scale, real* drive) {
  dense_drive<tile>(w, replica, first, lanes, source, gain, scale, drive);
}

template <class Rule>
ENGRAM_CLONES void learn_tile(const Rule& rule, const DenseView& w, Index replica, Index first, int lanes, const ColumnPointers& pre,
                              const ColumnPointers& post, const real* shared, bool keep_diagonal, const real* source, real gain,
                              real* drive) {
  if (source)
    dense_learn_and_drive<tile, true>(rule, w, replica, first, lanes, pre, post, shared, keep_diagonal, source, gain, drive);
  else
    dense_learn_and_drive<tile, false>(rule, w, replica, first, lanes, pre, post, shared, keep_diagonal, source, gain, drive);
}

ENGRAM_CLONES void normalize_tile(const DenseView& w, Index replica, Index first, int lanes, real target) {
  dense_normalize<tile>(w, replica, first, lanes, target);
}

/// Incoming sums in integers, for scaled normalisation.
ENGRAM_CLONES void sum_tile(const DenseView& w, Index replica, Index first, int lanes, fixed* sum) {
  for (int l = 0; l < lanes; ++l) sum[l] = 0;
  for (Index j = 0; j < w.n_pre; ++j) {
    const real* row = w.row(replica, j) + first;
    for (int l = 0; l < lanes; ++l) sum[l] += to_fixed(static_cast<double>(row[l]));
  }
}

/// Only pairs of active units: winners [begin, end) of the list.
template <class Rule>
void learn_pairs(const Rule& rule, const DenseView& w, const Sweep& sweep, Index replica, const ListView& pre, const ListView& post,
                 Index begin, Index end) {
  real* scale = sweep.scaling.scale ? sweep.scaling.scale.at(replica) : nullptr;
  fixed* sum = sweep.scaling.sum ? sweep.scaling.sum.at(replica) : nullptr;
  const real* shared = sweep.shared ? sweep.shared.at(replica) : nullptr;
  for (Index a = 0; a < pre.count; ++a) {
    const Index j = pre.unit(a);
    real* row = w.row(replica, j);
    const real x = pre.at(a);
    for (Index b = begin; b < end; ++b) {
      const Index i = post.unit(b);
      if (sweep.keep_diagonal && i == j) continue;
      const real o = post.at(b);
      if (scale)
        sum[i] += learn_scaled(rule, row[i], x, o, shared, scale[i]);
      else
        rule(row + i, &x, &o, shared);
    }
  }
}

/// Calls f(batch, first unit, lanes) for all tiles of all batches.
template <class F>
void for_tiles(int threads, Index batches, Index units, std::size_t work_per_unit, F&& f) {
  // Small enough tiles that every thread has one, large enough to be worth it.
  const Index tiles = ceil_div<Index>(units, tile);
  const std::size_t items = std::size_t{batches} * tiles;
  parallel_for(threads, items, std::size_t{batches} * units * work_per_unit, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto batch = static_cast<Index>(i / tiles);
      const auto first = static_cast<Index>(i % tiles) * tile;
      f(batch, first, lanes_of(units, first));
    }
  });
}

}  // namespace

void sweep_dense(const DenseView& w, const Sweep& sweep, int threads) {
  const auto* source_list = std::get_if<Active>(&sweep.source);
  const auto* source_columns = std::get_if<Columns>(&sweep.source);
  bool driven = !source_list && !source_columns;

  if (sweep.learn) {
    std::visit(
        [&](const auto& rule) {
          using Rule = std::decay_t<decltype(rule)>;
          if (const auto* post = std::get_if<Active>(&sweep.post)) {
            if constexpr (Rule::identity_when_silent && Rule::n_values == 1) {
              const auto& pre = std::get<Active>(sweep.pre);
              for (Index r = 0; r < w.replicas; ++r) {
                const ListView pre_list = list_of(pre, r), post_list = list_of(*post, r);
                parallel_for(threads, post_list.count, std::size_t{post_list.count} * pre_list.count * 4,
                             [&](std::size_t begin, std::size_t end, int) {
                               learn_pairs(rule, w, sweep, r, pre_list, post_list, static_cast<Index>(begin), static_cast<Index>(end));
                             });
              }
            } else {
              refuse_lists(Rule::name);
            }
          } else {
            const bool fused = source_columns && !sweep.normalize_to && !sweep.scaling.scale;
            for_tiles(threads, w.replicas, w.n_post, w.n_pre, [&](Index r, Index first, int lanes) {
              learn_tile(rule, w, r, first, lanes, columns_of(std::get<Columns>(sweep.pre), r), columns_of(std::get<Columns>(sweep.post), r),
                         sweep.shared ? sweep.shared.at(r) : nullptr, sweep.keep_diagonal, fused ? source_columns->at[0].at(r) : nullptr,
                         sweep.gain, fused ? sweep.drive.at(r) + first : nullptr);
            });
            driven = driven || fused;
          }
        },
        *sweep.learn);
  }

  if (sweep.normalize_to) {
    const real target = *sweep.normalize_to;
    for_tiles(threads, w.replicas, w.n_post, std::size_t{2} * w.n_pre, [&](Index r, Index first, int lanes) {
      if (!sweep.scaling.scale) return normalize_tile(w, r, first, lanes, target);
      fixed* sum = sweep.scaling.sum.at(r) + first;
      if (sweep.scaling.recount) sum_tile(w, r, first, lanes, sum);
      set_scale(sum, static_cast<Index>(lanes), target, sweep.scaling.scale.at(r) + first);
    });
  }

  if (!driven) {
    const Index expected = source_list ? static_cast<Index>(source_list->stride) : w.n_pre;
    for_tiles(threads, sweep.drive.batches, w.n_post, expected, [&](Index b, Index first, int lanes) {
      const Index r = b / sweep.group;
      const ListView source = source_list ? list_of(*source_list, b) : list_of(source_columns->at[0], b);
      drive_tile(w, r, first, lanes, source, sweep.gain, sweep.scaling.scale ? sweep.scaling.scale.at(r) + first : nullptr,
                 sweep.drive.at(b) + first);
    });
  }
}

}  // namespace engram::cpu
