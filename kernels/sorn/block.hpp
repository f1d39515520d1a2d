// A SORN network in one block, or in a cluster of blocks that each have a share of it, through all steps of a run: the
// phases are theirs, and nothing is launched in between. Where it fits, its state is in shared memory meanwhile.
#pragma once

#include "kernels/sorn/resident.hpp"
#include "kernels/sorn/schedule.hpp"

namespace engram::kernels {

/// Networks of up to this many excitatory units take one block each. Larger ones would wait for one processor: three
/// launches a step are faster. An estimate; not measured.
inline constexpr Index sorn_block_units = 512;

/// So few networks do not fill the processors of a GPU: each may have one to itself, with three times the threads.
inline constexpr Index sorn_few_networks = 128;

/// Blocks of a cluster: more than 8 must be allowed. And windows of rows that each of them has at most: three of usual
/// length fill the memory of a processor.
inline constexpr Index sorn_cluster_blocks = 16, sorn_cluster_windows = 3;

template <Index block_threads, Index most_blocks = 1>
struct SornBlock {
  static constexpr Index threads = block_threads;
  static constexpr bool alone = most_blocks == 1;
  static constexpr Index window_rows = window_slices * slice_lanes;
  static constexpr Index most_windows = alone ? ceil_div(sorn_block_units, window_rows) : sorn_cluster_windows;
  /// Of inhibition, read together: a cluster has them in device memory.
  static constexpr Index weights_at_once = alone ? 8 : 128 / sizeof(real);
  /// Whether each row of a window, of either projection, has a thread.
  static constexpr bool at_once = threads >= 2 * window_rows;
  struct Shared {
    SornStep step;  ///< with the network where it is now
    SornShare share;
    SornPeers<most_blocks> peers;
    bool fits[2], resident, full;
    SornTally tally;
    std::uint32_t touched[most_windows];
    SornUnits<most_windows * window_rows / SornStep::units_at_once> units;
    SornTidying<threads> tidying;
    SornRewiring rewiring;
    real excitation[at_once ? most_windows * window_rows : 1];  ///< by unit of the block
    alignas(16) std::byte memory[16];                           ///< as much as the room says
  };
  SornStep step;
  fixed* sums;  ///< [replica][ni], all zero; null where all pairs are stored
  SharedLayout room;

  std::size_t shared_bytes() const { return offsetof(Shared, memory) + room.bytes; }

  ENGRAM_HD void operator()(const Block& block, std::size_t index, Shared& shared) const {
    run(OneBlock<Shared>{block, index, shared});
  }
  ENGRAM_HD void operator()(const Cluster<Shared>& cluster) const { run(cluster); }

 private:
  template <class Together>
  ENGRAM_HD void run(const Together& all) const {
    const auto r = static_cast<Index>(all.index);
    const SornResident resident{room};
    all.apart([&](const Block& block, Index rank, Shared& shared) {
      block.each([&](Index t) {
        if (t == 0) {
          shared.share = SornShare::of(step.net, room.shares, rank);
          shared.tally = {};
        }
        for (Index w = t; w < most_windows; w += threads) shared.touched[w] = 0;
      });
    });
    for (Index s = 0; s < step.run.steps;) {
      resident.enter(all, step, r);
      if constexpr (!alone) meet(all, r);
      // A network that came to shared memory leaves it where its rows might outgrow it, and may come again without the
      // holes that pruning left; one that did not fit has grown too large for good.
      const bool in = all.own().resident;
      fixed* const sum = sums + (sums && in ? static_cast<std::size_t>(r) * step.net.ni : 0);
      do take_sorn_step(Parts<Together>{*this, all, in ? 0 : r, s++, sum}, !step.run.drives_only, true);
      while (s < step.run.steps && !(in && all.own().full));
      if (in) resident.leave(all, step, r);
    }
  }
  /// The blocks of a cluster learn where the others have their rows and their copies of the activity.
  template <class Together>
  ENGRAM_HD void meet(const Together& all, Index r) const {
    all.each([&](const Block& block, Index, Shared& shared) {
      block.each([&](Index t) {
        SornPeers<most_blocks>& peers = shared.peers;
        if (t == 0) {
          peers.copies = shared.resident ? all.blocks() : 0;
          peers.units = room.shares.e;
        }
        if (t >= all.blocks()) return;
        sorn::View there = step.net;
        if (shared.resident)
          lay_out(step.net, r, room, SornShare::of(step.net, room.shares, t),
                  SharedArrays{all.of(t).memory, room.begin}, there);
        peers.ee[t] = there.ee;
        peers.x[t] = there.x;
        peers.y[t] = there.y;
      });
    });
  }

  /// The parts of schedule.hpp in phases of the blocks. What one of them does in `apart` is nothing to the others until
  /// all meet, as they do three times a step: when it is known who is active, who is inhibited and what is chosen, and
  /// at the end, when nobody reads that activity any more.
  template <class Together>
  struct Parts {
    const SornBlock& of;
    const Together& all;
    Index r, s;
    fixed* sum;

    ENGRAM_HD void meet_input() const {
      all.apart([this](const Block& block, Index rank, Shared& shared) {
        const SornStep& now = shared.step;
        block.each([&](Index t) {
          if (t == 0 && rank == 0) now.count(r, s);
          for (Index i = t; now.net.drive_u && i < now.net.ne; i += threads) now.sum_input(r, s, i);
        });
      });
    }
    ENGRAM_HD void excite() const {
      all.apart([this](const Block& block, Index, Shared& shared) {
        const SornStep& now = shared.step;
        const SornShare& share = shared.share;
        const Index due = bodies::first_tidied(now.tick(s), share.first_slice());
        if (due < share.last_slice()) shared.tidying.run(block, now, r, due, share.last_slice(), 0);
        shared.units.excite(block, now, r, s, share.e / SornStep::units_at_once, share.e_end, nullptr,
                            [&](Index w, std::uint32_t word) { tell(shared, shared.peers.x, w, word); });
      });
    }
    ENGRAM_HD void learn_input() const {
      if (!of.step.net.drive_u) return;
      all.apart([this](const Block& block, Index, Shared& shared) {
        block.each([&](Index t) {
          for (Index i = t; i < shared.step.net.ne; i += threads) shared.step.learn_input(r, s, i);
        });
      });
    }
    /// Sums over a sparse projection are scattered once a step, with the activity that is new, and inhibit() takes
    /// them.
    ENGRAM_HD void drive_inhibitory(bool fast) const {
      const bool drives_only = of.step.run.drives_only;
      if (fast || drives_only)
        all.each([this](const Block& block, Index, Shared& shared) {
          if (sum) scatter(block, shared);
        });
      const auto drive = [&, this](const Block& block, Index, Shared& shared) {
        const SornStep& now = shared.step;
        if (sum ? fast || !drives_only : !now.drives(r, fast)) return;
        block.each([&](Index t) {
          for (Index k = shared.share.i + t; k < shared.share.i_end; k += threads)
            sum ? now.gather(r, k, sum) : now.template drive_all<weights_at_once>(r, k);
        });
      };
      fast ? all.apart(drive) : all.each(drive);  // the end of the step
    }
    ENGRAM_HD void inhibit() const {
      all.apart([this](const Block& block, Index, Shared& shared) {
        if (shared.share.i == shared.share.i_end) return;  // the last blocks may have none
        const SornStep& now = shared.step;
        const auto meet = [&](Index k) {
          if (sum) now.gather(r, k, sum);
        };
        shared.units.inhibit(block, now, r, s, shared.share.i / SornStep::units_at_once, shared.share.i_end,
                             now.net.rules[r].fast_inhibition, meet,
                             [&](Index w, std::uint32_t word) { tell(shared, shared.peers.y, w, word); });
      });
    }
    ENGRAM_HD void choose_synapses() const {
      all.each([this](const Block& block, Index rank, Shared& shared) {
        const SornStep& now = shared.step;
        const auto choose = [&](Index e, const auto& rows) {
          now.choose(r, s, e, rows, [&](Index window) -> std::uint32_t& {
            const Index windows = alone ? most_windows : of.room.shares.e / window_rows;  // of a block
            return all.of(window / windows).touched[window % windows];
          });
        };
        block.each([&](Index t) {
          if (t == 0 && rank == 0) now.clear_counts(r);
          for (Index e = t * all.blocks() + rank; e < now.wanted(r, s); e += threads * all.blocks()) {
            if constexpr (alone)
              choose(e, now.net.ee);
            else
              choose(e, shared.peers);
          }
        });
      });
    }
    ENGRAM_HD void walk_rows() const {
      all.apart([this](const Block& block, Index, Shared& shared) {
        const SornShare& share = shared.share;
        for (Index w = 0; w < share.windows(); ++w)
          if (shared.touched[w])
            shared.rewiring.run(block, shared.step, r, s, share.first_window() + w, shared.touched[w]);
        walk(block, shared);
        block.each([&](Index t) {
          if (t == 0) {
            shared.step.add(r, shared.tally);
            shared.tally = {};
            if (shared.resident && SornResident{of.room}.full(shared.step.net))
              for (Index q = 0; q < all.blocks(); ++q) all.of(q).full = true;
          }
          for (Index w = t; w < most_windows; w += threads) shared.touched[w] = 0;
        });
      });
    }

   private:
    /// Others have copies of the activity that a block finds.
    ENGRAM_HD static void tell(const Shared& shared, std::uint32_t* const* copies, Index w, std::uint32_t word) {
      if constexpr (!alone)
        for (Index q = 0; q < shared.peers.copies; ++q) copies[q][w] = word;
    }
    ENGRAM_HD void scatter(const Block& block, Shared& shared) const {
      constexpr Index lanes = SornStep::scatter_lanes;
      const Index last = ceil_div(shared.share.e_end, sorn::units_per_word);
      block.each([&](Index t) {
        for (Index w = shared.share.e / sorn::units_per_word + t / lanes; w < last; w += threads / lanes)
          shared.step.scatter(r, w, t % lanes, sum);
      });
    }
    ENGRAM_HD real excitation(Shared& shared, Index at, Index i) const {
      const Index slice = at / slice_lanes;
      const bool rewired =
          (shared.touched[slice / window_slices - shared.share.first_window()] >> (slice % window_slices)) & 1u;
      return shared.step.template excitation<bodies::OneRow>(r, at, i, rewired, shared.tally);
    }
    ENGRAM_HD void walk(const Block& block, Shared& shared) const {
      const SornStep& now = shared.step;
      const SornShare& share = shared.share;
      const auto inhibit = [&](Index at) {
        const Index i = now.net.ei.units(r, 0)[at];
        now.drive_of(r, i) = now.template inhibition<bodies::OneRow>(r, at, i, shared.tally);
      };
      if constexpr (at_once) {
        block.each([&](Index t) {
          for (Index at = share.e + t % window_rows; at < share.e_end; at += window_rows) {
            if (t / window_rows == 1) {
              inhibit(at);
            } else if (t < window_rows) {
              const Index i = now.net.ee.units(r, 0)[at];
              shared.excitation[i - share.e] = excitation(shared, at, i);
            }
          }
        });
        block.each([&](Index t) {
          for (Index i = share.e + t; i < share.e_end; i += threads)
            now.drive_of(r, i) = shared.excitation[i - share.e] - now.drive_of(r, i);
        });
      } else {
        block.each([&](Index t) {
          for (Index at = share.e + t; at < share.e_end; at += threads) inhibit(at);
        });
        block.each([&](Index t) {
          for (Index at = share.e + t; at < share.e_end; at += threads) {
            const Index i = now.net.ee.units(r, 0)[at];
            now.drive_of(r, i) = excitation(shared, at, i) - now.drive_of(r, i);
          }
        });
      }
    }
  };
};

}  // namespace engram::kernels
