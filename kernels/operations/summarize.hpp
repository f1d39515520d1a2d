// Summaries over segments as kernels: a block a segment of a batch; long segments are shared out over several.
#pragma once

#include "kernels/core/cooperate.hpp"
#include "kernels/core/launch.hpp"
#include "kernels/operations/summary.hpp"

namespace engram::kernels {

using namespace bodies;

/// Joins what the threads of a block have seen; the first one has it all.
template <Index threads>
ENGRAM_HD void join_threads(const Block& block, Seen (&seen)[threads]) {
  for (Index half = threads / 2; half > 0; half /= 2)
    block.each([&](Index t) {
      if (t < half) seen[t].join(seen[t + half]);
    });
}

/// y = (batch * segments + segment) * parts + part.
template <class Kind>
struct SummarizePart {
  static constexpr Index threads = 256;
  struct Shared {
    Seen seen[threads];
  };
  Kind kind;
  Batch<const real> x;
  Segments segments;
  Index parts;
  Seen* seen;  ///< [batch][segment][part]; null: one part a segment, which gives the value
  Batch<real> out;

  ENGRAM_HD void operator()(const Block& block, std::size_t y, Shared& shared) const {
    const auto b = static_cast<Index>(y / parts / segments.count), s = static_cast<Index>(y / parts % segments.count);
    const SegmentRange whole = range_of(segments, s, x.units);
    const SegmentRange part = bodies::part_of(whole, static_cast<Index>(y % parts), parts);
    block.each([&](Index t) {
      Seen own;
      for (Index i = part.first + t; i < part.last; i += threads) look(kind, x.at(b), b, i, own);
      shared.seen[t] = own;
    });
    join_threads(block, shared.seen);
    block.each([&](Index t) {
      if (t != 0) return;
      if (seen)
        seen[y] = shared.seen[0];
      else
        out.at(b)[s] = summary_of(kind, shared.seen[0], whole.length());
    });
  }
};

/// x is a segment, y the batch.
template <class Kind>
struct JoinParts {
  Kind kind;
  Segments segments;
  Index units, parts;
  const Seen* seen;
  Batch<real> out;

  ENGRAM_HD void operator()(Index s, std::size_t b) const {
    Seen all;
    for (Index p = 0; p < parts; ++p) all.join(seen[(b * segments.count + s) * parts + p]);
    out.at(static_cast<Index>(b))[s] = summary_of(kind, all, range_of(segments, s, units).length());
  }
};

/// By radix select, a digit at a time as in top_k.hpp. y = batch * segments + segment.
template <class Kind>
struct SummarizeLargest {
  static constexpr Index threads = 256;
  struct Shared {
    Index histogram[bins];
    Scan<threads> scan;
    Pick<real> old, found;
    Seen seen[threads];
  };
  Kind kind;
  Batch<const real> x;
  Segments segments;
  Batch<real> out;

  /// Counts one digit of the keys that share the digits above with the k-th.
  ENGRAM_HD void count(const Block& block, Shared& shared, const real* value, const SegmentRange& range,
                       Digit digit) const {
    block.each([&](Index t) {
      if (t == 0) shared.old = shared.found;
      for (Index i = range.first + t; i < range.last; i += threads) {
        const auto key = Key<real>::of(value[i]);
        if (digit.follows(key, shared.found.prefix)) atomic_add(shared.histogram + digit.of(key), Index{1});
      }
    });
  }

  /// Finds the bin that holds number `old.left`, counted from the top.
  ENGRAM_HD void choose(const Block& block, Shared& shared, Digit digit) const {
    constexpr Index own = bins / threads;
    scan(block, shared.scan, [&](Index t) {
      std::uint64_t sum = 0;
      for (Index b = 0; b < own; ++b) sum += shared.histogram[bins - 1 - (t * own + b)];
      return sum;
    });
    block.each([&](Index t) {
      std::uint64_t before = shared.scan.before(t);
      for (Index b = 0; b < own; ++b) {
        const Index bin = bins - 1 - (t * own + b), here = shared.histogram[bin];
        shared.histogram[bin] = 0;
        if (before < shared.old.left && shared.old.left <= before + here)
          shared.found = {(digit.first ? 0 : shared.old.prefix << digit.width) | bin,
                          shared.old.left - static_cast<Index>(before)};
        before += here;
      }
    });
  }

  ENGRAM_HD void operator()(const Block& block, std::size_t y, Shared& shared) const {
    const auto b = static_cast<Index>(y / segments.count), s = static_cast<Index>(y % segments.count);
    const SegmentRange range = range_of(segments, s, x.units);
    const Index k = rank_of(kind, s, range.length());
    const real* const value = x.at(b);
    block.each([&](Index t) {
      for (Index bin = t; bin < bins; bin += threads) shared.histogram[bin] = 0;
      if (t == 0) shared.found = {0, k};
    });
    for (int place = 0; place < digits<real>; ++place) {
      const Digit digit = digit_at<real>(place);
      count(block, shared, value, range, digit);
      choose(block, shared, digit);
    }
    block.each([&](Index t) {
      Seen own;
      for (Index i = range.first + t; i < range.last; i += threads)
        if (Key<real>::of(value[i]) > shared.found.prefix) own.add(static_cast<double>(value[i]));
      shared.seen[t] = own;
    });
    join_threads(block, shared.seen);
    block.each([&](Index t) {
      if (t == 0) out.at(b)[s] = summary_of(kind, shared.seen[0], shared.found.prefix, shared.found.left, k);
    });
  }
};

/// Blocks that share a segment: of long ones several, where segments do not fill the device anyway.
inline Index parts_of(std::size_t segments, Index units) {
  constexpr Index part_units = 8192, most = 64;
  const std::size_t wanted = units / segments / part_units, room = 256 / segments;
  return static_cast<Index>(std::clamp<std::size_t>(std::min(wanted, room), 1, most));
}

template <class Launcher>
void summarize(Launcher& launch, Batch<const real> x, const Segments& segments, const Summary& summary,
               Batch<real> out) {
  check_summary(x, segments, summary, out);
  const std::size_t all = std::size_t{segments.count} * out.batches;
  if (all == 0) return;
  std::visit(
      [&](const auto& kind) {
        using Kind = std::decay_t<decltype(kind)>;
        if constexpr (is_ranked<Kind>) {
          launch.blocks("summarize", all, SummarizeLargest<Kind>{kind, x, segments, out});
        } else {
          const Index parts = parts_of(all, x.units);
          Seen* const seen = parts > 1 ? launch.template scratch<Seen>(Scratch::summary, all * parts) : nullptr;
          launch.blocks("summarize", all * parts, SummarizePart<Kind>{kind, x, segments, parts, seen, out});
          if (seen)
            launch.items("summarize", segments.count, out.batches,
                         JoinParts<Kind>{kind, segments, x.units, parts, seen, out});
        }
      },
      summary);
}

}  // namespace engram::kernels
