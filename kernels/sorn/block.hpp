// A small SORN network in a block, through all steps of a run: its phases are the block's, and nothing is launched in
// between. Where it fits, its state is in shared memory meanwhile.
#pragma once

#include "kernels/sorn/phases.hpp"
#include "kernels/sorn/resident.hpp"
#include "kernels/sorn/schedule.hpp"

namespace engram::kernels {

/// Networks of up to this many excitatory units take one block each. Larger ones would wait for one processor: three
/// launches a step are faster. An estimate; not measured.
inline constexpr Index sorn_block_units = 512;

/// So few networks do not fill the processors of a GPU: each may have one to itself, with three times the threads.
inline constexpr Index sorn_few_networks = 128;

template <Index block_threads>
struct SornBlock {
  static constexpr Index threads = block_threads;
  struct Shared {
    SornStep step;  ///< with the network where it is now
    bool resident;
    SornTally tally;
    std::uint32_t touched[ceil_div(sorn_block_units, window_slices* slice_lanes)];  ///< [window]
    SornUnits<sorn_block_units / SornStep::units_at_once> units;
    SornTidying<threads> tidying;
    SornRewiring rewiring;
    alignas(16) std::byte memory[16];  ///< as much as the room says
  };
  SornStep step;
  fixed* sums;  ///< [replica][ni], all zero; null where all pairs are stored
  SharedLayout room;

  std::size_t shared_bytes() const { return offsetof(Shared, memory) + room.bytes; }

  ENGRAM_HD void operator()(const Block& block, std::size_t index, Shared& shared) const {
    const auto r = static_cast<Index>(index);
    const SornResident resident{room};
    block.each([&](Index t) {
      if (t == 0) shared.tally = {};
      for (Index w = t; w < std::size(shared.touched); w += threads) shared.touched[w] = 0;
    });
    for (Index s = 0; s < step.run.steps;) {
      resident.enter(block, threads, step, r, shared.memory, shared.step, shared.resident);
      // A network that came to shared memory leaves it where its rows might outgrow it, and may come again without the
      // holes that pruning left; one that did not fit has grown too large for good.
      const bool in = shared.resident;
      fixed* const sum = sums + (sums && in ? static_cast<std::size_t>(r) * step.net.ni : 0);
      do take_sorn_step(Parts{block, shared.step, in ? 0 : r, s++, shared, sum}, !step.run.drives_only, true);
      while (s < step.run.steps && !(in && resident.full(shared.step.net)));
      if (in) resident.leave(block, threads, step, r, shared.step);
    }
  }

 private:
  /// The parts of schedule.hpp in phases of the block.
  struct Parts {
    const Block& block;
    const SornStep& now;
    Index r, s;
    Shared& shared;
    fixed* sum;

    ENGRAM_HD void meet_input() const {
      block.each([&](Index t) {
        if (t == 0) now.count(r, s);
        for (Index i = t; now.net.drive_u && i < now.net.ne; i += threads) now.sum_input(r, s, i);
      });
    }
    ENGRAM_HD void excite() const {
      if (bodies::first_tidied(now.tick(s)) < now.net.ee.slices()) shared.tidying.run(block, now, r, s, 0);
      shared.units.excite(block, now, r, s, 0, nullptr);
    }
    ENGRAM_HD void learn_input() const {
      if (!now.net.drive_u) return;
      block.each([&](Index t) {
        for (Index i = t; i < now.net.ne; i += threads) now.learn_input(r, s, i);
      });
    }
    /// Sums over a sparse projection are scattered once a step, with the activity that is new, and inhibit() takes
    /// them.
    ENGRAM_HD void drive_inhibitory(bool fast) const {
      if (!sum) {
        if (now.drives(r, fast)) drive_all();
      } else if (fast || now.run.drives_only) {
        scatter();
        if (!fast)
          block.each([&](Index t) {
            for (Index k = t; k < now.net.ni; k += threads) now.gather(r, k, sum);
          });
      }
    }
    ENGRAM_HD void inhibit() const {
      shared.units.inhibit(block, now, r, s, 0, now.net.rules[r].fast_inhibition, [&](Index k) {
        if (sum) now.gather(r, k, sum);
      });
    }
    ENGRAM_HD void choose_synapses() const {
      block.each([&](Index t) {
        for (Index e = t; e < now.wanted(r, s); e += threads) now.choose(r, s, e, shared.touched);
      });
    }
    ENGRAM_HD void walk_rows() const {
      const sorn::View& net = now.net;
      for (Index w = 0; w < sorn_windows(net); ++w)
        if (shared.touched[w]) shared.rewiring.run(block, now, r, s, w, shared.touched[w]);
      block.each([&](Index t) {
        for (Index at = t; at < net.ne; at += threads) {
          const Index i = net.ei.units(r, 0)[at];
          now.drive_of(r, i) = now.inhibition<bodies::OneRow>(r, at, i, shared.tally);
        }
      });
      block.each([&](Index t) {
        for (Index at = t; at < net.ne; at += threads) {
          const Index i = net.ee.units(r, 0)[at], slice = at / slice_lanes;
          const bool rewired = (shared.touched[slice / window_slices] >> (slice % window_slices)) & 1u;
          now.drive_of(r, i) = now.excitation<bodies::OneRow>(r, at, i, rewired, shared.tally) - now.drive_of(r, i);
        }
      });
      block.each([&](Index t) {
        if (t == 0) {
          now.clear_counts(r);
          now.add(r, shared.tally);
          shared.tally = {};
        }
        for (Index w = t; w < std::size(shared.touched); w += threads) shared.touched[w] = 0;
      });
    }

   private:
    ENGRAM_HD void drive_all() const {
      block.each([&](Index t) {
        for (Index k = t; k < now.net.ni; k += threads) now.drive_all(r, k);
      });
    }
    ENGRAM_HD void scatter() const {
      constexpr Index lanes = SornStep::scatter_lanes;
      block.each([&](Index t) {
        for (Index w = t / lanes; w < now.net.words_e(); w += threads / lanes) now.scatter(r, w, t % lanes, sum);
      });
    }
  };
};

}  // namespace engram::kernels
