// Plasticity of dense matrices as kernels.
#pragma once

#include "kernels/operations/dense_rows.hpp"

// A loop over an array of the thread must have no index that only runs knows: such an array lies in memory.
#if defined(__CUDACC__)
#define ENGRAM_UNROLL _Pragma("unroll")
#else
#define ENGRAM_UNROLL
#endif

namespace engram::kernels {

/// Plasticity of the synapses of `Rows` presynaptic units from j on onto N neighbouring units; with `Drive`, sum[l] +=
/// the new weights * source, in the order of the rows. All rows are read before one is written: no compiler may move a
/// read over a write, and the thread would wait for memory once a row.
template <int Rows, bool Drive, int N, class Rule>
ENGRAM_HD void learn_rows(const Rule& rule, const DenseView& w, Index replica, Index j, Index first,
                          const ColumnPointers& pre, const ColumnPointers& post, const real* shared, bool keep_diagonal,
                          const real* source, Lanes<N>& sum) {
  constexpr int values = Rule::n_values, n_pre = Rule::n_pre > 0 ? Rule::n_pre : 1,
                n_post = Rule::n_post > 0 ? Rule::n_post : 1;
  real* const start = w.row(replica, j) + first;
  const auto lanes = [&](int r, int v) {
    return reinterpret_cast<Lanes<N>*>(start + static_cast<std::size_t>(r) * w.pitch + v * w.plane_stride());
  };
  const bool one_array = Rule::n_pre > 0 && source == pre.at[0];  // a network that drives itself
  Lanes<N> s[Rows][values];
  real x[Rows][n_pre], transmitted[Rows];
  ENGRAM_UNROLL
  for (int r = 0; r < Rows; ++r) {
    ENGRAM_UNROLL
    for (int v = 0; v < values; ++v) s[r][v] = *lanes(r, v);
    ENGRAM_UNROLL
    for (int c = 0; c < Rule::n_pre; ++c) x[r][c] = pre.at[c][j + static_cast<Index>(r)];
    if (Drive) transmitted[r] = one_array ? x[r][0] : source[j + static_cast<Index>(r)];
  }
  real o[N][n_post];
  ENGRAM_UNROLL
  for (int l = 0; l < N; ++l) {
    ENGRAM_UNROLL
    for (int c = 0; c < Rule::n_post; ++c) o[l][c] = post.at[c][first + static_cast<Index>(l)];
  }
  ENGRAM_UNROLL
  for (int r = 0; r < Rows; ++r) {
    ENGRAM_UNROLL
    for (int l = 0; l < N; ++l) {
      real own[values];
      ENGRAM_UNROLL
      for (int v = 0; v < values; ++v) own[v] = s[r][v].at[l];
      rule(own, x[r], o[l], shared);
      const bool kept = keep_diagonal && first + static_cast<Index>(l) == j + static_cast<Index>(r);
      ENGRAM_UNROLL
      for (int v = 0; v < values; ++v) s[r][v].at[l] = kept ? s[r][v].at[l] : own[v];
      if (Drive) sum.at[l] += s[r][0].at[l] * transmitted[r];
    }
    ENGRAM_UNROLL
    for (int v = 0; v < values; ++v) *lanes(r, v) = s[r][v];
  }
}

/// Plasticity of one chunk of N units, then the sum of the new weights times `source`. y = replica * chunks + chunk.
/// The N units are of one layer.
template <class Rule, int N>
struct LearnChunk {
  ColumnPlasticity<Rule> p;
  DenseView w;
  Batch<const real> source;
  Index chunks;
  real* sums;  ///< null: only learn

  template <bool Drive, int M>
  ENGRAM_HD void walk(Index first, std::size_t y) const {
    const auto r = static_cast<Index>(y / chunks);
    const Range range = chunk_range(static_cast<Index>(y % chunks), w.n_pre);
    const ColumnPointers x = columns_of(p.pre.columns, r), o = columns_of(p.post.columns, r);
    const real* const layer = shared_values<Rule>() ? p.layers.of_unit(r, first) : nullptr;
    const real* const from = Drive ? source.at(r) : nullptr;
    Lanes<M> sum{};
    Index j = range.first;
    // Rules of many values a synapse have no registers left for several rows.
    constexpr int rows = Rule::n_values > 1 && Rule::n_post > 1 ? 1 : rows_at_once;
    for (; j + rows <= range.last; j += rows)
      learn_rows<rows, Drive>(p.rule, w, r, j, first, x, o, layer, p.keep_diagonal, from, sum);
    for (; j < range.last; ++j) learn_rows<1, Drive>(p.rule, w, r, j, first, x, o, layer, p.keep_diagonal, from, sum);
    for (int l = 0; Drive && l < M; ++l) sums[y * w.n_post + first + static_cast<Index>(l)] = sum.at[l];
  }

  ENGRAM_HD void operator()(Index x, std::size_t y) const {
    by_lanes<N>(x, w.n_post, [&]<int M>(Index first) { sums ? walk<true, M>(first, y) : walk<false, M>(first, y); });
  }
};

/// Plasticity of one synapse from columns of all batches that share it. y = replica * n_pre + pre.
template <class Rule>
struct LearnSynapse {
  ColumnPlasticity<Rule> p;
  DenseView w;

  ENGRAM_HD void operator()(Index i, std::size_t y) const {
    const auto r = static_cast<Index>(y / w.n_pre), j = static_cast<Index>(y % w.n_pre);
    if (p.kept(j, i)) return;
    const fixed gained = p.learn_in_place(r, j, i, w.row(r, j) + i, w.plane_stride());
    if (p.scaling.scale) atomic_add(p.scaling.sum.at(r) + i, gained);
  }
};

/// Plasticity of pairs of active units. x is the place in the postsynaptic list, y = batch * capacity + place in pre.
template <class Rule>
struct LearnPair {
  ListPlasticity<Rule> p;
  DenseView w;
  Index capacity;

  ENGRAM_HD void operator()(Index c, std::size_t y) const {
    const auto b = static_cast<Index>(y / capacity), a = static_cast<Index>(y % capacity), r = b / p.group;
    const ListView from = list_of(p.pre.list, b), to = list_of(p.post.list, b);
    if (a >= from.count || c >= to.count) return;
    const Index j = from.unit(a), i = to.unit(c);
    if (p.kept(j, i) || !p.first(r, b, j, i)) return;
    real* const weight = w.row(r, j) + i;
    const fixed gained =
        p.group == 1 ? p.learn_pair(r, i, from.at(a), to.at(c), weight) : p.learn_in_place(r, j, i, weight);
    if (p.scaling.scale) atomic_add(p.scaling.sum.at(r) + i, gained);
  }
};

}  // namespace engram::kernels
