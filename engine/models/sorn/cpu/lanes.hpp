// Rows in vectors, and how the activity of their presynaptic units is looked up. Included by rows.ipp alone, that is
// once per instruction set.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include <type_traits>

#include "kernels/sorn/rows.hpp"

namespace engram::cpu {
namespace {

/// Rows of a slice in one vector: what a register holds. g++ 12 takes wider vectors apart through memory: with 16 rows
/// at a time a step of 200 units takes 18 us in place of 6 where registers are those of AVX2, and in double 12 in place
/// of 4 where they are those of AVX-512.
#if defined(__AVX512F__)
inline constexpr Index row_lanes = 64 / sizeof(real);
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

/// The first bytes of a vector as another one that is no wider.
template <class To, class From>
ENGRAM_HD To as(From from) {
  static_assert(sizeof(To) <= sizeof(From));
  To to;
  __builtin_memcpy(&to, &from, sizeof to);
  return to;
}

/// Rows follow each other in memory until they grow: lines some 64 slots ahead.
ENGRAM_HD void prefetch_rows(const Index* unit, const real* weight) {
  constexpr std::size_t ahead = 1024;
  __builtin_prefetch(unit + ahead);
  __builtin_prefetch(weight + ahead);
}

struct VectorRows {
  using R = Reals;
  using W = Words;
  /// A vector divides as it stands.
  struct Least {
    ENGRAM_HD void add(R) {}
  };
  struct Divisor {
    R by;
    ENGRAM_HD Divisor(R b, const Least&) : by(b) {}
    template <Index n>
    ENGRAM_HD void divide(R* a) const {
      for (Index i = 0; i < n; ++i) a[i] = a[i] / by;
    }
  };
  ENGRAM_HD static R load(const real* p) { return *reinterpret_cast<const R*>(p); }
  ENGRAM_HD static void store(real* p, R value) { *reinterpret_cast<R*>(p) = value; }
  ENGRAM_HD static W load(const Index* p) { return *reinterpret_cast<const W*>(p); }
  static constexpr Index slots_at_once = 1;  ///< of each row

#if defined(__AVX512F__)
  // Masks: a product is a masked move, what is kept of a slot two bytes. With numbers 0 and 1 in their place a step of
  // 1,000 units takes 6.7 us in place of 6.4.
  static constexpr bool of_floats = sizeof(real) == sizeof(float);  ///< 16 rows a vector, else 8
  using Mask = std::conditional_t<of_floats, __mmask16, __mmask8>;
  struct Bit {
    Mask on;
    ENGRAM_HD friend R operator*(R a, Bit b) {
      if constexpr (of_floats)
        return reinterpret_cast<R>(_mm512_maskz_mov_ps(b.on, reinterpret_cast<__m512>(a)));
      else
        return reinterpret_cast<R>(_mm512_maskz_mov_pd(static_cast<__mmask8>(b.on), reinterpret_cast<__m512d>(a)));
    }
  };
  struct Kept {
    Mask slots[bodies::kept_slots];
    template <Index n>
    ENGRAM_HD void keep(Index k, const bodies::Fires<Bit>* fires) {
      for (Index q = 0; q < n; ++q) slots[k + q] = fires[q].now.on;
    }
    template <Index n>
    ENGRAM_HD void look_up(Index k, Bit* now) const {
      for (Index q = 0; q < n; ++q) now[q] = {slots[k + q]};
    }
  };
  template <class Any>  // so that only one of the two is compiled
  ENGRAM_HD static __m512i widened(Any words) {
    if constexpr (sizeof words == sizeof(__m512i))
      return as<__m512i>(words);
    else
      return _mm512_zextsi256_si512(as<__m256i>(words));
  }
  /// Rows in which two words have a bit in common.
  ENGRAM_HD static Bit common(W a, W b) {
    if constexpr (of_floats)
      return {static_cast<Mask>(_mm512_test_epi32_mask(as<__m512i>(a), as<__m512i>(b)))};
    else
      return {static_cast<Mask>(_mm256_test_epi32_mask(as<__m256i>(a), as<__m256i>(b)))};
  }
  /// The bits of `unit` in the words that hold them.
  ENGRAM_HD static bodies::Fires<Bit> fires(W word, W unit) {
    const W now = (W{} + 1u) << ((unit & 15u) * 2);
    return {common(word, now), common(word, now + now)};
  }
  ENGRAM_HD static void count(W& n, R w) {
    if constexpr (of_floats) {
      const __mmask16 there = _mm512_cmp_ps_mask(reinterpret_cast<__m512>(w), _mm512_setzero_ps(), _CMP_NEQ_UQ);
      n = as<W>(_mm512_mask_add_epi32(as<__m512i>(n), there, as<__m512i>(n), _mm512_set1_epi32(1)));
    } else {
      const __mmask8 there = _mm512_cmp_pd_mask(reinterpret_cast<__m512d>(w), _mm512_setzero_pd(), _CMP_NEQ_UQ);
      n = as<W>(_mm256_mask_add_epi32(as<__m256i>(n), there, as<__m256i>(n), _mm256_set1_epi32(1)));
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
    if constexpr (of_floats)
      word = as<W>(_mm512_inserti64x4(_mm512_castsi256_si512(eight(0)), eight(8), 1));
    else
      word = as<W>(eight(0));
#else
    for (Index l = 0; l < row_lanes; ++l) word[l] = words[unit[l] >> shift];
#endif
    return fires(word, load(unit));
  }
};

#if defined(__AVX512F__)
/// Activity of up to 512 * pairs units in registers, whichever number of rows a vector has. 16 lookups in memory are
/// some 60 instructions, a permutation of two registers one: this makes the steps of small networks, and inhibition in
/// those of up to 10,000 units, twice as fast.
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
    const __m512i at = _mm512_srli_epi32(widened(unit), 4);
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
    return fires(as<W>(word), unit);
  }
};
#endif

}  // namespace
}  // namespace engram::cpu
