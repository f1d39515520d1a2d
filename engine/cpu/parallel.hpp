// Threads of the CPU backend: a static partition, so that who computes what never depends on timing.
#pragma once

#include <algorithm>
#include <cstddef>

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace engram::cpu {

/// As many as $OMP_NUM_THREADS says, but none without a processor of its own: that would only wait, and a system that
/// cannot start a thread ends the program.
inline int default_threads() {
#if defined(_OPENMP)
  return std::min(omp_get_max_threads(), omp_get_num_procs());
#else
  return 1;
#endif
}

/// Below this many elementary operations a second thread costs more than it brings (a fork and join is some 5 us).
inline constexpr std::size_t parallel_threshold = 32768;

/// Calls f(begin, end, thread) on disjoint ranges that cover 0 .. items-1; `work` is about the operations of all items.
template <class F>
void parallel_for(int threads, std::size_t items, std::size_t work, F&& f) {
  const auto used = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(threads), items));
#if defined(_OPENMP)
  if (used > 1 && work >= parallel_threshold) {
#pragma omp parallel num_threads(used)
    {
      const auto team = static_cast<std::size_t>(omp_get_num_threads()),
                 me = static_cast<std::size_t>(omp_get_thread_num());
      const std::size_t begin = items * me / team, end = items * (me + 1) / team;
      if (begin < end) f(begin, end, static_cast<int>(me));
    }
    return;
  }
#else
  static_cast<void>(used);
  static_cast<void>(work);
#endif
  if (items > 0) f(std::size_t{0}, items, 0);
}

}  // namespace engram::cpu
