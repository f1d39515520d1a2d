#include "engram/synapses/random_graph.hpp"

#define XXH_INLINE_ALL  // header only: nothing to link
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace engram {

namespace {

using Wide = unsigned __int128;

/// Probability of each gap in units of 2^-bits, the last entry being the escape; they add up to 2^bits. Powers of 1 - p
/// are multiplied out in 64-bit fixed point, which is the same everywhere.
std::vector<Wide> gap_weights(double p, int bits, Index columns) {
  const auto stay = static_cast<std::uint64_t>(0) - static_cast<std::uint64_t>(std::ldexp(p, 64));
  const Wide one = Wide{1} << 64, half = bits < 64 ? Wide{1} << (63 - bits) : 0;
  std::vector<Wide> weight(columns);
  Wide tail = one, before = 0;
  for (Index m = 0; m + 1 < columns; ++m) {
    tail = m == 0 ? Wide{stay} : (tail * stay) >> 64;
    const Wide reached = (one - tail + half) >> (64 - bits);
    weight[m] = reached - before;
    before = reached;
  }
  weight[columns - 1] = (Wide{1} << bits) - before;
  return weight;
}

/// Fills each column from one gap, or from one and the rest of another.
template <class Word>
std::vector<Word> alias_table(double p, Index columns_log2) {
  constexpr int bits = 8 * sizeof(Word);
  const Index columns = Index{1} << columns_log2;
  const Wide room = (Wide{1} << bits) / columns;
  std::vector<Wide> weight = gap_weights(p, bits, columns);
  std::vector<Index> below, above;
  for (Index c = 0; c < columns; ++c) (weight[c] < room ? below : above).push_back(c);
  std::vector<Word> entry(columns);
  for (Index c = 0; c < columns; ++c) entry[c] = c;  // cut 0: all of a full column is its own gap
  while (!below.empty() && !above.empty()) {
    const Index poor = below.back(), rich = above.back();
    below.pop_back();
    entry[poor] = static_cast<Word>(weight[poor] << columns_log2) | rich;
    weight[rich] -= room - weight[poor];
    if (weight[rich] < room) {
      above.pop_back();
      below.push_back(rich);
    }
  }
  return entry;
}

}  // namespace

Index segment_width_log2(double p) {
  if (!(p > 32.0 / 65536.0)) return 16;
  Index log2 = 10;
  while (std::ldexp(p, static_cast<int>(log2)) < 32) ++log2;
  return std::min<Index>(log2, 16);
}

std::uint64_t fibre_key(std::uint64_t seed, std::string_view source, std::string_view target) {
  std::string names(source);
  names += '\0';
  names += target;
  return XXH3_64bits_withSeed(names.data(), names.size(), seed);
}

SkipTable::SkipTable(double p, int bits) : p_(p) {
  if (!(p >= 0 && p <= 1)) throw Error("a density of " + std::to_string(p) + " was asked for; allowed are 0 to 1");
  if (bits != 32 && bits != 64)
    throw Error("draws of " + std::to_string(bits) + " bits were asked for; allowed are 32 and 64");
  if (p == 0 || p == 1) return;
  // The table reaches 4 / p, so that two gaps in a hundred escape; at most 8192 entries, which fit a GPU's shared
  // memory.
  columns_log2_ = 6;
  while (columns_log2_ < 13 && std::ldexp(p, static_cast<int>(columns_log2_)) < 4) ++columns_log2_;
  if (bits == 32)
    narrow_ = alias_table<std::uint32_t>(p, columns_log2_);
  else
    wide_ = alias_table<std::uint64_t>(p, columns_log2_);
}

Fibre SkipTable::fibre(std::uint64_t key, Index n_post) const {
  const Density density = p_ == 0 ? Density::none : p_ == 1 ? Density::full : Density::random;
  return {key, n_post, segment_width_log2(p_), density, view()};
}

}  // namespace engram
