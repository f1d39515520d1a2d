// SORN networks as kernels. Where a network is small, one block takes it through all steps of a run: its phases are the
// block's, and nothing is launched in between. Where it is large, each phase of a step is a kernel over the units or rows
// of all networks. Both call the bodies of sorn_units.hpp and sorn_rows.hpp, one thread a unit, a word or a row.
#pragma once

#include "engram/backend.hpp"
#include "kernels/bodies.hpp"
#include "kernels/cooperate.hpp"
#include "kernels/launch.hpp"
#include "kernels/sorn_rows.hpp"
#include "kernels/sorn_units.hpp"

namespace engram::kernels {

/// Networks of up to this many excitatory units take one block each; then there are at most 63 x 16 rows.
inline constexpr Index sorn_block_units = 1008;
inline constexpr Index sorn_threads = 256;

/// The phases of one step of one network. Items of a phase are independent; `item` says which.
struct SornStep {
  SornView net;
  SornRun run;

  ENGRAM_HD std::size_t record(Index r, Index s) const { return static_cast<std::size_t>(s) * net.replicas + r; }
  ENGRAM_HD Tick tick(Index s) const { return run.first + s; }
  ENGRAM_HD std::uint32_t* x(Index r) const { return net.x + static_cast<std::size_t>(r) * net.words_e(); }
  ENGRAM_HD std::uint32_t* y(Index r) const { return net.y + static_cast<std::size_t>(r) * net.words_i(); }
  ENGRAM_HD NewSynapse* events(Index r) const { return net.events + static_cast<std::size_t>(r) * net.max_events; }

  ENGRAM_HD static void noise(const real* recorded, real sd, Index first, Index n, std::uint64_t seed, Stream stream, Tick tick, real* out) {
    for (Index i = 0; i < units_per_word; ++i) out[i] = recorded && i < n ? recorded[first + i] : real(0);
    if (recorded || sd == real(0)) return;
    for (Index b = 0; b < units_per_word / 4; ++b) {
      real four[4];
      normal_block(seed, stream, tick, first / 4 + b, four);
      for (Index i = 0; i < 4; ++i) out[b * 4 + i] = real(0) + sd * four[i];
    }
  }

  /// One word of excitatory units.
  ENGRAM_HD void excite(Index r, Index s, Index w) const {
    const SornRules& rules = net.rules[r];
    const Index first = w * units_per_word, n = net.ne - first < units_per_word ? net.ne - first : units_per_word;
    real noisy[units_per_word], input[units_per_word];
    noise(run.noise_e ? run.noise_e + record(r, s) * net.ne : nullptr, rules.noise_e, first, n, net.seed[r], Stream::sorn_noise_e, tick(s), noisy);
    const std::size_t stride = run.input_replica_stride;
    const real* given = run.input ? run.input + static_cast<std::size_t>(s) * (stride ? net.replicas * stride : net.nu) + r * stride : nullptr;
    for (Index i = 0; i < units_per_word; ++i) input[i] = given && first + i < net.nu ? given[first + i] : real(0);
    const std::size_t at = static_cast<std::size_t>(r) * net.ne + first;
    std::uint32_t alone;
    const auto lanes = static_cast<int>(n);
    const std::uint32_t fires =
        rules.adapt ? bodies::step_excitatory<0, true>(rules, lanes, net.drive_e + at, noisy, input, net.te + at, net.target + at, alone)
                    : bodies::step_excitatory<0, false>(rules, lanes, net.drive_e + at, noisy, input, net.te + at, net.target + at, alone);
    x(r)[w] = bodies::next_word(x(r)[w], fires);
    if (run.x) run.x[record(r, s) * net.words_e() + w] = x(r)[w];
    if (run.recurrent) run.recurrent[record(r, s) * net.words_e() + w] = alone;
  }

  ENGRAM_HD void inhibit(Index r, Index s, Index w) const {
    const SornRules& rules = net.rules[r];
    const Index first = w * units_per_word, n = net.ni - first < units_per_word ? net.ni - first : units_per_word;
    real noisy[units_per_word];
    noise(run.noise_i ? run.noise_i + record(r, s) * net.ni : nullptr, rules.noise_i, first, n, net.seed[r], Stream::sorn_noise_i, tick(s), noisy);
    const std::size_t at = static_cast<std::size_t>(r) * net.ni + first;
    y(r)[w] = bodies::next_word(y(r)[w], bodies::step_inhibitory<0>(rules, static_cast<int>(n), net.drive_i + at, noisy, net.ti + at));
    if (run.y) run.y[record(r, s) * net.words_i() + w] = y(r)[w];
  }

  /// Counters of a step begin; the row phase adds to them.
  ENGRAM_HD void count(Index r, Index s) const {
    SornCounts& c = net.counts[r];
    if (run.counts && !run.drives_only) run.counts[record(r, s)] = c;
  }
  ENGRAM_HD void clear_counts(Index r) const {
    SornCounts& c = net.counts[r];
    c.ee = c.ei = c.empty_rows = 0;
  }

  ENGRAM_HD Index wanted(Index r, Index s) const {
    const SornRules& rules = net.rules[r];
    if (!rules.rewire || run.drives_only) return 0;
    return run.synapse ? 1 : bodies::rewire_events(rules.rewire_rate, net.seed[r], tick(s));
  }

  /// Finds the synapse of event e, or none.
  ENGRAM_HD void choose(Index r, Index s, Index e) const {
    const SornRules& rules = net.rules[r];
    const Stdp* rule = rules.learn_ee ? &rules.stdp : nullptr;
    NewSynapse found = run.synapse ? run.synapse[record(r, s)] : bodies::choose_absent(rule, net.ee, r, x(r), Random{net.seed[r], Stream::sorn_rewire, tick(s), e});
    const bool none = run.synapse && found.pre == no_synapse;
    if (run.synapse && !none && bodies::will_exist(rule, net.ee, r, x(r), found.pre, found.post)) found = {no_synapse, no_synapse};
    events(r)[e] = found;
    if (found.pre == no_synapse && !none) atomic_add(&net.counts[r].skipped, std::uint64_t{1});
  }

  /// What concerns a whole slice, by one thread, for a row that grows may lengthen the chain of all: empty slots go, and
  /// new synapses find their place once STDP is done. Returns whether it is.
  ENGRAM_HD bool rewire(Index r, Index s, Index slice) const {
    if (!run.drives_only && (slice + tick(s)) % bodies::tidy_period == 0) {
      bodies::tidy(net.ee, net.ee.at(r, slice));
      bodies::tidy(net.ei, net.ei.at(r, slice));
    }
    const Index n = wanted(r, s);
    const NewSynapse* all = events(r);
    bool any = false;
    for (Index e = 0; e < n && !any; ++e) any = all[e].pre != no_synapse && all[e].post / slice_lanes == slice;
    if (!any) return false;
    const SornRules& rules = net.rules[r];
    Slice& rows = net.ee.at(r, slice);
    const bodies::OneRow pre{x(r)};
    for (Index l = 0; rules.learn_ee && l < slice_lanes && slice * slice_lanes + l < net.ne; ++l) {
      const std::uint32_t post = bodies::activity_of(x(r), slice * slice_lanes + l);
      bodies::RowSums<bodies::OneRow> unused;
      bodies::learn_rows<true>(rules.stdp, net.ee, rows, l, pre, static_cast<real>(post & 1u), static_cast<real>(post >> 1), unused);
    }
    for (Index e = 0; e < n; ++e) {
      if (all[e].pre == no_synapse || all[e].post / slice_lanes != slice) continue;
      bool again = false;
      for (Index f = 0; f < e; ++f) again |= all[f].pre == all[e].pre && all[f].post == all[e].post;
      atomic_add(again ? &net.counts[r].skipped : &net.counts[r].inserted, std::uint64_t{1});
      if (again) continue;
      const Index used = bodies::rewrite_row(net.ee, rows, all[e].post % slice_lanes, all[e].pre, rules.rewire_weight);
      if (used > rows.used) rows.used = used;
    }
    return true;
  }

  /// One row: plasticity if `learn`, scaling, and the sum over it that the next step meets.
  template <class Rule>
  ENGRAM_HD real walk(Index r, const Rule& rule, bool learn, const IncomingView& rows, Index at, Index post, const bodies::OneRow& pre,
                      std::uint64_t& count) const {
    const Slice& slice = rows.at(r, at / slice_lanes);
    const Index lane = at % slice_lanes;
    const std::uint32_t bits = bodies::activity_of(x(r), post);
    const real now = static_cast<real>(bits & 1u), before = static_cast<real>(bits >> 1);
    bodies::RowSums<bodies::OneRow> sums;
    learn ? bodies::learn_rows<true>(rule, rows, slice, lane, pre, now, before, sums)
          : bodies::learn_rows<false>(rule, rows, slice, lane, pre, now, before, sums);
    if (sums.count) atomic_add(&count, std::uint64_t{sums.count});
    if (!sums.count) atomic_add(&net.counts[r].empty_rows, std::uint64_t{1});
    return !run.drives_only && net.rules[r].normalize ? bodies::drive_rows<true>(rows, slice, lane, pre, sums)
                                                      : bodies::drive_rows<false>(rows, slice, lane, pre, sums);
  }
  /// The row at place `at` of the inhibitory projection: its unit's inhibition is left where its drive will be.
  ENGRAM_HD void walk_inhibitory(Index r, Index at) const {
    const Index i = net.ei.unit[static_cast<std::size_t>(r) * net.ei.slices() * slice_lanes + at];
    net.drive_e[static_cast<std::size_t>(r) * net.ne + i] =
        walk(r, net.rules[r].istdp, !run.drives_only && net.rules[r].learn_ei, net.ei, at, i, bodies::OneRow{y(r)}, net.counts[r].ei);
  }
  /// Row i of the excitatory one; `rewired` says that its STDP is done.
  ENGRAM_HD void walk_excitatory(Index r, Index i, bool rewired) const {
    real& drive = net.drive_e[static_cast<std::size_t>(r) * net.ne + i];
    drive = walk(r, net.rules[r].stdp, !run.drives_only && net.rules[r].learn_ee && !rewired, net.ee, i, i, bodies::OneRow{x(r)}, net.counts[r].ee) - drive;
  }

  /// Drive of inhibitory unit k over all pairs: active sources in ascending order.
  ENGRAM_HD void drive_all(Index r, Index k) const {
    real sum = 0;
    for (Index w = 0; w < net.words_e(); ++w)
      for (Index i = 0; i < units_per_word; ++i)
        if ((x(r)[w] >> (2 * i)) & 1u) sum += net.ie_all.row(r, w * units_per_word + i)[k];
    net.drive_i[static_cast<std::size_t>(r) * net.ni + k] = sum;
  }
  /// What active unit j sends to the inhibitory units, in integers; then their sums as drives.
  ENGRAM_HD void scatter(Index r, Index j, fixed* sums) const {
    if (!(bodies::activity_of(x(r), j) & 1u)) return;
    const OutgoingView& w = net.ie_some;
    const std::size_t row = w.row(r, j);
    for (std::uint64_t slot = w.row_start[row]; slot < w.row_start[row + 1]; ++slot)
      atomic_add(sums + static_cast<std::size_t>(r) * net.ni + w.target[slot], bodies::drive_term(w.weight[slot], real(1)));
  }
  ENGRAM_HD void gather(Index r, Index k, fixed* sums) const {
    const std::size_t at = static_cast<std::size_t>(r) * net.ni + k;
    net.drive_i[at] = from_fixed(sums[at]);
    sums[at] = 0;
  }
};

/// A network in a block, through all steps of a run.
struct SornBlock {
  static constexpr Index threads = sorn_threads;
  struct Shared {
    std::uint32_t rewired[sorn_block_units / slice_lanes + 1];
  };
  SornStep step;
  fixed* sums;  ///< [replica][ni], all zero; null where all pairs are stored

  ENGRAM_HD void operator()(const Block& block, std::size_t index, Shared& shared) const {
    const auto r = static_cast<Index>(index);
    const SornView& net = step.net;
    for (Index s = 0; s < step.run.steps; ++s) {
      if (!step.run.drives_only) {
        block.each([&](Index t) {
          if (t == 0) step.count(r, s);
          for (Index w = t; w < net.words_e(); w += threads) step.excite(r, s, w);
        });
        if (net.rules[r].fast_inhibition) inhibitory_drive(block, r);
        block.each([&](Index t) {
          for (Index w = t; w < net.words_i(); w += threads) step.inhibit(r, s, w);
        });
      }
      block.each([&](Index t) {
        if (t == 0) step.clear_counts(r);
        for (Index e = t; e < step.wanted(r, s); e += threads) step.choose(r, s, e);
      });
      block.each([&](Index t) {
        for (Index i = t; i < net.words_e(); i += threads) shared.rewired[i] = step.rewire(r, s, i);
      });
      block.each([&](Index t) {
        for (Index at = t; at < net.ne; at += threads) step.walk_inhibitory(r, at);
      });
      block.each([&](Index t) {
        for (Index i = t; i < net.ne; i += threads) step.walk_excitatory(r, i, shared.rewired[i / slice_lanes] != 0);
      });
      if (step.run.drives_only || !net.rules[r].fast_inhibition) inhibitory_drive(block, r);
    }
  }

  ENGRAM_HD void inhibitory_drive(const Block& block, Index r) const {
    if (!sums)
      return block.each([&](Index t) {
        for (Index k = t; k < step.net.ni; k += threads) step.drive_all(r, k);
      });
    block.each([&](Index t) {
      for (Index j = t; j < step.net.ne; j += threads) step.scatter(r, j, sums);
    });
    block.each([&](Index t) {
      for (Index k = t; k < step.net.ni; k += threads) step.gather(r, k, sums);
    });
  }
};

// The phases of large networks, a kernel each; x is the item, y the network.
struct SornExcite {
  SornStep step;
  Index s;
  ENGRAM_HD void operator()(Index w, std::size_t r) const {
    if (w == 0) step.count(static_cast<Index>(r), s);
    step.excite(static_cast<Index>(r), s, w);
  }
};
struct SornInhibit {
  SornStep step;
  Index s;
  ENGRAM_HD void operator()(Index w, std::size_t r) const { step.inhibit(static_cast<Index>(r), s, w); }
};
struct SornChoose {
  SornStep step;
  Index s;
  ENGRAM_HD void operator()(Index e, std::size_t r) const {
    if (e == 0) step.clear_counts(static_cast<Index>(r));
    if (e < step.wanted(static_cast<Index>(r), s)) step.choose(static_cast<Index>(r), s, e);
  }
};
struct SornRewire {
  SornStep step;
  Index s;
  std::uint32_t* rewired;  ///< [replica][slice]
  ENGRAM_HD void operator()(Index slice, std::size_t r) const {
    rewired[r * step.net.words_e() + slice] = step.rewire(static_cast<Index>(r), s, slice);
  }
};
struct SornWalkInhibitory {
  SornStep step;
  ENGRAM_HD void operator()(Index at, std::size_t r) const { step.walk_inhibitory(static_cast<Index>(r), at); }
};
struct SornWalkExcitatory {
  SornStep step;
  const std::uint32_t* rewired;
  ENGRAM_HD void operator()(Index i, std::size_t r) const {
    step.walk_excitatory(static_cast<Index>(r), i, rewired[r * step.net.words_e() + i / slice_lanes] != 0);
  }
};
/// `fast` says which networks' turn it is: those of fast inhibition before the inhibitory units, the others at the end.
struct SornDriveAll {
  SornStep step;
  bool fast;
  ENGRAM_HD void operator()(Index k, std::size_t r) const {
    if (step.run.drives_only || step.net.rules[r].fast_inhibition == fast) step.drive_all(static_cast<Index>(r), k);
  }
};
struct SornScatter {
  SornStep step;
  bool fast;
  fixed* sums;
  ENGRAM_HD void operator()(Index j, std::size_t r) const {
    if (step.run.drives_only || step.net.rules[r].fast_inhibition == fast) step.scatter(static_cast<Index>(r), j, sums);
  }
};
struct SornGather {
  SornStep step;
  bool fast;
  fixed* sums;
  ENGRAM_HD void operator()(Index k, std::size_t r) const {
    if (step.run.drives_only || step.net.rules[r].fast_inhibition == fast) step.gather(static_cast<Index>(r), k, sums);
  }
};

template <class Launcher>
void run_sorn(Launcher& launch, const SornView& net, const SornRun& run) {
  const SornStep step{net, run};
  const std::size_t units_i = std::size_t{net.replicas} * net.ni;
  fixed* sums = net.ie_all.weight ? nullptr : launch.template scratch<fixed>(Scratch::sums, units_i);
  if (net.ne <= sorn_block_units) return launch.blocks("run_sorn", net.replicas, SornBlock{step, sums});
  auto* rewired = launch.template scratch<std::uint32_t>(Scratch::sorn_rewired, std::size_t{net.replicas} * net.words_e());
  const auto inhibitory_drive = [&](bool fast) {
    if (!sums) return launch.items("run_sorn", net.ni, net.replicas, SornDriveAll{step, fast});
    launch.items("run_sorn", net.ne, net.replicas, SornScatter{step, fast, sums});
    launch.items("run_sorn", net.ni, net.replicas, SornGather{step, fast, sums});
  };
  for (Index s = 0; s < run.steps; ++s) {
    if (!run.drives_only) {
      launch.items("run_sorn", net.words_e(), net.replicas, SornExcite{step, s});
      inhibitory_drive(true);
      launch.items("run_sorn", net.words_i(), net.replicas, SornInhibit{step, s});
    }
    launch.items("run_sorn", net.max_events, net.replicas, SornChoose{step, s});
    launch.items("run_sorn", net.words_e(), net.replicas, SornRewire{step, s, rewired});
    launch.items("run_sorn", net.ne, net.replicas, SornWalkInhibitory{step});
    launch.items("run_sorn", net.ne, net.replicas, SornWalkExcitatory{step, rewired});
    inhibitory_drive(false);
  }
}

}  // namespace engram::kernels
