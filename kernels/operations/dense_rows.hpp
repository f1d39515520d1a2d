// What kernels over dense matrices share: the rows of a chunk, neighbouring units of a thread, and sums whose terms are
// read by many threads and added by one in their order.
#pragma once

#include "kernels/operations/sweep_parts.hpp"

namespace engram::kernels {

/// The units of a chunk.
struct Range {
  Index first, last;
};
ENGRAM_HD Range chunk_range(Index chunk, Index n_pre) {
  const Index first = chunk * dense_chunk;
  return {first, n_pre - first < dense_chunk ? n_pre : first + dense_chunk};
}

/// Values of neighbouring units, which a thread reads and writes in one instruction: 16 bytes a thread keep more of a
/// matrix on its way than 4.
template <int N>
struct alignas(N * sizeof(real)) Lanes {
  real at[N];
};
inline constexpr int wide_lanes = 4;

/// Whether rows begin where `wide_lanes` units may be read at once, and the threads that are left fill the device.
inline bool by_wide_lanes(const DenseView& w, std::size_t items) {
  constexpr std::size_t wide = sizeof(Lanes<wide_lanes>);
  return w.pitch % wide_lanes == 0 && reinterpret_cast<std::uintptr_t>(w.weight) % wide == 0 &&
         items / wide_lanes >= enough_threads / 4;
}

/// Calls f.operator()<M>(first) for the N neighbouring units of item x; one by one where they are not all there.
template <int N, class F>
ENGRAM_HD void by_lanes(Index x, Index units, F f) {
  const Index first = x * N;
  if (units - first >= N) return f.template operator()<N>(first);
  for (Index i = first; i < units; ++i) f.template operator()<1>(i);
}

/// Units that a block of ordered sums takes, and rows of them that it reads at once: a thread adds what eight read.
inline constexpr Index sum_units = 32, sum_threads = 256, sum_rows = 128;

/// What block `at` of ordered sums over `units` units takes: sum_units of them from `first` on.
struct Part {
  Index batch, first;
};
inline std::size_t parts(std::size_t batches, Index units) { return batches * ceil_div(units, sum_units); }
ENGRAM_HD Part part_of(std::size_t at, Index units) {
  const Index of_batch = ceil_div(units, sum_units);
  return {static_cast<Index>(at / of_batch), static_cast<Index>(at % of_batch) * sum_units};
}

struct OrderedSum {
  real term[sum_rows][sum_units], total[sum_units], part[sum_units];
  bool ends[sum_rows];
};

/// total[l] = the sum over `rows` rows of term(row, l), in the order of the rows, for sum_units units: the terms are
/// read side by side. After each row for which ends(row) is true the partial sum is closed.
template <class Term, class Ends>
ENGRAM_HD void sum_in_order(const Block& block, OrderedSum& s, Index rows, Term term, Ends ends) {
  constexpr Index high = sum_threads / sum_units, own = sum_rows / high;
  block.each([&](Index t) {
    if (t < sum_units) s.total[t] = s.part[t] = 0;
  });
  for (Index first = 0; first < rows; first += sum_rows) {
    const Index count = rows - first < sum_rows ? rows - first : sum_rows;
    block.each([&](Index t) {
      const Index l = t % sum_units, row = t / sum_units;
      real read[own];
      for (Index q = 0; q < own; ++q) read[q] = row + q * high < count ? term(first + row + q * high, l) : real(0);
      for (Index q = 0; q < own; ++q) s.term[row + q * high][l] = read[q];
      if (t < count) s.ends[t] = ends(first + t);
    });
    block.each([&](Index t) {
      if (t >= sum_units) return;
      real total = s.total[t], part = s.part[t];
      for (Index row = 0; row < count; ++row) {
        part += s.term[row][t];
        if (!s.ends[row]) continue;
        total += part;
        part = 0;
      }
      s.total[t] = total;
      s.part[t] = part;
    });
  }
}

/// The chunk sums of one batch, added in order: [chunk][post] from `sums` on.
ENGRAM_HD void add_chunks(const Block& block, OrderedSum& s, const real* sums, Index chunks, Index n_post,
                          Index first) {
  sum_in_order(
      block, s, chunks,
      [&](Index chunk, Index l) {
        return first + l < n_post ? sums[std::size_t{chunk} * n_post + first + l] : real(0);
      },
      [](Index) { return true; });
}

}  // namespace engram::kernels
