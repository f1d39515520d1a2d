// What the threads of one block, or of all blocks, do together: integer atomics, whose order changes no bit, and a
// scan.
#pragma once

#include <atomic>

#include "kernels/core/block.hpp"

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

/// Running sums over the threads of a block (Hillis and Steele 1986); `threads` is a power of two.
template <Index threads>
struct Scan {
  std::uint64_t sum[2][threads];

  static constexpr int last = [] {  // which of the two buffers holds the result
    int steps = 0;
    for (Index d = 1; d < threads; d *= 2) ++steps;
    return steps % 2;
  }();
  ENGRAM_HD std::uint64_t before(Index t) const { return t ? sum[last][t - 1] : 0; }
  ENGRAM_HD std::uint64_t total() const { return sum[last][threads - 1]; }
};

/// Sums value(t) over the threads t.
template <Index threads, class Value>
ENGRAM_HD void scan(const Block& block, Scan<threads>& s, Value value) {
  block.each([&](Index t) { s.sum[0][t] = value(t); });
  int from = 0;
  for (Index distance = 1; distance < threads; distance *= 2, from ^= 1)
    block.each([&](Index t) { s.sum[from ^ 1][t] = s.sum[from][t] + (t >= distance ? s.sum[from][t - distance] : 0); });
}

}  // namespace engram::kernels
