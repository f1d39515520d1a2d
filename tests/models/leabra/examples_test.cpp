// The larger examples learn what they are meant to, and what they are made of matters.
#include <gtest/gtest.h>

#include "tests/models/leabra/task.hpp"

namespace engram {
namespace {

using test::leabra_example;
using test::run_leabra;
using Json = nlohmann::ordered_json;

double loss_of(const Json& document, std::size_t seeds) {
  return run_leabra(document, seeds, 2).results["train 1, loss"].get<double>();
}

TEST(LeabraExamples, LearnRandomPatternsThroughThreeHiddenLayers) {
  Json document = leabra_example("random_patterns");
  document["protocol"][0].update({{"epochs", 1}, {"evaluate_every", 1}});
  const double at_first = loss_of(document, 1);
  document["protocol"][0].update({{"epochs", 12}, {"evaluate_every", 12}});
  const double learned = loss_of(document, 1);
  EXPECT_GT(at_first, 0.13);
  EXPECT_LT(learned, 0.08);
}

/// Ten pairs: shown the cue, the network recalls the item. Where the pair before is still active when a cue comes, it
/// does worse without the way from CA3 to CA1.
TEST(LeabraExamples, RecallPairsThroughTheHippocampus) {
  Json document = leabra_example("hippocampus");
  document["protocol"][0].update({{"epochs", 14}, {"evaluate_every", 14}});
  EXPECT_LT(loss_of(document, 2), 0.02);
  document["protocol"][0]["predict"] = "in_place";
  const double whole = loss_of(document, 2);
  document["model"]["projections"].erase("ca3_ca1");
  for (Json& phase : document["protocol"][0]["trial"])
    if (phase["off"] == Json::array({"ca3_ca1"})) phase["off"] = Json::array();
  const double lesioned = loss_of(document, 2);
  EXPECT_LT(whole, 0.1);
  EXPECT_GT(lesioned, whole + 0.02);
}

}  // namespace
}  // namespace engram
