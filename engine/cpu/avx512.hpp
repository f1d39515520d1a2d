// Vectors of AVX-512 over the engine's numbers: loads under a mask, comparisons that give one, and what packs the
// values that it names. ENGRAM_HAS_AVX512 where the compiler can make them; whether the processor has them is asked at
// run time.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(ENGRAM_NO_CLONES)
#define ENGRAM_HAS_AVX512

#include <immintrin.h>

#include "engram/core/portable.hpp"

#define ENGRAM_AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,bmi,bmi2,popcnt")))

namespace engram::cpu::avx512 {

#if defined(ENGRAM_DOUBLE)
using Reals = __m512d;
using Indices = __m256i;
using Mask = __mmask8;
constexpr Index lanes = 8;
ENGRAM_AVX512 inline Reals load(const real* p, Mask m) { return _mm512_maskz_loadu_pd(m, p); }
ENGRAM_AVX512 inline Reals spread(real x) { return _mm512_set1_pd(x); }
template <int compare>
ENGRAM_AVX512 inline Mask test(Mask m, Reals a, Reals b) {
  return _mm512_mask_cmp_pd_mask(m, a, b, compare);
}
ENGRAM_AVX512 inline void pack(real* to, Mask m, Reals x) { _mm512_storeu_pd(to, _mm512_maskz_compress_pd(m, x)); }
ENGRAM_AVX512 inline void pack(Index* to, Mask m, Indices x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_maskz_compress_epi32(m, x));
}
ENGRAM_AVX512 inline void pack_exactly(Index* to, Mask m, Indices x) {
  _mm256_mask_storeu_epi32(to, static_cast<Mask>(_bzhi_u32(0xff, static_cast<unsigned>(__builtin_popcount(m)))),
                           _mm256_maskz_compress_epi32(m, x));
}
ENGRAM_AVX512 inline Indices counting_from(Index i) {
  return _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(i)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
ENGRAM_AVX512 inline Indices load(const Index* p, Mask m) { return _mm256_maskz_loadu_epi32(m, p); }
#else
using Reals = __m512;
using Indices = __m512i;
using Mask = __mmask16;
constexpr Index lanes = 16;
ENGRAM_AVX512 inline Reals load(const real* p, Mask m) { return _mm512_maskz_loadu_ps(m, p); }
ENGRAM_AVX512 inline Reals spread(real x) { return _mm512_set1_ps(x); }
template <int compare>
ENGRAM_AVX512 inline Mask test(Mask m, Reals a, Reals b) {
  return _mm512_mask_cmp_ps_mask(m, a, b, compare);
}
ENGRAM_AVX512 inline void pack(real* to, Mask m, Reals x) { _mm512_storeu_ps(to, _mm512_maskz_compress_ps(m, x)); }
ENGRAM_AVX512 inline void pack(Index* to, Mask m, Indices x) {
  _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(m, x));
}
ENGRAM_AVX512 inline void pack_exactly(Index* to, Mask m, Indices x) {
  _mm512_mask_storeu_epi32(to, static_cast<Mask>(_bzhi_u32(0xffff, static_cast<unsigned>(__builtin_popcount(m)))),
                           _mm512_maskz_compress_epi32(m, x));
}
ENGRAM_AVX512 inline Indices counting_from(Index i) {
  return _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(i)),
                          _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}
ENGRAM_AVX512 inline Indices load(const Index* p, Mask m) { return _mm512_maskz_loadu_epi32(m, p); }
#endif

constexpr Mask every = static_cast<Mask>(~0u);
ENGRAM_AVX512 inline Mask first_lanes(Index n) { return static_cast<Mask>(n >= lanes ? every : _bzhi_u32(every, n)); }
ENGRAM_AVX512 inline Index count_of(Mask m) { return static_cast<Index>(__builtin_popcount(m)); }

inline bool in_processor() {
  static const bool found = __builtin_cpu_supports("x86-64-v4");
  return found;
}

}  // namespace engram::cpu::avx512

#endif
