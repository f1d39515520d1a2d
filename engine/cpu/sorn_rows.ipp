// The loops of sorn_rows.hpp: included by one file per instruction set, which names their table in ENGRAM_SORN_LOOPS.
// Nothing here may call a function of the standard library that could stay out of line: the linker might take its copy,
// made for newer processors, for the whole program.
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "kernels/sorn_rows.hpp"
#include "sorn_rows.hpp"

namespace engram::cpu {
namespace {

using namespace bodies;

typedef real Reals __attribute__((vector_size(16 * sizeof(real)), aligned(64), may_alias));
typedef std::uint32_t Words16 __attribute__((vector_size(64), aligned(64), may_alias));
typedef std::int32_t Ints16 __attribute__((vector_size(64), aligned(64), may_alias));

struct Rows16 {
  using R = Reals;
  using W = Words16;
  ENGRAM_HD static R load(const real* p) { return *reinterpret_cast<const R*>(p); }
  ENGRAM_HD static void store(real* p, R value) { *reinterpret_cast<R*>(p) = value; }
  ENGRAM_HD static W load(const Index* p) { return *reinterpret_cast<const W*>(p); }
  ENGRAM_HD static R number(W bit) { return __builtin_convertvector(reinterpret_cast<Ints16>(bit), R); }
  ENGRAM_HD static W exists(R w) { return reinterpret_cast<W>(-__builtin_convertvector(w != R{}, Ints16)); }
};

/// Activity in memory, for any number of units.
struct FromMemory : Rows16 {
  const std::uint32_t* words;
  explicit FromMemory(const std::uint32_t* activity, Index) : words(activity) {}
  ENGRAM_HD W lookup(W unit) const {
    const W at = unit >> 4, shift = (unit & 15u) * 2;
#if defined(__AVX512F__)
    const W word = reinterpret_cast<W>(_mm512_i32gather_epi32(reinterpret_cast<__m512i>(at), words, 4));
#else
    W word;
    for (int l = 0; l < 16; ++l) word[l] = words[at[l]];
#endif
    return word >> shift;
  }
};

#if defined(__AVX512F__)
/// Activity of up to 512 * pairs units in registers. A gather is some 20 cycles for 16 lanes, a permutation of two
/// registers two: this makes the steps of small networks, and inhibition in those of up to 10,000 units, twice as fast.
template <int pairs>
struct FromRegisters : Rows16 {
  __m512i table[2 * pairs];
  explicit FromRegisters(const std::uint32_t* activity, Index words) {
    for (Index p = 0; p < 2 * pairs; ++p) {
      const Index left = words > 16 * p ? words - 16 * p : 0;
      table[p] = _mm512_maskz_loadu_epi32(static_cast<__mmask16>(left >= 16 ? 0xffffu : (1u << left) - 1), activity + 16 * p);
    }
  }
  ENGRAM_HD W lookup(W unit) const {
    const __m512i at = _mm512_srli_epi32(reinterpret_cast<__m512i>(unit), 4);
    __m512i word = _mm512_permutex2var_epi32(table[0], at, table[1]);
    if constexpr (pairs > 1) {
      const __mmask16 odd = _mm512_test_epi32_mask(at, _mm512_set1_epi32(32));
      word = _mm512_mask_mov_epi32(word, odd, _mm512_permutex2var_epi32(table[2], at, table[3]));
    }
    if constexpr (pairs > 2) {
      const __mmask16 odd = _mm512_test_epi32_mask(at, _mm512_set1_epi32(32)), high = _mm512_test_epi32_mask(at, _mm512_set1_epi32(64));
      const __m512i third = _mm512_permutex2var_epi32(table[4], at, table[5]), fourth = _mm512_permutex2var_epi32(table[6], at, table[7]);
      word = _mm512_mask_mov_epi32(word, high, _mm512_mask_mov_epi32(third, odd, fourth));
    }
    return reinterpret_cast<W>(word) >> ((unit & 15u) * 2);
  }
};
#endif

template <class Pre, class Rule>
ENGRAM_HD Reals walk_slice(const Rule& rule, bool learn, bool normalize, const IncomingView& rows, const Slice& slice, const Pre& pre, Reals now,
                           Reals before, Words16& count) {
  const RowSums<Pre> sums = learn ? learn_rows<true>(rule, rows, slice, 0, pre, now, before) : learn_rows<false>(rule, rows, slice, 0, pre, now, before);
  count = sums.count;
  return normalize ? drive_rows<true>(rows, slice, 0, pre, sums) : drive_rows<false>(rows, slice, 0, pre, sums);
}

template <class PreE, class PreI>
void walk(RowJob& job, const PreE& pre_e, const PreI& pre_i) {
  const SornView& net = *job.net;
  const SornRules rules = net.rules[job.replica];
  const IncomingView ee = net.ee, ei = net.ei;
  Index event = 0;
  while (event < job.n_events && job.events[event].post / slice_lanes < job.begin) ++event;
  Words16 synapses_ee{}, synapses_ei{};
  std::uint64_t total_ee = 0, total_ei = 0;
  const Words16 lane{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30};
  for (Index s = job.begin; s < job.end; ++s) {
    Slice& slice_ee = ee.at(job.replica, s);
    Slice& slice_ei = ei.at(job.replica, s);
    if (job.tidy && (s + job.tick) % tidy_period == 0) {
      tidy(ee, slice_ee);
      tidy(ei, slice_ei);
    }
    const Words16 bits = (Words16{} + job.x[s]) >> lane;
    const Reals now = Rows16::number(bits & 1u), before = Rows16::number((bits >> 1) & 1u);
    bool learn = job.learn_ee;
    if (event < job.n_events && job.events[event].post / slice_lanes == s) {
      if (learn) learn_rows<true>(rules.stdp, ee, slice_ee, 0, pre_e, now, before);
      learn = false;
      for (; event < job.n_events && job.events[event].post / slice_lanes == s; ++event) {
        const Index used = rewrite_row(ee, slice_ee, job.events[event].post % slice_lanes, job.events[event].pre, rules.rewire_weight);
        if (used > slice_ee.used) slice_ee.used = used;
      }
    }
    Words16 count_ee, count_ei;
    const Reals excitation = walk_slice(rules.stdp, learn, job.normalize, ee, slice_ee, pre_e, now, before, count_ee);
    const Reals inhibition = walk_slice(rules.istdp, job.learn_ei, job.normalize, ei, slice_ei, pre_i, now, before, count_ei);
    const Reals drive = excitation - inhibition;
    const Index first = s * slice_lanes, lanes = net.ne - first < slice_lanes ? net.ne - first : slice_lanes;
    real* out = net.drive_e + static_cast<std::size_t>(job.replica) * net.ne + first;
    if (lanes == slice_lanes)
      __builtin_memcpy(out, &drive, sizeof drive);
    else
      for (Index l = 0; l < lanes; ++l) out[l] = drive[l];
    synapses_ee += count_ee;
    synapses_ei += count_ei;
    const auto none = (count_ee == 0u) + (count_ei == 0u);
    // Rows beyond the last unit are empty as well, and no loss.
    for (Index l = 0; l < lanes; ++l) job.empty += static_cast<std::uint64_t>(-none[l]);
    if (s % 4096 == 4095 || s + 1 == job.end) {  // before a lane could overflow
      for (int l = 0; l < 16; ++l) {
        total_ee += synapses_ee[l];
        total_ei += synapses_ei[l];
      }
      synapses_ee = synapses_ei = Words16{};
    }
  }
  job.ee = total_ee;
  job.ei = total_ei;
}

template <class PreE>
void with_inhibitory(RowJob& job, const PreE& pre_e) {
#if defined(__AVX512F__)
  const Index words = job.net->words_i();
  if (words <= 32) return walk(job, pre_e, FromRegisters<1>(job.y, words));
  if (words <= 64) return walk(job, pre_e, FromRegisters<2>(job.y, words));
  if (words <= 128) return walk(job, pre_e, FromRegisters<4>(job.y, words));
#endif
  walk(job, pre_e, FromMemory(job.y, 0));
}

void walk_rows(RowJob& job) {
#if defined(__AVX512F__)
  const Index words = job.net->words_e();
  if (words <= 32) return with_inhibitory(job, FromRegisters<1>(job.x, words));
  if (words <= 64) return with_inhibitory(job, FromRegisters<2>(job.x, words));
#endif
  with_inhibitory(job, FromMemory(job.x, 0));
}

template <int vectors>
ENGRAM_HD void sum_lanes(const DenseView& w, Index replica, const Index* active, Index count, Index first, Index lanes, real* drive) {
  Reals sum[vectors] = {};
  for (Index a = 0; a < count; ++a) {
    const real* row = w.row(replica, active[a]) + first;
    for (int v = 0; v < vectors; ++v) sum[v] += Rows16::load(row + 16 * v);
  }
  __builtin_memcpy(drive + first, sum, lanes * sizeof(real));
}

void sum_active(const DenseView& w, Index replica, const Index* active, Index count, Index begin, Index end, real* drive) {
  Index first = begin;
  for (; first + drive_tile <= end; first += drive_tile) sum_lanes<drive_tile / 16>(w, replica, active, count, first, drive_tile, drive);
  for (; first < end; first += 16) sum_lanes<1>(w, replica, active, count, first, end - first < 16 ? end - first : 16, drive);
}

}  // namespace

extern const SornLoops ENGRAM_SORN_LOOPS;
const SornLoops ENGRAM_SORN_LOOPS = {walk_rows, sum_active};

}  // namespace engram::cpu
