// Learners of the order of words.
#include <gtest/gtest.h>

#include "tests/models/calculus/brains.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::calculus {
namespace {

/// Learns word orders, one a mood, and gives those that are generated.
std::vector<WordOrder> generated(std::uint64_t seed, const std::vector<WordOrder>& orders) {
  const auto backend = test::test_backend({1});
  const OrderAreas x{"PHON", "MOOD", {"AGENT", "PATIENT", "ACTION"}, {"HA", "HP", "HV"}, {"SUBJECT", "OBJECT", "VERB"}};
  Brain brain(*backend, seed);
  AreaOptions area;
  area.k = 100;
  area.beta = 0.06;
  for (const auto& [name, blocks] : {std::pair{"PHON", 4u}, {"MOOD", 2u}}) {
    area.n = blocks * area.k;
    brain.add_area(name, area);
  }
  area.n = 10000;
  for (const auto* names : {&x.roles, &x.helpers, &x.syntax})
    for (const auto& name : *names) brain.add_area(name, area);
  brain.exclude(x.helpers);
  brain.exclude(x.syntax);
  const Player player = played(std::move(brain), learn_order(x, 2, 2, orders, 10, 10));
  std::vector<WordOrder> found(orders.size());
  for (std::size_t mood = 0; mood < orders.size(); ++mood)
    for (std::size_t place = 0; place < 3; ++place)
      found[mood][place] =
          static_cast<std::size_t>(player.result("mood " + std::to_string(mood) + ", place " + std::to_string(place)));
  return found;
}

TEST(Script, WordsAreGeneratedInTheOrderThatWasHeard) {
  for (const WordOrder& order : {WordOrder{0, 2, 1}, WordOrder{2, 0, 1}, WordOrder{1, 2, 0}})  // SVO, VSO, OVS
    for (std::uint64_t seed = 1; seed <= 2; ++seed)
      EXPECT_EQ(generated(seed, {order}), std::vector<WordOrder>{order}) << "seed " << seed;
}

TEST(ScriptLong, TwoOrdersAreToldApartByTheirMoodInMostBrains) {
  const std::vector<WordOrder> both{{0, 2, 1}, {2, 0, 1}};
  int right = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto found = generated(seed, both);
    for (std::size_t mood = 0; mood < 2; ++mood)
      EXPECT_EQ(found[mood][0], both[mood][0]) << "what the mood itself leads to, seed " << seed;
    right += found == both;
  }
  std::printf("both orders right in %d of 10 brains\n", right);
  EXPECT_GE(right, 5);  // one of four by chance, given the first words
}

}  // namespace
}  // namespace engram::calculus
