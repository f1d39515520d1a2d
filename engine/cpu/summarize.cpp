// Summaries over segments, and values of chosen units. Threads share out segments, and long segments in parts: sums are
// of integers, so no part changes a bit.
#include <algorithm>
#include <functional>
#include <vector>

#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/of_thread.hpp"
#include "engine/cpu/parallel.hpp"
#include "kernels/operations/gather.hpp"
#include "kernels/operations/summary.hpp"

namespace engram::cpu {

using namespace bodies;

namespace {

template <class Kind>
ENGRAM_CLONES void look_at(const Kind& kind, const real* x, Index b, SegmentRange range, Seen& seen) {
  Seen own;
  for (Index i = range.first; i < range.last; ++i) look(kind, x, b, i, own);
  seen = own;
}

template <class Kind>
void by_parts(int threads, const Kind& kind, Batch<const real> x, const Segments& segments, Batch<real> out) {
  const std::size_t all = std::size_t{segments.count} * out.batches, work = std::size_t{x.units} * out.batches * 2;
  const bool shared_out = work >= parallel_threshold && all < static_cast<std::size_t>(threads);
  const auto parts = shared_out ? static_cast<Index>(ceil_div(static_cast<std::size_t>(threads), all)) : Index{1};
  std::vector<Seen> seen(shared_out ? all * parts : 0);
  parallel_for(threads, all * parts, work, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t y = begin; y < end; ++y) {
      const auto b = static_cast<Index>(y / parts / segments.count), s = static_cast<Index>(y / parts % segments.count);
      const SegmentRange whole = range_of(segments, s, x.units);
      Seen own;
      look_at(kind, x.at(b), b, part_of(whole, static_cast<Index>(y % parts), parts), own);
      if (shared_out)
        seen[y] = own;
      else
        out.at(b)[s] = summary_of(kind, own, whole.length());
    }
  });
  for (std::size_t y = 0; shared_out && y < all; ++y) {
    for (Index p = 1; p < parts; ++p) seen[y * parts].join(seen[y * parts + p]);
    const auto b = static_cast<Index>(y / segments.count), s = static_cast<Index>(y % segments.count);
    out.at(b)[s] = summary_of(kind, seen[y * parts], range_of(segments, s, x.units).length());
  }
}

template <class Kind>
real largest_of(const Kind& kind, const real* x, SegmentRange range, Index s) {
  using Bits = Key<real>::Bits;
  auto& key = of_thread<std::vector<Bits>, struct RankedKeys>();
  const Index length = range.length(), k = rank_of(kind, s, length);
  if (k == 0) return summary_of(kind, {}, 0, 0, 0);
  key.resize(length);
  for (Index i = 0; i < length; ++i) key[i] = Key<real>::of(x[range.first + i]);
  std::nth_element(key.begin(), key.begin() + (k - 1), key.end(), std::greater<>());
  const Bits last = key[k - 1];
  Seen above;
  Index ties = k;
  for (Index i = 0; i < k; ++i)
    if (key[i] > last) {
      above.add(static_cast<double>(Key<real>::number(key[i])));
      --ties;
    }
  return summary_of(kind, above, last, ties, k);
}

}  // namespace

void CpuBackend::summarize(Batch<const real> x, const Segments& segments, const Summary& summary, Batch<real> out) {
  check_summary(x, segments, summary, out);
  const std::size_t all = std::size_t{segments.count} * out.batches;
  std::visit(
      [&](const auto& kind) {
        using Kind = std::decay_t<decltype(kind)>;
        if constexpr (is_ranked<Kind>)
          parallel_for(
              info_.threads, all, std::size_t{x.units} * out.batches * 8, [&](std::size_t begin, std::size_t end, int) {
                for (std::size_t y = begin; y < end; ++y) {
                  const auto b = static_cast<Index>(y / segments.count), s = static_cast<Index>(y % segments.count);
                  out.at(b)[s] = largest_of(kind, x.at(b), range_of(segments, s, x.units), s);
                }
              });
        else if (all > 0)
          by_parts(info_.threads, kind, x, segments, out);
      },
      summary);
}

void CpuBackend::gather(Batch<const real> from, Span<const Index> at, Batch<real> to) {
  check_gather(at, to);
  const std::size_t all = at.size * to.batches;
  parallel_for(info_.threads, all, all * 2, [&](std::size_t begin, std::size_t end, int) {
    while (begin < end) {
      const auto b = static_cast<Index>(begin / at.size);
      const std::size_t first = begin % at.size, last = std::min(at.size, first + (end - begin));
      const real* const source = from.at(b);
      real* const target = to.at(b);
      for (std::size_t i = first; i < last; ++i) target[i] = source[at[i]];
      begin += last - first;
    }
  });
}

}  // namespace engram::cpu
