// What steers rounds: winner policies, inhibition, gates, competing areas, normalised columns; and what must be
// refused.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/models/calculus/brains.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::calculus {
namespace {

/// The area A of small_brain(*, 6) with options of its own, and its stimulus.
Brain with_area(Backend& backend, AreaOptions area) {
  area.n = 700;
  area.k = 25;
  Brain brain(backend, 6);
  brain.add_area("A", area);
  brain.add_stimulus("s", 40);
  return brain;
}

TEST(Calculus, WinnerPoliciesCutTheRankedList) {
  const auto backend = test::test_backend();
  Brain reference = small_brain(*backend, 6, Connectome::procedural);
  reference.project({{"s", {"A"}}}, {});
  const auto all = reference.winners("A");
  const auto weights = reference.clone().stimulus_weights("s", "A");
  const auto input = [&](Index i) { return std::round(static_cast<double>(weights[i]) / 1.1); };  // before it learned
  for (const char* policy : {"threshold", "fraction"}) {
    AreaOptions area;
    area.beta = 0.1;
    area.winners = policy;
    area.threshold = std::string(policy) == "threshold" ? 6 : 0.8;
    Brain brain = with_area(*backend, area);
    brain.project({{"s", {"A"}}}, {});
    const double least = std::string(policy) == "threshold" ? 6 : 0.8 * input(all[0]);
    std::vector<Index> expected;
    for (const Index i : all)
      if (input(i) >= least) expected.push_back(i);
    EXPECT_EQ(brain.winners("A"), expected) << policy;
    EXPECT_LT(expected.size(), all.size());
  }
}

TEST(Calculus, LongRangeInhibitionKeepsPastWinnersOutAsLongAsItsPeriod) {
  const auto backend = test::test_backend();
  AreaOptions area;
  area.beta = 0;
  area.refractory_period = 2;
  area.inhibition_strength = 1000;
  Brain brain = with_area(*backend, area);
  std::vector<std::vector<Index>> sets;
  for (int i = 0; i < 5; ++i) {
    brain.project({{"s", {"A"}}}, {});
    sets.push_back(brain.winners("A"));
  }
  EXPECT_EQ(overlap(sets[0], sets[1]), 0u);
  EXPECT_EQ(overlap(sets[0], sets[2]), 0u);
  EXPECT_EQ(sets[3], sets[0]);  // free again after two rounds
  brain.clear_refraction("A");
  brain.project({{"s", {"A"}}}, {});
  EXPECT_EQ(brain.winners("A"), sets[0]);
}

TEST(Calculus, RefractionAccumulatesWithEveryWin) {
  const auto backend = test::test_backend();
  AreaOptions area;
  area.beta = 0;
  area.refracted_strength = 1000;
  Brain brain = with_area(*backend, area);
  std::set<Index> seen;
  for (int i = 0; i < 28; ++i) {
    brain.project({{"s", {"A"}}}, {});
    seen.insert(brain.winners("A").begin(), brain.winners("A").end());
  }
  EXPECT_EQ(seen.size(), 700u) << "28 x 25 = 700: each neuron once";
}

TEST(Calculus, NothingPassesAClosedGate) {
  const auto backend = test::test_backend();
  Brain gated = small_brain(*backend, 3, Connectome::procedural),
        plain = small_brain(*backend, 3, Connectome::procedural);
  for (Brain* brain : {&gated, &plain}) brain->project({{"s", {"A", "B"}}}, {});
  gated.inhibit("B", "A", 1);
  gated.inhibit("A", "B", 2);  // the same fibres, for another reason
  gated.inhibit("A", "s");
  const Map both{{"A", {"A", "B"}}, {"B", {"B", "A"}}};
  EXPECT_EQ(gated.project({{"s", {"A", "B"}}}, both), (std::vector<std::string>{"A", "B"}));
  plain.project({{"s", {"B"}}}, {{"A", {"A"}}, {"B", {"B"}}});
  for (const char* area : {"A", "B"}) EXPECT_EQ(gated.winners(area), plain.winners(area));

  gated.disinhibit("A", "B", 1);
  gated.disinhibit("A", "s");
  gated.project({{"s", {"A"}}}, both);  // reason 2 holds
  plain.project({{"s", {"A"}}}, {{"A", {"A"}}, {"B", {"B"}}});
  gated.disinhibit("A", "B", 2);
  gated.inhibit("B");
  EXPECT_EQ(gated.project({{"s", {"A", "B"}}}, both), std::vector<std::string>{"A"})
      << "a closed area neither receives nor sends";
  plain.project({{"s", {"A"}}}, {{"A", {"A"}}});
  for (const char* area : {"A", "B"}) EXPECT_EQ(gated.winners(area), plain.winners(area));

  Brain restored = small_brain(*backend, 3, Connectome::procedural);
  restored.set_state(gated.state());
  EXPECT_EQ(restored.state(), gated.state());
  EXPECT_EQ(restored.project({}, {{"A", {"B"}}}), std::vector<std::string>{}) << "gates are state";
  gated.disinhibit("B");
  EXPECT_EQ(gated.project({}, {{"A", {"B"}}}), std::vector<std::string>{"B"});
}

TEST(Calculus, OfAreasThatExcludeEachOtherTheOneThatReceivesMostFires) {
  const auto backend = test::test_backend();
  for (const Connectome connectome : {Connectome::procedural, Connectome::dense, Connectome::lazy}) {
    Brain brain = make(*backend, 5, 0.1, 0.5, {"N", "V"}, {"sound", "seen", "moved"}, connectome, 2000, 40);
    brain.exclude({"N", "V"});
    brain.project({{"sound", {"N", "V"}}, {"seen", {"N"}}}, {});
    EXPECT_EQ(brain.winners("N").size(), 40u) << name_of(connectome);
    EXPECT_TRUE(brain.winners("V").empty()) << name_of(connectome);
    EXPECT_EQ(brain.support("V"), 0u) << "who loses recruits nobody";
    EXPECT_EQ(brain.saved_support("V"), std::vector<Index>{0});
    // V is silent: as a source it is passed over, where any other area would be an error.
    brain.project({{"sound", {"N", "V"}}}, {{"N", {"N"}}, {"V", {"V"}}});
    EXPECT_EQ(brain.winners("N").size(), 40u) << "its own synapses decide";
    brain.project({{"moved", {"N", "V"}}, {"sound", {"V"}}}, {});
    EXPECT_TRUE(brain.winners("N").empty()) << name_of(connectome);
    EXPECT_EQ(brain.winners("V").size(), 40u) << name_of(connectome);
  }
}

TEST(Calculus, WhatASilencedAreaWouldHaveLearnedIsNotLearned) {
  const auto backend = test::test_backend();
  Brain brain = make(*backend, 5, 0.1, 0.5, {"N", "V"}, {"sound", "seen"}, Connectome::procedural, 2000, 40);
  const auto before = brain.stimulus_weights("sound", "V");
  brain.exclude({"N", "V"});
  brain.project({{"sound", {"N", "V"}}, {"seen", {"N"}}}, {});
  EXPECT_EQ(brain.stimulus_weights("sound", "V"), before);
}

TEST(Calculus, NormalisedColumnsSumToTheTotalAndStayTheSameNetwork) {
  const auto backend = test::test_backend();
  std::vector<std::vector<std::vector<Index>>> histories;
  std::vector<Index> all(900);
  for (Index i = 0; i < 900; ++i) all[i] = i;
  for (const Connectome connectome : {Connectome::procedural, Connectome::dense}) {
    Brain brain = small_brain(*backend, 7, connectome, 1);
    exercise(brain);
    const auto stimulus = brain.stimulus_weights("s", "A");
    brain.normalise("A", 10);
    EXPECT_EQ(brain.stimulus_weights("s", "A"), stimulus);
    double synapses = 0;
    for (const Index i : {0u, 17u, 699u}) {
      const auto in = brain.connection("B", all, "A", {i});
      EXPECT_NEAR(in.weight, 10, 1e-4) << name_of(connectome) << ", neuron " << i;
      synapses += in.synapses;
    }
    EXPECT_NEAR(synapses, 3 * 900 * 0.05, 60) << "and their number is as it was";
    // Input is the sum of the weights that fire, as normalised.
    brain.set_plasticity(false);
    Brain one = brain.clone();
    one.activate("B", 3);
    one.project({}, {{"B", {"A"}}});
    auto in = one.connection("B", one.winners("B"), "A", one.winners("A"));
    EXPECT_NEAR(one.total_input("A"), in.weight, 1e-4 * in.weight);
    brain.set_plasticity(true);
    brain.normalise("B");  // to n p: what a fresh fibre has on average
    EXPECT_NEAR(brain.connection("B", all, "B", all).weight, 900 * 900 * 0.05, 1);
    Brain copy = brain.clone(), restored = small_brain(*backend, 7, connectome, 1);
    restored.set_state(brain.state());
    EXPECT_EQ(restored.state(), brain.state());
    histories.push_back(exercise(brain));
    EXPECT_EQ(exercise(copy), histories.back());
    EXPECT_EQ(exercise(restored), histories.back());
  }
  EXPECT_EQ(histories[0], histories[1]);
  Brain plain = small_brain(*backend, 7, Connectome::procedural, 1);
  exercise(plain);
  EXPECT_NE(exercise(plain), histories[0]) << "it makes a difference";
  Brain lazy = small_brain(*backend, 7, Connectome::lazy);
  lazy.project({{"s", {"A"}}}, {});
  lazy.project({}, {{"A", {"A"}}});
  EXPECT_THROW(lazy.normalise("A"), Error);
}

TEST(Calculus, SaysWhatIsWrongAndChangesNothing) {
  const auto backend = test::test_backend();
  Brain brain = small_brain(*backend, 2, Connectome::procedural);
  const auto before = brain.state();
  const auto expect = [&](const std::string& part, const std::function<void()>& f) {
    const std::string found = message(f);
    EXPECT_NE(found.find(part), std::string::npos) << found;
  };
  expect("no area \"X\"; known are A, B", [&] { brain.project({{"s", {"X"}}}, {}); });
  expect("no stimulus \"t\"; known are s", [&] { brain.project({{"t", {"A"}}}, {}); });
  expect("\"A\" has no winners to project from", [&] { brain.project({{"s", {"A"}}}, {{"A", {"A"}}}); });
  expect("no winners to fix", [&] { brain.fix("A"); });
  expect("twice", [&] { brain.project({{"s", {"A", "A"}}}, {}); });
  expect("no block 28", [&] { brain.activate("A", 28); });
  expect("listed twice", [&] { brain.set_winners("A", {1, 1}); });
  expect("does not exist; there are 700", [&] { brain.set_winners("A", {700}); });
  expect("allowed are 0 and more", [&] { brain.set_beta("A", "B", -1); });
  expect("allowed are 0 to 1", [&] { brain.set_density("A", "B", 1.5); });
  expect("area \"C\": k: found 11; allowed are 1 to n = 10", [&] {
    AreaOptions area;
    area.n = 10;
    area.k = 11;
    brain.add_area("C", area);
  });
  expect("empty or taken", [&] { brain.add_stimulus("A", 5); });
  expect("not stored", [&] { brain.weights("A", "B"); });
  expect("no area \"X\"", [&] { brain.inhibit("X"); });
  expect("no area \"X\"", [&] { brain.disinhibit("A", "X"); });
  expect("no area \"X\"", [&] { brain.normalise("X"); });
  expect("cannot sum to -1", [&] { brain.normalise("A", -1); });
  expect("two or more, each named once", [&] { brain.exclude({"A", "A"}); });
  expect("no area \"X\"", [&] { brain.exclude({"A", "X"}); });
  expect("6000000000 neurons project to \"A\"; counts of synapses reach 2147483647", [&] {
    Brain large = brain.clone();
    for (const char* name : {"t", "u"}) large.add_stimulus(name, 3000000000u);
    large.project({{"t", {"A"}}, {"u", {"A"}}}, {});
  });
  EXPECT_EQ(brain.winners("A"), std::vector<Index>{});
  EXPECT_EQ(brain.state().at("areas"), before.at("areas"));
  brain.project({{"s", {"A"}}}, {});
  brain.project({}, {{"A", {"B"}}});
  expect("has been used", [&] { brain.set_density("A", "B", 0.5); });
}

}  // namespace
}  // namespace engram::calculus
