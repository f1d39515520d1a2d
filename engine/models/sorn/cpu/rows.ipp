// The loops of rows.hpp: included by one file per instruction set, which names their table in ENGRAM_SORN_LOOPS.
// Nothing here may call a function of the standard library that could stay out of line: the linker might take its copy,
// made for newer processors, for the whole program.
#include "engine/models/sorn/cpu/lanes.hpp"
#include "engine/models/sorn/cpu/rows.hpp"

namespace engram::cpu {
namespace {

using namespace bodies;

template <class Pre, class Rule>
ENGRAM_HD Reals walk_lanes(const Rule& rule, bool learn, bool normalize, const IncomingView& rows, const Slice& slice,
                           Index lane, const Pre& pre, Reals now, Reals before, Words& count) {
  RowSums<Pre> sums;
  learn ? learn_rows<true>(rule, rows, slice, lane, pre, now, before, sums)
        : learn_rows<false>(rule, rows, slice, lane, pre, now, before, sums);
  count = sums.count;
  return normalize ? drive_rows<true>(rows, slice, lane, pre, sums) : drive_rows<false>(rows, slice, lane, pre, sums);
}

/// Synapses of some rows at a time, and rows without one.
struct Tally {
  Words synapse_lanes{}, empty_lanes{};
  std::uint64_t synapses = 0, empty = 0;

  ENGRAM_HD void add(Words count, Index units) {
    Words lane;
    for (Index l = 0; l < row_lanes; ++l) lane[l] = l;
    synapse_lanes += count;
    // Rows beyond the last unit are empty as well, and no loss.
    empty_lanes -= reinterpret_cast<Words>(count == 0u) & reinterpret_cast<Words>(lane < units);
  }
  /// Before a lane could overflow.
  ENGRAM_HD void settle() {
    for (Index l = 0; l < row_lanes; ++l) {
      synapses += synapse_lanes[l];
      empty += empty_lanes[l];
    }
    synapse_lanes = empty_lanes = Words{};
  }
};

ENGRAM_HD Index lanes_of(Index slice, Index units) {
  const Index left = units - slice * slice_lanes;
  return left < slice_lanes ? left : slice_lanes;
}

/// Calls put(unit, sum) for the rows of slices [begin, end) of one projection. `event` is the first
/// new synapse of these slices, or of later ones.
template <class PreE, class Pre, class Rule, class Put>
ENGRAM_HD void walk_slices(const RowJob& job, const IncomingView& rows, const Rule rule, bool learns, Index begin,
                           Index end, const PreE& pre_e, const Pre& pre, Index& event, Index n_events, Tally& tally,
                           Put&& put) {
  const Reals one = Reals{} + real(1);
  for (Index s = begin; s < end; ++s) {
    Slice& slice = rows.at(job.replica, s);
    const Index *unit = rows.units(job.replica, s), lanes = lanes_of(s, rows.n_post);
    bool learn = learns;
    if (event < n_events && job.events[event].post / slice_lanes == s) {
      for (Index lane = 0; learn && lane < lanes; lane += row_lanes) {
        RowSums<Pre> unused;
        const auto post = pre_e.lookup(unit + lane);
        learn_rows<true>(rule, rows, slice, lane, pre, one * post.now, one * post.before, unused);
      }
      learn = false;
      for (; event < n_events && job.events[event].post / slice_lanes == s; ++event) {
        const sorn::NewSynapse& made = job.events[event];
        const Index used =
            rewrite_row(rows, slice, made.post % slice_lanes, made.pre, job.net->rules[job.replica].rewire_weight);
        if (used > slice.used) slice.used = used;
      }
    }
    for (Index lane = 0; lane < lanes; lane += row_lanes) {
      const auto post = pre_e.lookup(unit + lane);
      Words count;
      const Reals sums =
          walk_lanes(rule, learn, job.normalize, rows, slice, lane, pre, one * post.now, one * post.before, count);
      const Index left = lanes - lane;
      if (left >= row_lanes) {
#pragma GCC unroll 16
        for (Index l = 0; l < row_lanes; ++l) put(unit[lane + l], sums[l]);
      } else {
        for (Index l = 0; l < left; ++l) put(unit[lane + l], sums[l]);
      }
      tally.add(count, left);
    }
  }
}

template <class PreE, class PreI>
void walk(RowJob& job, const PreE& pre_e, const PreI& pre_i) {
  const sorn::Rules rules = job.net->rules[job.replica];
  const IncomingView ee = job.net->ee, ei = job.net->ei;
  real* drive = job.net->drive_e + static_cast<std::size_t>(job.replica) * ee.n_post;
  Index event = 0, none = 0;
  while (event < job.n_events && job.events[event].post / slice_lanes < job.begin) ++event;
  Tally synapses_ee, synapses_ei;
  for (Index begin = job.begin; begin < job.end; begin += window_slices) {
    const Index end = begin + window_slices < job.end ? begin + window_slices : job.end;
    walk_slices(job, ei, rules.istdp, job.learn_ei, begin, end, pre_e, pre_i, none, 0, synapses_ei,
                [&](Index i, real inhibition) { drive[i] = inhibition; });
    walk_slices(job, ee, rules.stdp, job.learn_ee, begin, end, pre_e, pre_e, event, job.n_events, synapses_ee,
                [&](Index i, real excitation) { drive[i] = excitation - drive[i]; });
    for (Index s = begin; job.tidy && s < end; ++s)
      if (is_tidied(s, job.tick)) {
        tidy(ee, job.replica, s);
        tidy(ei, job.replica, s);
      }
    if (begin / window_slices % 256 == 255 || end == job.end) {
      synapses_ee.settle();
      synapses_ei.settle();
    }
  }
  job.ee = synapses_ee.synapses;
  job.ei = synapses_ei.synapses;
  job.empty = synapses_ee.empty + synapses_ei.empty;
}

template <class PreE>
void with_inhibitory(RowJob& job, const PreE& pre_e) {
#if defined(__AVX512F__)
  const Index words = job.net->words_i();
  if (words <= 32) return walk(job, pre_e, FromRegisters<1>(job.y, words));
  if (words <= 64) return walk(job, pre_e, FromRegisters<2>(job.y, words));
  if (words <= 128) return walk(job, pre_e, FromRegisters<4>(job.y, words));
#endif
  walk(job, pre_e, FromMemory<true>(job.y, 0));
}

void walk_rows(RowJob& job) {
#if defined(__AVX512F__)
  const Index words = job.net->words_e();
  if (words <= 32) return with_inhibitory(job, FromRegisters<1>(job.x, words));
  if (words <= 64) return with_inhibitory(job, FromRegisters<2>(job.x, words));
#endif
  if (job.net->ne <= 16384) return with_inhibitory(job, FromMemory<false>(job.x, 0));
  with_inhibitory(job, FromMemory<true>(job.x, 0));
}

/// `units` of them from `first` on, of which `held` exist.
template <Index units>
ENGRAM_HD void sum_units(const DenseView& w, Index replica, const Index* active, Index count, Index first, Index held,
                         real* drive) {
  constexpr Index vectors = units / row_lanes;
  Reals sum[vectors] = {};
  for (Index a = 0; a < count; ++a) {
    const real* row = w.row(replica, active[a]) + first;
    for (Index v = 0; v < vectors; ++v) sum[v] += VectorRows::load(row + row_lanes * v);
  }
  __builtin_memcpy(drive + first, sum, held * sizeof(real));
}

void sum_active(const DenseView& w, Index replica, const Index* active, Index count, Index begin, Index end,
                real* drive) {
  Index first = begin;
  for (; first + drive_tile <= end; first += drive_tile)
    sum_units<drive_tile>(w, replica, active, count, first, drive_tile, drive);
  for (; first < end; first += 16)
    sum_units<16>(w, replica, active, count, first, end - first < 16 ? end - first : 16, drive);
}

}  // namespace

extern const SornLoops ENGRAM_SORN_LOOPS;
const SornLoops ENGRAM_SORN_LOOPS = {walk_rows, sum_active};

}  // namespace engram::cpu
