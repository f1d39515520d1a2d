// Sweeps over dense matrices: the bodies on tiles of postsynaptic units, threads over tiles of all batches.
#include <vector>

#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/parallel.hpp"
#include "kernels/operations/bodies.hpp"

namespace engram::cpu {

using namespace bodies;

namespace {

/// Lanes of a tile. Where listed rows are picked, 2 kB: long enough for the prefetcher, while two sums of a tile stay
/// in the first cache. Where all rows are walked, as much of a row as possible, up to 64 kB: memory is then read from
/// front to back (16384 units learned at 0.58 of the bandwidth in tiles of 2 kB), and the sums, in the second cache,
/// are touched once in eight rows.
constexpr int narrow = 2048 / sizeof(real), wide = 65536 / sizeof(real);
constexpr int line = 64 / sizeof(real);

ENGRAM_CLONES void drive_listed(const DenseView& w, Index replica, Index first, int lanes, const ListView& source,
                                real gain, const real* scale, real* drive) {
  dense_drive<narrow>(w, replica, first, lanes, source, gain, scale, drive);
}
ENGRAM_CLONES void drive_all(const DenseView& w, Index replica, Index first, int lanes, const ListView& source,
                             real gain, const real* scale, real* drive) {
  dense_drive<wide>(w, replica, first, lanes, source, gain, scale, drive);
}

/// Drives of several states on the weights of one replica: batches [batch, batch + count). A chunk of rows of one line
/// of units stays in the first cache while all states read it, eight at a time with their sums in registers.
using Vector [[gnu::vector_size(64)]] = real;
struct alignas(64) Line {
  real lane[line];
};

template <int States>
ENGRAM_HD void add_states(const real* weight, std::size_t pitch, Index rows, const Batch<const real>& source,
                          Index batch, Index j, Vector* total, std::size_t stride) {
  const real* from[States];
  for (int b = 0; b < States; ++b) from[b] = source.at(batch + static_cast<Index>(b)) + j;
  Vector sum[States];
  dense_drive_states(weight, pitch, rows, from, sum);
  for (int b = 0; b < States; ++b) total[static_cast<std::size_t>(b) * stride] += sum[b];
}

ENGRAM_CLONES void drive_states(const DenseView& w, Index replica, Index first, int lanes,
                                const Batch<const real>& source, Index batch, Index count, real gain, const real* scale,
                                const Batch<real>& drive, Vector* total) {
  const int lines = ceil_div(lanes, line);
  std::fill_n(total, static_cast<std::size_t>(lines) * count, Vector{});
  for (Index j = 0; j < w.n_pre; j += dense_chunk) {
    const Index rows = std::min(dense_chunk, w.n_pre - j);
    for (int v = 0; v < lines; ++v) {
      const real* weight = w.row(replica, j) + first + v * line;
      for (Index k = 0; k < rows; ++k)
        __builtin_prefetch(weight + k * w.pitch + line);  // rows apart no hardware foresees
      Index b = 0;
      for (; b + 8 <= count; b += 8)
        add_states<8>(weight, w.pitch, rows, source, batch + b, j, total + std::size_t{b} * lines + v, lines);
      for (; b + 2 <= count; b += 2)
        add_states<2>(weight, w.pitch, rows, source, batch + b, j, total + std::size_t{b} * lines + v, lines);
      if (b < count)
        add_states<1>(weight, w.pitch, rows, source, batch + b, j, total + std::size_t{b} * lines + v, lines);
    }
  }
  for (Index b = 0; b < count; ++b) {
    const real* sum = reinterpret_cast<const real*>(total + std::size_t{b} * lines);
    real* to = drive.at(batch + b) + first;
    for (int l = 0; l < lanes; ++l) to[l] += gain * (scale ? scale[l] * sum[l] : sum[l]);
  }
}

template <class Rule>
ENGRAM_CLONES void learn_tile(const Rule& rule, const DenseView& w, Index replica, Index first, int lanes,
                              const ColumnPointers& pre, const ColumnPointers& post, const real* shared,
                              bool keep_diagonal, const real* source, real gain, real* drive) {
  if (source)
    dense_learn_and_drive<wide, true>(rule, w, replica, first, lanes, pre, post, shared, keep_diagonal, source, gain,
                                      drive);
  else
    dense_learn_and_drive<wide, false>(rule, w, replica, first, lanes, pre, post, shared, keep_diagonal, source, gain,
                                       drive);
}

ENGRAM_CLONES void normalize_tile(const DenseView& w, Index replica, Index first, int lanes, real target) {
  dense_normalize<wide>(w, replica, first, lanes, target);
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
void learn_pairs(const Rule& rule, const DenseView& w, const Sweep& sweep, Index replica, const ListView& pre,
                 const ListView& post, Index begin, Index end) {
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

/// Calls f(batch, first unit, lanes) for all tiles of all batches: tiles of `narrow` lanes, or as few as give every
/// thread its share.
template <class F>
void for_tiles(int threads, Index batches, Index units, std::size_t work_per_unit, int width, F&& f) {
  // Eight multiplications and more are one instruction: 256 units learn in 3.8 us, and in 7 us with a second thread.
  const std::size_t work = std::size_t{batches} * units * work_per_unit / 8;
  const auto team = work < parallel_threshold ? Index{1} : static_cast<Index>(threads);
  Index lanes = static_cast<Index>(width);
  if (width == wide && batches % team != 0 && batches < 16 * team)
    lanes = std::min(lanes, ceil_div<Index>(ceil_div<Index>(units, team), line) * line);
  const Index tiles = lanes ? ceil_div<Index>(units, lanes) : 0;
  parallel_for(threads, std::size_t{batches} * tiles, work, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto batch = static_cast<Index>(i / tiles), first = static_cast<Index>(i % tiles) * lanes;
      f(batch, first, static_cast<int>(std::min(lanes, units - first)));
    }
  });
}

/// Whether many states read each replica, all units of it.
bool shared_by_states(const Sweep& sweep) {
  const auto* columns = std::get_if<Columns>(&sweep.source);
  return columns && columns->at[0] && sweep.group >= 4;
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
                               learn_pairs(rule, w, sweep, r, pre_list, post_list, static_cast<Index>(begin),
                                           static_cast<Index>(end));
                             });
              }
            } else {
              refuse_lists(Rule::name);
            }
          } else {
            const bool fused = source_columns && !sweep.normalize_to && !sweep.scaling.scale;
            for_tiles(threads, w.replicas, w.n_post, w.n_pre, wide, [&](Index r, Index first, int lanes) {
              learn_tile(rule, w, r, first, lanes, columns_of(std::get<Columns>(sweep.pre), r),
                         columns_of(std::get<Columns>(sweep.post), r), sweep.shared ? sweep.shared.at(r) : nullptr,
                         sweep.keep_diagonal, fused ? source_columns->at[0].at(r) : nullptr, sweep.gain,
                         fused ? sweep.drive.at(r) + first : nullptr);
            });
            driven = driven || fused;
          }
        },
        *sweep.learn);
  }

  if (sweep.normalize_to) {
    const real target = *sweep.normalize_to;
    for_tiles(threads, w.replicas, w.n_post, std::size_t{2} * w.n_pre, wide, [&](Index r, Index first, int lanes) {
      if (!sweep.scaling.scale) return normalize_tile(w, r, first, lanes, target);
      fixed* sum = sweep.scaling.sum.at(r) + first;
      if (sweep.scaling.recount) sum_tile(w, r, first, lanes, sum);
      set_scale(sum, static_cast<Index>(lanes), target, sweep.scaling.scale.at(r) + first);
    });
  }

  if (driven) return;
  const auto scale_of = [&](Index r, Index first) {
    return sweep.scaling.scale ? sweep.scaling.scale.at(r) + first : nullptr;
  };
  if (shared_by_states(sweep)) {
    const std::size_t work = std::size_t{w.n_pre} * sweep.group;
    for_tiles(threads, w.replicas, w.n_post, work, wide, [&](Index r, Index first, int lanes) {
      // States are taken some at a time, so that their sums stay in the second cache.
      static thread_local std::vector<Line> total;
      const auto lines = static_cast<std::size_t>(ceil_div(lanes, line));
      const Index at_once = std::min(static_cast<Index>(std::max<std::size_t>(4096 / lines, 8)), sweep.group);
      total.resize(lines * at_once);
      for (Index b = 0; b < sweep.group; b += at_once)
        drive_states(w, r, first, lanes, source_columns->at[0], r * sweep.group + b, std::min(at_once, sweep.group - b),
                     sweep.gain, scale_of(r, first), sweep.drive, reinterpret_cast<Vector*>(total.data()));
    });
  } else if (source_list) {
    for_tiles(threads, sweep.drive.batches, w.n_post, source_list->stride, narrow,
              [&](Index b, Index first, int lanes) {
                drive_listed(w, b / sweep.group, first, lanes, list_of(*source_list, b), sweep.gain,
                             scale_of(b / sweep.group, first), sweep.drive.at(b) + first);
              });
  } else {
    for_tiles(threads, sweep.drive.batches, w.n_post, w.n_pre, wide, [&](Index b, Index first, int lanes) {
      drive_all(w, b / sweep.group, first, lanes, list_of(source_columns->at[0], b), sweep.gain,
                scale_of(b / sweep.group, first), sweep.drive.at(b) + first);
    });
  }
}

}  // namespace engram::cpu
