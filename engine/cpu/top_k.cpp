// k winners of n, equal scores by lower index, NaN lowest. One pass keeps the units that reach a threshold, guessed
// from a sample; whenever they fill a buffer the k best of them stay and raise the threshold, so that neither a loose
// guess nor many equal scores cost more than a buffer. Partitioning what is left finds the last winner. Times:
// docs/performance.md.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/cpu/avx512.hpp"
#include "engine/cpu/cpu_backend.hpp"

#if defined(ENGRAM_HAS_AVX512)
#include "engine/cpu/top_k_avx512.hpp"
#endif

namespace engram::cpu {

namespace {

constexpr Index slack = 64;  // vectors are stored whole beyond the last value

struct Split {
  Index above, below, equal;
};
struct Found {
  Index next, count;
};

constexpr auto lane_bit = [] {
  std::array<std::uint32_t, 32> bits{};
  for (unsigned l = 0; l < 32; ++l) bits[l] = 1u << l;
  return bits;
}();

struct Portable {
  /// Parts values by a pivot, in order; NaN goes nowhere.
  static Split split(const real* values, Index n, real pivot, real* above, real* below) {
    Split s{0, 0, 0};
    for (Index i = 0; i < n; ++i) {
      const real x = values[i];
      above[s.above] = x;
      s.above += x > pivot;
      s.equal += x == pivot;
      below[s.below] = x;  // a branch here would be mispredicted half the time
      s.below += x < pivot;
    }
    return s;
  }
  /// Appends units with score >= least from `begin` on, ascending, until all are seen or the room might not suffice.
  ENGRAM_CLONES static Found gather_from(const real* score, Index begin, Index n, real least, Index room, real* value,
                                         Index* index, Index count) {
    constexpr Index block = 32;
    Index i = begin;
    for (; i + block <= n; i += block) {
      std::uint32_t hits = 0;  // a bit a unit: this loop becomes vector compares
      for (Index l = 0; l < block; ++l) hits |= score[i + l] >= least ? lane_bit[l] : 0u;
      if (!hits) continue;
      if (count + block > room) return {i, count};
      for (; hits; hits &= hits - 1) {
        const Index unit = i + static_cast<Index>(__builtin_ctz(hits));
        index[count] = unit;
        value[count++] = score[unit];
      }
    }
    for (; i < n; ++i) {
      if (count == room) return {i, count};
      index[count] = i;
      value[count] = score[i];
      count += score[i] >= least;
    }
    return {n, count};
  }
  /// Writes the units above `last` and the first `ties` of those equal to it; without `index` they are 0, 1, ...
  static void emit(const real* value, const Index* index, Index n, real last, Index ties, Index k, Index* out) {
    Index written = 0;
    for (Index i = 0; i < n && written < k; ++i) {
      const bool tie = value[i] == last && ties > 0;
      if (!tie && !(value[i] > last)) continue;
      out[written++] = index ? index[i] : i;
      ties -= tie;
    }
  }
};

#if defined(ENGRAM_HAS_AVX512)
struct Avx512 {
  static Split split(const real* values, Index n, real pivot, real* above, real* below) {
    const auto s = avx512::split(values, n, pivot, above, below);
    return {s.above, s.below, s.equal};
  }
  static Found gather_from(const real* score, Index begin, Index n, real least, Index room, real* value, Index* index,
                           Index count) {
    const auto f = avx512::gather_from(score, begin, n, least, room, value, index, count);
    return {f.next, f.count};
  }
  static void emit(const real* value, const Index* index, Index n, real last, Index ties, Index k, Index* out) {
    avx512::emit(value, index, n, last, ties, k, out);
  }
};
#endif

struct Last {
  real value;  ///< of the k-th winner
  Index ties;  ///< winners that have it; 0: fewer than k scores are numbers
};

/// The k-th largest of n values, 1 <= k <= n.
template <class Loops>
Last find_last(const real* values, Index n, Index k, TopKScratch& scratch) {
  scratch.above.resize(std::max<std::size_t>(scratch.above.size(), n + slack));
  scratch.below.resize(std::max<std::size_t>(scratch.below.size(), n + slack));
  for (int round = 0; n > 48 && round < 40; ++round) {
    // A pivot a little past the rank wanted: what is above it most likely holds the k-th and is much less than half.
    constexpr Index sample = 24;
    real s[sample];
    const Index step = n / sample;
    for (Index i = 0; i < sample; ++i) {
      const real x = values[i * step + (i * 7 + static_cast<Index>(round)) % step];
      s[i] = std::isnan(x) ? static_cast<real>(-INFINITY) : x;
    }
    const double expected = static_cast<double>(k) * sample / n;
    const auto rank = static_cast<Index>(std::min(expected + 0.8 * std::sqrt(expected) + 0.5, sample - 1.0));
    std::nth_element(s, s + rank, s + sample, std::greater<>());
    const Split part = Loops::split(values, n, s[rank], scratch.above.data(), scratch.below.data());
    if (k <= part.above) {
      values = scratch.above.data();
      n = part.above;
    } else if (k <= part.above + part.equal) {
      return {s[rank], k - part.above};
    } else {
      k -= part.above + part.equal;
      values = scratch.below.data();
      n = part.below;
      if (k > n) return {0, 0};
    }
  }
  std::vector<real>& rest = scratch.rest;
  rest.clear();
  for (Index i = 0; i < n; ++i)
    if (!std::isnan(values[i])) rest.push_back(values[i]);
  if (k > rest.size()) return {0, 0};
  std::nth_element(rest.begin(), rest.begin() + (k - 1), rest.end(), std::greater<>());
  const real last = rest[k - 1];
  return {last,
          k - static_cast<Index>(std::count_if(rest.begin(), rest.begin() + k, [=](real x) { return x > last; }))};
}

/// A score that about k units reach and a safe margin more.
template <class Loops>
real guess_threshold(const real* score, Index n, Index k, TopKScratch& scratch) {
  constexpr Index sample_size = 2048;
  real sample[sample_size];
  const Index step = n / sample_size;
  for (Index s = 0; s < sample_size; ++s) sample[s] = score[s * step];
  const double expected = static_cast<double>(k) * sample_size / n;
  const auto rank = static_cast<Index>(expected + 3 * std::sqrt(expected) + 4);
  const Last guess = rank <= sample_size ? find_last<Loops>(sample, sample_size, rank, scratch) : Last{0, 0};
  return guess.ties ? guess.value : static_cast<real>(-INFINITY);
}

/// Puts the best units, at least k where so many are numbers, into the scratch; returns how many.
template <class Loops>
Index gather_candidates(const real* score, Index n, Index k, real least, TopKScratch& scratch) {
  const Index room = k + std::max<Index>(3 * k, 8192);
  scratch.value.resize(std::max<std::size_t>(scratch.value.size(), room + slack));
  scratch.index.resize(std::max<std::size_t>(scratch.index.size(), room + slack));
  scratch.kept.resize(std::max<std::size_t>(scratch.kept.size(), k));
  real* value = scratch.value.data();
  Index* index = scratch.index.data();
  Found found{0, 0};
  for (;;) {
    found = Loops::gather_from(score, found.next, n, least, room, value, index, found.count);
    if (found.next >= n) return found.count;
    const Last last = find_last<Loops>(value, found.count, k, scratch);
    Loops::emit(value, index, found.count, last.value, last.ties, k, scratch.kept.data());
    for (Index i = 0; i < k; ++i) {
      index[i] = scratch.kept[i];
      value[i] = score[index[i]];
    }
    found.count = k;
    least = std::nextafter(last.value, static_cast<real>(INFINITY));  // equal ones further on lose
  }
}

/// The rare case in the plainest way.
void top_k_with_nan(const real* score, Index n, Index k, Index* index, std::vector<Index>& order) {
  order.resize(n);
  for (Index i = 0; i < n; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    const bool a_nan = std::isnan(score[a]), b_nan = std::isnan(score[b]);
    return a_nan || b_nan ? b_nan && !a_nan : score[a] > score[b];
  });
  std::sort(order.begin(), order.begin() + k);
  std::copy_n(order.begin(), k, index);
}

template <class Loops>
void select(const real* score, Index n, Index k, Index* out, TopKScratch& scratch) {
  if (k == 0) return;
  if (n < 16384 || k > n / 8) {  // in the first cache, or most of it needed: no threshold pays
    const Last last = find_last<Loops>(score, n, k, scratch);
    if (last.ties == 0) return top_k_with_nan(score, n, k, out, scratch.index);
    return Loops::emit(score, nullptr, n, last.value, last.ties, k, out);
  }
  Index count = gather_candidates<Loops>(score, n, k, guess_threshold<Loops>(score, n, k, scratch), scratch);
  if (count < k) count = gather_candidates<Loops>(score, n, k, static_cast<real>(-INFINITY), scratch);
  if (count < k) return top_k_with_nan(score, n, k, out, scratch.index);
  const Last last = find_last<Loops>(scratch.value.data(), count, k, scratch);
  Loops::emit(scratch.value.data(), scratch.index.data(), count, last.value, last.ties, k, out);
}

}  // namespace

void top_k(const real* score, Index n, Index k, Index* index, TopKScratch& scratch) {
#if defined(ENGRAM_HAS_AVX512)
  if (!scratch.portable && avx512::in_processor()) return select<Avx512>(score, n, k, index, scratch);
#endif
  select<Portable>(score, n, k, index, scratch);
}

}  // namespace engram::cpu
