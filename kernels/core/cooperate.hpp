// What the threads of one block, or of all blocks, do together: integer atomics, whose order changes no bit, and a
// scan.
#pragma once

#include <atomic>

#include "kernels/core/block.hpp"

#if defined(__CUDACC__)
#include <cub/block/block_scan.cuh>
#endif

namespace engram::kernels {

template <class T>
ENGRAM_HD void atomic_add(T* at, T value) {
  static_assert(std::is_integral_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
#if defined(__CUDA_ARCH__)
  using Word = std::conditional_t<sizeof(T) == 8, unsigned long long, unsigned int>;
  atomicAdd(reinterpret_cast<Word*>(at), static_cast<Word>(value));
#else
  std::atomic_ref<T>(*at).fetch_add(value, std::memory_order_relaxed);
#endif
}

ENGRAM_HD void atomic_or(std::uint32_t* at, std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  atomicOr(at, bits);
#else
  std::atomic_ref<std::uint32_t>(*at).fetch_or(bits, std::memory_order_relaxed);
#endif
}

ENGRAM_HD void atomic_and(std::uint32_t* at, std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  atomicAnd(at, bits);
#else
  std::atomic_ref<std::uint32_t>(*at).fetch_and(bits, std::memory_order_relaxed);
#endif
}

ENGRAM_HD void atomic_max(Index* at, Index value) {
#if defined(__CUDA_ARCH__)
  atomicMax(at, value);
#else
  std::atomic_ref<Index> word(*at);
  for (Index now = word.load(std::memory_order_relaxed);
       now < value && !word.compare_exchange_weak(now, value, std::memory_order_relaxed);) {
  }
#endif
}

/// Running sums over the threads of a block.
template <Index threads, class T = std::uint64_t>
struct Scan {
  T sum[threads];
#if defined(__CUDACC__)
  using Of = cub::BlockScan<T, threads, cub::BLOCK_SCAN_WARP_SCANS>;
  typename Of::TempStorage place;
#endif

  ENGRAM_HD T before(Index t) const { return t ? sum[t - 1] : 0; }
  ENGRAM_HD T total() const { return sum[threads - 1]; }
};

/// Sums value(t) over the threads t.
template <Index threads, class T, class Value>
ENGRAM_HD void scan(const Block& block, Scan<threads, T>& s, Value value) {
#if defined(__CUDA_ARCH__)
  T sum;
  typename Scan<threads, T>::Of(s.place).InclusiveSum(value(static_cast<Index>(threadIdx.x)), sum);
  block.each([&](Index t) { s.sum[t] = sum; });
#else
  block.each([&](Index t) { s.sum[t] = value(t); });
  block.each([&](Index t) {
    for (Index other = 1; t == 0 && other < threads; ++other) s.sum[other] += s.sum[other - 1];
  });
#endif
}

}  // namespace engram::kernels
