// Where a launch enters the device: a kernel of CUDA for each shape of the structs that are kernels here.
#pragma once

#include "kernels/core/block.hpp"

namespace engram::kernels {

inline constexpr Index item_threads = 128;  ///< of a block of independent items

#if defined(__CUDACC__)
template <class F>
__global__ void __launch_bounds__(item_threads, 1) run_items(Index nx, std::size_t ny, F f) {
  const std::size_t x = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (x >= nx) return;
  for (std::size_t y = std::size_t{blockIdx.y} * blockDim.y + threadIdx.y; y < ny;
       y += std::size_t{gridDim.y} * blockDim.y)
    f(static_cast<Index>(x), y);
}

template <class F>
__global__ void __launch_bounds__(F::threads, 1) run_blocks(F f) {
  __shared__ typename F::Shared shared;
  f(Block{F::threads}, std::size_t{blockIdx.x}, shared);
}

/// The same with memory sized at the launch, which may exceed the 48 kB that a declaration may have. Three such blocks
/// of 128 threads, or one of 384, are meant to share a processor, so they may not take more of its registers.
template <class F>
__global__ void __launch_bounds__(F::threads, F::threads < 384 ? 384 / F::threads : 1) run_sized_blocks(F f) {
  extern __shared__ __align__(16) unsigned char memory[];
  f(Block{F::threads}, std::size_t{blockIdx.x}, *reinterpret_cast<typename F::Shared*>(memory));
}
/// Blocks that reach each other's shared memory, a processor each.
template <class F>
__global__ void __launch_bounds__(F::threads, 1) run_clusters(Index count, F f) {
  extern __shared__ __align__(16) unsigned char memory[];
  f(Cluster<typename F::Shared>{F::threads, count, std::size_t{blockIdx.x} / count,
                                reinterpret_cast<typename F::Shared*>(memory)});
}
/// Blocks whose phases may be those of the whole launch.
template <class F>
__global__ void __launch_bounds__(F::threads, 1) run_grid(F f) {
  extern __shared__ __align__(16) unsigned char memory[];
  f(Grid<typename F::Shared>{F::threads, f.apart(), reinterpret_cast<typename F::Shared*>(memory)});
}
#endif

}  // namespace engram::kernels
