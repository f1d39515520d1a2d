// What attractor networks refuse, and the analysis of their weights, patterns and fixed points.
#include "engram/attractor/analysis.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/models/attractor/draws.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

namespace analysis = attractor;
using test::seeds;

TEST(AttractorRefuses, WhatCannotBe) {
  const auto backend = test::test_backend({1});
  attractor::Options o;
  o.units = 3;
  attractor::Network network(*backend, o, seeds(1));
  const real nan = static_cast<real>(NAN);
  EXPECT_THROW(network.set_state(std::vector<real>(4)), Error);
  EXPECT_THROW(network.set_state(std::vector<real>{0, 0, real(1.5)}), Error);
  EXPECT_THROW(network.set_state(std::vector<real>{0, 0, nan}), Error);
  EXPECT_THROW(network.set_bias(std::vector<real>{0, nan, 0}), Error);
  EXPECT_THROW(network.set_weights(std::vector<real>(8)), Error);
  EXPECT_THROW(network.set_weights(std::vector<real>(9, nan)), Error);
  EXPECT_THROW(network.set_inverse_temperature(std::vector<real>{-1}), Error);
  EXPECT_THROW(network.set_inverse_temperature(std::vector<real>{0}), Error);
  EXPECT_THROW(network.set_learning_rate(nan), ConfigError);
  EXPECT_THROW(network.step(std::vector<real>{0, 0, 2}), Error);
  o.units = 0;
  EXPECT_THROW(attractor::Network(*backend, o, seeds(1)), ConfigError);
  o.units = 3;
  o.states = 2;
  EXPECT_THROW(attractor::Network(*backend, o, seeds(2)), ConfigError) << "states that share weights cannot learn";
  EXPECT_NO_THROW(network.step(0));
}

TEST(AttractorRefuses, AnalysesWithoutCuesStepsOrTolerance) {
  const auto backend = test::test_backend({1});
  attractor::Options o;
  o.units = 3;
  attractor::Network network(*backend, o, seeds(1));
  const std::vector<real> cue(3);
  const std::vector<double> pattern{1, -1, 1};
  const auto relaxed = [&](std::span<const real> cues, Index steps, double tolerance) {
    analysis::RelaxOptions options;
    options.max_steps = steps;
    options.tolerance = tolerance;
    return analysis::relax(network, cues, std::nullopt, 1, options);
  };
  EXPECT_NO_THROW(relaxed(cue, 1, 1e-6));
  EXPECT_THROW(relaxed({}, 1, 1e-6), Error);
  EXPECT_THROW(relaxed(std::span(cue).first(2), 1, 1e-6), Error);
  EXPECT_THROW(analysis::relax(network, cue, std::vector<real>(2), 1, {}), Error) << "a bias of another size";
  EXPECT_THROW(analysis::relax(network, cue, std::nullopt, -1, {}), Error) << "a negative temperature";
  EXPECT_THROW(relaxed(cue, 0, 1e-6), ConfigError);
  EXPECT_THROW(relaxed(cue, 1, 0), ConfigError);
  EXPECT_THROW(relaxed(cue, 1, NAN), ConfigError);
  const auto restored = [&](std::span<const double> patterns, Index steps, double snr) {
    analysis::ReconstructionOptions options;
    options.steps = steps;
    options.snr = snr;
    return analysis::reconstruct(network, patterns, options, 1);
  };
  EXPECT_NO_THROW(restored(pattern, 1, 1));
  EXPECT_THROW(restored({}, 1, 1), Error);
  EXPECT_THROW(restored(std::span(pattern).first(2), 1, 1), Error);
  EXPECT_THROW(restored(pattern, 0, 1), ConfigError);
  EXPECT_THROW(restored(pattern, 1, 0), ConfigError);
  EXPECT_THROW(analysis::correlation(std::vector<double>{}, std::vector<double>{}), Error);
}

// ---- analysis

TEST(AttractorAnalysis, AsymmetryRunsFromZeroToTwo) {
  EXPECT_EQ(analysis::asymmetry(std::vector<double>{0, 3, 3, 0}, 2), 0);
  EXPECT_EQ(analysis::asymmetry(std::vector<double>{0, 3, -3, 0}, 2), 2);
  EXPECT_TRUE(std::isnan(analysis::asymmetry(std::vector<double>(4), 2)));
  const std::vector<double> w{1, 2, 6, 4};
  EXPECT_EQ(analysis::symmetric_part(w, 2), (std::vector<double>{1, 4, 4, 4}));
  EXPECT_EQ(analysis::antisymmetric_part(w, 2), (std::vector<double>{0, -2, 2, 0}));
}

TEST(AttractorAnalysis, ConstantRowsHaveNoCorrelation) {
  EXPECT_TRUE(std::isnan(analysis::correlation(std::vector<double>{0.1, 0.1, 0.1}, std::vector<double>{1, 2, 3})));
  EXPECT_DOUBLE_EQ(analysis::correlation(std::vector<double>{1, 2, 3}, std::vector<double>{5, 7, 9}), 1);
}

TEST(AttractorAnalysis, OrthogonalityGivesAllConventions) {
  const std::vector<double> rows{1, 0, 0, 1, 1, 1};  // 90, 45 and 45 degrees
  const auto o = analysis::orthogonality(analysis::angles(rows, 2));
  EXPECT_NEAR(o.off_diagonal, 30, 1e-12);
  EXPECT_NEAR(o.with_diagonal, 50, 1e-12);
  EXPECT_NEAR(o.kept, 30, 1e-12);
  EXPECT_EQ(o.kept_angles, 6u);
  const auto same = analysis::orthogonality(analysis::angles(std::vector<double>{1, 0, -1, 0}, 2));
  EXPECT_TRUE(std::isnan(same.kept));
  EXPECT_EQ(same.kept_angles, 0u);
}

TEST(AttractorAnalysis, DistinctRowsIgnoreTheThirdDecimalAndTheSignOfZero) {
  EXPECT_EQ(analysis::distinct_rows(std::vector<double>{0.101, 0.0, 0.1, -0.001, 0.2, 0.0}, 2), 2u);
}

TEST(AttractorAnalysis, AConstantImageBecomesZeroAndIsNamed) {
  std::vector<std::size_t> constant;
  EXPECT_EQ(analysis::standardize(std::vector<double>{3, 3, 1, 3}, 2, false, &constant),
            (std::vector<double>{0, 0, -1, 1}));
  EXPECT_EQ(constant, std::vector<std::size_t>{0});
}

TEST(AttractorRelaxation, LeavesTheNetworkAloneAndReportsFailureWithoutNaN) {
  const auto backend = test::test_backend({1});
  attractor::Options o;
  o.units = 2;
  attractor::Network network(*backend, o, seeds(1));
  network.set_weights(std::vector<real>{0, 8, -8, 0});  // turns for ever
  const auto before = network.state();
  analysis::RelaxOptions options;
  options.max_steps = 33;
  options.tolerance = 1e-12;
  const auto found = analysis::relax(network, std::vector<real>{real(0.5), real(0.2)}, std::nullopt, 1, options)[0];
  EXPECT_NE(found.status, analysis::RelaxationStatus::fixed_point);
  EXPECT_TRUE(std::isfinite(found.state[0]) && std::isfinite(found.state[1]));
  EXPECT_EQ(network.state(), before);
  EXPECT_EQ(network.options().learning_rate, o.learning_rate);
}

TEST(AttractorRelaxation, TellsTwoCyclesFromFixedPoints) {
  const auto backend = test::test_backend({1});
  attractor::Options o;
  o.units = 2;
  attractor::Network network(*backend, o, seeds(1));
  network.set_weights(std::vector<real>{0, -8, -8, 0});
  analysis::RelaxOptions options;
  options.tolerance = 1e-10;
  // Equal values flip together for ever, at one free energy; opposite ones rest.
  const auto found = analysis::relax(network, std::vector<real>{real(0.5), real(0.5), real(0.5), real(-0.5)},
                                     std::nullopt, 1, options);
  EXPECT_EQ(found[0].status, analysis::RelaxationStatus::two_cycle);
  EXPECT_EQ(found[1].status, analysis::RelaxationStatus::fixed_point);
  // Units that see each other's new values cannot flip together.
  o.order = attractor::UpdateOrder::sequential;
  attractor::Network one_by_one(*backend, o, seeds(1));
  one_by_one.set_weights(std::vector<real>{0, -8, -8, 0});
  EXPECT_EQ(analysis::relax(one_by_one, std::vector<real>{real(0.5), real(0.5)}, std::nullopt, 1, options)[0].status,
            analysis::RelaxationStatus::fixed_point);
}

}  // namespace
}  // namespace engram
