// The phases of one step of SORN networks, one thread a unit, a word or a row: the bodies of sorn_units.hpp,
// sorn_rows.hpp and sorn_inputs.hpp. Threads of one block or of many kernels call them.
#pragma once

#include "kernels/core/cooperate.hpp"
#include "kernels/operations/bodies.hpp"
#include "kernels/sorn/inputs.hpp"
#include "kernels/sorn/units.hpp"

namespace engram::kernels {

/// The phases of one step of one network. Items of a phase are independent; `item` says which.
struct SornStep {
  sorn::View net;
  sorn::Run run;
  Index first = 0;              ///< network 0 of `net` is this one of the run: a block may have a network to itself
  const Tick* clock = nullptr;  ///< the tick of a recorded step, for which every `s` stands; null: that of step `s`

  /// How many steps of the run came before.
  ENGRAM_HD Tick since(Index s) const { return clock ? *clock - run.first : Tick{s}; }
  ENGRAM_HD std::size_t record(Index r, Index s) const {
    return static_cast<std::size_t>(since(s)) * net.replicas + first + r;
  }
  ENGRAM_HD Tick tick(Index s) const { return run.first + since(s); }
  ENGRAM_HD std::uint32_t* x(Index r) const { return net.x + static_cast<std::size_t>(r) * net.words_e(); }
  ENGRAM_HD std::uint32_t* y(Index r) const { return net.y + static_cast<std::size_t>(r) * net.words_i(); }
  ENGRAM_HD sorn::NewSynapse* events(Index r) const {
    return net.events + static_cast<std::size_t>(r) * net.max_events;
  }

  /// Noise of four neighbouring units.
  ENGRAM_HD static void noise(const real* recorded, real sd, double spikes, Index first, Index units,
                              std::uint64_t seed, Stream stream, Tick tick, real* four) {
    for (Index i = 0; i < 4; ++i) four[i] = recorded && first + i < units ? recorded[first + i] : real(0);
    if (recorded) return;
    if (sd != real(0)) {
      normal_block(seed, stream, tick, first / 4, four);
      for (Index i = 0; i < 4; ++i) four[i] = real(0) + sd * four[i];
    }
    if (spikes > 0) bodies::add_spikes(spikes, seed, stream, tick, first / 4, four);
  }
  /// Calls f(i, noise) for the excitatory units of one word.
  template <class F>
  ENGRAM_HD void with_noise(Index r, Index s, Index w, F&& f) const {
    const real* recorded = run.noise_e ? run.noise_e + record(r, s) * net.ne : nullptr;
    for (Index i = w * sorn::units_per_word; i < (w + 1) * sorn::units_per_word && i < net.ne; i += 4) {
      real four[4];
      noise(recorded, net.rules[r].noise_e, net.rules[r].spikes_e, i, net.ne, net.seed[r], Stream::sorn_noise_e,
            tick(s), four);
      for (Index k = 0; k < 4; ++k)
        if (i + k < net.ne) f(i + k, four[k]);
    }
  }

  /// The input of a step, null where there is none.
  ENGRAM_HD const real* given(Index r, Index s) const {
    const std::size_t stride = run.input_replica_stride;
    return run.input ? run.input + static_cast<std::size_t>(since(s)) * (stride ? net.replicas * stride : net.nu) +
                           (first + r) * stride
                     : nullptr;
  }
  /// What of it reaches unit i; null where nothing does.
  ENGRAM_HD const real* input_of(Index r, Index s, Index i) const {
    if (net.drive_u) return run.input ? net.drive_u + static_cast<std::size_t>(r) * net.ne + i : nullptr;
    const real* from = given(r, s);
    return from && i < net.nu ? from + i : nullptr;
  }
  ENGRAM_HD void sum_input(Index r, Index s, Index i) const {
    if (run.drives_only || !run.input) return;
    bodies::sum_input<1>(net.eu, net.eu.at(r, i / slice_lanes), i % slice_lanes, given(r, s),
                         net.drive_u + static_cast<std::size_t>(r) * net.ne + i);
  }
  ENGRAM_HD void learn_input(Index r, Index s, Index i) const {
    if (run.drives_only || !(net.rules[r].learn_input || net.rules[r].normalize)) return;
    bodies::learn_input<1>(net.rules[r], net.eu, net.eu.at(r, i / slice_lanes), i % slice_lanes, given(r, s),
                           bodies::activity_of(x(r), i));
  }

  /// One word of excitatory units.
  ENGRAM_HD void excite(Index r, Index s, Index w) const {
    const sorn::Rules& rules = net.rules[r];
    std::uint32_t fires = 0, alone = 0;
    with_noise(r, s, w, [&](Index i, real noisy) {
      const std::size_t at = static_cast<std::size_t>(r) * net.ne + i;
      const real* u = input_of(r, s, i);
      const real input = u ? *u : real(0);
      bool without = false;
      const bool f =
          rules.adapt
              ? bodies::step_unit<true>(rules, net.drive_e[at], noisy, input, net.te[at], net.target[at], without)
              : bodies::step_unit<false>(rules, net.drive_e[at], noisy, input, net.te[at], net.target[at], without);
      fires |= (f ? 1u : 0u) << (i % sorn::units_per_word * 2);
      alone |= (without ? 1u : 0u) << (i % sorn::units_per_word * 2);
    });
    x(r)[w] = bodies::next_word(x(r)[w], fires);
    if (run.x) run.x[record(r, s) * net.words_e() + w] = x(r)[w];
    if (run.recurrent) run.recurrent[record(r, s) * net.words_e() + w] = alone;
  }

  /// The same in two halves, where k of all units fire: what they are chosen by, and what follows for the chosen ones.
  ENGRAM_HD void score(Index r, Index s, Index w, bool with_input) const {
    with_noise(r, s, w, [&](Index i, real noisy) {
      const std::size_t at = static_cast<std::size_t>(r) * net.ne + i;
      net.score[at] = bodies::score_unit(net.drive_e[at], noisy, with_input ? input_of(r, s, i) : nullptr, net.te[at]);
    });
  }
  ENGRAM_HD void settle(Index r, Index s, Index w, std::uint32_t fires) const {
    const sorn::Rules& rules = net.rules[r];
    for (Index i = w * sorn::units_per_word; rules.adapt && i < (w + 1) * sorn::units_per_word && i < net.ne; ++i) {
      const std::size_t at = static_cast<std::size_t>(r) * net.ne + i;
      net.te[at] =
          rules.ip(net.te[at], (fires >> (i % sorn::units_per_word * 2)) & 1u ? real(1) : real(0), net.target[at]);
    }
    x(r)[w] = bodies::next_word(x(r)[w], fires);
    if (run.x) run.x[record(r, s) * net.words_e() + w] = x(r)[w];
  }

  ENGRAM_HD void inhibit(Index r, Index s, Index w) const {
    const sorn::Rules& rules = net.rules[r];
    const real* recorded = run.noise_i ? run.noise_i + record(r, s) * net.ni : nullptr;
    std::uint32_t fires = 0;
    for (Index i = w * sorn::units_per_word; i < (w + 1) * sorn::units_per_word && i < net.ni; i += 4) {
      real four[4];
      noise(recorded, rules.noise_i, rules.spikes_i, i, net.ni, net.seed[r], Stream::sorn_noise_i, tick(s), four);
      for (Index k = 0; k < 4; ++k) {
        if (i + k >= net.ni) continue;
        const std::size_t at = static_cast<std::size_t>(r) * net.ni + i + k;
        const real noisy = run.feed ? four[k] + run.feed[record(r, s)] : four[k];
        fires |= (bodies::step_inhibitory_unit(rules, net.drive_i[at], noisy, net.ti[at]) ? 1u : 0u)
                 << ((i + k) % sorn::units_per_word * 2);
      }
    }
    y(r)[w] = bodies::next_word(y(r)[w], fires);
    if (run.y) run.y[record(r, s) * net.words_i() + w] = y(r)[w];
  }

  /// Counters of a step begin; the row phase adds to them.
  ENGRAM_HD void count(Index r, Index s) const {
    sorn::Counts& c = net.counts[r];
    if (run.counts && !run.drives_only) run.counts[record(r, s)] = c;
  }
  ENGRAM_HD void clear_counts(Index r) const {
    sorn::Counts& c = net.counts[r];
    c.ee = c.ei = c.empty_rows = 0;
  }

  ENGRAM_HD Index wanted(Index r, Index s) const {
    const sorn::Rules& rules = net.rules[r];
    if (!rules.rewire || run.drives_only) return 0;
    return run.synapse ? 1 : bodies::rewire_events(rules.rewire_rate, net.seed[r], tick(s));
  }

  /// Finds the synapse of event e, or none.
  ENGRAM_HD void choose(Index r, Index s, Index e) const {
    const sorn::Rules& rules = net.rules[r];
    const Stdp* rule = rules.learn_ee ? &rules.stdp : nullptr;
    sorn::NewSynapse found = run.synapse ? run.synapse[record(r, s)]
                                         : bodies::choose_absent(rule, net.ee, r, x(r),
                                                                 Random{net.seed[r], Stream::sorn_rewire, tick(s), e});
    const bool none = run.synapse && found.pre == sorn::no_synapse;
    if (run.synapse && !none && bodies::will_exist(rule, net.ee, r, x(r), found.pre, found.post))
      found = {sorn::no_synapse, sorn::no_synapse};
    events(r)[e] = found.pre == sorn::no_synapse ? found : sorn::NewSynapse{found.pre, net.ee.place_of(r, found.post)};
    if (found.pre == sorn::no_synapse && !none) atomic_add(&net.counts[r].skipped, std::uint64_t{1});
  }

  /// While no rows are read: a slice may exchange rows with the one before.
  ENGRAM_HD void tidy(Index r, Index s, Index slice) const {
    if (!bodies::is_tidied(slice, tick(s))) return;
    bodies::tidy(net.ee, r, slice);
    bodies::tidy(net.ei, r, slice);
  }
  /// New synapses of a slice, by one thread, for a row that grows may lengthen the chain of all: they find their place
  /// once STDP is done. Returns whether it is.
  ENGRAM_HD bool rewire(Index r, Index s, Index slice) const {
    const Index n = wanted(r, s);
    const sorn::NewSynapse* all = events(r);
    bool any = false;
    for (Index e = 0; e < n && !any; ++e) any = all[e].pre != sorn::no_synapse && all[e].post / slice_lanes == slice;
    if (!any) return false;
    const sorn::Rules& rules = net.rules[r];
    Slice& rows = net.ee.at(r, slice);
    const bodies::OneRow pre{x(r)};
    for (Index l = 0; rules.learn_ee && l < slice_lanes && slice * slice_lanes + l < net.ne; ++l) {
      const std::uint32_t post = bodies::activity_of(x(r), net.ee.units(r, slice)[l]);
      bodies::RowSums<bodies::OneRow> unused;
      bodies::learn_rows<true>(rules.stdp, net.ee, rows, l, pre, static_cast<real>(post & 1u),
                               static_cast<real>(post >> 1), unused);
    }
    for (Index e = 0; e < n; ++e) {
      if (all[e].pre == sorn::no_synapse || all[e].post / slice_lanes != slice) continue;
      bool again = false;
      for (Index f = 0; f < e; ++f) again |= all[f].pre == all[e].pre && all[f].post == all[e].post;
      atomic_add(again ? &net.counts[r].skipped : &net.counts[r].inserted, std::uint64_t{1});
      if (again) continue;
      const Index used = bodies::rewrite_row(net.ee, rows, all[e].post % slice_lanes, all[e].pre, rules.rewire_weight);
      if (used > rows.used) rows.used = used;
    }
    return true;
  }

  /// The row of unit `post` at place `at`: plasticity if `learn`, scaling, and the sum over it that the next step
  /// meets. The rule is a copy, for a compiler must read the original anew after each weight that is written.
  template <class Rule>
  ENGRAM_HD real walk(Index r, Rule rule, bool learn, const IncomingView& rows, Index at, Index post,
                      const bodies::OneRow& pre, std::uint64_t& count) const {
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
    const Index i = net.ei.units(r, 0)[at];
    net.drive_e[static_cast<std::size_t>(r) * net.ne + i] =
        walk(r, net.rules[r].istdp, !run.drives_only && net.rules[r].learn_ei, net.ei, at, i, bodies::OneRow{y(r)},
             net.counts[r].ei);
  }
  /// That of the excitatory one; `rewired` says that its STDP is done.
  ENGRAM_HD void walk_excitatory(Index r, Index at, bool rewired) const {
    const Index i = net.ee.units(r, 0)[at];
    real& drive = net.drive_e[static_cast<std::size_t>(r) * net.ne + i];
    drive = walk(r, net.rules[r].stdp, !run.drives_only && net.rules[r].learn_ee && !rewired, net.ee, at, i,
                 bodies::OneRow{x(r)}, net.counts[r].ee) -
            drive;
  }

  /// Drive of inhibitory unit k over all pairs: active sources in ascending order.
  ENGRAM_HD void drive_all(Index r, Index k) const {
    real sum = 0;
    for (Index w = 0; w < net.words_e(); ++w)
      for (Index i = 0; i < sorn::units_per_word; ++i)
        if ((x(r)[w] >> (2 * i)) & 1u) sum += net.ie_all.row(r, w * sorn::units_per_word + i)[k];
    net.drive_i[static_cast<std::size_t>(r) * net.ni + k] = sum;
  }
  /// What active unit j sends to the inhibitory units, in integers; then their sums as drives.
  ENGRAM_HD void scatter(Index r, Index j, fixed* sums) const {
    if (!(bodies::activity_of(x(r), j) & 1u)) return;
    const OutgoingView& w = net.ie_some;
    const std::size_t row = w.row(r, j);
    const std::uint64_t end = w.row_start[row + 1];
    constexpr Index at_once = 4;  // slots that are read before one is added: the next read would wait for memory
    for (std::uint64_t slot = w.row_start[row]; slot < end; slot += at_once) {
      Index target[at_once];
      fixed term[at_once];
      for (Index q = 0; q < at_once && slot + q < end; ++q) {
        target[q] = w.target[slot + q];
        term[q] = bodies::drive_term(w.weight[slot + q], real(1));
      }
      for (Index q = 0; q < at_once && slot + q < end; ++q)
        atomic_add(sums + static_cast<std::size_t>(r) * net.ni + target[q], term[q]);
    }
  }
  ENGRAM_HD void gather(Index r, Index k, fixed* sums) const {
    const std::size_t at = static_cast<std::size_t>(r) * net.ni + k;
    net.drive_i[at] = from_fixed(sums[at]);
    sums[at] = 0;
  }
};

}  // namespace engram::kernels
