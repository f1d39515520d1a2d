// Kernels that go through the chains of gaps of a fibre (random_graph.hpp). A block has one segment, whose table of
// gaps lies in its shared memory: 32 draws of a warp look up 32 places, which are up to 32 lines of the cache, yet some
// three or four turns of the banks. A thread whose chain has ended goes on with its next source at once, so that a warp
// waits for the sum of its chains, not for the longest one each time.
#pragma once

#include <algorithm>
#include <cstddef>

#include "engram/calculus/rounds.hpp"
#include "kernels/calculus/fibre_bodies.hpp"
#include "kernels/core/cooperate.hpp"

namespace engram::kernels {

using namespace bodies;

/// Whether the table of the fibre can be held by a block; other chains are walked by for_each_target.
ENGRAM_HD bool holds_table(const Fibre& fibre) { return fibre.density == Density::random && !fibre.skip.wide; }
ENGRAM_HD Index table_words(const Fibre& fibre) { return holds_table(fibre) ? fibre.skip.escape() + 1 : 0; }
/// The length of the longest segment.
ENGRAM_HD Index widest(const Fibre& fibre) { return fibre.n_post < fibre.width() ? fibre.n_post : fibre.width(); }

/// Where a block's shared memory begins; how much there is is said at the launch.
struct SharedWords {
  std::uint32_t first;
  ENGRAM_HD std::uint32_t* begin() { return &first; }
};

/// Philox4x32-10 of one fibre with the key of each round at hand: as arguments of a kernel they are operands of its
/// instructions, where keys made of keys cost one more each.
struct ChainWords {
  static constexpr int rounds = 10;
  std::uint32_t key[rounds][2];

  explicit ChainWords(const Fibre& fibre) {
    for (std::uint32_t r = 0; r < rounds; ++r) {
      key[r][0] = static_cast<std::uint32_t>(fibre.key) + r * 0x9E3779B9u;
      key[r][1] = static_cast<std::uint32_t>(fibre.key >> 32) + r * 0xBB67AE85u;
    }
  }
  /// Random{fibre.key, Stream::connect, segment, unit}.words(call)
  ENGRAM_HD Words operator()(Index unit, Index segment, std::uint32_t call) const {
    Words x{{unit, (call << 8) | static_cast<std::uint32_t>(Stream::connect), segment, 0}};
#pragma GCC unroll 10
    for (int r = 0; r < rounds; ++r) {
      const std::uint64_t a = std::uint64_t{x.w[0]} * 0xD2511F53u, c = std::uint64_t{x.w[2]} * 0xCD9E8D57u;
      x = {{static_cast<std::uint32_t>(c >> 32) ^ x.w[1] ^ key[r][0], static_cast<std::uint32_t>(c),
            static_cast<std::uint32_t>(a >> 32) ^ x.w[3] ^ key[r][1], static_cast<std::uint32_t>(a)}};
    }
    return x;
  }
};

ENGRAM_HD void load_table(const Fibre& fibre, std::uint32_t* table, Index t, Index threads) {
  for (Index i = t, n = table_words(fibre); i < n; i += threads) table[i] = fibre.skip.narrow[i];
}

/// Calls visit(i, position in the segment) for the targets below limit(i), which may be 0, of the sources unit_of(i)
/// for i = t, t + threads, ... below n; `table` is that of load_table.
template <class UnitOf, class Limit, class Visit>
ENGRAM_HD void walk_chains(const Fibre& fibre, const ChainWords& words, const std::uint32_t* table, Index segment,
                           Index n, Index t, Index threads, UnitOf unit_of, Limit limit, Visit visit) {
  if (!holds_table(fibre)) {
    const Index first = segment << fibre.width_log2;
    for (Index i = t; i < n; i += threads)
      if (const Index end = limit(i); end > 0)
        for_each_target(fibre, unit_of(i), segment, [&](Index post) {
          if (post - first >= end) return false;
          visit(i, post - first);
          return true;
        });
    return;
  }
  const Index mask = fibre.skip.escape();
  Index next = t, i = 0, unit = 0, at = 0, end = 0;
  std::uint32_t call = 0;
  for (;;) {
    while (at >= end) {
      if (next >= n) return;
      i = next;
      next += threads;
      at = call = 0;
      end = limit(i);
      unit = unit_of(i);
    }
    const Words x = words(unit, segment, call++);
    std::uint32_t entry[4];
    for (int w = 0; w < 4; ++w) entry[w] = table[x.w[w] & mask];
    for (int w = 0; w < 4; ++w) {
      // As skip_of does; the lower bits of an entry are no more than the mask, so they need not be taken off.
      const Index skip = ((x.w[w] | mask) < entry[w] ? x.w[w] : entry[w]) & mask, here = at + skip;
      const bool joins = skip != mask;
      if (joins && here < end) visit(i, here);
      at = here + joins;  // beyond the end it only grows
    }
  }
}

/// Whose synapses are counted: those that came, from the beginning of the list, 1 each; those that went, from its end,
/// -1.
struct Counted {
  Span<const Index> units;
  Index came, went;

  ENGRAM_HD Index size() const { return came + went; }
  ENGRAM_HD Index unit(Index i) const { return units[i < came ? i : units.size - 1 - (i - came)]; }
};

/// What only the device knows: how many came and went; and all that are there now, who are counted anew where that is
/// less work.
struct Turnover {
  Span<const Index> changed, now;
  const Index* sizes;

  ENGRAM_HD Counted list() const {
    const Counted changes{changed, sizes[0], sizes[1]};
    return anew(changes) ? Counted{now, static_cast<Index>(now.size), 0} : changes;
  }
  ENGRAM_HD bool anew() const { return anew({changed, sizes[0], sizes[1]}); }

 private:
  ENGRAM_HD bool anew(const Counted& changes) const { return changes.size() > now.size; }
};
ENGRAM_HD const Counted& counted_list(const Counted& list) { return list; }
ENGRAM_HD Counted counted_list(const Turnover& turnover) { return turnover.list(); }
ENGRAM_HD bool counted_anew(const Counted&) { return false; }
ENGRAM_HD bool counted_anew(const Turnover& turnover) { return turnover.anew(); }

/// One chain: the synapses of a unit in a segment.
struct CountChain {
  Fibre fibre;
  Counted sources;
  Index* counts;

  ENGRAM_HD void operator()(Index source, std::size_t segment) const {
    const Index change = source < sources.came ? Index{1} : ~Index{0};
    for_each_target(fibre, sources.unit(source), static_cast<Index>(segment), [&](Index post) {
      atomic_add(counts + post, change);
      return true;
    });
  }
};

/// All sources in one segment, counted in memory of the block, so that the device's counts are touched once a unit. A
/// word holds two counts: their sum is that of low + 65536 * high modulo 2^32, from which both are read again as long
/// as neither exceeds 2^15.
template <class Sources>
struct CountSegment {
  static constexpr Index threads = 512, max_at_once = 32767;
  using Shared = SharedWords;
  Fibre fibre;
  ChainWords random;
  Sources sources;
  Index* counts;

  /// Shared memory that is asked for at least. A graph is made when the last of its launches has said how much a kernel
  /// may have, so all launches of a kernel in it say the same.
  std::size_t least_bytes;

  CountSegment(const Fibre& of, const Sources& from, Index* to, std::size_t least = 0)
      : fibre(of), random(of), sources(from), counts(to), least_bytes(least) {}

  ENGRAM_HD Index count_words() const { return (widest(fibre) + 1) / 2; }
  std::size_t shared_bytes() const {
    return std::max(least_bytes, sizeof(std::uint32_t) * (std::size_t{count_words()} + table_words(fibre)));
  }

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& shared) const {
    const auto segment = static_cast<Index>(at);
    const Counted list = counted_list(sources);
    const bool anew = counted_anew(sources);
    const Index all = list.size(), length = fibre.length(segment), words = count_words();
    if (all == 0) return;
    std::uint32_t *const own = shared.begin(), *const table = own + words;
    Index* const here = counts + (segment << fibre.width_log2);
    block.each([&](Index t) {
      for (Index w = t; w < words; w += threads) own[w] = 0;
      load_table(fibre, table, t, threads);
    });
    for (Index done = 0; done < all; done += max_at_once) {
      const Index n = all - done < max_at_once ? all - done : max_at_once;
      block.each([&](Index t) {
        walk_chains(
            fibre, random, table, segment, n, t, threads, [&](Index i) { return list.unit(done + i); },
            [&](Index) { return length; },
            [&](Index i, Index post) {
              const std::uint32_t one = std::uint32_t{1} << (post % 2 * 16);
              atomic_add(own + post / 2, done + i < list.came ? one : ~one + 1);
            });
      });
      block.each([&](Index t) {
        for (Index w = t; w < words; w += threads) {
          const std::uint32_t both = own[w];
          own[w] = 0;
          const auto low = static_cast<std::uint32_t>(static_cast<std::int16_t>(both)),
                     high = static_cast<std::uint32_t>(static_cast<std::int32_t>(both - low) >> 16);
          const bool add = !anew || done > 0;
          if (2 * w < length) here[2 * w] = low + (add ? here[2 * w] : 0);
          if (2 * w + 1 < length) here[2 * w + 1] = high + (add ? here[2 * w + 1] : 0);
        }
      });
    }
  }
};

/// Whether that pays: where visits are no fewer than a quarter of a segment's units, for an atomic of the device moves
/// 32 bytes and a count 8. An estimate; not measured.
inline bool count_in_blocks(const Fibre& fibre, std::size_t sources) { return sources * 128 >= fibre.width(); }

/// The synapses of all sources in one segment to winners; of a known source only those to new winners.
struct FindSegment {
  static constexpr Index threads = 512;
  struct Shared {
    Index begin, end;     ///< of the targets in the segment
    Index reach_fresh;    ///< how far a walk goes to meet all winners that are new
    std::uint32_t first;  ///< the targets as bits, then the table of gaps
  };
  Fibre fibre;
  ChainWords random;
  Span<const Index> sources, targets;
  const Index *fresh_sources, *fresh_targets;  ///< no_unit: known
  std::uint32_t* hits;                         ///< [target][words], zero before
  Index words;
  std::size_t least_bytes = 0;  ///< as of CountSegment

  ENGRAM_HD Index bit_words() const { return (widest(fibre) + 31) / 32; }
  std::size_t shared_bytes() const {
    const std::size_t words_there = std::size_t{bit_words()} + table_words(fibre);
    return std::max(least_bytes, offsetof(Shared, first) + sizeof(std::uint32_t) * words_there);
  }

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& s) const {
    const auto segment = static_cast<Index>(at);
    const Index first = segment << fibre.width_log2, marked = bit_words();
    std::uint32_t *const bits = &s.first, *const table = bits + marked;
    block.each([&](Index t) {
      if (t == 0) s.begin = position(targets, first);
      if (t == 32) s.end = position(targets, first + fibre.length(segment));
      if (t == 64) s.reach_fresh = 0;
      for (Index w = t; w < marked; w += threads) bits[w] = 0;
      load_table(fibre, table, t, threads);
    });
    const Index begin = s.begin, end = s.end;
    if (begin == end) return;
    block.each([&](Index t) {
      for (Index i = begin + t; i < end; i += threads) {
        const Index post = targets[i] - first;
        atomic_or(bits + post / 32, 1u << (post % 32));
        if (fresh_targets[i] != no_unit) atomic_max(&s.reach_fresh, post + 1);
      }
    });
    const Index reach = targets[end - 1] - first + 1, reach_fresh = s.reach_fresh;
    const Span<const Index> here{targets.data + begin, end - begin};
    block.each([&](Index t) {
      walk_chains(
          fibre, random, table, segment, static_cast<Index>(sources.size), t, threads,
          [&](Index source) { return sources[source]; },
          [&](Index source) { return fresh_sources[source] != no_unit ? reach : reach_fresh; },
          [&](Index source, Index post) {
            if (!(bits[post / 32] >> (post % 32) & 1u)) return;
            const Index target = begin + position(here, first + post);
            if (fresh_sources[source] != no_unit || fresh_targets[target] != no_unit)
              atomic_or(hits + std::size_t{target} * words + source / 32, 1u << (source % 32));
          });
    });
  }
};

}  // namespace engram::kernels
