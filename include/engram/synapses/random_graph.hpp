// Random directed graphs that are never stored: a fibre joins each presynaptic to each postsynaptic unit with
// probability p, independently, and which pairs it joins is a pure function of its key. Targets of a unit are found by
// drawing the gaps between them, so that work is proportional to the synapses there are, not to the pairs.
//
// The format, which recorded runs depend on: the postsynaptic axis is cut into segments of segment_width(p) units. The
// targets of unit j in segment g form a chain that starts at the first unit of g. The words of
// Random{key, Stream::connect, g, j}.words(0), words(1), ... give one gap each (two words each with 64-bit draws, the
// first one being the high half). A gap is the number of units passed over, geometric with parameter p, cut at the
// largest value that its table knows ("escape"): that one passes over as many units and joins none. Segments may be
// evaluated in any order, anywhere; a larger population only appends.
#pragma once

#include <string_view>
#include <vector>

#include "engram/core/error.hpp"
#include "engram/core/random.hpp"

namespace engram {

/// Inverse of a geometric distribution in integers, as an alias table (Walker 1977; Vose 1991): entry c of
/// 2^columns_log2 holds a cut in its leading bits and another column in its last columns_log2 ones. Probabilities are
/// exact to half a unit of 2^-bits each; no logarithm is taken, so every machine finds the same gaps.
struct SkipView {
  const std::uint32_t* narrow = nullptr;
  const std::uint64_t* wide = nullptr;  ///< set: draws of 64 bits
  Index columns_log2 = 0;

  /// The largest gap: passes over so many units and joins none.
  ENGRAM_HD Index escape() const { return (Index{1} << columns_log2) - 1; }
};

template <class Word>
ENGRAM_HD Index skip_of(Word draw, Word entry, Index mask) {
  return static_cast<Index>((draw < (entry & ~Word{mask}) ? draw : entry)) & mask;
}

enum class Density : std::uint32_t { none, random, full };

/// One bundle of random synapses, as operations see it.
struct Fibre {
  std::uint64_t key = 0;  ///< fibre_key
  Index n_post = 0;
  Index width_log2 = 10;  ///< of a segment
  Density density = Density::none;
  SkipView skip;

  ENGRAM_HD Index segments() const { return static_cast<Index>((std::uint64_t{n_post} + width() - 1) >> width_log2); }
  ENGRAM_HD Index width() const { return Index{1} << width_log2; }
  ENGRAM_HD Index length(Index segment) const {
    const Index first = segment << width_log2;
    return n_post - first < width() ? n_post - first : width();
  }
};

/// Calls f(post) for the targets of `pre` in one segment, ascending; stops where f returns false.
template <class F>
ENGRAM_HD void for_each_target(const Fibre& fibre, Index pre, Index segment, F f) {
  const Index first = segment << fibre.width_log2, length = fibre.length(segment);
  Index at = 0;
  if (fibre.density == Density::none) return;
  if (fibre.density == Density::full) {
    while (at < length && f(first + at)) ++at;
    return;
  }
  const Random random{fibre.key, Stream::connect, segment, pre};
  const Index escape = fibre.skip.escape();
  for (std::uint32_t block = 0;; ++block) {
    const Words x = random.words(block);
    for (int i = 0; i < 4; ++i) {
      Index skip;
      if (fibre.skip.wide) {
        const std::uint64_t draw = (std::uint64_t{x.w[i]} << 32) | x.w[i + 1];
        skip = skip_of(draw, fibre.skip.wide[draw & escape], escape);
        ++i;
      } else {
        skip = skip_of(x.w[i], fibre.skip.narrow[x.w[i] & escape], escape);
      }
      at += skip;
      if (at >= length) return;
      if (skip == escape) continue;
      if (!f(first + at)) return;
      if (++at >= length) return;
    }
  }
}

/// Calls f(post) for all targets of `pre`, ascending.
template <class F>
ENGRAM_HD void for_each_target(const Fibre& fibre, Index pre, F f) {
  for (Index g = 0; g < fibre.segments(); ++g)
    for_each_target(fibre, pre, g, [&](Index post) {
      f(post);
      return true;
    });
}

/// Base-2 logarithm of the segment width for density p: the power of two at or above 32 / p, within 1024 .. 65536.
/// p must be in [0, 1].
Index segment_width_log2(double p);
inline Index segment_width(double p) { return Index{1} << segment_width_log2(p); }

/// Key of the fibre from `source` to `target` in the network of `seed`: XXH3 of the two names.
std::uint64_t fibre_key(std::uint64_t seed, std::string_view source, std::string_view target);

/// Owner of the gap table of one density, on the host. Density 0 and 1 need none.
class SkipTable {
 public:
  /// p in [0, 1]; bits 32, where p is met to 2^-33, or 64. Throws Error otherwise.
  explicit SkipTable(double p, int bits = 32);
  double p() const { return p_; }
  const std::vector<std::uint32_t>& narrow() const { return narrow_; }
  const std::vector<std::uint64_t>& wide() const { return wide_; }
  Index columns_log2() const { return columns_log2_; }
  /// The view over this object's own memory; a device needs the tables copied and its own pointers put in.
  SkipView view() const {
    return {wide_.empty() ? narrow_.data() : nullptr, wide_.empty() ? nullptr : wide_.data(), columns_log2_};
  }
  /// A fibre of this density whose table is on the host.
  Fibre fibre(std::uint64_t key, Index n_post) const;

 private:
  double p_;
  Index columns_log2_ = 0;
  std::vector<std::uint32_t> narrow_;
  std::vector<std::uint64_t> wide_;
};

}  // namespace engram
