// The bodies of SORN's rows: `Width` neighbouring rows of one slice at a time, 16 on the CPU, one a thread on the GPU.
#pragma once

#include "engram/core/random.hpp"
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

/// What a walk leaves for each row: the sum of its weights and the least of them, its synapses, which of the first
/// presynaptic units fire now, the weights that are held.
template <class Lanes>
struct RowSums {
  typename Lanes::R held[held_slots<Lanes> > 0 ? held_slots<Lanes> : 1];
  typename Lanes::R total{};
  typename Lanes::W count{};
  typename Lanes::Least least;
  typename Lanes::Kept fires;
};

/// First pass over slots [k, k + slots_at_once) of a row, of which those from `end` on are not in use. The second pass
/// stores weights that are `later`.
template <bool learn, class Lanes, class Rule>
ENGRAM_HD void learn_slots(const Rule& rule, const Index* unit, real* weight, Index k, Index end, const Lanes& pre,
                           typename Lanes::R post_now, typename Lanes::R post_before, RowSums<Lanes>& sums, bool later,
                           typename Lanes::R* held) {
  constexpr Index n = Lanes::slots_at_once;
  const Index left = end - k;
  Fires<typename Lanes::Bit> fires[n];
  typename Lanes::R w[n];
  // All n of them, without a bound that each would wait for: what lies beyond the last slot in use is 0 and stays 0.
  for (Index q = 0; q < n; ++q) {
    Lanes::prefetch(unit + q * slice_lanes, weight + q * slice_lanes);
    w[q] = Lanes::load(weight + q * slice_lanes);
  }
  for (Index q = 0; q < n; ++q) fires[q] = pre.lookup(unit + q * slice_lanes);
  for (Index q = 0; q < n; ++q) {
    if constexpr (learn) {
      w[q] = rule.learned(w[q], fires[q].now, fires[q].before, post_now, post_before);
      if ((n == 1 || q < left) && !later) Lanes::store(weight + q * slice_lanes, w[q]);
    }
    if (held) held[q] = w[q];
    sums.total += w[q];
    Lanes::count(sums.count, w[q]);
    sums.least.add(w[q]);
  }
  if (k < kept_slots) sums.fires.template keep<n>(k, fires);
}

/// First pass: plasticity if `learn`, and the sums of what it left. `again` says that the second pass stores weights.
template <bool learn, class Lanes, class Rule>
ENGRAM_HD void learn_rows(const Rule& rule, const IncomingView& rows, const Slice& slice, Index lane, const Lanes& pre,
                          typename Lanes::R post_now, typename Lanes::R post_before, RowSums<Lanes>& sums,
                          bool again = false) {
  constexpr Index n = Lanes::slots_at_once;
  Index k = 0, block = slice.first_block, next;
  if constexpr (held_slots < Lanes >> 0) {
    static_assert(n == block_slots && held_slots<Lanes> <= kept_slots);
#if defined(__CUDA_ARCH__)
#pragma unroll  // registers have no index
#endif
    for (Index h = 0; h < held_slots<Lanes>; h += n)
      if (h < slice.used) {
        next = rows.next[block];
        const std::size_t first = static_cast<std::size_t>(block) * block_size + lane;
        learn_slots<learn>(rule, rows.pre + first, rows.weight + first, h, slice.used, pre, post_now, post_before, sums,
                           again, sums.held + h);
        block = next;
      }
    k = held_slots<Lanes>;
  }
  const Index* const units = rows.pre + lane;
  real* const weights = rows.weight + lane;
  for (; k < slice.used; block = next) {
    next = rows.next[block];  // read with the slots, not after they are written
    const Index* unit = units + static_cast<std::size_t>(block) * block_size;
    real* weight = weights + static_cast<std::size_t>(block) * block_size;
    if constexpr (n == block_slots) {
      learn_slots<learn>(rule, unit, weight, k, slice.used, pre, post_now, post_before, sums, false, nullptr);
      k += n;
    } else {
      const Index end = slice.used < k + block_slots ? slice.used : k + block_slots;
      for (; k < end; k += n, unit += n * slice_lanes, weight += n * slice_lanes)
        learn_slots<learn>(rule, unit, weight, k, end, pre, post_now, post_before, sums, false, nullptr);
    }
  }
}

/// Second pass over slots as learn_slots has them, whose weights may be held.
template <bool normalize, class Lanes>
ENGRAM_HD void drive_slots(const Index* unit, real* weight, Index k, Index end, const Lanes& pre,
                           const RowSums<Lanes>& sums, const typename Lanes::Divisor& by, typename Lanes::R& drive,
                           const typename Lanes::R* held) {
  using Bit = typename Lanes::Bit;
  constexpr Index n = Lanes::slots_at_once;
  const Index left = end - k;
  typename Lanes::R w[n];
  Bit fires[n];
  for (Index q = 0; q < n; ++q) w[q] = held ? held[q] : Lanes::load(weight + q * slice_lanes);
  if (k < kept_slots)
    sums.fires.template look_up<n>(k, fires);
  else
    for (Index q = 0; q < n; ++q) fires[q] = pre.lookup(unit + q * slice_lanes).now;
  if constexpr (normalize) by.template divide<n>(w);
  for (Index q = 0; q < n; ++q) {
    if constexpr (normalize)
      if (n == 1 || q < left) Lanes::store(weight + q * slice_lanes, w[q]);
    drive += w[q] * fires[q];
  }
}

/// Second pass: division by the sums if `normalize` (an empty row stays); returns the drive of the weights that leaves.
template <bool normalize, class Lanes>
ENGRAM_HD typename Lanes::R drive_rows(const IncomingView& rows, const Slice& slice, Index lane, const Lanes& pre,
                                       const RowSums<Lanes>& sums) {
  using R = typename Lanes::R;
  const typename Lanes::Divisor by(sums.total != R{} ? sums.total : R{} + real(1), sums.least);
  R drive{};
  constexpr Index n = Lanes::slots_at_once;
  Index k = 0, block = slice.first_block, next;
  if constexpr (held_slots < Lanes >> 0) {
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
    for (Index h = 0; h < held_slots<Lanes>; h += n)
      if (h < slice.used) {
        next = rows.next[block];
        const std::size_t first = static_cast<std::size_t>(block) * block_size + lane;
        drive_slots<normalize>(rows.pre + first, rows.weight + first, h, slice.used, pre, sums, by, drive,
                               sums.held + h);
        block = next;
      }
    k = held_slots<Lanes>;
  }
  const Index* const units = rows.pre + lane;
  real* const weights = rows.weight + lane;
  for (; k < slice.used; block = next) {
    next = rows.next[block];
    const Index* unit = units + static_cast<std::size_t>(block) * block_size;
    real* weight = weights + static_cast<std::size_t>(block) * block_size;
    if constexpr (n == block_slots) {
      drive_slots<normalize, Lanes>(unit, weight, k, slice.used, pre, sums, by, drive, nullptr);
      k += n;
    } else {
      const Index end = slice.used < k + block_slots ? slice.used : k + block_slots;
      for (; k < end; k += n, unit += n * slice_lanes, weight += n * slice_lanes)
        drive_slots<normalize, Lanes>(unit, weight, k, end, pre, sums, by, drive, nullptr);
    }
  }
  return drive;
}

/// Where the row of a unit is: its slices may be those of several blocks of threads.
ENGRAM_HD const IncomingView& rows_with(const IncomingView& all, Index) { return all; }

/// Whether a synapse is there once this step's plasticity is done, before its row has been walked.
template <class Rule, class Rows>
ENGRAM_HD bool will_exist(const Rule* rule, const Rows& all, Index replica, const std::uint32_t* activity, Index pre,
                          Index post) {
  const IncomingView& rows = rows_with(all, post);
  const Index place = rows.place_of(replica, post);
  const Slice slice = rows.at(replica, place / slice_lanes);
  for (Index k = 0, block = slice.first_block, next; k < slice.used; k += block_slots, block = next) {
    next = rows.next[block];
    const RowPart part(rows, block, place % slice_lanes);
    bool reached = false;
    Index unit = 0;
    real w = 0;
    for (Index q = 0; q < block_slots; ++q)
      if (!reached && part.weight[q] != real(0) && part.pre[q] >= pre) {
        reached = true;
        unit = part.pre[q];
        w = part.weight[q];
      }
    if (!reached) continue;
    if (unit > pre) return false;
    if (rule) {
      const std::uint32_t a = activity_of(activity, pre), b = activity_of(activity, post);
      const real x[2] = {static_cast<real>(a & 1u), static_cast<real>(a >> 1)},
                 y[2] = {static_cast<real>(b & 1u), static_cast<real>(b >> 1)};
      (*rule)(&w, x, y, nullptr);
    }
    return w != real(0);
  }
  return false;
}

/// Attempts at a random pair before all are listed; only a matrix that is nearly full comes to that.
inline constexpr Index rewire_attempts = 64;

/// One absent pair of n units off the diagonal, uniformly: by rejection, else by its rank. {sorn::no_synapse, ...}
/// where all exist.
template <class Rule, class Rows>
ENGRAM_HD sorn::NewSynapse choose_absent(const Rule* rule, const Rows& rows, Index n, Index replica,
                                         const std::uint32_t* activity, const Random& random) {
  if (n < 2) return {sorn::no_synapse, sorn::no_synapse};
  const std::uint64_t pairs = std::uint64_t{n} * (n - 1);
  const auto pair = [&](std::uint64_t rank) {
    const Index post = static_cast<Index>(rank / (n - 1)), other = static_cast<Index>(rank % (n - 1));
    return sorn::NewSynapse{other + (other >= post ? 1u : 0u), post};
  };
  // One loop over attempts, then over all pairs to count the absent ones, then to the chosen one: so will_exist stands
  // in the code once, and a kernel needs no more registers than it has.
  std::uint64_t absent = 0, rank = 0;
  for (std::uint64_t k = 0; k < rewire_attempts + 2 * pairs; ++k) {
    const bool attempt = k < rewire_attempts, counting = !attempt && k < rewire_attempts + pairs;
    if (k == rewire_attempts + pairs) {
      if (absent == 0) break;
      rank = random.below(absent, rewire_attempts);
    }
    const sorn::NewSynapse found =
        pair(attempt ? random.below(pairs, static_cast<Index>(k)) : (k - rewire_attempts) % pairs);
    if (will_exist(rule, rows, replica, activity, found.pre, found.post)) continue;
    if (attempt || (!counting && rank-- == 0)) return found;
    if (counting) ++absent;
  }
  return {sorn::no_synapse, sorn::no_synapse};
}

/// How many synapses structural plasticity tries to make in a step: `rate` on average.
ENGRAM_HD Index rewire_events(double rate, std::uint64_t seed, Tick tick) {
  const Index whole = static_cast<Index>(rate);
  return whole + (Random{seed, Stream::sorn_rewire_count, tick, 0}.bernoulli(rate - whole) ? 1u : 0u);
}

}  // namespace engram::bodies
