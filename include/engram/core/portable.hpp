// Words every file shares: host/device markers, number types, and the conversion to integer sums.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__CUDACC__)
#define ENGRAM_HD __host__ __device__ __forceinline__
#else
// Inlined by force, so that a body takes the instruction set of the cloned loop that calls it (see ENGRAM_CLONES).
#define ENGRAM_HD inline __attribute__((always_inline))
#endif

// A hot loop of the CPU backend is compiled once per instruction set and chosen when the program starts. A lambda
// within it would not be cloned.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__) && \
    !defined(ENGRAM_NO_CLONES)
#define ENGRAM_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ENGRAM_CLONES
#endif

namespace engram {

#if defined(ENGRAM_DOUBLE)
using real = double;
inline constexpr const char* precision_name = "double";
#else
using real = float;
inline constexpr const char* precision_name = "float";
#endif

using Index = std::uint32_t;  ///< a unit of one population, or a synapse slot of one row
using Tick = std::uint64_t;   ///< a step of the simulation
using fixed = std::int64_t;   ///< a sum whose order does not matter, in units of 2^-32

inline constexpr double fixed_unit = 4294967296.0;  // 2^32

/// Rounds `x` to the nearest multiple of 2^-32; saturates at +-2^19. NaN counts as the upper limit.
/// Adding a large constant leaves the rounded integer in the low bits of the mantissa; unlike llrint this vectorises.
ENGRAM_HD fixed to_fixed(double x) {
  constexpr double limit = 2251799813685247.0;  // 2^51 - 1, the widest value that the constant can hold
  constexpr double magic = 6755399441055744.0;  // 1.5 * 2^52
  double scaled = x * fixed_unit;
  scaled = scaled < limit ? scaled : limit;
  scaled = scaled > -limit ? scaled : -limit;
  union {
    double number;
    fixed bits;
  } shifted, zero;
  shifted.number = scaled + magic;
  zero.number = magic;
  return shifted.bits - zero.bits;
}

ENGRAM_HD real from_fixed(fixed sum) { return static_cast<real>(static_cast<double>(sum) * (1.0 / fixed_unit)); }

/// Division rounded up.
template <class T>
ENGRAM_HD constexpr T ceil_div(T a, T b) {
  return (a + b - 1) / b;
}

}  // namespace engram
