// The published examples: what they must show, with the bounds that follow from recorded runs of the reference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engram/nef/simulator.hpp"
#include "tests/models/nef/task.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using Json = nlohmann::ordered_json;

TEST(NefScenarios, ACommunicationChannelCarriesItsInput) {
  const auto backend = test::test_backend();
  const auto outcome = test::run_nef(test::nef_example("communication_channel"), *backend, 4);
  const double rms = outcome.results["b against the stimulus, root mean square of the difference"].get<double>();
  EXPECT_LT(rms, 0.15) << "two populations and their filters lag by some 30 ms";
  EXPECT_GT(rms, 0.02);
}

/// Nearest of five rows.
std::size_t nearest_row(const std::vector<std::vector<double>>& rows, const double* x) {
  std::size_t best = 0;
  double least = 1e300;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    double square = 0;
    for (std::size_t j = 0; j < rows[r].size(); ++j) square += (rows[r][j] - x[j]) * (rows[r][j] - x[j]);
    if (square < least) {
      least = square;
      best = r;
    }
  }
  return best;
}

/// The example "learning new associations" with ten seeds. Voja's rule gathers the encoders at the keys; it does not
/// make recall better than fixed encoders do.
TEST(NefScenarios, NewAssociationsAreLearned) {
  constexpr std::size_t seeds = 10;
  const Json document = test::nef_example("learning_new_associations");
  const auto backend = test::test_backend();
  const auto outcome = test::run_nef(document, *backend, seeds);
  const auto result = [&](const std::string& name) { return outcome.results[name].get<double>(); };
  const double first = result("error, first 50 ms of a presentation, mean length"),
               last = result("error, last 50 ms of a presentation, mean length"),
               recall = result("recall after 50 ms, root mean square of the difference");
  EXPECT_GT(first, 0.55);
  EXPECT_LT(first, 0.72);
  EXPECT_LT(last, 0.12);
  EXPECT_LT(recall, 0.13);
  EXPECT_LT(result("recall after 50 ms, mean length of the difference"), 0.17);
  std::printf("error %.4f -> %.4f, recall %.4f\n", first, last, recall);

  const auto keys = document["model"]["nodes"]["stim_keys"]["values"].get<std::vector<std::vector<double>>>(),
             values = document["model"]["nodes"]["stim_values"]["values"].get<std::vector<std::vector<double>>>();
  const std::vector<double>&steps = outcome.kept.columns.at("recalled/step"),
        &recalled = outcome.kept.columns.at("recalled/value");
  std::size_t correct = 0, asked = 0;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    const auto step = static_cast<std::size_t>(steps[s]);
    if (step <= 1500 || (step - 1) % 300 != 150) continue;
    ++asked;
    correct += nearest_row(values, &recalled[s * 4]) == (step - 1) / 300 % 5;
  }
  EXPECT_EQ(asked, 5 * seeds);
  EXPECT_EQ(correct, asked);

  // Encoders without gain and radius: the length of an initial row is the gain.
  const std::vector<double>&at = outcome.kept.columns.at("encoders/step"),
        &of = outcome.kept.columns.at("encoders/replica"), &rows = outcome.kept.columns.at("encoders/value");
  std::vector<std::vector<double>> gain(seeds);
  double near_before = 0, near_after = 0;
  for (std::size_t s = 0; s < at.size(); ++s) {
    const auto r = static_cast<std::size_t>(of[s]);
    const bool begins = gain[r].empty(), ends = at[s] == 3000;
    if (!begins && !ends) continue;
    for (std::size_t i = 0; i < 200; ++i) {
      const double* e = &rows[s * 400 + 2 * i];
      if (begins) gain[r].push_back(std::hypot(e[0], e[1]));
      const double x[] = {e[0] / gain[r][i], e[1] / gain[r][i]};
      const std::vector<double>& key = keys[nearest_row(keys, x)];
      const double near = std::hypot(x[0] - key[0], x[1] - key[1]) < 0.05;
      if (begins) near_before += near / (200.0 * seeds);
      if (ends) near_after += near / (200.0 * seeds);
    }
  }
  std::printf("encoders near a key: %.3f -> %.3f\n", near_before, near_after);
  EXPECT_LT(near_before, 0.15);
  EXPECT_GT(near_after, 0.85);
}

/// Learning stops where the signal is -1, to the last bit; silent neurons never move.
TEST(NefScenarios, EncodersMoveToTheInputWhileTheSignalAllows) {
  const auto backend = test::test_backend();
  nef::Network net;
  net.nodes = {{"input", {nef::ConstantOutput{{0.6, -0.4}}, {}}},
               {"gate", {nef::TimeTable{{0, 0.5}, {{0}, {-1}}}, {}}}};
  nef::Ensemble e;
  e.neurons = 50;
  e.dimensions = 2;
  e.radius = 2;
  net.ensembles = {{"e", e}};
  nef::Connection in, gate;
  in.from = "input";
  in.to = "e";
  in.synapse.type = nef::NoSynapse{};
  in.learning.push_back(nef::LearningRule{nef::Voja{0.1, {}}});
  gate.from = "gate";
  gate.to = "in.rule0";
  gate.synapse.type = nef::NoSynapse{};
  net.connections = {{"in", in}, {"modulate", gate}};
  const std::uint64_t seed = 3;
  nef::Simulator sim(*backend, net, {&seed, 1});
  const std::vector<real> before = sim.values("e.scaled_encoders");
  sim.run(500);
  const std::vector<real> learned = sim.values("e.scaled_encoders"), scale = sim.values("e.scale"),
                          filtered = sim.values("in.rule0.post_filtered");
  sim.run(100);
  EXPECT_EQ(sim.values("e.scaled_encoders"), learned);
  int moved = 0;
  for (std::size_t i = 0; i < 50; ++i) {
    if (filtered[i] == real(0)) {
      EXPECT_EQ(learned[2 * i], before[2 * i]);
    } else if (filtered[i] > real(150)) {
      ++moved;
      EXPECT_NEAR(static_cast<double>(learned[2 * i] / scale[i]), 0.6, 0.02);
      EXPECT_NEAR(static_cast<double>(learned[2 * i + 1] / scale[i]), -0.4, 0.02);
    }
  }
  EXPECT_GT(moved, 5);
}

}  // namespace
}  // namespace engram
