// Runs of SORN networks. Where a network is small, one block or a cluster of blocks takes it through all steps of a run
// (block.hpp). Where it is large, a step is a graph of a few kernels (large.hpp).
#pragma once

#include <optional>

#include "engram/backend.hpp"
#include "kernels/core/launch.hpp"
#include "kernels/core/signature.hpp"
#include "kernels/operations/top_k.hpp"
#include "kernels/sorn/block.hpp"
#include "kernels/sorn/large.hpp"

namespace engram::kernels {

/// Memory between the kernels of a step.
struct SornScratch {
  Scratch touched, fires, winners;
};
template <class Launcher>
SornScratch new_sorn_scratch(Launcher& launch) {
  return {launch.new_scratch(), launch.new_scratch(), launch.new_scratch()};
}

/// The excitatory units of one step of which k fire: the core's selection, over the networks as batches. Returns their
/// words.
template <class Launcher>
const std::uint32_t* choose_winners(Launcher& launch, const SornScratch& scratch, const SornStep& step, Index s) {
  const sorn::View& net = step.net;
  const std::size_t words = std::size_t{net.replicas} * net.words_e();
  auto* list = launch.template scratch<Index>(scratch.winners, std::size_t{net.replicas} * (net.k_winners + 1));
  const Active winners{list + net.replicas, list, nullptr, net.k_winners, net.ne, net.replicas};
  const auto choose = [&](bool with_input, std::uint32_t* fires) {
    launch.items("run_sorn", ceil_div(net.ne, SornStep::units_at_once), net.replicas, SornScore{step, s, with_input});
    select_top_k(launch, Batch<const real>{net.score, net.ne, net.replicas, net.ne}, net.k_winners, winners);
    launch.zero(fires, words * sizeof(std::uint32_t));
    launch.items("run_sorn", net.k_winners, net.replicas, SornMark{winners, fires, net.words_e()});
  };
  if (step.run.recurrent) choose(false, step.run.recurrent + s * words);
  auto* fires = launch.template scratch<std::uint32_t>(scratch.fires, words);
  choose(true, fires);
  return fires;
}

/// Whether a block takes a network through all steps.
inline bool fits_block(const sorn::View& net) { return net.ne <= sorn_block_units && net.k_winners == 0; }

/// Blocks of a cluster: all that a processor has threads for, a window of rows for each pass.
using SornCluster = SornBlock<512, sorn_cluster_blocks>;

/// What each block has of a network that a cluster takes through all steps: of more units than a block steps well, of
/// no more than the memory of a cluster holds, as long as the device runs all clusters at once. Else no room.
template <class Launcher>
SharedLayout cluster_layout(Launcher& launch, const sorn::View& net, const sorn::Run& run) {
  constexpr Index least_units = 257;  // one block has the threads for less
  if (net.ne < least_units || net.k_winners > 0 || run.drives_only) return {};
  const Index windows = sorn_windows(net), each = ceil_div(windows, sorn_cluster_blocks);
  const Index blocks = ceil_div(windows, each);
  if (each > sorn_cluster_windows) return {};
  SornCluster cluster{{net, run}, nullptr, {}};
  cluster.room = shared_layout(net, run, launch.shared_memory(), offsetof(SornCluster::Shared, memory), blocks);
  return cluster.room.ee > 0 && net.replicas <= launch.clusters_at_once(blocks, cluster) ? cluster.room
                                                                                         : SharedLayout{};
}

/// Where what arrives at inhibitory units is added up, [replica][ni], all zero; null where all pairs are stored.
template <class Launcher>
fixed* inhibitory_sums(Launcher& launch, const sorn::View& net) {
  return net.ie_all.weight ? nullptr
                           : launch.template scratch<fixed>(Scratch::sums, std::size_t{net.replicas} * net.ni);
}

/// The parts of schedule.hpp as launches, for networks of any size. `step.clock` may say which step.
template <class Launcher>
struct SornLaunches {
  Launcher& launch;
  const SornScratch& scratch;
  const SornStep& step;
  Index s;
  bool whole;  ///< both halves of the step are taken
  const sorn::View& net = step.net;
  fixed* sums = inhibitory_sums(launch, net);
  std::uint32_t* touched = launch.template scratch<std::uint32_t>(scratch.touched, windows());

  void meet_input() const {
    if (net.drive_u) items(net.ne, SornSumInput{step, s});
  }
  void excite() const {
    const std::uint32_t* chosen = net.k_winners > 0 ? choose_winners(launch, scratch, step, s) : nullptr;
    blocks(SornExcite::parts(net), SornExcite{step, s, chosen, sums, whole});
  }
  void learn_input() const {
    if (net.drive_u) items(net.ne, SornLearnInput{step, s});
  }
  /// Sums over a sparse projection are part of the launches of the units where these know of them.
  void drive_inhibitory(bool fast) const {
    if (!sums) return items(net.ni, SornDriveAll{step, fast});
    if (fast || whole) return;
    items(net.words_e() * SornStep::scatter_lanes, SornScatter{step, sums});
    items(net.ni, SornGather{step, sums});
  }
  void inhibit() const { take_middle(true, whole); }
  void choose_synapses() const {
    if (!whole) take_middle(false, true);  // else inhibit() has
  }
  void walk_rows() const {
    if (windows() <= sorn_few_windows)
      blocks(sorn_windows(net), SornWalk<true>{step, s, touched});
    else
      blocks(sorn_windows(net), SornWalk<false>{step, s, touched});
  }

 private:
  std::size_t windows() const { return std::size_t{net.replicas} * sorn_windows(net); }
  void take_middle(bool fires, bool chooses) const {
    const SornInhibit middle{step, s, chooses ? touched : nullptr, fires, sums, whole};
    blocks(middle.parts(), middle);
  }
  void items(Index count, const auto& phase) const { launch.items("run_sorn", count, net.replicas, phase); }
  void blocks(Index parts, const auto& phase) const {
    launch.blocks("run_sorn", std::size_t{net.replicas} * parts, phase);
  }
};

template <class Launcher>
void launch_sorn_step(Launcher& launch, const SornScratch& scratch, const SornStep& step, Index s, bool units,
                      bool rows) {
  take_sorn_step(SornLaunches<Launcher>{launch, scratch, step, s, units && rows}, units, rows);
}

/// All steps of a run, a cluster a network; `room` is what cluster_layout found.
template <class Launcher>
void run_sorn_clusters(Launcher& launch, const sorn::View& net, const sorn::Run& run, const SharedLayout& room) {
  launch.clusters("run_sorn", net.replicas, room.shares.blocks,
                  SornCluster{{net, run}, inhibitory_sums(launch, net), room});
}

/// All steps of a run that is not recorded as graphs, without clusters.
template <class Launcher>
void run_sorn(Launcher& launch, const SornScratch& scratch, const sorn::View& net, const sorn::Run& run) {
  const SornStep step{net, run};
  if (fits_block(net)) {
    const auto take = [&]<Index threads>(std::integral_constant<Index, threads>) {
      using Kernel = SornBlock<threads>;
      const SharedLayout room =
          shared_layout(net, run, launch.shared_memory(), offsetof(typename Kernel::Shared, memory));
      launch.blocks("run_sorn", net.replicas, Kernel{step, inhibitory_sums(launch, net), room});
    };
    return net.ne > 256 || net.replicas <= sorn_few_networks ? take(std::integral_constant<Index, 384>{})
                                                             : take(std::integral_constant<Index, 128>{});
  }
  for (Index s = 0; s < run.steps; ++s) launch_sorn_step(launch, scratch, step, s, !run.drives_only, true);
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
