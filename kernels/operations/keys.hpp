// Numbers in an order that integers can be compared in, and the digits by which a radix select tells them apart.
#pragma once

#include "engram/core/math.hpp"

namespace engram::bodies {

/// Numbers as unsigned integers in the same order: -0 as 0, NaN lowest.
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
  /// The number that a key stands for: NaN for 0.
  ENGRAM_HD static T number(Bits key) {
    constexpr Bits sign = Bits{1} << (bits - 1);
    return math::number_of<T>(key & sign ? key ^ sign : ~key);
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

}  // namespace engram::bodies
