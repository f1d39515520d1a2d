// The k largest of n by radix select: the bits of a score, from the top, a digit at a time; a histogram of the digits
// tells in which bin the k-th lies. Larger scores win, equal ones by lower index; -0 equals 0, NaN is lowest. What is
// counted are integers, so neither blocks nor their order change the result; nothing is read back by the host.
#pragma once

#include "kernels/core/compact.hpp"

namespace engram::kernels {

/// Scores as unsigned numbers in the same order.
template <class T>
struct Key {
  using Bits = typename math::Format<T>::Bits;
  static constexpr int bits = 8 * sizeof(T);

  ENGRAM_HD static Bits of(T x) {
    constexpr Bits sign = Bits{1} << (bits - 1);
    if (x != x) return 0;
    const Bits b = math::bits_of(x == T(0) ? T(0) : x);
    return b & sign ? ~b : b | sign;
  }
};

inline constexpr int digit_bits = 11;  ///< 3 digits a float: the first one tells exponents apart
inline constexpr Index bins = 1u << digit_bits;

/// What is known of the k-th largest key: its leading digits, and how many of those that share them are winners.
template <class T>
struct Pick {
  typename Key<T>::Bits prefix;
  Index left;
};

/// One digit of a key: `width` bits above `shift`.
struct Digit {
  int shift, width;
  bool first;

  template <class Bits>
  ENGRAM_HD Index of(Bits key) const {
    return static_cast<Index>(key >> shift) & ((1u << width) - 1);
  }
  /// Whether the digits above are those of `prefix`.
  template <class Bits>
  ENGRAM_HD bool follows(Bits key, Bits prefix) const {
    return first || (key >> (shift + width)) == prefix;
  }
};

template <class T>
ENGRAM_HD Digit digit_at(int place) {
  const int above = Key<T>::bits - place * digit_bits;
  const int width = above < digit_bits ? above : digit_bits;
  return {above - width, width, place == 0};
}
template <class T>
inline constexpr int digits = (Key<T>::bits + digit_bits - 1) / digit_bits;

template <class T>
ENGRAM_HD void count_digits(Index t, Index threads, const T* score, Index count, Digit digit,
                            typename Key<T>::Bits prefix, Index* histogram) {
  // Eight scores are read before one is counted: after a count the next read would wait for memory.
  constexpr Index at_once = 8;
  for (Index i = t; i < count; i += at_once * threads) {
    typename Key<T>::Bits key[at_once];
    for (Index q = 0; q < at_once; ++q)
      if (i + q * threads < count) key[q] = Key<T>::of(score[i + q * threads]);
    for (Index q = 0; q < at_once; ++q)
      if (i + q * threads < count && digit.follows(key[q], prefix)) atomic_add(histogram + digit.of(key[q]), Index{1});
  }
}

template <class T, Index threads>
struct ChooseShared {
  Scan<threads> scan;
  Pick<T> old, found;
};

/// Finds the bin that holds the winner number `old.left`, counted from the top, and clears the histogram.
template <class T, Index threads>
ENGRAM_HD void choose_digit(const Block& block, ChooseShared<T, threads>& s, Digit digit, Index* histogram) {
  constexpr Index own = bins / threads;
  static_assert(own * threads == bins);
  scan(block, s.scan, [&](Index t) {
    std::uint64_t sum = 0;
    for (Index b = 0; b < own; ++b) sum += histogram[bins - 1 - (t * own + b)];
    return sum;
  });
  block.each([&](Index t) {
    std::uint64_t before = s.scan.before(t);
    for (Index b = 0; b < own; ++b) {
      const Index bin = bins - 1 - (t * own + b);
      const Index here = histogram[bin];
      histogram[bin] = 0;
      if (before < s.old.left && s.old.left <= before + here)
        s.found = {static_cast<typename Key<T>::Bits>((digit.first ? 0 : s.old.prefix << digit.width) | bin),
                   s.old.left - static_cast<Index>(before)};
      before += here;
    }
  });
}

/// Winners, once the key of the last one is known.
template <class T>
struct Winners {
  Batch<const T> score;
  Index units;
  const Pick<T>* pick;  ///< [batch], all digits known
  Index pick_stride;    ///< 0: `pick` is that of the only batch asked for

  ENGRAM_HD std::uint64_t kind(Index batch, Index i) const {
    const auto key = Key<T>::of(score.at(batch)[i]), last = pick[batch * pick_stride].prefix;
    return key > last ? one_in : (key == last ? one_tie : 0);
  }
  ENGRAM_HD Index quota(Index batch) const { return pick[batch * pick_stride].left; }
  ENGRAM_HD real value(Index batch, Index i) const { return static_cast<real>(score.at(batch)[i]); }
};

/// The histogram of one digit over one tile, added to that of its batch.
template <class T>
struct CountDigits {
  static constexpr Index threads = 256;
  struct Shared {
    Index histogram[bins];
  };
  Batch<const T> score;
  Index units, tiles;
  Digit digit;
  const Pick<T>* pick;
  Index* histogram;  ///< [batch][bins]

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& s) const {
    const auto batch = static_cast<Index>(at / tiles), tile = static_cast<Index>(at % tiles);
    const Index first = tile * tile_units, count = smaller(tile_units, units - first);
    block.each([&](Index t) {
      for (Index b = t; b < bins; b += threads) s.histogram[b] = 0;
    });
    block.each([&](Index t) {
      count_digits(t, threads, score.at(batch) + first, count, digit, digit.first ? 0 : pick[batch].prefix,
                   s.histogram);
    });
    block.each([&](Index t) {
      for (Index b = t; b < bins; b += threads)
        if (s.histogram[b]) atomic_add(histogram + std::size_t{batch} * bins + b, s.histogram[b]);
    });
  }
};

template <class T>
struct ChooseDigit {
  static constexpr Index threads = 256;
  using Shared = ChooseShared<T, threads>;
  Digit digit;
  Index k;
  Pick<T>* pick;
  Index* histogram;

  ENGRAM_HD void operator()(const Block& block, std::size_t batch, Shared& s) const {
    block.each([&](Index t) {
      if (t == 0) s.old = digit.first ? Pick<T>{0, k} : pick[batch];
    });
    choose_digit(block, s, digit, histogram + batch * bins);
    block.each([&](Index t) {
      if (t == 0) pick[batch] = s.found;
    });
  }
};

/// All of it for one batch in one block.
template <class T, Index block_threads>
struct TopKInBlock {
  static constexpr Index threads = block_threads;
  struct Shared {
    Index histogram[bins];
    ChooseShared<T, threads> choose;
  };
  Batch<const T> score;
  Index units, k;
  Active winners;

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& s) const {
    const auto batch = static_cast<Index>(at);
    block.each([&](Index t) {
      for (Index b = t; b < bins; b += threads) s.histogram[b] = 0;
      if (t == 0) s.choose.found = {0, k};
    });
    for (int place = 0; place < digits<T>; ++place) {
      const Digit digit = digit_at<T>(place);
      block.each([&](Index t) {
        if (t == 0) s.choose.old = s.choose.found;
        count_digits(t, threads, score.at(batch), units, digit, s.choose.found.prefix, s.histogram);
      });
      choose_digit(block, s.choose, digit, s.histogram);
    }
    write_tile(block, s.choose.scan, Winners<T>{score, units, &s.choose.found, 0}, batch, 0, units, nullptr, k,
               winners);
  }
};

template <class Launcher, class T>
void select_top_k(Launcher& launch, Batch<const T> score, Index k, const Active& winners) {
  const Index units = score.units, batches = score.batches, tiles = tiles_of(units);
  if (k > units)
    throw Error("select_top_k: found k = " + std::to_string(k) + "; allowed are 0 to the " + std::to_string(units) +
                " units");
  if (k == 0) return launch.zero(winners.count, batches * sizeof(Index));
  if (tiles == 1) {
    if (units <= 2048) return launch.blocks("select_top_k", batches, TopKInBlock<T, 256>{score, units, k, winners});
    return launch.blocks("select_top_k", batches, TopKInBlock<T, 1024>{score, units, k, winners});
  }
  const std::size_t all = std::size_t{batches} * tiles;
  auto* histogram = launch.template scratch<Index>(Scratch::histogram, std::size_t{batches} * bins);
  auto* pick = launch.template scratch<Pick<T>>(Scratch::picks, batches);
  for (int place = 0; place < digits<T>; ++place) {
    const Digit digit = digit_at<T>(place);
    launch.blocks("select_top_k", all, CountDigits<T>{score, units, tiles, digit, pick, histogram});
    launch.blocks("select_top_k", batches, ChooseDigit<T>{digit, k, pick, histogram});
  }
  compact(launch, "select_top_k", Winners<T>{score, units, pick, 1}, batches, k, winners);
}

}  // namespace engram::kernels
