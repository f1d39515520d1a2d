// Activity as the rows of SORN look it up, and what a thread of the GPU walks: one row. The walks stand in rows.hpp.
#pragma once

#include "kernels/core/quotients.hpp"
#include "kernels/sorn/slots.hpp"
#include "kernels/sorn/units.hpp"

namespace engram::bodies {

/// Bit 0: active now; bit 1: active one step before.
ENGRAM_HD std::uint32_t activity_of(const std::uint32_t* words, Index unit) {
  return (words[unit / sorn::units_per_word] >> (unit % sorn::units_per_word * 2)) & 3u;
}

/// The units of some words that are active now, in ascending order.
struct ActiveUnits {
  const std::uint32_t* words;
  Index n, word = 0;
  std::uint32_t left = 0;

  ENGRAM_HD ActiveUnits(const std::uint32_t* activity, Index count) : words(activity), n(count) {
    if (n > 0) left = words[0] & now_bits;
    skip();
  }
  ENGRAM_HD bool any() const { return left != 0; }
  ENGRAM_HD Index take() {
    const Index unit = word * sorn::units_per_word + lowest_bit(left) / 2;
    left &= left - 1;
    skip();
    return unit;
  }

 private:
  ENGRAM_HD void skip() {
    while (left == 0 && word + 1 < n) left = words[++word] & now_bits;
  }
};

/// Whether presynaptic units fire: one bit a lane. A number times a bit is the number or 0.
template <class Bit>
struct Fires {
  Bit now, before;
};

/// Bits of the first 32 slots of a walk, for the next one: those of n slots from k on at a time.
template <class Lanes>
struct KeptBits {
  typename Lanes::W slots{};

  template <Index n, class Bit>
  ENGRAM_HD void keep(Index k, const Fires<Bit>* fires) {
    typename Lanes::W some = fires[0].now.on;
    for (Index q = 1; q < n; ++q) some |= fires[q].now.on << q;
    slots |= some << k;
  }
  template <Index n, class Bit>
  ENGRAM_HD void look_up(Index k, Bit* now) const {
    const typename Lanes::W some = slots >> k;
    for (Index q = 0; q < n; ++q) now[q] = {some & (1u << q)};
  }
};
inline constexpr Index kept_slots = 32;
static_assert(kept_slots % block_slots == 0);

/// One row at a time: what a thread of the GPU does. The CPU has 16 in its place (engine/models/sorn/cpu/lanes.hpp), of
/// the same operations on vectors.
struct OneRow {
  using R = real;
  using W = std::uint32_t;
  struct Bit {
    W on;  ///< not 0
    ENGRAM_HD friend R operator*(R a, Bit b) { return b.on ? a : R(0); }
  };
  using Kept = KeptBits<OneRow>;
  using Least = kernels::Least<real>;
  using Divisor = kernels::Quotients<real>;
  /// Read before one of them is written: no compiler may move a read over a write, and a thread waits for memory.
  static constexpr Index slots_at_once = block_slots;
  const std::uint32_t* words;
  Index first;  ///< word of the network; numbers of 32 bits take half the instructions of addresses

  ENGRAM_HD static R load(const real* p) { return *p; }
  ENGRAM_HD static void store(real* p, R value) { *p = value; }
  ENGRAM_HD Fires<Bit> lookup(const Index* unit) const { return fires(*unit); }
  ENGRAM_HD Fires<Bit> fires(Index unit) const {
    const W word = words[first + unit / sorn::units_per_word];
#if defined(__CUDA_ARCH__)
    const W bits = __funnelshift_r(word, word, unit * 2);  // of the shift the machine takes the last five bits
#else
    const W bits = word >> (unit % sorn::units_per_word * 2);
#endif
    return {{bits & 1u}, {bits & 2u}};
  }
  ENGRAM_HD static void prefetch(const Index*, const real*) {}
  ENGRAM_HD static void count(W& n, R w) {
#if defined(__CUDA_ARCH__)
    W less;  // all bits or none
#if defined(ENGRAM_DOUBLE)
    asm("set.neu.u32.f64 %0, %1, 0d0000000000000000;" : "=r"(less) : "d"(w));
#else
    asm("set.neu.u32.f32 %0, %1, 0f00000000;" : "=r"(less) : "f"(w));
#endif
    n -= less;
#else
    n += w != real(0) ? 1u : 0u;
#endif
  }
};

/// One row of a network in global memory, of which a processor walks more than its first cache holds. Slots pass by it,
/// so that the activity they look up stays there.
struct PassingRow : OneRow {
#if defined(__CUDA_ARCH__)
  ENGRAM_HD static R load(const real* p) { return __ldcg(p); }
  ENGRAM_HD Fires<Bit> lookup(const Index* unit) const { return fires(__ldcg(unit)); }
#endif
};

/// How many weights, the first of a row, stay in registers from one walk to the next; so memory is written once.
template <class Lanes>
inline constexpr Index held_slots = 0;
template <>
inline constexpr Index held_slots<PassingRow> = 12;

}  // namespace engram::bodies
