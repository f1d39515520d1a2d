// The published experiments over many seeds. Bounds are those of docs/families/leabra.md, measured on the reference's
// rules with other draws, so they are of distributions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/models/leabra/task.hpp"

namespace engram {
namespace {

using test::leabra_example;
using test::run_leabra;
using Json = nlohmann::ordered_json;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

TEST(LeabraLong, PatternAssociationConvergesInEverySeed) {
  const auto outcome = run_leabra(leabra_example("pattern_association"), 20, 2);
  const std::vector<double> converged = outcome.kept.last("train 1", "converged"),
                            epochs = outcome.kept.last("train 1", "epochs");
  EXPECT_EQ(std::accumulate(converged.begin(), converged.end(), 0.0), 20);
  std::cout << "median epochs " << median(epochs) << "\n";
  EXPECT_GE(median(epochs), 250);
  EXPECT_LE(median(epochs), 420);
}

std::size_t converged_of(const Json& document) {
  const auto outcome = run_leabra(document, 20, 2);
  const std::vector<double> converged = outcome.kept.last("train 1", "converged");
  return static_cast<std::size_t>(std::accumulate(converged.begin(), converged.end(), 0.0));
}

TEST(LeabraLong, ErrorDrivenHiddenConvergesMoreOftenWithTheCorrections) {
  Json document = leabra_example("error_driven");
  const std::size_t corrected = converged_of(document);
  document["model"]["mode"] = "compatible";
  const std::size_t compatible = converged_of(document);
  std::cout << "converged: corrected " << corrected << ", compatible " << compatible << "\n";
  EXPECT_GE(corrected, 8u);
  EXPECT_GE(compatible, 4u);
}

/// Mean over replicas of the standard deviation of the last 20 evaluations.
double wobble(const test::KeptRecorder& kept, const char* label, std::size_t replicas) {
  double sum = 0;
  for (std::size_t r = 0; r < replicas; ++r) {
    std::vector<double> all = kept.values(label, "accuracy", static_cast<std::int64_t>(r));
    all.erase(all.begin(), all.end() - 20);
    const double mean = std::accumulate(all.begin(), all.end(), 0.0) / 20;
    double squares = 0;
    for (const double a : all) squares += (a - mean) * (a - mean);
    sum += std::sqrt(squares / 20);
  }
  return sum / static_cast<double>(replicas);
}

TEST(LeabraLong, StandardModeClassifiesIris) {
  const auto outcome = run_leabra(leabra_example("iris"), 20, 2);
  const auto mean = [&](const char* name) { return outcome.results[name].get<double>(); };
  const double train = mean("train 1, accuracy"), test = mean("train 1 (test), accuracy"),
               wobble_train = wobble(outcome.kept, "train 1", 20),
               wobble_test = wobble(outcome.kept, "train 1 (test)", 20);
  std::cout << "train " << train << ", test " << test << ", wobble " << wobble_train << " and " << wobble_test << "\n";
  EXPECT_GE(train, 0.93);
  EXPECT_GE(test, 0.86);
  EXPECT_LE(wobble_train, 0.012);
  EXPECT_LE(wobble_test, 0.02);
}

TEST(LeabraLong, CompatibleModeClassifiesIrisAsTheReference) {
  Json document = leabra_example("iris");
  document["model"]["mode"] = "compatible";
  document["protocol"][0]["epochs"] = 100;
  const auto outcome = run_leabra(document, 6, 2);
  const double train = outcome.results["train 1, accuracy"].get<double>();
  std::cout << "train " << train << "\n";
  EXPECT_GE(train, 0.82);
  EXPECT_LE(train, 0.93);
}

}  // namespace
}  // namespace engram
