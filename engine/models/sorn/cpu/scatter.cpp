// A row holds some 20 synapses, now more, now fewer: a loop over each ends where the processor does not foresee it. So
// rows are first laid end to end, each by a copy of fixed length, and then added in one long loop: 10,000 units, half
// of them active, in 72 us in place of 154. Rows lie anywhere in memory; the list of who is next is what hides that.
#include "engine/models/sorn/cpu/scatter.hpp"

#include <bit>
#include <cstring>
#include <vector>

#include "engine/cpu/of_thread.hpp"
#include "kernels/operations/bodies.hpp"
#include "kernels/sorn/units.hpp"

namespace engram::cpu {

namespace {

constexpr Index piece = 32, room = 512;
constexpr std::uint64_t line = 16;

struct Laid {
  Index target[room + piece];
  real weight[room + piece];
  Index held = 0;
};

/// What it copies beyond a row, the next one overwrites.
template <class T>
ENGRAM_HD void lay(T* to, const T* from, std::uint64_t left) {
  if (left >= piece)
    std::memcpy(to, from, piece * sizeof(T));
  else
    std::memcpy(to, from, left * sizeof(T));
}

ENGRAM_HD void add_laid(const Laid& laid, Index count, fixed* sum) {
  fixed term[room + piece];
  for (Index i = 0; i < count; ++i) term[i] = bodies::drive_term(laid.weight[i], real(1));
#pragma GCC unroll 8
  for (Index i = 0; i < count; ++i) sum[laid.target[i]] += term[i];
}

ENGRAM_CLONES void scatter(const OutgoingView& w, const std::uint64_t* start, const Index* active, Index count,
                           std::uint64_t stored, fixed* sum) {
  constexpr Index ahead = 8;
  Laid laid;
  for (Index a = 0; a < count; ++a) {
    if (a + 2 * ahead < count) __builtin_prefetch(start + active[a + 2 * ahead]);
    if (a + ahead < count)
      for (std::uint64_t s = start[active[a + ahead]], last = s + piece + line; s < last; s += line) {
        __builtin_prefetch(w.target + s);
        __builtin_prefetch(w.weight + s);
      }
    const std::uint64_t end = start[active[a] + 1];
    for (std::uint64_t s = start[active[a]]; s < end; s += piece) {
      const std::uint64_t left = stored - s;
      lay(laid.target + laid.held, w.target + s, left);
      lay(laid.weight + laid.held, w.weight + s, left);
      laid.held += static_cast<Index>(end - s < piece ? end - s : piece);
      if (laid.held < room) continue;
      add_laid(laid, room, sum);
      std::memcpy(laid.target, laid.target + room, piece * sizeof(Index));
      std::memcpy(laid.weight, laid.weight + room, piece * sizeof(real));
      laid.held -= room;
    }
  }
  add_laid(laid, laid.held, sum);
}

/// Four at a time, whether there are as many or not: how many a word holds no processor foresees.
ENGRAM_CLONES Index list(const std::uint32_t* x, Index begin, Index end, Index* out) {
  constexpr Index at_once = 4;
  Index* to = out;
  for (Index w = begin; w < end; ++w) {
    std::uint32_t bits = x[w] & bodies::now_bits;
    Index left = static_cast<Index>(std::popcount(bits));
    for (;;) {
      for (Index k = 0; k < at_once; ++k, bits &= bits - 1)
        to[k] = w * sorn::units_per_word + static_cast<Index>(std::countr_zero(bits)) / 2;
      if (left <= at_once) break;
      to += at_once;
      left -= at_once;
    }
    to += left;
  }
  return static_cast<Index>(to - out);
}

ENGRAM_CLONES void gather(fixed* sums, std::size_t arrays, Index units, Index begin, Index end, real* drive) {
  for (std::size_t a = 1; a < arrays; ++a)
    for (Index i = begin; i < end; ++i) {
      sums[i] += sums[a * units + i];
      sums[a * units + i] = 0;
    }
  for (Index i = begin; i < end; ++i) {
    drive[i] = from_fixed(sums[i]);
    sums[i] = 0;
  }
}

}  // namespace

std::span<const Index> list_active(const std::uint32_t* x, Index begin, Index end) {
  auto& active = of_thread<std::vector<Index>, struct ListedActive>();
  active.resize((end - begin + 1) * sorn::units_per_word);
  return {active.data(), list(x, begin, end, active.data())};
}

void scatter_rows(const OutgoingView& w, Index replica, std::span<const Index> active, fixed* sum) {
  const std::uint64_t stored = w.row_start[w.row(w.replicas, 0)];
  scatter(w, w.row_start + w.row(replica, 0), active.data(), static_cast<Index>(active.size()), stored, sum);
}

void gather_sums(std::span<fixed> sums, Index units, Index begin, Index end, real* drive) {
  gather(sums.data(), sums.size() / units, units, begin, end, drive);
}

}  // namespace engram::cpu
