// Walks the chains of many presynaptic units of a fibre at once: a lane is a chain, so that Philox, whose ten rounds
// are most of the cost, fills vector registers. 10^7 synapses at p = 0.01 take 17 ms (1.7 ns each), one chain at a time
// 90 ms.
#pragma once

#include "engram/synapses/random_graph.hpp"

namespace engram::cpu {

inline constexpr int lanes = 16;
/// Positions beyond a segment that finished lanes may write: spread out, for many writes to one place wait for each
/// other.
inline constexpr Index slack = 1024;

/// Philox4x32-10 for `lanes` units at once. The high and the low half of each product are two expressions, for then
/// they become vector multiplications.
ENGRAM_HD void philox_lanes(const std::uint32_t* unit, std::uint32_t word1, std::uint32_t word2, std::uint32_t key0,
                            std::uint32_t key1, std::uint32_t (*out)[lanes]) {
  std::uint32_t a[lanes], b[lanes], c[lanes], d[lanes];
  for (int l = 0; l < lanes; ++l) {
    a[l] = unit[l];
    b[l] = word1;
    c[l] = word2;
    d[l] = 0;
  }
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    for (int l = 0; l < lanes; ++l) {
      const std::uint32_t next_a = static_cast<std::uint32_t>((std::uint64_t{c[l]} * 0xCD9E8D57u) >> 32) ^ b[l] ^ key0;
      const std::uint32_t next_c = static_cast<std::uint32_t>((std::uint64_t{a[l]} * 0xD2511F53u) >> 32) ^ d[l] ^ key1;
      b[l] = c[l] * 0xCD9E8D57u;
      d[l] = a[l] * 0xD2511F53u;
      a[l] = next_a;
      c[l] = next_c;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  for (int l = 0; l < lanes; ++l) {
    out[0][l] = a[l];
    out[1][l] = b[l];
    out[2][l] = c[l];
    out[3][l] = d[l];
  }
}

/// Calls block(first source, at) again and again, at[word][lane] being a position in the segment that the chain of
/// source `first + lane` hits, or one of limit or more, up to width + slack - 1, which means nothing. Hits below
/// `limit` are all told. For fibres of random density and narrow tables.
template <class F>
ENGRAM_HD void walk_lanes(const Fibre& fibre, const Index* sources, Index n_sources, Index segment, Index limit,
                          F block) {
  const std::uint32_t mask = fibre.skip.escape(), beyond = fibre.width() + slack - 1;
  const auto key0 = static_cast<std::uint32_t>(fibre.key), key1 = static_cast<std::uint32_t>(fibre.key >> 32);
  const std::uint32_t* table = fibre.skip.narrow;
  for (Index first = 0; first < n_sources; first += lanes) {
    std::uint32_t unit[lanes], position[lanes];
    for (Index l = 0; l < lanes; ++l) {
      const bool real_lane = first + l < n_sources;
      unit[l] = real_lane ? sources[first + l] : 0;
      position[l] = real_lane ? 0 : limit;
    }
    for (std::uint32_t call = 0;; ++call) {
      alignas(64) std::uint32_t draw[4][lanes], at[4][lanes];
      philox_lanes(unit, (call << 8) | static_cast<std::uint32_t>(Stream::connect), segment, key0, key1, draw);
      for (int w = 0; w < 4; ++w)
        for (int l = 0; l < lanes; ++l) {
          const std::uint32_t x = draw[w][l], entry = table[x & mask];
          const std::uint32_t skip = (x < (entry & ~mask) ? x : entry) & mask;
          const std::uint32_t escaped = skip == mask, here = position[l] + skip;
          position[l] = here + 1 - escaped;
          const std::uint32_t hit = escaped ? beyond : here;
          at[w][l] = hit < beyond ? hit : beyond;
        }
      std::uint32_t running = 0;
      for (int l = 0; l < lanes; ++l) running |= position[l] < limit;
      block(first, at);
      if (!running) break;
    }
  }
}

}  // namespace engram::cpu
