// What a block does with a part of a network in phases of its own: units whose bits make words, rows that are tidied, a
// window of rows that gets synapses.
#pragma once

#include "kernels/sorn/step.hpp"

namespace engram::kernels {

/// How a network is shared out among blocks: each has whole windows of excitatory units with their rows, and whole
/// words of inhibitory units, but for the last ones. One block alone has all.
struct SornShares {
  Index blocks = 1, e = 0, i = 0;  ///< units of a block

  SornShares() = default;
  SornShares(const sorn::View& net, Index among) : blocks(among), e(net.ne), i(net.ni) {
    if (blocks == 1) return;
    e = ceil_div(sorn_windows(net), blocks) * window_slices * slice_lanes;
    i = ceil_div(net.words_i(), blocks) * sorn::units_per_word;
  }
};
/// What a block has.
struct SornShare {
  Index e = 0, e_end = 0, i = 0, i_end = 0;

  ENGRAM_HD static SornShare of(const sorn::View& net, const SornShares& all, Index rank) {
    const auto cut = [](Index at, Index end) { return at < end ? at : end; };
    return {cut(rank * all.e, net.ne), cut((rank + 1) * all.e, net.ne), cut(rank * all.i, net.ni),
            cut((rank + 1) * all.i, net.ni)};
  }
  ENGRAM_HD Index first_slice() const { return e / slice_lanes; }
  ENGRAM_HD Index last_slice() const { return ceil_div(e_end, slice_lanes); }
  ENGRAM_HD Index first_window() const { return first_slice() / window_slices; }
  ENGRAM_HD Index windows() const { return ceil_div(last_slice() - first_slice(), window_slices); }
};

/// Where nobody else wants to know a word of activity.
struct KeepWord {
  ENGRAM_HD void operator()(Index, std::uint32_t) const {}
};

/// Groups of four units, of which neighbours put words of activity together.
template <Index fours>
struct SornUnits {
  static constexpr Index words = fours * SornStep::units_at_once / sorn::units_per_word;
  std::uint8_t fires[fours], alone[fours];

  /// Groups [first, first + fours) of network r, as far as they are of units before `end`. `chosen`: words of those
  /// that fire, where they were selected. Calls tell(word, activity).
  template <class Tell>
  ENGRAM_HD void excite(const Block& block, const SornStep& step, Index r, Index s, Index first, Index end,
                        const std::uint32_t* chosen, Tell tell) {
    block.each([&](Index t) {
      for (Index g = t; g < fours; g += block.threads) {
        const Index unit = (first + g) * SornStep::units_at_once;
        if (unit >= end)
          fires[g] = alone[g] = 0;
        else if (chosen)
          fires[g] = step.settle(r, unit, chosen[unit / sorn::units_per_word]);
        else
          fires[g] = step.excite(r, s, unit, alone[g]);
      }
    });
    each_word(block, first, end, [&](Index w, Index g) {
      tell(w, step.put_excitatory(r, s, w, fires + g, chosen ? nullptr : alone + g));
    });
  }
  /// Calls unit(k) before or after the group of a unit k, as `before` says.
  template <class F, class Tell>
  ENGRAM_HD void inhibit(const Block& block, const SornStep& step, Index r, Index s, Index first, Index end,
                         bool before, F&& unit, Tell tell) {
    block.each([&](Index t) {
      for (Index g = t; g < fours; g += block.threads) {
        const Index begin = (first + g) * SornStep::units_at_once, last = begin + SornStep::units_at_once;
        for (Index k = begin; before && k < last && k < end; ++k) unit(k);
        fires[g] = begin < end ? step.inhibit(r, s, begin) : std::uint8_t{0};
        for (Index k = begin; !before && k < last && k < end; ++k) unit(k);
      }
    });
    each_word(block, first, end, [&](Index w, Index g) { tell(w, step.put_inhibitory(r, s, w, fires + g)); });
  }

 private:
  template <class F>
  ENGRAM_HD static void each_word(const Block& block, Index first, Index end, F&& f) {
    constexpr Index of_word = sorn::units_per_word / SornStep::units_at_once;
    block.each([&](Index t) {
      for (Index w = t; w < words; w += block.threads)
        if ((first / of_word + w) * sorn::units_per_word < end) f(first / of_word + w, w * of_word);
    });
  }
};

/// Tidying while no rows are read, for a slice may exchange rows with the one before: 16 threads a slice whose turn it
/// is, of either projection, and 16 for the slice before it.
template <Index threads>
struct SornTidying {
  static constexpr Index half = threads / 2, slices = half / slice_lanes;
  bodies::RowExchanges exchanges[slices];

  /// How many groups of slices have their turn, in both projections.
  ENGRAM_HD static Index groups(const sorn::View& net) {
    return ceil_div(2 * ceil_div(net.ee.slices(), bodies::tidy_period), slices);
  }
  /// A group of the slices [first, last) of rows whose turn it is.
  ENGRAM_HD void run(const Block& block, const SornStep& step, Index r, Index first, Index last, Index group) {
    // Calls f(rows, slice, its exchanges, lane, whether the thread is one of the slice before).
    const auto each = [&](auto&& f) {
      block.each([&](Index t) {
        const Index place = t % half / slice_lanes, job = group * slices + place;
        const Index slice = first + job / 2 * bodies::tidy_period;
        if (slice < last) f(job % 2 ? step.net.ei : step.net.ee, slice, exchanges[place], t % slice_lanes, t >= half);
      });
    };
    using bodies::RowExchanges;
    each([&](const IncomingView& rows, Index slice, RowExchanges& own, Index lane, bool before) {
      if (!before)
        own.lower[lane] = bodies::tidy_row(rows, rows.at(r, slice), lane);
      else if (RowExchanges::may_be(rows, slice))
        own.upper[lane] = bodies::row_length(rows, rows.at(r, slice - 1), lane);
    });
    each([&](const IncomingView& rows, Index slice, RowExchanges& own, Index lane, bool before) {
      if (lane == 0 && !before) own.choose(rows, r, slice);
    });
    each([&](const IncomingView& rows, Index slice, const RowExchanges& own, Index lane, bool before) {
      if (!before)
        own.exchange_slots(rows, r, slice, lane, slice_lanes);
      else if (lane == 0)
        own.exchange_units(rows, r, slice);
    });
  }
};

/// New synapses of a window of rows: its touched slices learn first, a thread a row, then one thread a slice inserts
/// what it gets, for a row that grows may lengthen the chain of all.
struct SornRewiring {
  static constexpr Index events_at_once = 256, words = events_at_once / 32;
  Index wanted;
  std::uint32_t events_of[window_slices][words];  ///< a bit each

  ENGRAM_HD void run(const Block& block, const SornStep& step, Index r, Index s, Index window, std::uint32_t touched) {
    const Index first_row = window * window_slices * slice_lanes;
    block.each([&](Index t) {
      if (t == 0) wanted = step.wanted(r, s);
      for (Index i = t; i < window_slices * words; i += block.threads) events_of[i / words][i % words] = 0;
      for (Index row = t; row < window_slices * slice_lanes; row += block.threads)
        if ((touched >> (row / slice_lanes)) & 1u && first_row + row < step.net.ne) step.learn_row(r, first_row + row);
    });
    const Index all = wanted;  // another window may follow, whose threads do not wait for those that compare this
    for (Index first = 0; first < all; first += events_at_once) {
      block.each([&](Index t) {
        for (Index e = first + t; e < all && e < first + events_at_once; e += block.threads) {
          const sorn::NewSynapse event = step.events(r)[e];
          const Index slice = event.post / slice_lanes;
          if (event.pre != sorn::no_synapse && slice / window_slices == window)
            atomic_or(&events_of[slice % window_slices][(e - first) / 32], 1u << ((e - first) % 32));
        }
      });
      block.each([&](Index t) {
        for (Index slice = t / slice_lanes; t % slice_lanes == 0 && slice < window_slices;
             slice += block.threads / slice_lanes)
          if ((touched >> slice) & 1u) insert(step, r, first, events_of[slice]);
      });
    }
  }

 private:
  /// The events from `first` on whose bits are set, in order; no bit is left.
  ENGRAM_HD static void insert(const SornStep& step, Index r, Index first, std::uint32_t* bits) {
    const sorn::NewSynapse* all = step.events(r);
    const auto for_bits = [&](Index end, auto&& f) {
      for (Index w = 0; w * 32 < end; ++w)
        for (std::uint32_t left = bits[w] & (end < w * 32 + 32 ? (1u << (end % 32)) - 1 : ~0u); left; left &= left - 1)
          f(w * 32 + bodies::lowest_bit(left));
    };
    for_bits(events_at_once, [&](Index e) {
      const sorn::NewSynapse event = all[first + e];
      bool again = false;
      const auto compare = [&](Index f) { again |= all[f].pre == event.pre && all[f].post == event.post; };
      for (Index f = 0; f < first; ++f) compare(f);
      for_bits(e, [&](Index f) { compare(first + f); });
      step.insert(r, first + e, again);
    });
    for (Index w = 0; w < words; ++w) bits[w] = 0;
  }
};

}  // namespace engram::kernels
