#include "engine/models/leabra/cpu/walks.hpp"

#include <algorithm>

#include "kernels/operations/bodies.hpp"
#include "kernels/operations/incoming_rows.hpp"

namespace engram::leabra {

using namespace bodies;

namespace {

constexpr int lane_line = 64 / sizeof(real);
constexpr Index lanes = 32 / sizeof(real);  ///< of a vector of AVX2
using LaneVector [[gnu::vector_size(64)]] = real;

/// Senders of one chunk that are not silent, then room for those that come next.
struct Senders {
  Index unit[dense_chunk + rows_at_once];
  real value[dense_chunk];
  int count;

  ENGRAM_HD Senders(const real* source, Index first, Index end) : count(0) {
    for (Index j = first; j < end; ++j) {
      unit[count] = j;
      value[count] = source[j];
      count += source[j] != real(0);
    }
  }
  /// What is asked for while the last ones are added.
  ENGRAM_HD void go_on_with(const Senders& next) {
    for (int k = 0; k < static_cast<int>(rows_at_once); ++k)
      unit[count + k] = k < next.count ? next.unit[k] : unit[count ? count - 1 : 0];
  }
};

/// Adds `Rows` rows in their order to sums of a chunk. With `Ask` the rows that come next (`ahead`) are asked for here.
template <int Rows, bool Ask>
ENGRAM_HD void add_rows(const real* start, std::size_t pitch, const Index* unit, const Index* ahead, const real* value,
                        int lines, LaneVector* chunk) {
  const LaneVector *row[Rows], *later[Rows];
  real x[Rows];
  for (int r = 0; r < Rows; ++r) {
    row[r] = reinterpret_cast<const LaneVector*>(start + unit[r] * pitch);
    later[r] = reinterpret_cast<const LaneVector*>(start + ahead[r] * pitch);
    x[r] = value[r];
  }
  for (int l = 0; l < lines; ++l) {
    LaneVector sum = chunk[l];
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      sum += row[r][l] * x[r];
      if constexpr (Ask) __builtin_prefetch(later[r] + l, 0, 2);
    }
    chunk[l] = sum;
  }
}

/// Adds the rows of all senders of a chunk.
template <bool Ask>
ENGRAM_HD void add_senders(const real* start, std::size_t pitch, const Senders& senders, int lines, LaneVector* chunk) {
  constexpr int eight = static_cast<int>(rows_at_once);
  const Index* const unit = senders.unit;
  const real* const value = senders.value;
  int k = 0;
  for (; k + eight <= senders.count; k += eight)
    add_rows<eight, Ask>(start, pitch, unit + k, unit + k + eight, value + k, lines, chunk);
  for (; k + 2 <= senders.count; k += 2)
    add_rows<2, Ask>(start, pitch, unit + k, unit + k + 2, value + k, lines, chunk);
  if (k < senders.count) add_rows<1, Ask>(start, pitch, unit + k, unit + k + 1, value + k, lines, chunk);
}

/// Units of a layer through a cycle.
ENGRAM_HD void move_units(const real* table, real* const* column, const real* net, Index first, Index last,
                          const real* layer, real gc_i) {
#pragma GCC ivdep
  for (Index i = first; i < last; ++i) {
    real c[LeabraUnit::n_columns], moved[LeabraUnit::avg_ss];
    for (int k = 0; k < LeabraUnit::n_written; ++k) c[k] = column[k][i];
    c[LeabraUnit::net] = net[i];
    c[LeabraUnit::gc_i] = gc_i;
    LeabraUnit::live(c, layer, table, moved);
    for (int k = 0; k < LeabraUnit::avg_ss; ++k) c[k] = moved[k];
    LeabraUnit::average(c, layer);
    for (int k = 0; k < LeabraUnit::n_written; ++k) column[k][i] = c[k];
  }
}

/// Few receivers: their sums stay in registers.
template <int Lines>
ENGRAM_HD void narrow_total(const DenseView& w, const real* start, const real* source, real* total) {
  LaneVector all[Lines] = {};
  for (Index begin = 0; begin < w.n_pre; begin += dense_chunk) {
    const Index end = std::min(begin + dense_chunk, w.n_pre);
    LaneVector sum[Lines] = {};
    for (Index j = begin; j < end; ++j) {
      const LaneVector* const row = reinterpret_cast<const LaneVector*>(start + j * w.pitch);
#pragma GCC unroll 4
      for (int v = 0; v < Lines; ++v) sum[v] += row[v] * source[j];
    }
    for (int v = 0; v < Lines; ++v) all[v] += sum[v];
  }
  for (int v = 0; v < Lines; ++v) reinterpret_cast<LaneVector*>(total)[v] = all[v];
}

}  // namespace

ENGRAM_CLONES void walk_net(const UnitRows& rows, Index first, Index last, const real* layer, Seen& seen) {
  namespace u = unit_value;
  real *const net = rows.at(u::net), *const input = rows.at(u::input), *const g = rows.at(u::g);
  const real *const given = rows.at(u::given), *const noise = rows.at(u::noise), *const bias = rows.at(u::bias);
#pragma GCC ivdep
  for (Index i = first; i < last; ++i) {
    real c[LeabraNet::n_columns] = {net[i], input[i], g[i], given[i], noise[i], bias[i]};
    LeabraNet{}(c, layer);
    net[i] = c[LeabraNet::net];
    input[i] = c[LeabraNet::input];
    g[i] = c[LeabraNet::g];
  }
  Seen own;
  for (Index i = first; i < last; ++i) own.add(static_cast<double>(net[i]));
  seen = own;
}

ENGRAM_CLONES void walk_units(const UnitRows& rows, Index first, Index last, const real* layer, real gc_i,
                              const real* table, Seen& seen) {
  namespace u = unit_value;
  const real* const own_table = LeabraUnit::table_of(table, layer);
  constexpr int written = LeabraUnit::n_written;
  real* const column[written] = {rows.at(u::act_nd), rows.at(u::act),    rows.at(u::i_net), rows.at(u::i_net_r),
                                 rows.at(u::v_m),    rows.at(u::v_m_eq), rows.at(u::adapt), rows.at(u::spike),
                                 rows.at(u::avg_ss), rows.at(u::avg_s),  rows.at(u::avg_m)};
  const real* const net = rows.at(u::net);
  const Index rest = (last - first) % lanes, whole = last - rest;
  move_units(own_table, column, net, first, whole, layer, gc_i);
  if (rest >
      0) {  // the last ones as lanes of one vector as well, on a copy: one by one they would take most of the time
    real copy[written + 1][lanes] = {}, *copied[written];
    for (int k = 0; k < written; ++k) {
      copied[k] = copy[k];
      for (Index i = 0; i < rest; ++i) copy[k][i] = column[k][whole + i];
    }
    for (Index i = 0; i < rest; ++i) copy[written][i] = net[whole + i];
    move_units(own_table, copied, copy[written], 0, lanes, layer, gc_i);
    for (int k = 0; k < written; ++k)
      for (Index i = 0; i < rest; ++i) column[k][whole + i] = copy[k][i];
  }
  Seen own;
  for (Index i = first; i < last; ++i) own.add(static_cast<double>(column[LeabraUnit::act][i]));
  seen = own;
}

ENGRAM_CLONES void walk_averages(const UnitRows& rows, Index first, Index last, const real* layer) {
  namespace u = unit_value;
  const real* const act = rows.at(u::act);
  real *const ss = rows.at(u::avg_ss), *const s = rows.at(u::avg_s), *const m = rows.at(u::avg_m);
#pragma GCC ivdep
  for (Index i = first; i < last; ++i) {
    real c[LeabraUnit::n_columns];
    c[LeabraUnit::act] = act[i];
    c[LeabraUnit::avg_ss] = ss[i];
    c[LeabraUnit::avg_s] = s[i];
    c[LeabraUnit::avg_m] = m[i];
    LeabraUnit::average(c, layer);
    ss[i] = c[LeabraUnit::avg_ss];
    s[i] = c[LeabraUnit::avg_s];
    m[i] = c[LeabraUnit::avg_m];
  }
}

ENGRAM_CLONES void walk_sum(const real* x, Index first, Index last, Seen& seen) {
  Seen own;
  for (Index i = first; i < last; ++i) own.add(static_cast<double>(x[i]));
  seen = own;
}

ENGRAM_CLONES void walk_scale(const LeabraScale& rule, Index first, Index last, const real* connections, real mean,
                              real* scale) {
#pragma GCC ivdep
  for (Index i = first; i < last; ++i) {
    real c[LeabraScale::n_columns] = {scale[i], connections[i]};
    rule(c, &mean);
    scale[i] = c[LeabraScale::scale];
  }
}

ENGRAM_CLONES void walk_weights(const DenseView& w, Index replica, Index first, int lanes, const real* source,
                                real* total) {
  const real* const start = w.row(replica, 0) + first;
  const int lines = ceil_div(lanes, lane_line);
  if (lines == 1) return narrow_total<1>(w, start, source, total);
  if (lines == 2) return narrow_total<2>(w, start, source, total);
  // Rows are whole lines. The hardware foresees nothing beyond a page of memory; within it, asking costs time (512
  // units: 0.23 ms a cycle with it, 0.19 without).
  constexpr int wide = 4096 / lane_line, page = 4096 / 64;
  LaneVector chunk[wide];
  for (int at = 0; at < lines; at += wide) {
    const int width = std::min(wide, lines - at);
    const real* const part = start + at * lane_line;
    LaneVector* const to = reinterpret_cast<LaneVector*>(total) + at;
    for (int l = 0; l < width; ++l) to[l] = LaneVector{};
    Senders senders(source, 0, std::min(dense_chunk, w.n_pre));
    for (Index begin = 0; begin < w.n_pre; begin += dense_chunk) {
      const Index end = std::min(begin + dense_chunk, w.n_pre);
      const Senders next(source, end, std::min(end + dense_chunk, w.n_pre));
      senders.go_on_with(next);
      if (senders.count > 0) {
        for (int l = 0; l < width; ++l) chunk[l] = LaneVector{};
        if (width >= page)
          add_senders<true>(part, w.pitch, senders, width, chunk);
        else
          add_senders<false>(part, w.pitch, senders, width, chunk);
        for (int l = 0; l < width; ++l) to[l] += chunk[l];
      }
      senders = next;
    }
  }
}

ENGRAM_CLONES void walk_rows(const IncomingView& w, Index replica, Index first, int lanes, const real* source,
                             real* total) {
  real sum[slice_lanes];
  for (int at = 0; at < lanes; at += static_cast<int>(slice_lanes)) {
    sum_rows(w, replica, (first + static_cast<Index>(at)) / slice_lanes, 0, sum,
             [&](real weight, Index j) { return weight * source[j]; });
    std::copy_n(sum, std::min(static_cast<int>(slice_lanes), lanes - at), total + at);
  }
}

}  // namespace engram::leabra
