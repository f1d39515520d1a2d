// Rows in vectors, and how the activity of their presynaptic units is looked up. Included by rows.ipp alone, that is
// once per instruction set.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "kernels/sorn/rows.hpp"

namespace engram::cpu {
namespace {

/// Rows of a slice in one vector: what a register holds. g++ 12 takes wider vectors apart through memory: with 16 rows
/// at a time a step of 200 units takes 18 us in place of 6 where registers are those of AVX2.
#if defined(__AVX512F__)
inline constexpr Index row_lanes = 16;
#elif defined(__AVX2__)
inline constexpr Index row_lanes = 32 / sizeof(real);
#else
inline constexpr Index row_lanes = 4;
#endif
static_assert(slice_lanes % row_lanes == 0);

inline constexpr std::size_t row_bytes = row_lanes * sizeof(real);
typedef real Reals __attribute__((vector_size(row_bytes), aligned(row_bytes < 64 ? row_bytes : 64), may_alias));
typedef std::uint32_t Words __attribute__((vector_size(row_lanes * 4), may_alias));
typedef std::int32_t Ints __attribute__((vector_size(row_lanes * 4), may_alias));

/// 0 and 1 as numbers.
ENGRAM_HD Reals numbers_of(Words bit) { return __builtin_convertvector(reinterpret_cast<Ints>(bit), Reals); }

/// Rows follow each other in memory until they grow: lines some 64 slots ahead.
ENGRAM_HD void prefetch_rows(const Index* unit, const real* weight) {
  constexpr std::size_t ahead = 1024;
  __builtin_prefetch(unit + ahead);
  __builtin_prefetch(weight + ahead);
}

struct VectorRows {
  using R = Reals;
  using W = Words;
  ENGRAM_HD static R load(const real* p) { return *reinterpret_cast<const R*>(p); }
  ENGRAM_HD static void store(real* p, R value) { *reinterpret_cast<R*>(p) = value; }
  ENGRAM_HD static W load(const Index* p) { return *reinterpret_cast<const W*>(p); }
  static constexpr Index slots_at_once = 1;  ///< of each row

#if defined(__AVX512F__)
  // Masks: a product is a masked move, what is kept of a slot two bytes. With numbers 0 and 1 in their place a step of
  // 1,000 units takes 6.7 us in place of 6.4.
  struct Bit {
    __mmask16 on;
    ENGRAM_HD friend R operator*(R a, Bit b) {
      if constexpr (sizeof(real) == sizeof(float)) {
        __m512 all;
        __builtin_memcpy(&all, &a, sizeof all);
        all = _mm512_maskz_mov_ps(b.on, all);
        __builtin_memcpy(&a, &all, sizeof all);
        return a;
      } else {
        __m512d half[2];
        __builtin_memcpy(half, &a, sizeof half);
        half[0] = _mm512_maskz_mov_pd(static_cast<__mmask8>(b.on), half[0]);
        half[1] = _mm512_maskz_mov_pd(static_cast<__mmask8>(b.on >> 8), half[1]);
        __builtin_memcpy(&a, half, sizeof half);
        return a;
      }
    }
  };
  struct Kept {
    __mmask16 slots[bodies::kept_slots];
    ENGRAM_HD void keep(Index k, Bit bit) { slots[k] = bit.on; }
    template <class>
    ENGRAM_HD Bit at(Index k) const {
      return {slots[k]};
    }
  };
  /// The bits of `unit` in the words that hold them.
  ENGRAM_HD static bodies::Fires<Bit> fires(W word, W unit) {
    const __m512i held = reinterpret_cast<__m512i>(word),
                  now = reinterpret_cast<__m512i>((W{} + 1u) << ((unit & 15u) * 2));
    return {{_mm512_test_epi32_mask(held, now)}, {_mm512_test_epi32_mask(held, _mm512_add_epi32(now, now))}};
  }
  ENGRAM_HD static void count(W& n, R w) {
    const __m512i old = reinterpret_cast<__m512i>(n), one = _mm512_set1_epi32(1);
    if constexpr (sizeof(real) == sizeof(float)) {
      __m512 all;
      __builtin_memcpy(&all, &w, sizeof all);
      n = reinterpret_cast<W>(
          _mm512_mask_add_epi32(old, _mm512_cmp_ps_mask(all, _mm512_setzero_ps(), _CMP_NEQ_UQ), old, one));
    } else {
      n += reinterpret_cast<W>(-__builtin_convertvector(w != R{}, Ints));
    }
  }
#else
  struct Bit {
    W on;
    ENGRAM_HD friend R operator*(R a, Bit b) { return a * numbers_of(b.on); }
  };
  using Kept = bodies::KeptBits<VectorRows>;
  ENGRAM_HD static bodies::Fires<Bit> fires(W word, W unit) {
    const W bits = word >> ((unit & 15u) * 2);
    return {{bits & 1u}, {(bits >> 1) & 1u}};
  }
  ENGRAM_HD static void count(W& n, R w) { n += reinterpret_cast<W>(-__builtin_convertvector(w != R{}, Ints)); }
#endif
};

/// Activity in memory, for any number of units; `far` says that the rows are, too.
template <bool far>
struct FromMemory : VectorRows {
  const std::uint32_t* words;
  ENGRAM_HD static void prefetch(const Index* unit, const real* weight) {
    if constexpr (far) prefetch_rows(unit, weight);
  }
  explicit FromMemory(const std::uint32_t* activity, Index) : words(activity) {}
  /// 16 loads put together take 3.1 ns, a gather of them 5.2 (25 kB of activity, the first cache).
  ENGRAM_HD bodies::Fires<Bit> lookup(const Index* unit) const {
    W word;
    Index shift = 4;
    __asm__("" : "+r"(shift));  // else g++ loads the constant anew for each of the 16: 3 to 5 percent of a step
#if defined(__AVX512F__)
    const auto at = [&](int l) __attribute__((always_inline)) { return static_cast<int>(words[unit[l] >> shift]); };
    const auto four = [&](int l) __attribute__((always_inline)) {
      return _mm_insert_epi32(_mm_insert_epi32(_mm_insert_epi32(_mm_cvtsi32_si128(at(l)), at(l + 1), 1), at(l + 2), 2),
                              at(l + 3), 3);
    };
    const auto eight = [&](int l) __attribute__((always_inline)) {
      return _mm256_inserti128_si256(_mm256_castsi128_si256(four(l)), four(l + 4), 1);
    };
    word = reinterpret_cast<W>(_mm512_inserti64x4(_mm512_castsi256_si512(eight(0)), eight(8), 1));
#else
    for (Index l = 0; l < row_lanes; ++l) word[l] = words[unit[l] >> shift];
#endif
    return fires(word, load(unit));
  }
};

#if defined(__AVX512F__)
/// Activity of up to 512 * pairs units in registers. 16 lookups in memory are some 60 instructions, a permutation of
/// two registers one: this makes the steps of small networks, and inhibition in those of up to 10,000 units, twice as
/// fast.
template <int pairs>
struct FromRegisters : VectorRows {
  __m512i table[2 * pairs];
  ENGRAM_HD static void prefetch(const Index*, const real*) {}
  explicit FromRegisters(const std::uint32_t* activity, Index words) {
    for (Index p = 0; p < 2 * pairs; ++p) {
      const Index left = words > 16 * p ? words - 16 * p : 0;
      table[p] =
          _mm512_maskz_loadu_epi32(static_cast<__mmask16>(left >= 16 ? 0xffffu : (1u << left) - 1), activity + 16 * p);
    }
  }
  ENGRAM_HD bodies::Fires<Bit> lookup(const Index* p) const {
    const W unit = load(p);
    const __m512i at = _mm512_srli_epi32(reinterpret_cast<__m512i>(unit), 4);
    __m512i word = _mm512_permutex2var_epi32(table[0], at, table[1]);
    if constexpr (pairs > 1) {
      const __mmask16 odd = _mm512_test_epi32_mask(at, _mm512_set1_epi32(32));
      word = _mm512_mask_mov_epi32(word, odd, _mm512_permutex2var_epi32(table[2], at, table[3]));
    }
    if constexpr (pairs > 2) {
      const __mmask16 odd = _mm512_test_epi32_mask(at, _mm512_set1_epi32(32)),
                      high = _mm512_test_epi32_mask(at, _mm512_set1_epi32(64));
      const __m512i third = _mm512_permutex2var_epi32(table[4], at, table[5]),
                    fourth = _mm512_permutex2var_epi32(table[6], at, table[7]);
      word = _mm512_mask_mov_epi32(word, high, _mm512_mask_mov_epi32(third, odd, fourth));
    }
    return fires(reinterpret_cast<W>(word), unit);
  }
};
#endif

}  // namespace
}  // namespace engram::cpu
