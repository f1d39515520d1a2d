// Sweeps over dense matrices: the bodies on tiles of postsynaptic units, threads over tiles of all batches.
#include <vector>

#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/lone_pairs.hpp"
#include "engine/cpu/of_thread.hpp"
#include "engine/cpu/parallel.hpp"
#include "kernels/operations/dispatch.hpp"
#include "kernels/operations/strong.hpp"

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
  if constexpr (may_fuse<Rule>)
    if (source)
      return dense_learn_and_drive<wide, true>(rule, w, replica, first, lanes, pre, post, shared, keep_diagonal, source,
                                               gain, drive);
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

/// Means of strong incoming weights.
ENGRAM_CLONES void average_tile(const DenseView& w, Index replica, Index first, int lanes, real least, real* mean) {
  Strong seen[narrow];
  for (Index j = 0; j < w.n_pre; ++j) {
    const real* row = w.row(replica, j) + first;
    for (int l = 0; l < lanes; ++l) seen[l].add(row[l], least);
  }
  for (int l = 0; l < lanes; ++l) mean[l] = seen[l].mean();
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

class DenseMachine {
 public:
  DenseMachine(const DenseView& w, const Sweep& sweep, int threads) : w_(w), sweep_(sweep), threads_(threads) {}

  template <class Rule>
  void learn_from_columns(const ColumnPlasticity<Rule>& p) const {
    if (p.group == 1 && !p.scaling.scale) return learn_tiles(p, {}, {});
    for_tiles(threads_, w_.replicas, w_.n_post, std::size_t{w_.n_pre} * p.group * 8, narrow,
              [&](Index r, Index first, int lanes) {
                for (Index j = 0; j < w_.n_pre; ++j)
                  for (Index i = first; i < first + static_cast<Index>(lanes); ++i) {
                    if (p.kept(j, i)) continue;
                    const fixed gained = p.learn_in_place(r, j, i, w_.row(r, j) + i, w_.plane_stride());
                    if (p.scaling.scale) p.scaling.sum.at(r)[i] += gained;
                  }
              });
  }
  template <class Rule>
  void learn_and_drive(const ColumnPlasticity<Rule>& p) const {
    learn_tiles(p, std::get<Columns>(sweep_.source).at[0], sweep_.drive);
  }
  template <class Rule>
  void learn_from_lists(const ListPlasticity<Rule>& p) const {
    for (Index b = 0; b < w_.replicas * p.group; ++b) {
      const ListView pre = list_of(p.pre.list, b), post = list_of(p.post.list, b);
      parallel_for(threads_, post.count, std::size_t{post.count} * pre.count * 4,
                   [&](std::size_t begin, std::size_t end, int) {
                     learn_pairs(p, b, pre, post, static_cast<Index>(begin), static_cast<Index>(end));
                   });
    }
  }

  void recount(const Scaling& scaling) const {
    for_tiles(threads_, w_.replicas, w_.n_post, w_.n_pre, wide,
              [&](Index r, Index first, int lanes) { sum_tile(w_, r, first, lanes, scaling.sum.at(r) + first); });
  }
  void set_scale(const Scaling& scaling, real target) const {
    for_tiles(threads_, w_.replicas, w_.n_post, 32, wide, [&](Index r, Index first, int lanes) {
      bodies::set_scale(scaling.sum.at(r) + first, static_cast<Index>(lanes), target, scaling.scale.at(r) + first);
    });
  }
  void normalize(real target) const {
    for_tiles(threads_, w_.replicas, w_.n_post, std::size_t{2} * w_.n_pre, wide,
              [&](Index r, Index first, int lanes) { normalize_tile(w_, r, first, lanes, target); });
  }

  void average_strong(const MeanOfStrong& strong) const {
    for_tiles(threads_, w_.replicas, w_.n_post, std::size_t{4} * w_.n_pre, narrow,
              [&](Index r, Index first, int lanes) {
                average_tile(w_, r, first, lanes, strong.least, strong.mean.at(r) + first);
              });
  }

  void drive() const {
    if (shared_by_states(sweep_)) return drive_groups(std::get<Columns>(sweep_.source).at[0]);
    const auto* list = std::get_if<Active>(&sweep_.source);
    for_tiles(threads_, sweep_.drive.batches, w_.n_post, list ? list->stride : w_.n_pre, list ? narrow : wide,
              [&](Index b, Index first, int lanes) {
                const Index r = b / sweep_.group;
                if (list)
                  drive_listed(w_, r, first, lanes, list_of(*list, b), sweep_.gain, scale_of(r, first),
                               sweep_.drive.at(b) + first);
                else
                  drive_all(w_, r, first, lanes, list_of(std::get<Columns>(sweep_.source).at[0], b), sweep_.gain,
                            scale_of(r, first), sweep_.drive.at(b) + first);
              });
  }

 private:
  const real* scale_of(Index r, Index first) const {
    return sweep_.scaling.scale ? sweep_.scaling.scale.at(r) + first : nullptr;
  }

  /// One batch a replica: the rows of a tile at once, and with a source its drive.
  template <class Rule>
  void learn_tiles(const ColumnPlasticity<Rule>& p, Batch<const real> source, Batch<real> drive) const {
    for_tiles(threads_, w_.replicas, w_.n_post, w_.n_pre, wide, [&](Index r, Index first, int lanes) {
      for_segments(p.layers.segments, first, first + static_cast<Index>(lanes), [&](Index s, Index from, Index to) {
        learn_tile(p.rule, w_, r, from, static_cast<int>(to - from), columns_of(p.pre.columns, r),
                   columns_of(p.post.columns, r), p.layers.at(r, s), p.keep_diagonal, source ? source.at(r) : nullptr,
                   sweep_.gain, drive ? drive.at(r) + from : nullptr);
      });
    });
  }

  /// Only pairs of active units: those of batch b with winners [begin, end) of its list. The copy of the rule stays in
  /// registers, whatever is written.
  template <class Rule>
  void learn_pairs(const ListPlasticity<Rule> p, Index b, const ListView& pre, const ListView& post, Index begin,
                   Index end) const {
    const Index r = b / p.group;
    const LonePairs<Rule> pairs(p, r);
    for (Index a = 0; a < pre.count; ++a) {
      const Index j = pre.unit(a);
      real* row = w_.row(r, j);
      if (p.group == 1) {
        const real x = pre.at(a);
        for (Index c = begin; c < end; ++c) pairs.learn(j, post.unit(c), x, post.at(c), row + post.unit(c));
        continue;
      }
      for (Index c = begin; c < end; ++c) {
        const Index i = post.unit(c);
        if (p.kept(j, i) || !p.first(r, b, j, i)) continue;
        const fixed gained = p.learn_in_place(r, j, i, row + i);
        if (p.scaling.scale) p.scaling.sum.at(r)[i] += gained;
      }
    }
  }

  /// States are taken some at a time, so that their sums stay in the second cache.
  void drive_groups(const Batch<const real>& source) const {
    const Index group = sweep_.group;
    for_tiles(threads_, w_.replicas, w_.n_post, std::size_t{w_.n_pre} * group, wide,
              [&](Index r, Index first, int lanes) {
                auto& total = of_thread<std::vector<Line>, struct TotalsOfStates>();
                const auto lines = static_cast<std::size_t>(ceil_div(lanes, line));
                const Index at_once = std::min(static_cast<Index>(std::max<std::size_t>(4096 / lines, 8)), group);
                total.resize(lines * at_once);
                for (Index b = 0; b < group; b += at_once)
                  drive_states(w_, r, first, lanes, source, r * group + b, std::min(at_once, group - b), sweep_.gain,
                               scale_of(r, first), sweep_.drive, reinterpret_cast<Vector*>(total.data()));
              });
  }

  const DenseView& w_;
  const Sweep& sweep_;
  int threads_;
};

}  // namespace

void sweep_dense(const DenseView& w, const Sweep& sweep, int threads) {
  run_sweep(DenseMachine(w, sweep, threads), w, sweep);
}

}  // namespace engram::cpu
