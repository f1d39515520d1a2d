// Units that fulfil a condition, listed in ascending order. Positions come from sums over all units before, never from
// an atomic counter, so the list is the same whoever runs when. A batch that one block can hold takes one launch, a
// larger one three: count in tiles, sum over the tiles, write.
#pragma once

#include "engram/backend.hpp"
#include "kernels/core/cooperate.hpp"
#include "kernels/core/launch.hpp"

namespace engram::kernels {

/// A unit is in, or it is a tie, of which only the first `quota` of a batch are in. Both counts ride in one word: there
/// are fewer than 2^32 units.
inline constexpr std::uint64_t one_in = std::uint64_t{1} << 32, one_tie = 1;

inline constexpr Index tile_units = 4096;        ///< of a block, where a batch takes several
inline constexpr Index one_block_units = 16384;  ///< a batch of up to this many units takes one block

/// Blocks that a batch takes.
inline Index tiles_of(Index units) {
  return units <= one_block_units ? 1 : units / tile_units + (units % tile_units != 0);
}

ENGRAM_HD Index smaller(Index a, Index b) { return a < b ? a : b; }

/// How many units of the list come before, given what was counted.
ENGRAM_HD Index listed(std::uint64_t counted, Index quota) {
  return static_cast<Index>(counted >> 32) + smaller(static_cast<Index>(counted), quota);
}

/// `Which` says what is listed: units; kind(batch, unit) is one_in, one_tie or 0; quota(batch); value(batch, unit).
template <class Which>
struct CountTile {
  static constexpr Index threads = 256;
  using Shared = Scan<threads>;
  Which which;
  std::uint64_t* counts;  ///< [batch][tile]
  Index tiles;

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& shared) const {
    const auto batch = static_cast<Index>(at / tiles), tile = static_cast<Index>(at % tiles);
    const Index first = tile * tile_units, count = smaller(tile_units, which.units - first);
    scan(block, shared, [&](Index t) {
      std::uint64_t sum = 0;
      for (Index i = t; i < count; i += threads) sum += which.kind(batch, first + i);
      return sum;
    });
    block.each([&](Index t) {
      if (t == 0) counts[at] = shared.total();
    });
  }
};

/// The counts of the tiles become the sums over the tiles before; the total gives the length of the list.
template <class Which>
struct ScanTiles {
  static constexpr Index threads = 1024;
  using Shared = Scan<threads>;
  Which which;
  std::uint64_t* counts;
  Index tiles, capacity;
  Active out;

  ENGRAM_HD void operator()(const Block& block, std::size_t batch, Shared& shared) const {
    std::uint64_t* own = counts + batch * tiles;
    const Index slice = ceil_div(tiles, threads);
    scan(block, shared, [&](Index t) {
      std::uint64_t sum = 0;
      for (Index i = t * slice; i < smaller(tiles, (t + 1) * slice); ++i) sum += own[i];
      return sum;
    });
    block.each([&](Index t) {
      std::uint64_t sum = shared.before(t);
      for (Index i = t * slice; i < smaller(tiles, (t + 1) * slice); ++i) {
        const std::uint64_t count = own[i];
        own[i] = sum;
        sum += count;
      }
      if (t == 0) out.count[batch] = smaller(listed(shared.total(), which.quota(static_cast<Index>(batch))), capacity);
    });
  }
};

/// Writes what a tile contributes. `before` is null where a batch is one tile; the length of the list is then known
/// here.
template <class Which, Index block_threads>
ENGRAM_HD void write_tile(const Block& block, Scan<block_threads>& shared, const Which& which, Index batch, Index first,
                          Index count, const std::uint64_t* before, Index capacity, const Active& out) {
  const Index slice = ceil_div(count, block_threads);  // neighbouring units of one thread, so that order is kept
  const auto end = [&](Index t) { return first + smaller(count, (t + 1) * slice); };
  const auto begin = [&](Index t) { return first + smaller(count, t * slice); };
  scan(block, shared, [&](Index t) {
    std::uint64_t sum = 0;
    for (Index i = begin(t); i < end(t); ++i) sum += which.kind(batch, i);
    return sum;
  });
  block.each([&](Index t) {
    const Index quota = which.quota(batch);
    std::uint64_t sum = (before ? *before : 0) + shared.before(t);
    for (Index i = begin(t); i < end(t); ++i) {
      const std::uint64_t kind = which.kind(batch, i);
      const Index position = listed(sum, quota);
      sum += kind;
      if (listed(sum, quota) == position || position >= capacity) continue;
      out.index[batch * out.stride + position] = i;
      if (out.value) out.value[batch * out.stride + position] = which.value(batch, i);
    }
    if (!before && t == 0) out.count[batch] = smaller(listed(shared.total(), quota), capacity);
  });
}

template <class Which, Index block_threads>
struct WriteTile {
  static constexpr Index threads = block_threads;
  using Shared = Scan<threads>;
  Which which;
  const std::uint64_t* before;
  Index tiles, capacity;
  Active out;

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& shared) const {
    const auto batch = static_cast<Index>(at / tiles), tile = static_cast<Index>(at % tiles);
    const Index first = tile * tile_units, count = tiles == 1 ? which.units : smaller(tile_units, which.units - first);
    write_tile(block, shared, which, batch, first, count, before ? before + at : nullptr, capacity, out);
  }
};

template <class Launcher, class Which>
void compact(Launcher& launch, const char* operation, const Which& which, Index batches, Index capacity,
             const Active& out) {
  const Index tiles = tiles_of(which.units);
  const std::size_t all = std::size_t{batches} * tiles;
  if (tiles == 1) return launch.blocks(operation, all, WriteTile<Which, 1024>{which, nullptr, 1, capacity, out});
  auto* counts = launch.template scratch<std::uint64_t>(Scratch::tiles, all);
  launch.blocks(operation, all, CountTile<Which>{which, counts, tiles});
  launch.blocks(operation, batches, ScanTiles<Which>{which, counts, tiles, capacity, out});
  launch.blocks(operation, all, WriteTile<Which, 256>{which, counts, tiles, capacity, out});
}

/// Units with x > above.
struct Above {
  Batch<const real> x;
  Index units;
  real limit;

  ENGRAM_HD std::uint64_t kind(Index batch, Index i) const { return x.at(batch)[i] > limit ? one_in : 0; }
  ENGRAM_HD Index quota(Index) const { return 0; }
  ENGRAM_HD real value(Index batch, Index i) const { return x.at(batch)[i]; }
};

template <class Launcher>
void collect(Launcher& launch, Batch<const real> x, real above, const Active& out) {
  const auto capacity = static_cast<Index>(out.stride < x.units ? out.stride : x.units);
  compact(launch, "collect", Above{x, x.units, above}, x.batches, capacity, out);
}

}  // namespace engram::kernels
