// One thread block: on the device its threads and a barrier, on the host a loop over them. A cooperative kernel is a
// sequence of phases; no thread enters a phase before all have left the last one. Code between two phases runs in every
// thread of the device: it may read of the shared storage only what the next phase does not write.
#pragma once

#include <functional>

#include "engram/core/portable.hpp"

namespace engram::kernels {

/// How the host runs the threads of one phase; tests choose other orders and real threads.
using PhaseRunner = void (*)(Index threads, const std::function<void(Index)>& thread);

struct Block {
  Index threads;
  PhaseRunner runner = nullptr;  ///< null: in ascending order
  /// Or as on the device: each thread of the block is one of the host, runs the whole kernel and meets the others here.
  void (*meet)(void*) = nullptr;
  void* place = nullptr;
  Index self = 0;

  template <class F>
  ENGRAM_HD void each(F&& thread) const {
#if defined(__CUDA_ARCH__)
    thread(static_cast<Index>(threadIdx.x));
    __syncthreads();
#else
    if (meet) {
      thread(self);
      return meet(place);
    }
    if (runner) return runner(threads, thread);
    for (Index t = 0; t < threads; ++t) thread(t);
#endif
  }
};

}  // namespace engram::kernels
