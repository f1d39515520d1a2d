// The phases of one step of SORN networks, one thread a unit, a word or a row: the bodies of units.hpp, rows.hpp
// and inputs.hpp. Threads of one block or of many kernels call them.
#pragma once

#include "kernels/core/cooperate.hpp"
#include "kernels/operations/bodies.hpp"
#include "kernels/sorn/inputs.hpp"
#include "kernels/sorn/units.hpp"

namespace engram::kernels {

ENGRAM_HD Index sorn_windows(const sorn::View& net) { return ceil_div(net.ee.slices(), window_slices); }

/// Synapses and rows without one that the threads of a block count, in 32 bits: many at one word of 64 take turns.
struct SornTally {
  Index ee, ei, empty;
};

/// The phases of one step of one network. Items of a phase are independent; `item` says which.
struct SornStep {
  static constexpr Index units_at_once = 4;  ///< of a thread: as many as a call of the generator has numbers for

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
  /// Calls f(k, i, noise) for units i = first + k, of four, that there are.
  template <class F>
  ENGRAM_HD static void for_four(Index first, Index units, const real* four, F&& f) {
    for (Index k = 0; k < units_at_once; ++k)
      if (first + k < units) f(k, first + k, four[k]);
  }
  /// The same for excitatory units.
  template <class F>
  ENGRAM_HD void with_noise(Index r, Index s, Index first, F&& f) const {
    const real* recorded = run.noise_e ? run.noise_e + record(r, s) * net.ne : nullptr;
    real four[units_at_once];
    noise(recorded, net.rules[r].noise_e, net.rules[r].spikes_e, first, net.ne, net.seed[r], Stream::sorn_noise_e,
          tick(s), four);
    for_four(first, net.ne, four, f);
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
    if (!run.input) return;
    bodies::sum_input<1>(net.eu, net.eu.at(r, i / slice_lanes), i % slice_lanes, given(r, s),
                         net.drive_u + static_cast<std::size_t>(r) * net.ne + i);
  }
  ENGRAM_HD void learn_input(Index r, Index s, Index i) const {
    if (!(net.rules[r].learn_input || net.rules[r].normalize)) return;
    bodies::learn_input<1>(net.rules[r], net.eu, net.eu.at(r, i / slice_lanes), i % slice_lanes, given(r, s),
                           bodies::activity_of(x(r), i));
  }

  /// Four excitatory units from `first` on: who fires, and who would without input, in even bits.
  ENGRAM_HD std::uint8_t excite(Index r, Index s, Index first, std::uint8_t& alone) const {
    const sorn::Rules& rules = net.rules[r];
    std::uint32_t fires = 0, without_input = 0;
    with_noise(r, s, first, [&](Index k, Index i, real noisy) {
      const std::size_t at = static_cast<std::size_t>(r) * net.ne + i;
      const real* u = input_of(r, s, i);
      const real input = u ? *u : real(0);
      bool without = false;
      const bool f =
          rules.adapt
              ? bodies::step_unit<true>(rules, net.drive_e[at], noisy, input, net.te[at], net.target[at], without)
              : bodies::step_unit<false>(rules, net.drive_e[at], noisy, input, net.te[at], net.target[at], without);
      fires |= (f ? 1u : 0u) << (2 * k);
      without_input |= (without ? 1u : 0u) << (2 * k);
    });
    alone = static_cast<std::uint8_t>(without_input);
    return static_cast<std::uint8_t>(fires);
  }
  /// Activity of the units of word w, once it is known who fires. `alone`: null where nobody knows. Returns the word.
  ENGRAM_HD std::uint32_t put_excitatory(Index r, Index s, Index w, const std::uint8_t* fires,
                                         const std::uint8_t* alone) const {
    const std::uint32_t word = bodies::next_word(x(r)[w], bodies::word_of(fires));
    x(r)[w] = word;
    if (run.x) run.x[record(r, s) * net.words_e() + w] = word;
    if (alone && run.recurrent) run.recurrent[record(r, s) * net.words_e() + w] = bodies::word_of(alone);
    return word;
  }

  /// The same in two halves, where k of all units fire: what they are chosen by, and what follows for the chosen ones.
  ENGRAM_HD void score(Index r, Index s, Index first, bool with_input) const {
    with_noise(r, s, first, [&](Index, Index i, real noisy) {
      const std::size_t at = static_cast<std::size_t>(r) * net.ne + i;
      net.score[at] = bodies::score_unit(net.drive_e[at], noisy, with_input ? input_of(r, s, i) : nullptr, net.te[at]);
    });
  }
  ENGRAM_HD std::uint8_t settle(Index r, Index first, std::uint32_t word) const {
    const sorn::Rules& rules = net.rules[r];
    const std::uint32_t fires = (word >> (first % sorn::units_per_word * 2)) & 0xffu;
    for (Index k = 0; rules.adapt && k < units_at_once && first + k < net.ne; ++k) {
      const std::size_t at = static_cast<std::size_t>(r) * net.ne + first + k;
      net.te[at] = rules.ip(net.te[at], (fires >> (2 * k)) & 1u ? real(1) : real(0), net.target[at]);
    }
    return static_cast<std::uint8_t>(fires);
  }

  /// Four inhibitory units.
  ENGRAM_HD std::uint8_t inhibit(Index r, Index s, Index first) const {
    const sorn::Rules& rules = net.rules[r];
    const real* recorded = run.noise_i ? run.noise_i + record(r, s) * net.ni : nullptr;
    real four[units_at_once];
    noise(recorded, rules.noise_i, rules.spikes_i, first, net.ni, net.seed[r], Stream::sorn_noise_i, tick(s), four);
    std::uint32_t fires = 0;
    for_four(first, net.ni, four, [&](Index k, Index i, real own) {
      const std::size_t at = static_cast<std::size_t>(r) * net.ni + i;
      const real noisy = run.feed ? own + run.feed[record(r, s)] : own;
      fires |= (bodies::step_inhibitory_unit(rules, net.drive_i[at], noisy, net.ti[at]) ? 1u : 0u) << (2 * k);
    });
    return static_cast<std::uint8_t>(fires);
  }
  ENGRAM_HD std::uint32_t put_inhibitory(Index r, Index s, Index w, const std::uint8_t* fires) const {
    const std::uint32_t word = bodies::next_word(y(r)[w], bodies::word_of(fires));
    y(r)[w] = word;
    if (run.y) run.y[record(r, s) * net.words_i() + w] = word;
    return word;
  }

  /// Counters of a step begin; the row phase adds to them.
  ENGRAM_HD void count(Index r, Index s) const {
    sorn::Counts& c = net.counts[r];
    if (run.counts) run.counts[record(r, s)] = c;
  }
  ENGRAM_HD void clear_counts(Index r) const {
    sorn::Counts& c = net.counts[r];
    c.ee = c.ei = c.empty_rows = 0;
  }

  /// How many synapses structural plasticity looks for.
  ENGRAM_HD Index wanted(Index r, Index s) const {
    const sorn::Rules& rules = net.rules[r];
    if (!rules.rewire || run.drives_only) return 0;
    if (run.synapse) return run.synapse[record(r, s)].pre != sorn::no_synapse ? 1 : 0;
    return bodies::rewire_events(rules.rewire_rate, net.seed[r], tick(s));
  }
  /// The synapse of event e, or none where there will be no room for it in `rows`. It knows nothing of other events.
  template <class Rows>
  ENGRAM_HD sorn::NewSynapse found(Index r, Index s, Index e, const Rows& rows) const {
    const sorn::Rules& rules = net.rules[r];
    const Stdp* rule = rules.learn_ee ? &rules.stdp : nullptr;
    if (!run.synapse)
      return bodies::choose_absent(rule, rows, net.ne, r, x(r), Random{net.seed[r], Stream::sorn_rewire, tick(s), e});
    const sorn::NewSynapse given = run.synapse[record(r, s)];
    return bodies::will_exist(rule, rows, r, x(r), given.pre, given.post)
               ? sorn::NewSynapse{sorn::no_synapse, sorn::no_synapse}
               : given;
  }
  /// Keeps that synapse, and marks the slice that gets it in touched(window): a bit each.
  template <class Rows, class Touched>
  ENGRAM_HD void choose(Index r, Index s, Index e, const Rows& rows, Touched touched) const {
    const sorn::NewSynapse found = this->found(r, s, e, rows);
    if (found.pre == sorn::no_synapse) {
      events(r)[e] = found;
      atomic_add(&net.counts[r].skipped, std::uint64_t{1});
      return;
    }
    using bodies::rows_with;
    const Index place = rows_with(rows, found.post).place_of(r, found.post), slice = place / slice_lanes;
    events(r)[e] = {found.pre, place};
    atomic_or(&touched(slice / window_slices), 1u << (slice % window_slices));
  }

  /// STDP of the excitatory row at a place whose slice gets synapses: they find theirs once it is done.
  ENGRAM_HD void learn_row(Index r, Index at) const {
    const sorn::Rules& rules = net.rules[r];
    if (!rules.learn_ee) return;
    const std::uint32_t post = bodies::activity_of(x(r), net.ee.units(r, 0)[at]);
    bodies::RowSums<bodies::OneRow> unused;
    bodies::learn_rows<true>(Stdp{rules.stdp}, net.ee, Slice{net.ee.at(r, at / slice_lanes)}, at % slice_lanes,
                             bodies::OneRow{net.x, r * net.words_e()}, static_cast<real>(post & 1u),
                             static_cast<real>(post >> 1), unused);
  }
  /// The synapse of event e; `again` says that an earlier one of this step is the same.
  ENGRAM_HD void insert(Index r, Index e, bool again) const {
    atomic_add(again ? &net.counts[r].skipped : &net.counts[r].inserted, std::uint64_t{1});
    if (again) return;
    const sorn::NewSynapse made = events(r)[e];
    Slice& rows = net.ee.at(r, made.post / slice_lanes);
    const Index used = bodies::rewrite_row(net.ee, rows, made.post % slice_lanes, made.pre, net.rules[r].rewire_weight);
    if (used > rows.used) rows.used = used;
  }

  /// The row of unit `post` at place `at`: plasticity if `learn`, scaling, and the sum over it that the next step
  /// meets. The rule is a copy, for a compiler must read the original anew after each weight that is written.
  template <class Row, class Rule>
  ENGRAM_HD real walk(Index r, Rule rule, bool learn, const IncomingView& rows, Index at, Index post, const Row& pre,
                      Index& count, Index& empty) const {
    const Slice slice = rows.at(r, at / slice_lanes);
    const Index lane = at % slice_lanes;
    const std::uint32_t bits = bodies::activity_of(x(r), post);
    const real now = static_cast<real>(bits & 1u), before = static_cast<real>(bits >> 1);
    const bool normalize = !run.drives_only && net.rules[r].normalize;
    bodies::RowSums<Row> sums;
    learn ? bodies::learn_rows<true>(rule, rows, slice, lane, pre, now, before, sums, normalize)
          : bodies::learn_rows<false>(rule, rows, slice, lane, pre, now, before, sums);
    atomic_add(&count, sums.count);
    atomic_add(&empty, sums.count ? 0u : 1u);
    return normalize ? bodies::drive_rows<true>(rows, slice, lane, pre, sums)
                     : bodies::drive_rows<false>(rows, slice, lane, pre, sums);
  }
  /// What the inhibitory row at a place sends to its unit i.
  template <class Row>
  ENGRAM_HD real inhibition(Index r, Index at, Index i, SornTally& tally) const {
    return walk(r, net.rules[r].istdp, !run.drives_only && net.rules[r].learn_ei, net.ei, at, i,
                Row{net.y, r * net.words_i()}, tally.ei, tally.empty);
  }
  /// The excitatory one; `rewired` says that its STDP is done.
  template <class Row>
  ENGRAM_HD real excitation(Index r, Index at, Index i, bool rewired, SornTally& tally) const {
    return walk(r, net.rules[r].stdp, !run.drives_only && net.rules[r].learn_ee && !rewired, net.ee, at, i,
                Row{net.x, r * net.words_e()}, tally.ee, tally.empty);
  }
  ENGRAM_HD real& drive_of(Index r, Index i) const { return net.drive_e[static_cast<std::size_t>(r) * net.ne + i]; }
  /// What a block found is added to the counters of the network.
  ENGRAM_HD void add(Index r, const SornTally& tally) const {
    sorn::Counts& c = net.counts[r];
    atomic_add(&c.ee, std::uint64_t{tally.ee});
    atomic_add(&c.ei, std::uint64_t{tally.ei});
    if (tally.empty) atomic_add(&c.empty_rows, std::uint64_t{tally.empty});
  }

  /// Whether inhibitory units get their drive now: before they fire where inhibition is `fast`, else at the end.
  ENGRAM_HD bool drives(Index r, bool fast) const { return run.drives_only || net.rules[r].fast_inhibition == fast; }
  /// Drive of inhibitory unit k over all pairs: active sources in ascending order, of which some are read together.
  template <Index at_once = 8>
  ENGRAM_HD void drive_all(Index r, Index k) const {
    real sum = 0;
    for (bodies::ActiveUnits active{x(r), net.words_e()}; active.any();) {
      real weight[at_once];
      bool there[at_once];
      for (Index q = 0; q < at_once; ++q) {
        there[q] = active.any();
        weight[q] = there[q] ? net.ie_all.row(r, active.take())[k] : real(0);
      }
      for (Index q = 0; q < at_once; ++q)
        if (there[q]) sum += weight[q];
    }
    net.drive_i[static_cast<std::size_t>(r) * net.ni + k] = sum;
  }
  /// What the active units of word w send to the inhibitory ones, in integers; each lane a part of every row. Then
  /// their sums as drives.
  static constexpr Index scatter_lanes = 8;
  ENGRAM_HD void scatter(Index r, Index w, Index lane, fixed* sums) const {
    const OutgoingView& out = net.ie_some;
    for (bodies::ActiveUnits active{x(r) + w, 1}; active.any();) {
      const std::size_t row = out.row(r, w * sorn::units_per_word + active.take());
      const std::uint64_t end = out.row_start[row + 1];
      for (std::uint64_t slot = out.row_start[row] + lane; slot < end; slot += scatter_lanes)
        atomic_add(sums + static_cast<std::size_t>(r) * net.ni + out.target[slot],
                   bodies::drive_term(out.weight[slot], real(1)));
    }
  }
  ENGRAM_HD void gather(Index r, Index k, fixed* sums) const {
    const std::size_t at = static_cast<std::size_t>(r) * net.ni + k;
    net.drive_i[at] = from_fixed(sums[at]);
    sums[at] = 0;
  }
};

}  // namespace engram::kernels
