// The loops of the selection in AVX-512: a compare gives a mask, a compress packs what it names. Same results as the
// portable loops beside it in top_k.cpp, which say what each does.
#pragma once

#include <immintrin.h>

#include <algorithm>

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

struct Split {
  Index above, below, equal;
};

/// `above` and `below` need room for a vector beyond their values; either may be `values` itself.
ENGRAM_AVX512 inline Split split(const real* values, Index n, real pivot, real* above, real* below) {
  const Reals p = spread(pivot);
  Split s{0, 0, 0};
  for (Index i = 0; i < n; i += lanes) {
    const Mask inside = first_lanes(n - i);
    const Reals x = load(values + i, inside);
    const Mask greater = test<_CMP_GT_OQ>(inside, x, p), less = test<_CMP_LT_OQ>(inside, x, p);
    pack(above + s.above, greater, x);
    pack(below + s.below, less, x);
    s.above += count_of(greater);
    s.below += count_of(less);
    s.equal += count_of(test<_CMP_EQ_OQ>(inside, x, p));
  }
  return s;
}

struct Found {
  Index next, count;
};

ENGRAM_AVX512 inline Found gather_from(const real* score, Index begin, Index n, real least, Index room, real* value,
                                       Index* index, Index count) {
  const Reals t = spread(least);
  Index i = begin;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    const Reals x0 = load(score + i, every), x1 = load(score + i + lanes, every),
                x2 = load(score + i + 2 * lanes, every), x3 = load(score + i + 3 * lanes, every);
    const Mask m0 = test<_CMP_GE_OQ>(every, x0, t), m1 = test<_CMP_GE_OQ>(every, x1, t),
               m2 = test<_CMP_GE_OQ>(every, x2, t), m3 = test<_CMP_GE_OQ>(every, x3, t);
    if (!(m0 | m1 | m2 | m3)) continue;
    if (count + 4 * lanes > room) return {i, count};
    const Reals x[] = {x0, x1, x2, x3};
    const Mask m[] = {m0, m1, m2, m3};
    for (Index v = 0; v < 4; ++v) {
      if (!m[v]) continue;
      pack(value + count, m[v], x[v]);
      pack(index + count, m[v], counting_from(i + v * lanes));
      count += count_of(m[v]);
    }
  }
  for (; i < n; i += lanes) {
    if (count + lanes > room) return {i, count};
    const Mask inside = first_lanes(n - i);
    const Reals x = load(score + i, inside);
    const Mask m = test<_CMP_GE_OQ>(inside, x, t);
    pack(value + count, m, x);
    pack(index + count, m, counting_from(i));
    count += count_of(m);
  }
  return {n, count};
}

ENGRAM_AVX512 inline void emit(const real* value, const Index* index, Index n, real last, Index ties, Index k,
                               Index* out) {
  const Reals t = spread(last);
  Index written = 0;
  for (Index i = 0; i < n && written < k; i += lanes) {
    const Mask inside = first_lanes(n - i);
    const Reals x = load(value + i, inside);
    Mask m = test<_CMP_GT_OQ>(inside, x, t);
    if (const Mask equal = test<_CMP_EQ_OQ>(inside, x, t); equal && ties) {
      const Index taken = std::min(ties, count_of(equal));
      m = static_cast<Mask>(m | _pdep_u32(_bzhi_u32(~0u, taken), equal));
      ties -= taken;
    }
    if (!m) continue;
    pack_exactly(out + written, m, index ? load(index + i, inside) : counting_from(i));
    written += count_of(m);
  }
}

}  // namespace engram::cpu::avx512
