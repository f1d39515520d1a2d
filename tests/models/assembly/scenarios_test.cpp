// Whole experiments of the assembly family with the outcomes that the reference showed over its seeds.
#include <gtest/gtest.h>

#include <numeric>

#include "engram/assembly/simulator.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::assembly {
namespace {

const std::vector<std::uint64_t> seeds{19, 0, 1, 2, 3};

AreaSpec area(const char* name, std::vector<std::string> inputs, Index n, const char* rule) {
  AreaSpec a;
  a.name = name;
  a.inputs = std::move(inputs);
  a.n = n;
  a.rule = learning_named(rule);
  return a;
}

struct Association {
  std::vector<double> before, after;
  std::map<std::string, std::vector<double>> last;
};

/// Two stimuli of 1000 and 500 units drive A (2000) and B (1500), which drive C (1000): 5 pairs, all seeds as replicas.
Association associate(const char* rule, const char* storage) {
  const auto backend = test::test_backend();
  std::vector<AreaSpec> areas{area("A", {"a"}, 2000, rule), area("B", {"b"}, 1500, rule),
                              area("C", {"A", "B"}, 1000, rule)};
  for (AreaSpec& a : areas) a.storage = storage;
  Assembly network(*backend, {{{"a", 1000, 50}, {"b", 500, 50}}, {{areas[0], areas[1]}, {areas[2]}}}, seeds);
  std::vector<Sample> only_a, only_b, pairs;
  for (Tick s = 0; s < 5; ++s) {
    Winners a, b;
    for (const auto seed : seeds) {
      a.push_back(sample_k_active(seed, 0, s, 1000, 50));
      b.push_back(sample_k_active(seed, 1, s, 500, 50));
    }
    only_a.push_back({{"a", a}});
    only_b.push_back({{"b", b}});
    pairs.push_back({{"a", a}, {"b", b}});
  }
  Simulator simulator(network, {.epoch_size = 10});
  simulator.simulate(only_a);
  simulator.simulate(only_b);
  Association result;
  result.before = simulator.associate_benchmark(pairs).parents;
  simulator.simulate(pairs);
  result.after = simulator.associate_benchmark(pairs).parents;
  result.last = simulator.last();
  return result;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void expect_within(const std::vector<double>& values, double low, double high, const std::string& what) {
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_TRUE(values[i] >= low && values[i] <= high)
        << what << ", seed " << seeds[i] << ": " << values[i] << " not in [" << low << ", " << high << "]";
}

/// A few seeds fall outside what five seeds of the reference happened to show; the middle of ours must lie inside it.
void expect_median_within(std::vector<double> values, double low, double high, const std::string& what) {
  std::sort(values.begin(), values.end());
  const double median = values[values.size() / 2];
  EXPECT_TRUE(median >= low && median <= high)
      << what << ": median " << median << " not in [" << low << ", " << high << "]";
}

TEST(AssociateScenario, HebbianPairsOverlapAfterLearningAndNotBefore) {
  for (const char* storage : {"dense", "sparse"}) {
    SCOPED_TRACE(storage);
    Association result = associate("hebb", storage);
    expect_within(result.before, 0.0, 0.10, "before");
    expect_within(result.after, 0.25, 0.50, "after");
    EXPECT_GT(mean(result.after), 0.30);
    // Learned outputs stay apart in A and B; C may come near merging them in one seed of five.
    expect_median_within(result.last["A/similarity"], 0.02, 0.06, "similarity in A");
    expect_median_within(result.last["B/similarity"], 0.03, 0.11, "similarity in B");
    expect_median_within(result.last["C/similarity"], 0.11, 0.71, "similarity in C");
    expect_median_within(result.last["A/recall"], 49.0, 50, "recall in A");
    expect_median_within(result.last["B/recall"], 48.6, 50, "recall in B");
    expect_median_within(result.last["C/recall"], 38, 47, "recall in C");
  }
}

TEST(AssociateScenario, WillshawRecallLooksPerfectBecauseEverythingCollapses) {
  Association result = associate("willshaw", "dense");
  EXPECT_LT(mean(result.before), 0.10);
  expect_within(result.after, 0.35, 0.80, "after");
  expect_within(result.last["C/recall"], 48, 50, "recall in C");
  EXPECT_GT(mean(result.last["C/similarity"]), 0.6);
  EXPECT_GT(mean(result.last["B/similarity"]), 0.4);
}

// The reference's five seeds: convergence 33 to 46 and support 146 to 186 after the first sample, recall 30.6 to 33.0
// and similarity 0.125 to 0.165 at the end. A plain NumPy rewrite over 30 seeds: similarity 0.185 +- 0.08 with a long
// tail (0.11 to 0.41), recall 31.6 +- 2.0, support 148 +- 12; ours over 60 seeds: 0.189 +- 0.08, 31.0 +- 1.4, 142
// +- 15.
TEST(SimulateScenario, AnAssemblyFormsAndOldMemoriesStay) {
  const auto backend = test::test_backend();
  std::vector<std::uint64_t> many(20);
  std::iota(many.begin(), many.end(), 0u);
  Assembly network(*backend, {{{"x", 1000, 50}}, {{area("A", {"x"}, 500, "hebb")}}}, many);
  std::vector<Sample> samples;
  for (Tick s = 0; s < 10; ++s) {
    Winners x;
    for (const auto seed : many) x.push_back(sample_k_active(seed, 0, s, 1000, 50));
    samples.push_back({{"x", x}});
  }
  Simulator simulator(network, {.epoch_size = 10});
  simulator.begin(samples);
  for (int t = 0; t < 10; ++t) {
    simulator.tick();
    if (t == 1) expect_median_within(simulator.last().at("A/convergence"), 14, 20, "first convergence");
  }
  expect_median_within(simulator.last().at("A/convergence"), 33, 47, "last convergence of the first sample");
  expect_median_within(simulator.last().at("A/support"), 135, 186, "support of the first sample");
  expect_median_within(simulator.last().at("A/recall"), 24, 36, "recall after the first sample");
  while (simulator.tick()) {
  }
  expect_median_within(simulator.last().at("A/recall"), 30, 33, "recall after all samples");
  expect_median_within(simulator.last().at("A/similarity"), 0.12, 0.20, "learned similarity");
  EXPECT_NEAR(mean(simulator.last().at("x/similarity")), 0.05, 0.004);
}

TEST(InverseScenario, WinnersOfALargeAreaRecoverTheirInput) {
  struct Case {
    Index n, k;
    double low, high;
  };
  const auto backend = test::test_backend();
  for (const Case c : {Case{2000, 50, 0.58, 0.64}, Case{10000, 50, 0.68, 0.76}, Case{10000, 300, 0.97, 1.0}}) {
    AreaSpec y = area("Y", {"x"}, c.n, "hebb");
    y.k = c.k;
    y.storage = "sparse";
    y.normalisation = "none";
    Assembly network(*backend, {{{"x", 784, 50}}, {{y}}}, seeds);
    State state(network);
    Winners x;
    for (const auto seed : seeds) x.push_back(sample_k_active(seed, 0, 0, 784, 50));
    state.present("x", x);
    network.step(state, false);
    const Winners found = network.inverse("weight_input0", state.winners("Y"), 50);
    std::vector<double> recovered;
    for (std::size_t r = 0; r < seeds.size(); ++r)
      recovered.push_back(static_cast<double>(overlap(found[r], x[r])) / 50);
    // One of 50 units is 0.02, the standard error of a mean of five seeds about as much.
    EXPECT_NEAR(mean(recovered), (c.low + c.high) / 2, (c.high - c.low) / 2 + 0.02) << "n " << c.n << ", k " << c.k;
  }
}

}  // namespace
}  // namespace engram::assembly
