// That what is never stored is the network that is: means over seeds against explicit areas and recorded ones.
#include <gtest/gtest.h>

#include "tests/models/calculus/statistics.hpp"

namespace engram::calculus {
namespace {

/// A recorded mean and its standard error.
void expect_mean(const Values& found, double recorded, double error, const std::string& what) {
  EXPECT_NEAR(mean(found), recorded, 3 * std::hypot(standard_error(found), error))
      << what << ", own error " << standard_error(found);
}

/// Supports after 2 rounds and at last, procedural and explicit brains of different seeds.
void expect_both_alike(double p, Index n, Index k, int rounds) {
  const auto support = [=](Connectome connectome, std::uint64_t first) {
    const auto brain = brains(p, 0.05, "A", connectome, n, k);
    return over_seeds(
        24, [=](Backend& backend, std::uint64_t seed) { return brain(backend, first + seed); },
        project("a", "A", rounds), supports({2}));
  };
  const Table procedural = support(Connectome::procedural, 0), dense = support(Connectome::dense, 1000);
  for (const char* label : {"support 2", "support"})
    expect_mean(procedural.at(label), mean(dense.at(label)), standard_error(dense.at(label)), label);
}

TEST(CalculusExactness, ProceduralEqualsTheExplicitReferenceAndLazyDoesNot) {
  // The reference's explicit areas over 12 seeds, n = 5000, k = 71, p = 0.02, and its lazy ones.
  const Table exact =
      over_seeds(24, brains(0.02, 0.05, "A", Connectome::procedural, 5000, 71), project("a", "A", 25), supports({2}));
  expect_mean(exact.at("support 2"), 108.4, 1.0, "second round");
  expect_mean(exact.at("support"), 200.0, 5.5, "last round");
  const Table lazy =
      over_seeds(24, brains(0.02, 0.05, "A", Connectome::lazy, 5000, 71), project("a", "A", 25), supports({2}));
  expect_mean(lazy.at("support 2"), 123.4, 0.9, "second round, lazy");
  expect_mean(lazy.at("support"), 302.9, 4.2, "last round, lazy");
  EXPECT_GT(mean(lazy.at("support")), mean(exact.at("support")) + 5 * standard_error(lazy.at("support")));
}

TEST(CalculusExactness, ExplicitBrainsOfOtherSeedsGiveTheSameMeans) { expect_both_alike(0.05, 1200, 35, 15); }

// The size at which the reference's explicit areas were recorded.
TEST(CalculusExactnessLong, ExplicitBrainsOfFiveThousandNeuronsGiveTheSameMeans) {
  expect_both_alike(0.02, 5000, 71, 25);
}

TEST(CalculusExactnessLong, MoreNeuronsAsInThePrototype) {
  // n = 10^4, k = 100, 40 seeds of an independent prototype, rounds 2 and 25.
  const Table sparse =
      over_seeds(40, brains(0.01, 0.05, "A", Connectome::procedural, 10000, 100), project("a", "A", 25), supports({2}));
  expect_mean(sparse.at("support 2"), 159.1, 0.7, "p = 0.01, second round");
  expect_mean(sparse.at("support"), 302.0, 5.2, "p = 0.01, last round");
  const Table dense =
      over_seeds(40, brains(0.05, 0.05, "A", Connectome::procedural, 10000, 100), project("a", "A", 25), supports({2}));
  expect_mean(dense.at("support 2"), 167.7, 0.8, "p = 0.05, second round");
  expect_mean(dense.at("support"), 312.9, 3.8, "p = 0.05, last round");
}

}  // namespace
}  // namespace engram::calculus
