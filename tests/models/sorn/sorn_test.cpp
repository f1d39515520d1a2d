// SORN networks: what must hold whatever the size, the threads or the company.
#include "engram/sorn/sorn.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/models/sorn/networks.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::test {
namespace {

TEST(Sorn, ThreadsDoNotChangeABit) {
  sorn::Parameters p = small(2500);
  p.network_type_ie = "Sparse";
  p.sp_rate = 3.5;
  std::optional<sorn::State> one;
  for (const int threads : {1, 2, 3, 4, 7}) {
    SCOPED_TRACE(threads);
    const auto backend = make_backend("cpu", {.threads = threads});
    sorn::Network net(*backend, {p}, {11});
    net.run(40);
    if (one)
      expect_same(net.state(0), *one);
    else
      one = net.state(0);
  }
}

TEST(Sorn, ReplicasAreLoneNetworksWithTheirOwnParameters) {
  std::vector<sorn::Parameters> parameters(5, small(90));
  parameters[1].eta_stdp = 0.01;
  parameters[2].fast_inhibition = true;
  parameters[3].freeze = {"ss"};
  parameters[4].noise_sigma_e = 0.2;
  const std::vector<std::uint64_t> seeds{3, 1, 4, 15, 9};
  for (const int threads : {1, 2, 3, 7}) {
    const auto backend = make_backend("cpu", {.threads = threads});
    sorn::Network together(*backend, parameters, seeds);
    together.run(120);
    for (Index r = 0; r < 5; ++r) {
      SCOPED_TRACE(r);
      sorn::Network alone(*backend, {parameters[r]}, {seeds[r]});
      alone.run(120);
      expect_same(together.state(r), alone.state(0));
    }
  }
}

TEST(Sorn, ManyStepsAtOnceAreManySingleSteps) {
  const auto backend = make_backend("cpu", {.threads = 2});
  sorn::Network at_once(*backend, std::vector<sorn::Parameters>(3, small(70)), {1, 2, 3}),
      one_by_one(*backend, std::vector<sorn::Parameters>(3, small(70)), {1, 2, 3});
  const auto all = at_once.run(30, {}, {.x = true, .y = true, .recurrent = true, .counts = true});
  std::vector<std::uint32_t> x;
  for (int t = 0; t < 30; ++t) {
    const auto step = one_by_one.run(1, {}, {.x = true});
    x.insert(x.end(), step.x.begin(), step.x.end());
  }
  EXPECT_EQ(all.x, x);
  EXPECT_EQ(all.counts.size(), 90u);
  for (Index r = 0; r < 3; ++r) expect_same(at_once.state(r), one_by_one.state(r));
}

TEST(Sorn, ContinuesFromItsStateWithTheSameBits) {
  const auto backend = test::test_backend();
  const sorn::Parameters p = small(110);
  sorn::Network whole(*backend, {p}, {7}), half(*backend, {p}, {7});
  whole.run(300);
  half.run(137);
  const sorn::State state = half.state(0);
  sorn::Network resumed(*backend, {p}, {7}, std::span(&state, 1), half.tick());
  resumed.run(163);
  expect_same(resumed.state(0), whole.state(0));
}

TEST(Sorn, RowsGrowUntilTheMatrixIsFullAndThenEventsAreSkipped) {
  const auto backend = test::test_backend();
  sorn::Parameters p = small(40);
  p.freeze = {"stdp", "ss"};
  p.sp_rate = 20.5;
  sorn::Network net(*backend, {p}, {2});
  const std::uint64_t before = net.counts()[0].ee;
  net.run(200);
  const sorn::Counts c = net.counts()[0];
  EXPECT_EQ(c.ee, 40u * 39u);
  EXPECT_EQ(c.inserted, c.ee - before);
  EXPECT_GT(c.skipped, 0u);
  const Rows rows = net.state(0).wee;
  for (Index i = 0; i < 40; ++i) EXPECT_EQ(rows.start[i + 1] - rows.start[i], 39u);
}

TEST(Sorn, StructuralPlasticityIsUniformOverAbsentPairs) {
  const auto backend = test::test_backend();
  sorn::Parameters p = small(8);
  p.lambda_ee = 2;
  p.sp_rate = 1;
  p.freeze = {"stdp", "ip", "istdp", "ss"};
  const sorn::State start = sorn::make_state(p, 1);
  constexpr Index n = 6000;
  std::vector<std::uint64_t> seeds(n);
  std::iota(seeds.begin(), seeds.end(), 100);
  sorn::Network net(*backend, std::vector<sorn::Parameters>(n, p), seeds, std::vector<sorn::State>(n, start));
  net.run(1);
  const std::vector<sorn::State> states = net.states(0, n);
  const auto before = table_of(start.wee);
  std::vector<double> chosen(64);
  for (Index r = 0; r < n; ++r) {
    const auto after = table_of(states[r].wee);
    for (std::size_t j = 0; j < 8; ++j)
      for (std::size_t i = 0; i < 8; ++i)
        if (after[j][i] != before[j][i]) {
          EXPECT_NE(i, j);
          EXPECT_EQ(before[j][i], 0);
          ++chosen[j * 8 + i];
        }
  }
  double absent = 0, chi2 = 0;
  for (std::size_t k = 0; k < 64; ++k) absent += before[k / 8][k % 8] == 0 && k / 8 != k % 8;
  for (std::size_t k = 0; k < 64; ++k)
    if (before[k / 8][k % 8] == 0 && k / 8 != k % 8) chi2 += std::pow(chosen[k] - n / absent, 2) / (n / absent);
  EXPECT_EQ(std::accumulate(chosen.begin(), chosen.end(), 0.0), n);
  EXPECT_LT(chi2, absent + 4 * std::sqrt(2 * absent));
}

TEST(Sorn, RowsWithoutSynapsesStayEmptyAndAreCounted) {
  const auto backend = test::test_backend();
  sorn::Parameters p = small(40);
  p.freeze = {"sp"};
  sorn::State s = sorn::make_state(p, 1);
  Rows cut;
  cut.n_pre = 40;
  for (Index i = 0; i < 40; ++i) {
    for (std::uint64_t k = s.wee.start[i]; k < s.wee.start[i + 1] && i != 7; ++k) {
      cut.pre.push_back(s.wee.pre[k]);
      cut.weight.push_back(s.wee.weight[k]);
    }
    cut.start.push_back(cut.pre.size());
  }
  s.wee = cut;
  sorn::Network net(*backend, {p}, {1}, std::span(&s, 1));
  net.run(20);
  EXPECT_EQ(net.counts()[0].empty_rows, 1u);
  for (const real w : net.state(0).wee.weight) EXPECT_TRUE(std::isfinite(w));
  EXPECT_EQ(net.state(0).wee.start[7], net.state(0).wee.start[8]);
}

TEST(Sorn, TrainingChangesNoWeightAndNoThreshold) {
  const auto backend = test::test_backend();
  sorn::Network net(*backend, {small(60)}, {3});
  net.run(50);
  const sorn::State before = net.state(0);
  net.set_rules({}, "training", true);
  net.run(50);
  const sorn::State after = net.state(0);
  EXPECT_EQ(before.wee.weight, after.wee.weight);
  EXPECT_EQ(before.wei.weight, after.wei.weight);
  EXPECT_EQ(before.te, after.te);
  EXPECT_NE(before.x, after.x);
}

TEST(Sorn, TargetRatesOfUnitsAreReached) {
  const auto backend = test::test_backend();
  sorn::Parameters p = small(100);
  sorn::Network net(*backend, {p}, {3});
  std::vector<real> rates(100, static_cast<real>(0.05));
  for (Index i = 50; i < 100; ++i) rates[i] = static_cast<real>(0.2);
  net.set_target_rates(0, rates);
  net.run(20000);
  double low = 0, high = 0;
  const auto r = net.run(20000, {}, {.x = true});
  for (std::size_t t = 0; t < 20000; ++t)
    for (std::size_t i = 0; i < 100; ++i)
      (i < 50 ? low : high) += sorn::is_active(r.x.data() + t * r.words_e, i) / (50.0 * 20000);
  EXPECT_NEAR(low, 0.05, 0.005);
  EXPECT_NEAR(high, 0.2, 0.01);
}

TEST(SornInit, NetworkHasTheSizesOfThePackage) {
  double ee = 0, ei = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const sorn::State s = sorn::make_state({}, seed);
    EXPECT_NEAR(static_cast<double>(s.wee.pre.size()), 3897, 50);
    EXPECT_EQ(s.wie.pre.size(), 8000u);
    ee += static_cast<double>(s.wee.pre.size()) / 20;
    ei += static_cast<double>(s.wei.pre.size()) / 20;
    for (Index i = 0; i < 200; ++i) {
      double sum = 0;
      for (std::uint64_t k = s.wee.start[i]; k < s.wee.start[i + 1]; ++k) {
        EXPECT_NE(s.wee.pre[k], i);
        sum += static_cast<double>(s.wee.weight[k]);
      }
      EXPECT_NEAR(sum, 1, 1e-5);
      EXPECT_GT(s.wei.start[i + 1], s.wei.start[i]);
    }
    for (const real t : s.te) EXPECT_TRUE(t >= 0 && t < 1);
    for (const real t : s.ti) EXPECT_TRUE(t >= 0 && t < real(0.5));
  }
  EXPECT_NEAR(ee, 3900, 10);
  EXPECT_NEAR(ei, 1582, 6);
}

TEST(SornInit, PlasticSynapsesTakeTwelveBytesAtMostInFloat) {
  if (sizeof(real) == 8) GTEST_SKIP() << "the goal is one of the float build";
  const auto backend = test::test_backend();
  sorn::Parameters p = small(20000);
  p.network_type_ie = "Sparse";
  const sorn::State s = sorn::make_state(p, 1);
  const Incoming ee(*backend, std::span(&s.wee, 1)), ei(*backend, std::span(&s.wei, 1), true);
  EXPECT_LT(static_cast<double>(ee.bytes() + ei.bytes()) / static_cast<double>(s.wee.pre.size() + s.wei.pre.size()),
            12.0);
}

TEST(SornErrors, SayWhatIsWrongAndWhere) {
  const auto backend = test::test_backend();
  const auto problem = [](sorn::Parameters p) { return problems_of(p).empty() ? "" : problems_of(p)[0].path; };
  sorn::Parameters p = small(40);
  EXPECT_EQ(problem(p), "");
  p.nu = 41;
  EXPECT_EQ(problem(p), "nu");
  p = small(40);
  p.freeze = {"stpd"};
  EXPECT_EQ(problem(p), "freeze/0");
  p = small(40);
  p.phase = "testing";
  EXPECT_EQ(problem(p), "phase");
  p = small(40);
  p.te_min = 2;
  EXPECT_EQ(problem(p), "te_min");
  p = small(40);
  p.eta_ip = std::nan("");
  EXPECT_EQ(problem(p), "eta_ip");
  EXPECT_THROW(sorn::preset_parameters("lazar"), Error);
  const sorn::State s = sorn::make_state(small(40), 1);
  EXPECT_THROW(sorn::Network(*backend, {small(60)}, {1}, std::span(&s, 1)), ConfigError);
  sorn::State broken = s;
  broken.wee.weight[3] = std::numeric_limits<real>::quiet_NaN();
  EXPECT_THROW(sorn::Network(*backend, {small(40)}, {1}, std::span(&broken, 1)), NumericError);
  broken = s;
  std::swap(broken.wee.pre[0], broken.wee.pre[1]);
  EXPECT_THROW(sorn::Network(*backend, {small(40)}, {1}, std::span(&broken, 1)), Error);
  EXPECT_THROW(sorn::Network(*backend, {small(40), small(60)}, {1, 2}), ConfigError);
  sorn::Network net(*backend, {small(40)}, {1});
  const std::vector<real> input(5);
  EXPECT_THROW(net.run(2, input), Error);
  EXPECT_THROW(net.set_rules({"nothing"}, "plasticity", true), ConfigError);
}

}  // namespace
}  // namespace engram::test
