// A small SORN network in a block, through all steps of a run: its phases are the block's, and nothing is launched in
// between. Where it fits, its state is in shared memory meanwhile.
#pragma once

#include "kernels/sorn/resident.hpp"

namespace engram::kernels {

/// Networks of up to this many excitatory units take one block each; then there are at most 63 x 16 rows.
inline constexpr Index sorn_block_units = 1008;

struct SornBlock {
  static constexpr Index threads = 128;
  struct Shared {
    SornStep step;  ///< with the network where it is now
    bool resident;
    std::uint32_t rewired[sorn_block_units / slice_lanes + 1];
    alignas(16) std::byte memory[16];  ///< as much as the room says
  };
  SornStep step;
  fixed* sums;  ///< [replica][ni], all zero; null where all pairs are stored
  SornRoom room;

  std::size_t shared_bytes() const { return offsetof(Shared, memory) + room.bytes; }

  ENGRAM_HD void operator()(const Block& block, std::size_t index, Shared& shared) const {
    const auto r = static_cast<Index>(index);
    const SornResident resident{room};
    for (Index s = 0; s < step.run.steps;) {
      resident.enter(block, threads, step, r, shared.memory, shared.step, shared.resident);
      // A network that came to shared memory leaves it where its rows might outgrow it, and may come again without the
      // holes that pruning left; one that did not fit has grown too large for good.
      const bool in = shared.resident;
      do take_step(block, in ? 0 : r, s++, shared, sums + (sums && in ? static_cast<std::size_t>(r) * step.net.ni : 0));
      while (s < step.run.steps && !(in && resident.full(shared.step.net)));
      if (in) resident.leave(block, threads, step, r, shared.step);
    }
  }

  ENGRAM_HD void take_step(const Block& block, Index r, Index s, Shared& shared, fixed* sum) const {
    const SornStep& now = shared.step;
    const sorn::View& net = now.net;
    if (!now.run.drives_only) {
      if (net.drive_u)
        block.each([&](Index t) {
          for (Index i = t; i < net.ne; i += threads) now.sum_input(r, s, i);
        });
      block.each([&](Index t) {
        if (t == 0) now.count(r, s);
        for (Index w = t; w < net.words_e(); w += threads) now.excite(r, s, w);
        for (Index w = t; w < net.words_e(); w += threads) now.tidy(r, s, w);
      });
      if (net.rules[r].fast_inhibition) inhibitory_drive(block, now, r, sum);
      block.each([&](Index t) {
        for (Index w = t; w < net.words_i(); w += threads) now.inhibit(r, s, w);
        for (Index i = t; net.drive_u && i < net.ne; i += threads) now.learn_input(r, s, i);
      });
    }
    block.each([&](Index t) {
      if (t == 0) now.clear_counts(r);
      for (Index e = t; e < now.wanted(r, s); e += threads) now.choose(r, s, e);
    });
    block.each([&](Index t) {
      for (Index i = t; i < net.words_e(); i += threads) shared.rewired[i] = now.rewire(r, s, i);
    });
    block.each([&](Index t) {
      for (Index at = t; at < net.ne; at += threads) now.walk_inhibitory(r, at);
    });
    block.each([&](Index t) {
      for (Index at = t; at < net.ne; at += threads) now.walk_excitatory(r, at, shared.rewired[at / slice_lanes] != 0);
    });
    if (now.run.drives_only || !net.rules[r].fast_inhibition) inhibitory_drive(block, now, r, sum);
  }

  ENGRAM_HD static void inhibitory_drive(const Block& block, const SornStep& now, Index r, fixed* sum) {
    if (!sum)
      return block.each([&](Index t) {
        for (Index k = t; k < now.net.ni; k += threads) now.drive_all(r, k);
      });
    block.each([&](Index t) {
      for (Index j = t; j < now.net.ne; j += threads) now.scatter(r, j, sum);
    });
    block.each([&](Index t) {
      for (Index k = t; k < now.net.ni; k += threads) now.gather(r, k, sum);
    });
  }
};

}  // namespace engram::kernels
