// Parallel work in more pieces than threads, for a core that also serves others would else hold up the rest.
#pragma once

#include "parallel.hpp"

namespace engram::cpu {

/// Pieces of `items` items for so many threads: eight a thread, so that the last one costs at most an eighth of a share.
inline std::size_t pieces_of(int threads, std::size_t items) {
  return std::min<std::size_t>(static_cast<std::size_t>(threads) * 8, items);
}

/// Calls f(begin, end, piece) on disjoint ranges that cover 0 .. items-1, piece by piece as threads become free: only for
/// work whose result does not depend on who does it. `work` is about the operations of all items.
template <class F>
void parallel_pieces(int threads, std::size_t items, std::size_t work, F&& f) {
  const std::size_t pieces = pieces_of(threads, items);
  const auto piece = [&](std::size_t p) { f(items * p / pieces, items * (p + 1) / pieces, p); };
#if defined(_OPENMP)
  if (threads > 1 && work >= parallel_threshold) {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (std::size_t p = 0; p < pieces; ++p) piece(p);
    return;
  }
#endif
  for (std::size_t p = 0; p < pieces; ++p) piece(p);
}

}  // namespace engram::cpu
