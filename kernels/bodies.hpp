// The loop bodies of the operations over synapses, compiled by both compilers: the CPU backend calls them for a tile of
// postsynaptic units at a time, whose lanes vectorise; a CUDA thread calls them for one unit.
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

ENGRAM_HD ListView list_of(const Active& active, Index batch) {
  const std::size_t start = batch * active.stride;
  return {active.index + start, active.value ? active.value + start : nullptr, active.count[active.stride ? batch : 0]};
}

ENGRAM_HD ListView list_of(Batch<const real> values, Index batch) { return {nullptr, values.at(batch), values.units}; }

/// Walks the sources of a dense row in ascending order, in chunks of dense_chunk presynaptic units. `term(j, x)` is told
/// each source, `close()` the end of each chunk that had any. Silent units change no bit of a sum and may be left out.
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

/// drive[l] += gain * scale[l] * sum over sources of weight * x, for `lanes` <= Width neighbouring units.
template <int Width>
ENGRAM_HD void dense_drive(const DenseView& w, Index replica, Index first, int lanes, const ListView& source, real gain,
                           const real* scale, real* drive) {
  real total[Width], chunk[Width];
  for (int l = 0; l < Width; ++l) total[l] = chunk[l] = 0;
  walk_in_chunks(
      source,
      [&](Index j, real x) {
        const real* row = w.row(replica, j) + first;
        for (int l = 0; l < lanes; ++l) chunk[l] += row[l] * x;
      },
      [&] {
        for (int l = 0; l < lanes; ++l) {
          total[l] += chunk[l];
          chunk[l] = 0;
        }
      });
  for (int l = 0; l < lanes; ++l) drive[l] += gain * (scale ? scale[l] * total[l] : total[l]);
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

/// Plasticity of the synapses of presynaptic unit j onto `lanes` neighbouring units.
template <class Rule>
ENGRAM_HD void dense_learn_row(const Rule& rule, const DenseView& w, Index replica, Index j, Index first, int lanes,
                               const ColumnPointers& pre, const ColumnPointers& post, const real* shared, bool keep_diagonal) {
  const std::size_t plane = w.plane_stride();
  real* row = w.row(replica, j) + first;
  real x[Rule::n_pre > 0 ? Rule::n_pre : 1];
  for (int c = 0; c < Rule::n_pre; ++c) x[c] = pre.at[c][j];
  const Index self = j - first;  // wraps to a large number where the diagonal is not in this tile
  const bool kept = keep_diagonal && self < static_cast<Index>(lanes);
  real before[Rule::n_values];
  for (int v = 0; v < Rule::n_values; ++v) before[v] = kept ? row[v * plane + self] : real(0);
  for (int l = 0; l < lanes; ++l) {
    real s[Rule::n_values], y[Rule::n_post > 0 ? Rule::n_post : 1];
    for (int v = 0; v < Rule::n_values; ++v) s[v] = row[v * plane + static_cast<std::size_t>(l)];
    for (int c = 0; c < Rule::n_post; ++c) y[c] = post.at[c][first + static_cast<Index>(l)];
    rule(s, x, y, shared);
    for (int v = 0; v < Rule::n_values; ++v) row[v * plane + static_cast<std::size_t>(l)] = s[v];
  }
  for (int v = 0; kept && v < Rule::n_values; ++v) row[v * plane + self] = before[v];
}

/// Plasticity over whole rows, then optionally the drive of the weights just written: one pass over the matrix.
/// `source` may be null: then only learn.
template <int Width, class Rule>
ENGRAM_HD void dense_learn_and_drive(const Rule& rule, const DenseView& w, Index replica, Index first, int lanes,
                                     const ColumnPointers& pre, const ColumnPointers& post, const real* shared,
                                     bool keep_diagonal, const real* source, real gain, real* drive) {
  real total[Width], chunk[Width];
  for (int l = 0; l < Width; ++l) total[l] = chunk[l] = 0;
  for (Index j = 0; j < w.n_pre; ++j) {
    dense_learn_row(rule, w, replica, j, first, lanes, pre, post, shared, keep_diagonal);
    if (source) {
      const real* row = w.row(replica, j) + first;
      const real transmitted = source[j];
      for (int l = 0; l < lanes; ++l) chunk[l] += row[l] * transmitted;
      if ((j + 1) % dense_chunk == 0 || j + 1 == w.n_pre)
        for (int l = 0; l < lanes; ++l) {
          total[l] += chunk[l];
          chunk[l] = 0;
        }
    }
  }
  if (source)
    for (int l = 0; l < lanes; ++l) drive[l] += gain * total[l];
}

/// Incoming sums in chunks, each row divided by its own; an empty row stays.
template <int Width>
ENGRAM_HD void dense_normalize(const DenseView& w, Index replica, Index first, int lanes, real target) {
  real total[Width], chunk[Width];
  for (int l = 0; l < Width; ++l) total[l] = chunk[l] = 0;
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

/// A rule on one synapse under scaled normalisation: it sees the effective weight. Returns the change of the raw sum.
template <class Rule>
ENGRAM_HD fixed learn_scaled(const Rule& rule, real& raw, real x, real o, const real* shared, real scale) {
  const fixed before = to_fixed(static_cast<double>(raw));
  real s = scale * raw;
  rule(&s, &x, &o, shared);
  raw = s / scale;
  return to_fixed(static_cast<double>(raw)) - before;
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

/// What a storage cannot do with a rule, in the words of every backend.
[[noreturn]] inline void refuse_lists(const char* rule) {
  throw Error(std::string("rule ") + rule + " needs columns, not lists of active units");
}
[[noreturn]] inline void refuse_outgoing(const char* rule) {
  throw Error(std::string("rule ") + rule + " creates synapses, which outgoing rows cannot; use dense storage");
}
[[noreturn]] inline void refuse_columns() { throw Error("outgoing rows learn from lists of active units"); }

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
