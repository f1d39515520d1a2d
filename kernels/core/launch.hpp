// What the operations ask of the machine that runs their kernels. A Launcher is a class with
//   items(operation, nx, ny, f)   f(Index x, std::size_t y) for all x < nx, y < ny; neighbouring x are neighbours
//   blocks(operation, count, f)   f(Block, std::size_t index, F::Shared&) for count blocks of F::threads threads;
//                                 where f has shared_bytes(), only so many bytes of the shared memory are there
//   grid(operation, count, f)     f(Grid<F::Shared>) for such blocks, which wait for each other unless f.apart(); then
//                                 no more than processors()
//   clusters(operation, count, n, f)  f(Cluster<F::Shared>) for so many clusters of n such blocks
//   clusters_at_once(n, f)        how many of them the device runs at once; 0: it has none
//   processors()                  blocks of a grid that the device certainly runs at once; 0: none
//   shared_memory()               what the blocks of a processor share
//   zero(to, bytes)
//   multiply(weights, x, group, out)  Backend::multiply, by whatever has matrices there; the sizes fit
//   running_sums(from, to, count)     to[i] = from[0] + .. + from[i - 1], i <= count: integers, in any order
//   sort_by_key(keys, values, count)  ascending keys, each with its value; equal keys stay in their order
//   new_scratch()                 a name for scratch memory of an extension
//   scratch<T>(which, count)      memory that stays, zero at first
// CUDA's stands in cuda_launcher.hpp. The one in tests/testing runs the very same kernels on the host, so that what is
// left unproven without a GPU is the launch itself.
#pragma once

#include <algorithm>
#include <cstddef>

#include "engram/core/portable.hpp"

namespace engram::kernels {

/// Memory of a backend between the kernels of one operation. `sums` and `histogram` are all zero between operations.
/// Extensions have memory of their own, named by new_scratch.
enum class Scratch : std::size_t { chunks, totals, sums, histogram, tiles, tick, summary, products, count_ };

/// Shared memory of a GPU, in bytes.
struct SharedMemory {
  std::size_t of_processor = 233472,
              of_system = 1024;       ///< the system's part goes off for each block; as of capability 9.0
  std::size_t of_one_block = 232448;  ///< no block may have more

  /// What each block may have where so many of them share a processor.
  std::size_t of_block(std::size_t blocks) const {
    const std::size_t part = of_processor / blocks;
    return std::min(of_one_block, part > of_system ? part - of_system : 0);
  }
};

/// Below this many threads a sum over one unit's synapses is split over several: they would not fill a GPU, which holds
/// 2048 threads on each of some hundred processors. An estimate; not measured.
inline constexpr std::size_t enough_threads = 131072;

}  // namespace engram::kernels
