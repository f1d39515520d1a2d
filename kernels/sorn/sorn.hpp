// SORN networks as kernels. Where a network is small, one block takes it through all steps of a run (sorn_block.hpp).
// Where it is large, each phase of a step is a kernel over the units or rows of all networks, and a step a graph of
// them.
#pragma once

#include <optional>

#include "engram/backend.hpp"
#include "kernels/core/launch.hpp"
#include "kernels/core/signature.hpp"
#include "kernels/operations/top_k.hpp"
#include "kernels/sorn/block.hpp"

namespace engram::kernels {

// The phases of large networks, a kernel each; x is the item, y the network.
struct SornExcite {
  SornStep step;
  Index s;
  ENGRAM_HD void operator()(Index w, std::size_t r) const {
    if (w == 0) step.count(static_cast<Index>(r), s);
    step.excite(static_cast<Index>(r), s, w);
    step.tidy(static_cast<Index>(r), s, w);
  }
};
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
  ENGRAM_HD void operator()(Index w, std::size_t r) const {
    if (w == 0) step.count(static_cast<Index>(r), s);
    step.score(static_cast<Index>(r), s, w, with_input);
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
struct SornSettle {
  SornStep step;
  Index s;
  const std::uint32_t* fires;
  ENGRAM_HD void operator()(Index w, std::size_t r) const {
    step.settle(static_cast<Index>(r), s, w, fires[r * step.net.words_e() + w]);
    step.tidy(static_cast<Index>(r), s, w);
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
  ENGRAM_HD void operator()(Index at, std::size_t r) const {
    step.walk_excitatory(static_cast<Index>(r), at, rewired[r * step.net.words_e() + at / slice_lanes] != 0);
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

/// Memory between the kernels of a step.
struct SornScratch {
  Scratch rewired, fires, winners;
};
template <class Launcher>
SornScratch new_sorn_scratch(Launcher& launch) {
  return {launch.new_scratch(), launch.new_scratch(), launch.new_scratch()};
}

/// Excitatory units of one step where k of them fire: the core's selection, over the networks as batches.
template <class Launcher>
void excite_winners(Launcher& launch, const SornScratch& scratch, const SornStep& step, Index s) {
  const sorn::View& net = step.net;
  const std::size_t words = std::size_t{net.replicas} * net.words_e();
  auto* list = launch.template scratch<Index>(scratch.winners, std::size_t{net.replicas} * (net.k_winners + 1));
  const Active winners{list + net.replicas, list, nullptr, net.k_winners, net.ne, net.replicas};
  const auto choose = [&](bool with_input, std::uint32_t* fires) {
    launch.items("run_sorn", net.words_e(), net.replicas, SornScore{step, s, with_input});
    select_top_k(launch, Batch<const real>{net.score, net.ne, net.replicas, net.ne}, net.k_winners, winners);
    launch.zero(fires, words * sizeof(std::uint32_t));
    launch.items("run_sorn", net.k_winners, net.replicas, SornMark{winners, fires, net.words_e()});
  };
  if (step.run.recurrent) choose(false, step.run.recurrent + s * words);
  auto* fires = launch.template scratch<std::uint32_t>(scratch.fires, words);
  choose(true, fires);
  launch.items("run_sorn", net.words_e(), net.replicas, SornSettle{step, s, fires});
}

/// Whether a block takes a network through all steps.
inline bool fits_block(const sorn::View& net) { return net.ne <= sorn_block_units && net.k_winners == 0; }

/// Where what arrives at inhibitory units is added up, [replica][ni], all zero; null where all pairs are stored.
template <class Launcher>
fixed* inhibitory_sums(Launcher& launch, const sorn::View& net) {
  return net.ie_all.weight ? nullptr
                           : launch.template scratch<fixed>(Scratch::sums, std::size_t{net.replicas} * net.ni);
}

/// What reaches inhibitory units, of the networks whose turn it is; see SornDriveAll.
template <class Launcher>
void drive_inhibitory(Launcher& launch, const SornStep& step, bool fast) {
  const sorn::View& net = step.net;
  fixed* sums = inhibitory_sums(launch, net);
  if (!sums) return launch.items("run_sorn", net.ni, net.replicas, SornDriveAll{step, fast});
  launch.items("run_sorn", net.ne, net.replicas, SornScatter{step, fast, sums});
  launch.items("run_sorn", net.ni, net.replicas, SornGather{step, fast, sums});
}

/// The first half of a step of networks of any size; `step.clock` may say which step.
template <class Launcher>
void take_sorn_units(Launcher& launch, const SornScratch& scratch, const SornStep& step, Index s) {
  const sorn::View& net = step.net;
  const auto items = [&](Index count, const auto& phase) { launch.items("run_sorn", count, net.replicas, phase); };
  if (net.drive_u) items(net.ne, SornSumInput{step, s});
  if (net.k_winners > 0)
    excite_winners(launch, scratch, step, s);
  else
    items(net.words_e(), SornExcite{step, s});
  if (net.drive_u) items(net.ne, SornLearnInput{step, s});
  drive_inhibitory(launch, step, true);
  items(net.words_i(), SornInhibit{step, s});
}

/// The second half.
template <class Launcher>
void take_sorn_rows(Launcher& launch, const SornScratch& scratch, const SornStep& step, Index s) {
  const sorn::View& net = step.net;
  auto* rewired = launch.template scratch<std::uint32_t>(scratch.rewired, std::size_t{net.replicas} * net.words_e());
  const auto items = [&](Index count, const auto& phase) { launch.items("run_sorn", count, net.replicas, phase); };
  items(net.max_events, SornChoose{step, s});
  items(net.words_e(), SornRewire{step, s, rewired});
  items(net.ne, SornWalkInhibitory{step});
  items(net.ne, SornWalkExcitatory{step, rewired});
  drive_inhibitory(launch, step, false);
}

template <class Launcher>
void take_sorn_step(Launcher& launch, const SornScratch& scratch, const SornStep& step, Index s) {
  if (!step.run.drives_only) take_sorn_units(launch, scratch, step, s);
  take_sorn_rows(launch, scratch, step, s);
}

/// All steps of a run that is not recorded as graphs.
template <class Launcher>
void run_sorn(Launcher& launch, const SornScratch& scratch, const sorn::View& net, const sorn::Run& run) {
  const SornStep step{net, run};
  if (fits_block(net)) {
    const SornRoom room = room_of(net, run, launch.shared_memory(), offsetof(SornBlock::Shared, memory));
    return launch.blocks("run_sorn", net.replicas, SornBlock{step, inhibitory_sums(launch, net), room});
  }
  for (Index s = 0; s < run.steps; ++s) take_sorn_step(launch, scratch, step, s);
}

// The arguments of a recorded step, see Signature.
inline void add_words(Signature& signature, const sorn::View& net) {
  const auto& [ee, ei, eu, ie_all, ie_some, ne, ni, nu, replicas, k_winners, rules, seed, x, y, te, ti, target, drive_e,
               drive_i, drive_u, score, counts, events, max_events] = net;
  signature.add_all(ee, ei, eu, ie_all, ie_some, ne, ni, nu, replicas, k_winners, rules, seed, x, y, te, ti, target,
                    drive_e, drive_i, drive_u, score, counts, events, max_events);
}
inline void add_words(Signature& signature, const sorn::Run& run) {
  const auto& [first, steps, drives_only, input, feed, input_replica_stride, noise_e, noise_i, synapse, x, y, recurrent,
               counts] = run;
  signature.add_all(first, steps, drives_only, input, feed, input_replica_stride, noise_e, noise_i, synapse, x, y,
                    recurrent, counts);
}

/// A step of the run as it is recorded, if that pays. What is recorded or given step by step makes a run one of its
/// own, whose graph serves that call alone; without, one graph serves all runs.
inline std::optional<sorn::Run> repeated_step(const sorn::View& net, const sorn::Run& run) {
  constexpr Index worth_a_graph = 16;  // an estimate; not measured
  const bool alone = run.input || run.feed || run.noise_e || run.noise_i || run.synapse || run.x || run.y || run.counts;
  if (fits_block(net) || run.drives_only || run.recurrent || (alone && run.steps < worth_a_graph)) return {};
  sorn::Run one = run;
  one.steps = 1;
  if (!alone) one.first = 0;
  return one;
}

}  // namespace engram::kernels
