// The k largest of n by radix select: the bits of a score, from the top, a digit at a time; a histogram of the digits
// tells in which bin the k-th lies. Larger scores win, equal ones by lower index; -0 equals 0, NaN is lowest. What is
// counted are integers, so neither blocks nor their order change the result; nothing is read back by the host. One
// launch: blocks share out the scores of a batch, keep them in shared memory, and wait for each other between two
// digits.
#pragma once

#include <cstddef>

#include "kernels/core/compact.hpp"
#include "kernels/operations/keys.hpp"

namespace engram::kernels {

using namespace bodies;

/// The k largest of each batch, whose scores are shared out over `tiles` blocks.
template <class T, Index block_threads>
struct TopK {
  static constexpr Index threads = block_threads;
  using Bits = typename Key<T>::Bits;
  static constexpr Index max_kept = 196608 / sizeof(Bits);  ///< beside the rest, in 227 kB
  struct Shared {
    Index histogram[bins];
    Scan<threads, Index> counted;
    Scan<threads> scan, listed;
    Pick<T> old, found;
    alignas(16) Bits key[max_kept];  ///< only `kept` are there
  };
  Batch<const T> score;
  Index units, k;
  Index tiles, tile_units, kept;  ///< keys beyond `kept` are made anew from the scores each time
  Index* histogram;               ///< [batch][place][bins], of all tiles; all zero before and after
  std::uint64_t* counts;          ///< [batch][tile]
  Active winners;

  ENGRAM_HD bool apart() const { return tiles == 1; }
  std::size_t shared_bytes() const { return offsetof(Shared, key) + kept * sizeof(Bits); }
  /// Keys that a block may keep.
  static Index room(const SharedMemory& memory) {
    const std::size_t beside = offsetof(Shared, key);
    const std::size_t keys = memory.of_one_block > beside ? (memory.of_one_block - beside) / sizeof(Bits) : 0;
    return keys < max_kept ? static_cast<Index>(keys) : max_kept;
  }

  /// The scores of one block.
  struct Tile {
    Index batch, first, count;
    const T* score;
  };
  ENGRAM_HD Tile tile_of(std::size_t at) const {
    const auto batch = static_cast<Index>(at / tiles), first = static_cast<Index>(at % tiles) * tile_units;
    return {batch, first, smaller(tile_units, units - first), score.at(batch) + first};
  }
  ENGRAM_HD Bits key_at(const Shared& s, const Tile& tile, Index i) const {
    return i < kept ? s.key[i] : Key<T>::of(tile.score[i]);
  }
  ENGRAM_HD Index* of_all_tiles(Index batch, int place) const {
    return histogram + (std::size_t{batch} * digits<T> + static_cast<std::size_t>(place)) * bins;
  }

  /// So many keys are read before one is counted: after a count the next read would wait for memory.
  template <Index at_once, class Read>
  ENGRAM_HD void count_keys(Index t, Shared& s, const Tile& tile, Digit digit, Read read) const {
    for (Index i = t; i < tile.count; i += at_once * threads) {
      Bits key[at_once];
      for (Index q = 0; q < at_once; ++q)
        if (i + q * threads < tile.count) key[q] = read(i + q * threads);
      for (Index q = 0; q < at_once && i + q * threads < tile.count; ++q) {
        if (digit.first && i + q * threads < kept) s.key[i + q * threads] = key[q];
        if (digit.follows(key[q], s.found.prefix)) atomic_add(s.histogram + digit.of(key[q]), Index{1});
      }
    }
  }

  /// Counts one digit of the keys that share the digits above with the k-th.
  ENGRAM_HD void count(const Block& block, std::size_t at, Shared& s, int place) const {
    const Tile tile = tile_of(at);
    const Digit digit = digit_at<T>(place);
    block.each([&](Index t) {
      if (t == 0) s.old = s.found;
      if (digit.first)
        count_keys<16>(t, s, tile, digit, [&](Index i) { return Key<T>::of(tile.score[i]); });
      else
        count_keys<4>(t, s, tile, digit, [&](Index i) { return key_at(s, tile, i); });
    });
    if (tiles == 1) return;
    block.each([&](Index t) {
      for (Index b = t; b < bins; b += threads) {
        if (s.histogram[b]) atomic_add(of_all_tiles(tile.batch, place) + b, s.histogram[b]);
        s.histogram[b] = 0;
      }
    });
  }

  /// Leaves a histogram that all blocks have read as the next call needs it.
  ENGRAM_HD void clear(const Block& block, std::size_t at, int place) const {
    if (tiles == 1) return;
    Index* all = of_all_tiles(static_cast<Index>(at / tiles), place);
    block.each([&](Index t) {
      for (std::size_t b = at % tiles * threads + t; b < bins; b += std::size_t{tiles} * threads) all[b] = 0;
    });
  }

  /// Finds the bin that holds the winner number `old.left`, counted from the top.
  ENGRAM_HD void choose(const Block& block, std::size_t at, Shared& s, int place) const {
    constexpr Index own = bins / threads;
    static_assert(own * threads == bins);
    const Digit digit = digit_at<T>(place);
    Index* const all = tiles == 1 ? s.histogram : of_all_tiles(static_cast<Index>(at / tiles), place);
    if (place > 0) clear(block, at, place - 1);
    const auto bin_of = [](Index t, Index b) { return bins - 1 - (t * own + b); };
    scan(block, s.counted, [&](Index t) {
      Index sum = 0;
      for (Index b = 0; b < own; ++b) sum += all[bin_of(t, b)];
      return sum;
    });
    block.each([&](Index t) {
      const Index left = s.old.left;
      Index before = s.counted.before(t);
      if (before < left && left <= s.counted.sum[t])  // of one thread alone
        for (Index b = 0; b < own; ++b) {
          const Index bin = bin_of(t, b), here = all[bin];
          if (before < left && left <= before + here)
            s.found = {static_cast<Bits>((digit.first ? 0 : s.old.prefix << digit.width) | bin), left - before};
          before += here;
        }
      for (Index b = 0; tiles == 1 && b < own; ++b) all[bin_of(t, b)] = 0;
    });
  }

  /// Keys of one thread are neighbours, so that order is kept; an odd number of them lies in all banks.
  ENGRAM_HD Index slice(const Tile& tile) const { return ceil_div(tile.count, threads) | 1; }
  ENGRAM_HD std::uint64_t kind(const Shared& s, const Tile& tile, Index i) const {
    const Bits key = key_at(s, tile, i);
    return key > s.found.prefix ? one_in : (key == s.found.prefix ? one_tie : 0);
  }

  ENGRAM_HD void count_winners(const Block& block, std::size_t at, Shared& s) const {
    const Tile tile = tile_of(at);
    const Index own = slice(tile);
    scan(block, s.listed, [&](Index t) {
      std::uint64_t sum = 0;
      for (Index i = t * own; i < smaller(tile.count, (t + 1) * own); ++i) sum += kind(s, tile, i);
      return sum;
    });
    if (tiles == 1) return;
    block.each([&](Index t) {
      if (t == 0) counts[at] = s.listed.total();
    });
  }

  ENGRAM_HD void write(const Block& block, std::size_t at, Shared& s) const {
    const Tile tile = tile_of(at);
    const Index own = slice(tile);
    if (tiles > 1) {
      clear(block, at, digits<T> - 1);
      scan(block, s.scan, [&](Index t) {
        std::uint64_t sum = 0;
        for (std::size_t other = at - at % tiles + t; other < at; other += threads) sum += counts[other];
        return sum;
      });
    }
    block.each([&](Index t) {
      const std::uint64_t others = tiles > 1 ? s.scan.total() : 0;
      std::uint64_t sum = others + s.listed.before(t);
      if (t == 0 && tile.first == 0) winners.count[tile.batch] = k;
      if (listed(sum, s.found.left) == listed(others + s.listed.sum[t], s.found.left)) return;  // most threads
      for (Index i = t * own; i < smaller(tile.count, (t + 1) * own); ++i) {
        const std::uint64_t here = kind(s, tile, i);
        const Index position = listed(sum, s.found.left);
        sum += here;
        if (listed(sum, s.found.left) == position) continue;
        const std::size_t to = tile.batch * winners.stride + position;
        winners.index[to] = tile.first + i;
        if (winners.value) winners.value[to] = static_cast<real>(tile.score[i]);
      }
    });
  }

  ENGRAM_HD void operator()(const Grid<Shared>& grid) const {
    grid.each([&](const Block& block, std::size_t at, Shared& s) {
      block.each([&](Index t) {
        for (Index b = t; b < bins; b += threads) s.histogram[b] = 0;
        if (t == 0) s.found = {0, k};
      });
      count(block, at, s, 0);
    });
    for (int place = 1; place < digits<T>; ++place)
      grid.each([&](const Block& block, std::size_t at, Shared& s) {
        choose(block, at, s, place - 1);
        count(block, at, s, place);
      });
    grid.each([&](const Block& block, std::size_t at, Shared& s) {
      choose(block, at, s, digits<T> - 1);
      count_winners(block, at, s);
    });
    grid.last([&](const Block& block, std::size_t at, Shared& s) { write(block, at, s); });
  }
};

template <Index threads, class Launcher, class T>
void select_by_blocks(Launcher& launch, Batch<const T> score, Index k, Index tiles, const Active& winners) {
  using Kernel = TopK<T, threads>;
  const Index units = score.units, batches = score.batches, tile = ceil_div(units, tiles);
  tiles = ceil_div(units, tile);  // none is empty
  const std::size_t all = std::size_t{batches} * tiles;
  Index* histogram = nullptr;
  std::uint64_t* counts = nullptr;
  if (tiles > 1) {
    histogram = launch.template scratch<Index>(Scratch::histogram, std::size_t{batches} * digits<T> * bins);
    counts = launch.template scratch<std::uint64_t>(Scratch::tiles, all);
  }
  launch.grid("select_top_k", all,
              Kernel{score, units, k, tiles, tile, smaller(tile, Kernel::room(launch.shared_memory())), histogram,
                     counts, winners});
}

template <class Launcher, class T>
void select_top_k(Launcher& launch, Batch<const T> score, Index k, const Active& winners) {
  const Index units = score.units, batches = score.batches;
  if (k > units)
    throw Error("select_top_k: found k = " + std::to_string(k) + "; allowed are 0 to the " + std::to_string(units) +
                " units");
  if (k == 0) return launch.zero(winners.count, batches * sizeof(Index));
  if (batches == 0) return;
  if (units <= 2048) return select_by_blocks<256>(launch, score, k, 1, winners);
  constexpr Index least_tile = 2048;  // units that are worth a block where a batch takes several
  Index tiles = 1;
  if (units > one_block_units) tiles = smaller(launch.processors() / batches, ceil_div(units, least_tile));
  select_by_blocks<512>(launch, score, k, tiles ? tiles : 1, winners);
}

}  // namespace engram::kernels
