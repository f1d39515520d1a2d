// The loop bodies of the walks over dense and outgoing synapses, compiled by both compilers: the CPU backend calls them
// for a tile of postsynaptic units at a time, whose lanes vectorise; a CUDA thread calls them for one unit.
#pragma once

#include "engram/backend.hpp"

namespace engram::bodies {

/// A population resolved to what one batch of it reads.
struct ListView {
  const Index* index;  ///< null: all units, in order
  const real* value;   ///< null: every listed unit counts 1
  Index count;

  ENGRAM_HD Index unit(Index slot) const { return index ? index[slot] : slot; }
  ENGRAM_HD real at(Index slot) const { return value ? value[slot] : real(1); }
};

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

/// Whether `unit` is in the list, and where.
struct Found {
  Index slot;
  bool here;
};
ENGRAM_HD Found find(const ListView& list, Index unit) {
  const Index slot = lower_slot(list, unit);
  return {slot, slot < list.count && list.unit(slot) == unit};
}

ENGRAM_HD ListView list_of(const Active& active, Index batch) {
  const std::size_t start = batch * active.stride;
  return {active.index + start, active.value ? active.value + start : nullptr, active.count[active.stride ? batch : 0]};
}

ENGRAM_HD ListView list_of(Batch<const real> values, Index batch) { return {nullptr, values.at(batch), values.units}; }

/// Walks the sources of a dense row in ascending order, in chunks of dense_chunk presynaptic units. `term(j, x)` is
/// told each source, `close()` the end of each chunk that had any. Silent units change no bit of a sum and may be left
/// out.
template <class Term, class Close>
ENGRAM_HD void walk_in_chunks(const ListView& list, Term term, Close close) {
  Index slot = 0;
  while (slot < list.count) {
    const Index chunk = list.unit(slot) / dense_chunk;
    do {
      term(list.unit(slot), list.at(slot));
      ++slot;
    } while (slot < list.count && list.unit(slot) / dense_chunk == chunk);
    close();
  }
}

/// chunk[l] += weight * source of `Rows` presynaptic units from j on, in the order of the rows.
template <int Rows>
ENGRAM_HD void dense_drive_rows(const DenseView& w, Index replica, Index j, Index first, int lanes, const real* source,
                                real* chunk) {
  const real* const start = w.row(replica, j) + first;
  real x[Rows];
  for (int r = 0; r < Rows; ++r) x[r] = source[j + static_cast<Index>(r)];
#pragma GCC ivdep
  for (int l = 0; l < lanes; ++l) {
    real sum = chunk[l];
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) sum += start[static_cast<std::size_t>(r) * w.pitch + l] * x[r];
    chunk[l] = sum;
  }
}

/// Presynaptic units that a walk over all units takes at once: several rows share what is read of the postsynaptic
/// units and keep the sums in registers, and as many streams of memory as the hardware prefetches keep it busy.
inline constexpr Index rows_at_once = 8;
static_assert(dense_chunk % rows_at_once == 0);

/// The same of presynaptic units [j, end).
ENGRAM_HD void dense_drive_chunk(const DenseView& w, Index replica, Index j, Index end, Index first, int lanes,
                                 const real* source, real* chunk) {
  for (; j + rows_at_once <= end; j += rows_at_once)
    dense_drive_rows<rows_at_once>(w, replica, j, first, lanes, source, chunk);
  for (; j < end; ++j) dense_drive_rows<1>(w, replica, j, first, lanes, source, chunk);
}

/// drive[l] += gain * scale[l] * sum over sources of weight * x, for `lanes` <= Width neighbouring units.
template <int Width>
ENGRAM_HD void dense_drive(const DenseView& w, Index replica, Index first, int lanes, const ListView& source, real gain,
                           const real* scale, real* drive) {
  real total[Width], chunk[Width];
  for (int l = 0; l < lanes; ++l) total[l] = chunk[l] = 0;
  const auto close = [&] {
    for (int l = 0; l < lanes; ++l) {
      total[l] += chunk[l];
      chunk[l] = 0;
    }
  };
  if (!source.index && source.value) {
    for (Index begin = 0; begin < source.count; begin += dense_chunk) {
      const Index end = begin + dense_chunk < source.count ? begin + dense_chunk : source.count;
      dense_drive_chunk(w, replica, begin, end, first, lanes, source.value, chunk);
      close();
    }
  } else {
    walk_in_chunks(
        source,
        [&](Index j, real x) {
          const real* row = w.row(replica, j) + first;
          for (int l = 0; l < lanes; ++l) chunk[l] += row[l] * x;
        },
        close);
  }
  for (int l = 0; l < lanes; ++l) drive[l] += gain * (scale ? scale[l] * total[l] : total[l]);
}

/// sum[b] = weights * source of `States` states over `rows` presynaptic units of one chunk, in the order of the rows;
/// the weights are read once for all of them. `Lanes` is a number, or a vector of neighbouring units.
template <int States, class Lanes>
ENGRAM_HD void dense_drive_states(const real* weight, std::size_t pitch, Index rows,
                                  const real* const (&source)[States], Lanes (&sum)[States]) {
  for (int b = 0; b < States; ++b) sum[b] = Lanes{};
  for (Index j = 0; j < rows; ++j) {
    const Lanes w = *reinterpret_cast<const Lanes*>(weight + j * pitch);
#pragma GCC unroll 8
    for (int b = 0; b < States; ++b) sum[b] += w * source[b][j];
  }
}

/// The per-unit values a rule reads, resolved to one batch.
struct ColumnPointers {
  const real* at[max_columns];
};
ENGRAM_HD ColumnPointers columns_of(const Columns& columns, Index batch) {
  ColumnPointers p{};
  for (int c = 0; c < max_columns; ++c) p.at[c] = columns.at[c] ? columns.at[c].at(batch) : nullptr;
  return p;
}

/// Where the self-synapses of presynaptic units [j, j + rows) lie among lanes [first, first + lanes): from lane `at`
/// on.
struct Diagonal {
  int at, rows, lanes;
  ENGRAM_HD Diagonal(Index j, int n, Index first, int width)
      : at(static_cast<int>(j) - static_cast<int>(first)), rows(n), lanes(width) {}
  ENGRAM_HD bool here() const { return at > -rows && at < lanes; }
  ENGRAM_HD bool whole() const { return at >= 0 && at + rows <= lanes; }
};

/// Plasticity of the synapses of `Rows` presynaptic units from j on onto `lanes` neighbouring units; then, with
/// `Drive`, chunk[l] += the new weights * source, in the order of the rows. A diagonal that does not learn is left out
/// by a test of every synapse, or (not `Test`), where these lanes hold all of it or nothing, put back afterwards, which
/// costs a loop of vectors less.
template <int Rows, bool Drive, bool Test, class Rule>
ENGRAM_HD void dense_learn_rows(const Rule& rule, const DenseView& w, Index replica, Index j, Index first, int lanes,
                                const ColumnPointers& pre, const ColumnPointers& post, const real* shared,
                                bool keep_diagonal, const real* source, real* chunk) {
  constexpr int values = Rule::n_values, n_pre = Rule::n_pre > 0 ? Rule::n_pre : 1,
                n_post = Rule::n_post > 0 ? Rule::n_post : 1, n_shared = shared_values<Rule>();
  // Parameters and values of the layer stay in registers: a load that only some synapses make is a branch, and a loop
  // with branches does not vectorise.
  const Rule own = rule;
  real layer[n_shared > 0 ? n_shared : 1];
  for (int k = 0; k < n_shared; ++k) layer[k] = shared[k];
  const std::size_t plane = w.plane_stride();
  real* const start = w.row(replica, j) + first;
  const real* y[n_post];
  for (int c = 0; c < Rule::n_post; ++c) y[c] = post.at[c] + first;
  real x[Rows][n_pre], transmitted[Rows];
  for (int r = 0; r < Rows; ++r) {
    for (int c = 0; c < Rule::n_pre; ++c) x[r][c] = pre.at[c][j + static_cast<Index>(r)];
    transmitted[r] = Drive ? source[j + static_cast<Index>(r)] : real(0);
  }
  const Diagonal diagonal(j, Rows, first, lanes);
  const bool put_back = !Test && keep_diagonal && diagonal.here();
  const int tested = keep_diagonal ? diagonal.at : lanes;  // no lane
  real kept_weight[Rows][values], kept_sum[Rows];
  for (int r = 0; r < Rows; ++r) {
    const int lane = put_back ? diagonal.at + r : 0;
    for (int v = 0; v < values; ++v)
      kept_weight[r][v] = start[static_cast<std::size_t>(r) * w.pitch + v * plane + lane];
    kept_sum[r] = Drive ? chunk[lane] : real(0);
  }
#pragma GCC ivdep  // rows, columns and sums are distinct arrays
  for (int l = 0; l < lanes; ++l) {
    real o[n_post], s[Rows][values], sum = Drive ? chunk[l] : real(0);
    for (int c = 0; c < Rule::n_post; ++c) o[c] = y[c][l];
      // A thread of a GPU reads all rows before it writes one: no compiler may move a read over a write, and the thread
      // would wait for memory once a row. Vectors of a CPU gain nothing from it (256 units learn in 3.7 us instead
      // of 3.55).
#pragma GCC unroll 8
    for (int r = 0; Test && r < Rows; ++r)
      for (int v = 0; v < values; ++v) s[r][v] = start[static_cast<std::size_t>(r) * w.pitch + l + v * plane];
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      real* const row = start + static_cast<std::size_t>(r) * w.pitch + l;
      real before[values];
      for (int v = 0; v < values; ++v) {
        if (!Test) s[r][v] = row[v * plane];
        before[v] = s[r][v];
      }
      own(s[r], x[r], o, n_shared > 0 ? layer : nullptr);
      for (int v = 0; v < values; ++v) row[v * plane] = s[r][v] = Test && l == tested + r ? before[v] : s[r][v];
      sum += s[r][0] * transmitted[r];
    }
    if constexpr (Drive) chunk[l] = sum;
  }
  if (put_back) {  // sums first: what a vector stored cannot be read at once where a number was stored over it
    for (int r = 0; Drive && r < Rows; ++r) {
      const real* const row = start + static_cast<std::size_t>(r) * w.pitch + diagonal.at;
      for (int k = 0; k < Rows; ++k) kept_sum[k] += (k == r ? kept_weight[r][0] : row[k]) * transmitted[r];
    }
    for (int k = 0; Drive && k < Rows; ++k) chunk[diagonal.at + k] = kept_sum[k];
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < values; ++v)
        start[static_cast<std::size_t>(r) * w.pitch + v * plane + diagonal.at + r] = kept_weight[r][v];
  }
}

/// Presynaptic units that learn at once: as many streams of memory as above, whatever a synapse keeps.
template <class Rule>
inline constexpr Index learning_rows = rows_at_once / static_cast<Index>(Rule::n_values);

/// The same of presynaptic units [j, end).
template <int Width, bool Drive, class Rule>
ENGRAM_HD void dense_learn_chunk(const Rule& rule, const DenseView& w, Index replica, Index j, Index end, Index first,
                                 int lanes, const ColumnPointers& pre, const ColumnPointers& post, const real* shared,
                                 bool keep_diagonal, const real* source, real* chunk) {
  constexpr Index rows = learning_rows<Rule>;
  for (; j + rows <= end; j += rows) {
    const Diagonal diagonal(j, rows, first, lanes);
    if (Width == 1 || (keep_diagonal && diagonal.here() && !diagonal.whole()))
      dense_learn_rows<rows, Drive, true>(rule, w, replica, j, first, lanes, pre, post, shared, keep_diagonal, source,
                                          chunk);
    else
      dense_learn_rows<rows, Drive, false>(rule, w, replica, j, first, lanes, pre, post, shared, keep_diagonal, source,
                                           chunk);
  }
  for (; j < end; ++j)
    dense_learn_rows<1, Drive, Width == 1>(rule, w, replica, j, first, lanes, pre, post, shared, keep_diagonal, source,
                                           chunk);
}

/// Plasticity over whole rows, with `Drive` also the drive of the weights just written: one pass over the matrix.
template <int Width, bool Drive, class Rule>
ENGRAM_HD void dense_learn_and_drive(const Rule& rule, const DenseView& w, Index replica, Index first, int lanes,
                                     const ColumnPointers& pre, const ColumnPointers& post, const real* shared,
                                     bool keep_diagonal, const real* source, real gain, real* drive) {
  real total[Width], chunk[Width];
  for (int l = 0; l < lanes; ++l) total[l] = chunk[l] = 0;
  for (Index begin = 0; begin < w.n_pre; begin += dense_chunk) {
    const Index end = begin + dense_chunk < w.n_pre ? begin + dense_chunk : w.n_pre;
    dense_learn_chunk<Width, Drive>(rule, w, replica, begin, end, first, lanes, pre, post, shared, keep_diagonal,
                                    source, chunk);
    for (int l = 0; Drive && l < lanes; ++l) {
      total[l] += chunk[l];
      chunk[l] = 0;
    }
  }
  for (int l = 0; Drive && l < lanes; ++l) drive[l] += gain * total[l];
}

/// Incoming sums in chunks, each row divided by its own; an empty row stays.
template <int Width>
ENGRAM_HD void dense_normalize(const DenseView& w, Index replica, Index first, int lanes, real target) {
  real total[Width], chunk[Width];
  for (int l = 0; l < lanes; ++l) total[l] = chunk[l] = 0;
  for (Index j = 0; j < w.n_pre; ++j) {
    const real* row = w.row(replica, j) + first;
    for (int l = 0; l < lanes; ++l) chunk[l] += row[l];
    if ((j + 1) % dense_chunk == 0 || j + 1 == w.n_pre)
      for (int l = 0; l < lanes; ++l) {
        total[l] += chunk[l];
        chunk[l] = 0;
      }
  }
  for (int l = 0; l < lanes; ++l) total[l] = total[l] != real(0) ? total[l] : real(1);
  for (Index j = 0; j < w.n_pre; ++j) {
    real* row = w.row(replica, j) + first;
    for (int l = 0; l < lanes; ++l) row[l] = row[l] / total[l] * target;
  }
}

/// One term of an order-free sum.
ENGRAM_HD fixed drive_term(real weight, real x) { return to_fixed(static_cast<double>(weight * x)); }

/// What an order-free sum adds to the drive of unit i.
ENGRAM_HD real scattered_drive(fixed sum, real gain, const real* scale, Index i) {
  return gain * (scale ? scale[i] * from_fixed(sum) : from_fixed(sum));
}

/// scale = target / sum; an empty row keeps scale 1.
ENGRAM_HD void set_scale(const fixed* sum, Index units, real target, real* scale) {
  for (Index i = 0; i < units; ++i) scale[i] = sum[i] != 0 ? target / from_fixed(sum[i]) : real(1);
}

/// First slot of a row whose target is at least `post`.
ENGRAM_HD std::uint64_t lower_slot(const OutgoingView& w, std::uint64_t begin, std::uint64_t end, Index post) {
  while (begin < end) {
    const std::uint64_t middle = begin + (end - begin) / 2;
    if (w.target[middle] < post)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}

ENGRAM_HD bool test_bit(const std::uint32_t* bits, Index i) { return (bits[i >> 5] >> (i & 31)) & 1u; }

}  // namespace engram::bodies
