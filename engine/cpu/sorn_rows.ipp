// The loops of sorn_rows.hpp: included by one file per instruction set, which names their table in ENGRAM_SORN_LOOPS.
// Nothing here may call a function of the standard library that could stay out of line: the linker might take its copy,
// made for newer processors, for the whole program.
#include "sorn_lanes.hpp"
#include "sorn_rows.hpp"

namespace engram::cpu {
namespace {

using namespace bodies;

template <class Pre, class Rule>
ENGRAM_HD Reals walk_slice(const Rule& rule, bool learn, bool normalize, const IncomingView& rows, const Slice& slice, const Pre& pre, Reals now,
                           Reals before, Words16& count) {
  RowSums<Pre> sums;
  learn ? learn_rows<true>(rule, rows, slice, 0, pre, now, before, sums) : learn_rows<false>(rule, rows, slice, 0, pre, now, before, sums);
  count = sums.count;
  return normalize ? drive_rows<true>(rows, slice, 0, pre, sums) : drive_rows<false>(rows, slice, 0, pre, sums);
}

/// Synapses of 16 rows at a time, and rows without one.
struct Tally {
  Words16 synapse_lanes{}, empty_lanes{};
  std::uint64_t synapses = 0, empty = 0;

  ENGRAM_HD void add(Words16 count, Index units) {
    const Words16 lane{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    synapse_lanes += count;
    // Rows beyond the last unit are empty as well, and no loss.
    empty_lanes -= reinterpret_cast<Words16>(count == 0u) & reinterpret_cast<Words16>(lane < units);
  }
  /// Before a lane could overflow.
  ENGRAM_HD void settle() {
    for (int l = 0; l < 16; ++l) {
      synapses += synapse_lanes[l];
      empty += empty_lanes[l];
    }
    synapse_lanes = empty_lanes = Words16{};
  }
};

ENGRAM_HD Index lanes_of(Index slice, Index units) {
  const Index left = units - slice * slice_lanes;
  return left < slice_lanes ? left : slice_lanes;
}

/// Inhibition of the units of slices [begin, end): left where their drive will be.
template <class PreE, class PreI>
void inhibit(const RowJob& job, const SornRules& rules, Index begin, Index end, const PreE& pre_e, const PreI& pre_i, Tally& tally) {
  const IncomingView rows = job.net->ei;
  const Istdp rule = rules.istdp;  // a copy that no weight can alias: what it says stays in registers
  real* out = job.net->drive_e + static_cast<std::size_t>(job.replica) * rows.n_post;
  for (Index s = begin; s < end; ++s) {
    Slice& slice = rows.at(job.replica, s);
    if (job.tidy && (s + job.tick) % tidy_period == 0) tidy(rows, slice);
    const Index* unit = rows.units(job.replica, s);
    const auto post = pre_e.lookup(unit);
    const Reals one = Reals{} + real(1);
    Words16 count;
    const Reals inhibition = walk_slice(rule, job.learn_ei, job.normalize, rows, slice, pre_i, one * post.now, one * post.before, count);
    const Index lanes = lanes_of(s, rows.n_post);
    for (Index l = 0; l < lanes; ++l) out[unit[l]] = inhibition[l];
    tally.add(count, lanes);
  }
}

/// Excitation of the same, less what inhibit() left.
template <class PreE>
void excite(const RowJob& job, const SornRules& rules, Index begin, Index end, const PreE& pre_e, Index& event, Tally& tally) {
  const IncomingView rows = job.net->ee;
  const Stdp rule = rules.stdp;  // as in inhibit()
  real* drive = job.net->drive_e + static_cast<std::size_t>(job.replica) * rows.n_post;
  const Words16 lane{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30};
  for (Index s = begin; s < end; ++s) {
    Slice& slice = rows.at(job.replica, s);
    if (job.tidy && (s + job.tick) % tidy_period == 0) tidy(rows, slice);
    const Words16 bits = (Words16{} + job.x[s]) >> lane;
    const Reals now = number16(bits & 1u), before = number16((bits >> 1) & 1u);
    bool learn = job.learn_ee;
    if (event < job.n_events && job.events[event].post / slice_lanes == s) {
      RowSums<PreE> unused;
      if (learn) learn_rows<true>(rule, rows, slice, 0, pre_e, now, before, unused);
      learn = false;
      for (; event < job.n_events && job.events[event].post / slice_lanes == s; ++event) {
        const Index used = rewrite_row(rows, slice, job.events[event].post % slice_lanes, job.events[event].pre, rules.rewire_weight);
        if (used > slice.used) slice.used = used;
      }
    }
    Words16 count;
    const Reals excitation = walk_slice(rule, learn, job.normalize, rows, slice, pre_e, now, before, count);
    const Index lanes = lanes_of(s, rows.n_post);
    real* out = drive + s * slice_lanes;
    if (lanes == slice_lanes) {
      Reals inhibition;
      __builtin_memcpy(&inhibition, out, sizeof inhibition);
      inhibition = excitation - inhibition;
      __builtin_memcpy(out, &inhibition, sizeof inhibition);
    } else {
      for (Index l = 0; l < lanes; ++l) out[l] = excitation[l] - out[l];
    }
    tally.add(count, lanes);
  }
}

template <class PreE, class PreI>
void walk(RowJob& job, const PreE& pre_e, const PreI& pre_i) {
  const SornRules rules = job.net->rules[job.replica];
  Index event = 0;
  while (event < job.n_events && job.events[event].post / slice_lanes < job.begin) ++event;
  Tally ee, ei;
  for (Index s = job.begin; s < job.end; s += window_slices) {
    const Index end = s + window_slices < job.end ? s + window_slices : job.end;
    inhibit(job, rules, s, end, pre_e, pre_i, ei);
    excite(job, rules, s, end, pre_e, event, ee);
    if (s / window_slices % 256 == 255 || end == job.end) {
      ee.settle();
      ei.settle();
    }
  }
  job.ee = ee.synapses;
  job.ei = ei.synapses;
  job.empty = ee.empty + ei.empty;
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
