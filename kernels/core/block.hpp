// One thread block: on the device its threads and a barrier, on the host a loop over them. A cooperative kernel is a
// sequence of phases; no thread enters a phase before all have left the last one. Code between two phases runs in every
// thread of the device: it may read of the shared storage only what the next phase does not write.
#pragma once

#include <functional>

#include "engram/core/portable.hpp"

#if defined(__CUDACC__)
#include <cooperative_groups.h>
#endif

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

/// All blocks of a launch as a sequence of phases: no block enters a phase before all have left the last one. So they
/// are on the device at the same time, each with its shared memory, which stays from phase to phase.
template <class Shared>
struct Grid {
  using Body = std::function<void(const Block&, std::size_t, Shared&)>;
  Index threads;
  /// Blocks that wait for no other: phases of a block follow each other as its own do.
  bool apart;
  Shared* shared = nullptr;                                       ///< of this block
  void (*runner)(const void* place, const Body& body) = nullptr;  ///< the host's way through all blocks of a phase
  const void* place = nullptr;

  /// body(block, index, shared)
  template <class F>
  ENGRAM_HD void each(F&& body) const {
    last(body);
#if defined(__CUDA_ARCH__)
    if (!apart) cooperative_groups::this_grid().sync();
#endif
  }
  /// The phase that no other follows.
  template <class F>
  ENGRAM_HD void last(F&& body) const {
#if defined(__CUDA_ARCH__)
    body(Block{threads}, std::size_t{blockIdx.x}, *shared);
#else
    runner(place, body);
#endif
  }
};

/// One block as a cluster of its own.
template <class Shared>
struct OneBlock {
  const Block& block;
  std::size_t index;
  Shared& shared;

  static constexpr Index blocks() { return 1; }
  ENGRAM_HD Shared& of(Index) const { return shared; }
  ENGRAM_HD const Shared& own() const { return shared; }
  template <class F>
  ENGRAM_HD void each(F&& body) const {
    body(block, Index{0}, shared);
  }
  template <class F>
  ENGRAM_HD void apart(F&& body) const {
    body(block, Index{0}, shared);
  }
};

/// A few blocks of a launch as a sequence of phases, which reach each other's shared memory: a thread-block cluster of
/// capability 9.0. No other blocks wait for them.
template <class Shared>
struct Cluster {
  using Body = std::function<void(const Block&, Index, Shared&)>;
  /// The host in place of the device: its way through a phase of one block, or of all where `self` is all_blocks; where
  /// a block meets the others; their memory.
  struct Host {
    virtual void phase(Index self, const Body& body) const = 0;
    virtual void meet() const = 0;
    virtual Shared& memory(Index rank) const = 0;
  };
  static constexpr Index all_blocks = 0xffffffffu;
  Index threads, count;
  std::size_t index;         ///< of the cluster
  Shared* shared = nullptr;  ///< of this block
  const Host* host = nullptr;
  Index self = all_blocks;

  ENGRAM_HD Index blocks() const { return count; }
  /// The shared memory of a block.
  ENGRAM_HD Shared& of(Index rank) const {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    return *cooperative_groups::this_cluster().map_shared_rank(shared, rank);
#elif defined(__CUDA_ARCH__)
    return *shared;  // no such card has clusters, and none is launched there
#else
    return host->memory(rank);
#endif
  }
  /// What all blocks find the same in theirs: for decisions between two phases.
  ENGRAM_HD const Shared& own() const {
#if defined(__CUDA_ARCH__)
    return *shared;
#else
    return host->memory(self == all_blocks ? 0 : self);
#endif
  }
  /// body(block, rank, shared); no block goes on before all are done.
  template <class F>
  ENGRAM_HD void each(F&& body) const {
    apart(body);
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    cooperative_groups::this_cluster().sync();
#elif !defined(__CUDA_ARCH__)
    if (self != all_blocks) host->meet();
#endif
  }
  /// Here a block waits for its own threads alone.
  template <class F>
  ENGRAM_HD void apart(F&& body) const {
#if defined(__CUDA_ARCH__)
    body(Block{threads}, static_cast<Index>(blockIdx.x) % count, *shared);
#else
    host->phase(self, body);
#endif
  }
};

}  // namespace engram::kernels
