#include "engram/assembly/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "engram/assembly/simulator.hpp"
#include "tests/testing/recorder.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::assembly {
namespace {

TEST(AssemblyMetrics, ExpectedOverlapIsTheHypergeometricMean) {
  for (const auto& [n, k] : {std::pair<Index, Index>{10, 3}, {20, 7}, {30, 30}}) {
    // sum_x x C(k,x) C(n-k,k-x) / C(n,k), by logarithms of factorials.
    const auto choose = [](double a, double b) {
      return b < 0 || b > a ? 0 : std::exp(std::lgamma(a + 1) - std::lgamma(b + 1) - std::lgamma(a - b + 1));
    };
    double sum = 0;
    for (Index x = 0; x <= k; ++x) sum += x * choose(k, x) * choose(n - k, static_cast<double>(k) - x) / choose(n, k);
    EXPECT_NEAR(expected_overlap(n, k), sum, 1e-9);
  }
  EXPECT_THROW(expected_overlap(5, 6), Error);
}

TEST(AssemblyMetrics, KActiveSamplesHaveKUnitsAndHitAllEqually) {
  std::vector<int> hits(20);
  for (Tick s = 0; s < 4000; ++s) {
    const std::vector<Index> units = sample_k_active(7, 0, s, 20, 5);
    ASSERT_EQ(units.size(), 5u);
    for (std::size_t i = 0; i < units.size(); ++i) {
      ASSERT_LT(units[i], 20u);
      ASSERT_TRUE(i == 0 || units[i - 1] < units[i]);
      ++hits[units[i]];
    }
  }
  // 4000 samples, each unit in a quarter of them: standard deviation 27.
  for (const int h : hits) EXPECT_NEAR(h, 1000, 130);
  EXPECT_NE(sample_k_active(7, 0, 0, 20, 5), sample_k_active(7, 1, 0, 20, 5)) << "stimuli differ";
  EXPECT_NE(sample_k_active(7, 0, 0, 200, 5), sample_k_active(8, 0, 0, 200, 5)) << "seeds differ";
}

TEST(AssemblyMetrics, BernoulliAndMaskedSamplesHaveTheirProbability) {
  const std::vector<Index> units = sample_bernoulli(3, 0, 0, 100000, 0.05);
  EXPECT_NEAR(static_cast<double>(units.size()), 5000, 5 * std::sqrt(100000 * 0.05 * 0.95));
  const std::vector<real> values = sample_uniform_masked(3, 0, 0, 100000, 0.05);
  const auto active = static_cast<double>(std::count_if(values.begin(), values.end(), [](real v) { return v != 0; }));
  EXPECT_NEAR(active, 5000, 5 * std::sqrt(100000 * 0.05 * 0.95));
  EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0) / active, 0.5, 0.02);
  EXPECT_TRUE(sample_bernoulli(3, 0, 0, 100, 0).empty());
  EXPECT_EQ(sample_bernoulli(3, 0, 0, 100, 1).size(), 100u);
}

AreaSpec small_area() {
  AreaSpec area;
  area.name = "A";
  area.inputs = {"x"};
  area.n = 60;
  area.k = 6;
  return area;
}

TEST(AssemblyMetrics, HistogramsCountEverySynapse) {
  const auto backend = test::test_backend();
  Assembly network(*backend, {{{"x", 40, 8}}, {{small_area()}}}, {3});
  test::KeptRecorder histograms;
  Simulator(network, {.epoch_size = 3, .weights = true}, &histograms)
      .simulate({{{"x", {{1, 2, 3}}}}, {{"x", {{4, 5}}}}});
  for (const char* name : {"weight_input0", "weight_recurrent"}) {
    const auto [post, pre] = network.matrix_shape(name);
    const std::vector<real> w = network.matrix(name);
    const auto synapses = static_cast<std::uint64_t>(std::count_if(w.begin(), w.end(), [](real x) { return x != 0; }));
    const std::vector<double>& counts = histograms.columns.at(std::string("weight_histogram/") + name + "/counts");
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0.0), 2 * static_cast<double>(synapses))
        << "a histogram a sample";
    EXPECT_DOUBLE_EQ(histograms.last(name, "memory_used").at(0), static_cast<double>(synapses) / (post * pre));
  }
}

TEST(AssemblyMetrics, WeighCountsWhatAMatrixHolds) {
  const auto backend = test::test_backend();
  for (const char* storage : {"dense", "sparse"})
    for (const char* normalisation : {"in_place", "scaled"}) {
      AreaSpec area = small_area();
      area.storage = storage;
      area.normalisation = normalisation;
      area.p_synapse = 0.3;
      Assembly network(*backend, {{{"x", 41, 8}}, {{area}}}, {3, 4});
      Simulator(network, {.epoch_size = 3}).simulate({{{"x", {{1, 2, 3}}}}, {{"x", {{4, 5}}}}});
      for (const char* name : {"weight_input0", "weight_recurrent"}) {
        const std::vector<real> w = network.matrix(name);
        const double top = *std::max_element(w.begin(), w.end());
        std::vector<std::uint64_t> synapses(2), histogram(7);
        for (std::size_t i = 0; i < w.size(); ++i) {
          if (w[i] == 0) continue;
          ++synapses[i / (w.size() / 2)];
          ++histogram[std::min<std::size_t>(6, static_cast<std::size_t>(static_cast<double>(w[i]) / top * 7))];
        }
        const Assembly::Weighed weighed = network.weigh(name, 7);
        EXPECT_EQ(weighed.synapses, synapses) << storage << " " << normalisation;
        EXPECT_EQ(weighed.top, top);
        EXPECT_EQ(weighed.histogram, histogram);
        EXPECT_TRUE(network.weigh(name, 0).histogram.empty());
      }
    }
}

TEST(AssemblyMetrics, OfLastStepsAloneAreThoseOfEachStep) {
  const auto backend = test::test_backend();
  const std::vector<Sample> samples{{{"x", {{1, 2, 3}}}}, {{"x", {{4, 5}}}}};
  constexpr int epoch = 4;
  const auto measured = [&](bool each_step, int interrupted_after) {
    test::KeptRecorder rows;
    Assembly network(*backend, {{{"x", 40, 8}}, {{small_area()}}}, {3});
    const SimulatorOptions options{.epoch_size = epoch, .each_step = each_step};
    Simulator simulator(network, options, &rows);
    simulator.begin(samples);
    bool more = true;
    for (int t = 0; t < interrupted_after; ++t) more = simulator.tick();
    Simulator resumed(network, options, &rows);
    resumed.restore(simulator.snapshot(), samples);
    while (more) more = resumed.tick();
    std::set<std::tuple<Tick, std::string, std::string, double>> all;
    for (const test::Metric& m : rows.metrics) all.insert({m.time, m.layer, m.attribute, m.value});
    return all;
  };
  auto expected = measured(true, 0);
  std::erase_if(expected, [](const auto& row) {
    return (std::get<0>(row) + 1) % epoch != 0 && std::get<2>(row) != "similarity";
  });
  // These two add up over all steps.
  std::erase_if(expected, [](const auto& row) {
    return std::get<2>(row) == "support" || std::get<2>(row) == "winners_without_input";
  });
  EXPECT_EQ(expected.size(), 2u + 2u + 2u);  // convergence, recall; similarity of the area and of the stimulus
  for (int after = 0; after < 2 * epoch; ++after) EXPECT_EQ(measured(false, after), expected) << after;
}

}  // namespace
}  // namespace engram::assembly
