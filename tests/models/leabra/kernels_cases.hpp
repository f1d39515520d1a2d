// Leabra networks in the ways that the kernels take them: small ones in a block, large ones in all blocks, k winners
// and pools operation by operation. Compared with the CPU on the emulated device and on a real one.
#pragma once

#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.hpp"
#include "engine/models/cpu_extensions.hpp"
#include "tests/models/leabra/nets.hpp"

namespace engram::testing_kernels {

/// The classifier, in one mode.
inline std::vector<real> leabra_classifier(Backend& backend, test::Mode mode, Index copies, Index trials) {
  const std::uint64_t seeds[] = {1, 2, 3};
  leabra::Net net = test::classifier(backend, seeds, mode, copies);
  for (Index k = 0; k < trials; ++k) test::leabra_trial(net, k);
  return test::everything(net);
}

/// Layers of all kinds; without `winners` it fits a block, or many where `units` are.
inline std::vector<real> leabra_of_many_kinds(Backend& backend, bool winners, Index trials, Index units = 150) {
  const std::uint64_t seeds[] = {1, 2};
  leabra::Net net(backend, seeds);
  leabra::LayerSpec hidden = leabra::LayerSpec::of(leabra::Mode::standard), none;
  if (winners) hidden.inhibition_type = leabra::Inhibition::kwta_avg;
  none.inhibition_type = leabra::Inhibition::none;
  net.new_layer("input", 40);
  net.new_layer("hidden", units, hidden);
  net.new_layer("output", 3);
  net.new_layer("free", 7, none);
  leabra::ProjectionSpec sparse, down;
  sparse.dist = leabra::UniformWeights{0.25, 0.75};
  sparse.sparsity = 0.5;
  down.dist = leabra::GaussianWeights{0.5, 0.01};
  down.wt_scale_rel = 0.3;
  down.sig_gain = 5.5;
  down.bounded_contrast = true;
  net.new_projection("up", "input", "hidden", sparse);
  net.new_projection("again", "hidden", "hidden", down);
  net.new_projection("out", "hidden", "output", sparse);
  net.new_projection("down", "output", "hidden", down);
  net.new_projection("aside", "hidden", "free", sparse);
  for (Index k = 0; k < trials; ++k) test::leabra_trial(net, k);
  return test::everything(net);
}

/// What a layer and a projection may have beside: biases, activation functions of their own, scales by an expected
/// activity, averages that are mixed by unit. Small in a block or large in all blocks.
inline std::vector<real> leabra_with_options(Backend& backend, Index trials, Index units, Index copies) {
  const std::uint64_t seeds[] = {1, 2};
  leabra::Net net(backend, seeds, copies);
  test::add_layers_with_options(net, units);
  for (Index k = 0; k < trials; ++k) test::leabra_trial(net, k);
  return test::everything(net);
}

/// Pools, and weights in balance: operation by operation.
inline std::vector<real> leabra_in_pools(Backend& backend, Index trials) {
  const std::uint64_t seeds[] = {1, 2};
  leabra::Net net(backend, seeds);
  leabra::LayerSpec hidden = leabra::LayerSpec::of(leabra::Mode::standard);
  hidden.pools = 4;
  hidden.pool_inhibition.inhibition_type = leabra::Inhibition::kwta;
  leabra::ProjectionSpec up;
  up.learning = leabra::Learning::momentum;
  up.balance_weights = true;
  up.balance_every = 1;
  up.dist = leabra::UniformWeights{0.25, 0.75};
  net.new_layer("input", 40);
  net.new_layer("hidden", 52, hidden);
  net.new_layer("output", 3);
  net.new_projection("up", "input", "hidden", up);
  net.new_projection("out", "hidden", "output", up);
  for (Index k = 0; k < trials; ++k) test::leabra_trial(net, k);
  return test::everything(net);
}

/// Projections stored as rows, small in a block or large in all blocks.
inline std::vector<real> leabra_of_rows(Backend& backend, Index trials, Index units, Index copies) {
  const std::uint64_t seeds[] = {1, 2};
  leabra::Net net(backend, seeds, copies);
  const leabra::LayerSpec hidden = leabra::LayerSpec::of(leabra::Mode::standard);
  leabra::ProjectionSpec up, self;
  up.storage = self.storage = leabra::Storage::sparse;
  up.dist = leabra::UniformWeights{0.25, 0.75};
  up.sparsity = 0.3;
  self.projn_type = leabra::Pattern::one_to_one;
  leabra::ProjectionSpec balanced = up;
  balanced.learning = leabra::Learning::momentum;
  balanced.balance_weights = true;
  balanced.balance_every = 1;
  net.new_layer("input", 40);
  net.new_layer("hidden", units, hidden);
  net.new_layer("output", 3);
  net.new_projection("up", "input", "hidden", up);
  net.new_projection("again", "hidden", "hidden", self);
  net.new_projection("out", "hidden", "output", balanced);
  for (Index k = 0; k < trials; ++k) test::leabra_trial(net, k);
  return test::everything(net);
}

inline void expect_leabra_of_the_cpu(Backend& backend, Index trials) {
  cpu::CpuBackend reference(1, cpu::extensions());
  for (const test::Mode mode : {test::Mode::compatible, test::Mode::standard})
    for (const Index copies : {1u, 3u})
      EXPECT_EQ(leabra_classifier(backend, mode, copies, trials), leabra_classifier(reference, mode, copies, trials));
  for (const bool winners : {false, true})
    EXPECT_EQ(leabra_of_many_kinds(backend, winners, trials), leabra_of_many_kinds(reference, winners, trials))
        << winners;
  EXPECT_EQ(leabra_of_many_kinds(backend, false, trials, 450), leabra_of_many_kinds(reference, false, trials, 450));
  for (const auto& [units, copies] : {std::pair<Index, Index>{23, 1}, {450, 1}, {23, 3}})
    EXPECT_EQ(leabra_with_options(backend, trials, units, copies),
              leabra_with_options(reference, trials, units, copies))
        << units;
  EXPECT_EQ(leabra_in_pools(backend, trials), leabra_in_pools(reference, trials));
  for (const auto& [units, copies] : {std::pair<Index, Index>{150, 1}, {450, 1}, {60, 3}})
    EXPECT_EQ(leabra_of_rows(backend, trials, units, copies), leabra_of_rows(reference, trials, units, copies))
        << units;
}

}  // namespace engram::testing_kernels
