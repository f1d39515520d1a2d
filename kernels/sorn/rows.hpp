// The bodies of SORN's rows: `Width` neighbouring rows of one slice at a time, 16 on the CPU, one a thread on the GPU.
#pragma once

#include "engram/core/random.hpp"
#include "kernels/sorn/one_row.hpp"
#include "kernels/sorn/units.hpp"

namespace engram::bodies {

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
