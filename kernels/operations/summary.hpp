// The bodies of summaries over segments, compiled by both compilers: what a thread has seen of a segment, how two of
// these join, and what the whole gives. Everything is integers, so neither the parts nor their order change a bit.
#pragma once

#include "engram/backend.hpp"
#include "kernels/operations/keys.hpp"

namespace engram::bodies {

/// A whole number of less than 2^51, by a sum of bits: AVX2 has no instruction that converts 64 of them.
ENGRAM_HD double number_of_small(fixed whole) {
  constexpr double magic = 6755399441055744.0;  // 1.5 * 2^52
  return math::number_of<double>(static_cast<std::uint64_t>(whole) + math::bits_of(magic)) - magic;
}

/// Part of a segment: the sum of its terms in units of 2^-32 and, for the rest, of 2^-64; and its largest key.
struct Seen {
  fixed high = 0, low = 0;
  Key<real>::Bits largest = 0;

  ENGRAM_HD void add(double x, fixed times = 1) {
    const fixed whole = to_fixed(x);
    const double rest = (x - number_of_small(whole) * (1.0 / fixed_unit)) * fixed_unit;
    high += whole * times;
    low += to_fixed(rest >= -0.5 && rest <= 0.5 ? rest : 0.0) * times;  // a term beyond the range has none
  }
  ENGRAM_HD void join(const Seen& other) {
    high += other.high;
    low += other.low;
    largest = largest > other.largest ? largest : other.largest;
  }
  ENGRAM_HD double sum() const {
    return static_cast<double>(high) * (1.0 / fixed_unit) + static_cast<double>(low) * (1.0 / fixed_unit / fixed_unit);
  }
};

/// The units of a segment, or of a part of one.
struct SegmentRange {
  Index first, last;
  ENGRAM_HD Index length() const { return last - first; }
};
ENGRAM_HD SegmentRange range_of(const Segments& segments, Index s, Index units) {
  const Index first = segments.begin(s, units), last = segments.begin(s + 1, units);
  return {first, last > first ? last : first};
}
ENGRAM_HD SegmentRange part_of(const SegmentRange& whole, Index part, Index parts) {
  const std::uint64_t length = whole.length();
  return {whole.first + static_cast<Index>(length * part / parts),
          whole.first + static_cast<Index>(length * (part + 1) / parts)};
}

template <class Kind>
inline constexpr bool is_ranked = std::is_same_v<Kind, KthLargest> || std::is_same_v<Kind, MeanOfLargest>;

/// Unit i of batch b, x being the values of the batch.
template <class Kind>
ENGRAM_HD void look(const Kind& kind, const real* x, Index b, Index i, Seen& seen) {
  if constexpr (std::is_same_v<Kind, Max>) {
    const auto key = Key<real>::of(x[i]);
    seen.largest = seen.largest > key ? seen.largest : key;
  } else if constexpr (std::is_same_v<Kind, Dot>) {
    seen.add(static_cast<double>(x[i]) * static_cast<double>(kind.with.at(b)[i]));
  } else {
    seen.add(static_cast<double>(x[i]));
  }
}

/// What a whole segment of `length` units gives.
template <class Kind>
ENGRAM_HD real summary_of(const Kind&, const Seen& seen, Index length) {
  if constexpr (std::is_same_v<Kind, Max>)
    return length ? Key<real>::number(seen.largest) : static_cast<real>(-INFINITY);
  else if constexpr (std::is_same_v<Kind, Mean>)
    return length ? static_cast<real>(seen.sum() / static_cast<double>(length)) : real(0);
  else
    return static_cast<real>(seen.sum());
}

/// How many of a segment's units count as the largest.
template <class Kind>
ENGRAM_HD Index rank_of(const Kind& kind, Index s, Index length) {
  const Index k = kind.k[s] ? kind.k[s] : 1;
  return k < length ? k : length;
}
/// The same of a segment whose k-th largest key is `last`, `ties` of the k having it; `above` is what was seen of the
/// others.
template <class Kind>
ENGRAM_HD real summary_of(const Kind&, Seen above, Key<real>::Bits last, Index ties, Index k) {
  if constexpr (std::is_same_v<Kind, KthLargest>) {
    return k ? Key<real>::number(last) : static_cast<real>(-INFINITY);
  } else {
    const real number = Key<real>::number(last);
    if (k == 0 || number != number) return k ? number : real(0);
    above.add(static_cast<double>(number), static_cast<fixed>(ties));
    return static_cast<real>(above.sum() / static_cast<double>(k));
  }
}

/// Throws where `out` or what is read beside x does not fit.
inline void check_summary(Batch<const real> x, const Segments& segments, const Summary& summary, Batch<real> out) {
  const auto wrong = [](const std::string& text) { throw Error("summarize: " + text); };
  if (out.units != segments.count)
    wrong("out has " + std::to_string(out.units) + " values a batch for " + std::to_string(segments.count) +
          " segments");
  if (const auto* dot = std::get_if<Dot>(&summary); dot && (!dot->with || dot->with.units != x.units))
    wrong("a dot product of " + std::to_string(x.units) + " units with " + std::to_string(dot->with.units));
  std::visit(
      [&](const auto& kind) {
        if constexpr (is_ranked<std::decay_t<decltype(kind)>>)
          if (!kind.k) wrong("no k is given; it is one number a segment");
      },
      summary);
}

}  // namespace engram::bodies
