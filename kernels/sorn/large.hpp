// The kernels of large SORN networks, of which a step is made.
#pragma once

#include "engram/backend.hpp"
#include "kernels/sorn/phases.hpp"

namespace engram::kernels {

// The kernels of large networks. Blocks of one launch do different things where these do not wait for each other.
/// A block's place: network r, and which of the blocks that each network has.
struct SornPlace {
  Index r, part;
  ENGRAM_HD SornPlace(std::size_t index, Index parts)
      : r(static_cast<Index>(index) / parts), part(static_cast<Index>(index) % parts) {}
};

/// Excitatory units fire, in one launch with rows that are tidied; what those that fire send to inhibitory units.
/// Networks of fast inhibition need that at once, the others in the next step.
struct SornExcite {
  static constexpr Index threads = 128;
  struct Shared {
    SornUnits<threads> units;
    SornTidying<threads> tidying;
  };
  SornStep step;
  Index s;
  const std::uint32_t* chosen;  ///< [replica][words]: the winners, else null
  fixed* sums;                  ///< null where all pairs are stored
  bool whole;                   ///< the second half follows with the activity that is made here

  ENGRAM_HD static Index parts(const sorn::View& net) {
    return SornTidying<threads>::groups(net) + ceil_div(net.ne, threads * SornStep::units_at_once);
  }
  ENGRAM_HD void operator()(const Block& block, std::size_t index, Shared& shared) const {
    const sorn::View& net = step.net;
    const auto [r, part] = SornPlace(index, parts(net));
    const Index tidied = SornTidying<threads>::groups(net);
    if (part < tidied)
      return shared.tidying.run(block, step, r, bodies::first_tidied(step.tick(s)), net.ee.slices(), part);
    const Index first = (part - tidied) * threads;
    if (first == 0)
      block.each([&](Index t) {
        if (t == 0) step.count(r, s);
      });
    shared.units.excite(block, step, r, s, first, net.ne,
                        chosen ? chosen + static_cast<std::size_t>(r) * net.words_e() : nullptr, KeepWord{});
    if (!sums || !(whole || net.rules[r].fast_inhibition)) return;
    block.each([&](Index t) {
      constexpr Index lanes = SornStep::scatter_lanes;
      const Index words = first * SornStep::units_at_once / sorn::units_per_word;
      for (Index w = t / lanes; w < SornUnits<threads>::words && words + w < net.words_e(); w += threads / lanes)
        step.scatter(r, words + w, t % lanes, sums);
    });
  }
};
/// Inhibitory units fire, in one launch with the choice of new synapses.
struct SornInhibit {
  static constexpr Index threads = 128;
  struct Shared {
    SornUnits<threads> units;
  };
  SornStep step;
  Index s;
  std::uint32_t* touched;  ///< [replica][window]; null: nothing is chosen here
  bool fires;              ///< false: nothing fires here
  fixed* sums;             ///< as SornExcite has them
  bool whole;

  ENGRAM_HD Index choosing() const { return touched ? ceil_div(step.net.max_events, threads) : 0; }
  ENGRAM_HD Index parts() const {
    return choosing() + (fires ? ceil_div(step.net.ni, threads * SornStep::units_at_once) : 0);
  }
  ENGRAM_HD void operator()(const Block& block, std::size_t index, Shared& shared) const {
    const auto [r, part] = SornPlace(index, parts());
    if (part < choosing()) return choose(block, r, part * threads);
    const bool fast = step.net.rules[r].fast_inhibition, drives = sums && (whole || fast);
    const auto meet = [&](Index k) {
      if (drives) step.gather(r, k, sums);
    };
    shared.units.inhibit(block, step, r, s, (part - choosing()) * threads, step.net.ni, fast, meet, KeepWord{});
  }
  ENGRAM_HD void choose(const Block& block, Index r, Index first) const {
    block.each([&](Index t) {
      if (first + t == 0) step.clear_counts(r);
      if (first + t < step.wanted(r, s))
        step.choose(r, s, first + t, step.net.ee, [&](Index window) -> std::uint32_t& {
          return touched[static_cast<std::size_t>(r) * sorn_windows(step.net) + window];
        });
    });
  }
};
/// Both projections, a window of rows a block: its own new synapses, learning, scaling, and the drives. Where windows
/// do not fill a GPU, `at_once` gives each row of either projection a thread; else a thread has one row after the
/// other, and none waits for those that are done.
template <bool at_once>
struct SornWalk {
  static constexpr Index rows = window_slices * slice_lanes, threads = at_once ? 2 * rows : rows;
  struct Shared {
    SornTally tally;
    std::uint32_t touched;
    real excitation[at_once ? rows : 1], inhibition[rows];  ///< by row; by unit
    SornRewiring rewiring;
  };
  SornStep step;
  Index s;
  std::uint32_t* touched;  ///< all zero afterwards

  ENGRAM_HD void operator()(const Block& block, std::size_t index, Shared& shared) const {
    const sorn::View& net = step.net;
    const auto [r, window] = SornPlace(index, sorn_windows(net));
    const Index first = window * rows;
    block.each([&](Index t) {
      if (t != 0) return;
      shared.tally = {};
      shared.touched = touched[index];
      touched[index] = 0;
    });
    if (shared.touched) shared.rewiring.run(block, step, r, s, window, shared.touched);
    const auto excitation = [&](Index row) {
      const bool rewired = (shared.touched >> (row / slice_lanes)) & 1u;
      const Index i = net.ee.units(r, 0)[first + row];
      return step.excitation<bodies::PassingRow>(r, first + row, i, rewired, shared.tally);
    };
    block.each([&](Index t) {
      const Index row = t % rows;
      if (first + row >= net.ne) return;
      if constexpr (at_once)
        if (t < rows) {
          shared.excitation[row] = excitation(row);
          return;
        }
      const Index i = net.ei.units(r, 0)[first + row];
      shared.inhibition[i - first] = step.inhibition<bodies::PassingRow>(r, first + row, i, shared.tally);
    });
    block.each([&](Index t) {
      if (t >= rows || first + t >= net.ne) return;
      const Index i = net.ee.units(r, 0)[first + t];
      real excited;
      if constexpr (at_once)
        excited = shared.excitation[t];
      else
        excited = excitation(t);
      step.drive_of(r, i) = excited - shared.inhibition[i - first];
    });
    block.each([&](Index t) {
      if (t == 0) step.add(r, shared.tally);
    });
  }
};
/// As many windows as two for each processor of a large GPU.
inline constexpr std::size_t sorn_few_windows = 264;

// The others, a thread an item x of network y.
struct SornSumInput {
  SornStep step;
  Index s;
  ENGRAM_HD void operator()(Index i, std::size_t r) const { step.sum_input(static_cast<Index>(r), s, i); }
};
struct SornLearnInput {
  SornStep step;
  Index s;
  ENGRAM_HD void operator()(Index i, std::size_t r) const { step.learn_input(static_cast<Index>(r), s, i); }
};
struct SornScore {
  SornStep step;
  Index s;
  bool with_input;
  ENGRAM_HD void operator()(Index four, std::size_t r) const {
    step.score(static_cast<Index>(r), s, four * SornStep::units_at_once, with_input);
  }
};
/// Winners as even bits of words that are zero.
struct SornMark {
  Active winners;
  std::uint32_t* fires;  ///< [replica][words]
  Index words;
  ENGRAM_HD void operator()(Index j, std::size_t r) const {
    const Index i = winners.index[r * winners.stride + j];
    atomic_or(fires + r * words + i / sorn::units_per_word, 1u << (i % sorn::units_per_word * 2));
  }
};
struct SornDriveAll {
  SornStep step;
  bool fast;
  ENGRAM_HD void operator()(Index k, std::size_t r) const {
    constexpr Index at_once = 32;  // a thread here has registers for more
    if (step.drives(static_cast<Index>(r), fast)) step.drive_all<at_once>(static_cast<Index>(r), k);
  }
};
/// What reaches inhibitory units over a sparse projection, where that is not done by the launches of the units.
struct SornScatter {
  SornStep step;
  fixed* sums;
  ENGRAM_HD void operator()(Index x, std::size_t r) const {
    if (step.drives(static_cast<Index>(r), false))
      step.scatter(static_cast<Index>(r), x / SornStep::scatter_lanes, x % SornStep::scatter_lanes, sums);
  }
};
struct SornGather {
  SornStep step;
  fixed* sums;
  ENGRAM_HD void operator()(Index k, std::size_t r) const {
    if (step.drives(static_cast<Index>(r), false)) step.gather(static_cast<Index>(r), k, sums);
  }
};

}  // namespace engram::kernels
