// The assembly calculus: against a plain simulation, and across connectomes, threads and copies.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "engram/synapses/random_graph.hpp"
#include "tests/models/calculus/brains.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::calculus {
namespace {

TEST(Calculus, AgreesWithAPlainSimulation) {
  // With beta = 1 all weights are powers of two and all sums exact, so the order of sums is of no account.
  const auto backend = test::test_backend();
  for (const Connectome connectome : {Connectome::procedural, Connectome::dense}) {
    Brain brain(*backend, 5, {}, connectome);
    AreaOptions options;
    options.n = 400;
    options.k = 20;
    options.beta = 1;
    brain.add_area("A", options);
    brain.add_stimulus("s", 30);
    const SkipTable table(BrainOptions{}.p);
    std::vector<std::vector<double>> w(400, std::vector<double>(400));
    std::vector<double> stimulus(400);
    for (Index j = 0; j < 400; ++j)
      for_each_target(table.fibre(fibre_key(5, "A", "A"), 400), j, [&](Index i) { w[j][i] = 1; });
    for (Index j = 0; j < 30; ++j)
      for_each_target(table.fibre(fibre_key(5, "s", "A"), 400), j, [&](Index i) { stimulus[i] += 1; });
    std::vector<Index> winners;
    std::set<Index> ever;
    for (int round = 0; round < 8; ++round) {
      std::vector<std::pair<double, Index>> input;
      for (Index i = 0; i < 400; ++i) {
        double sum = stimulus[i];
        for (const Index j : winners) sum += w[j][i];
        input.push_back({-sum, i});
      }
      std::sort(input.begin(), input.end());
      std::vector<Index> next;
      for (Index i = 0; i < 20; ++i) next.push_back(input[i].second);
      for (const Index i : next) stimulus[i] *= 2;
      for (const Index j : winners)
        for (const Index i : next) w[j][i] *= 2;
      winners = next;
      ever.insert(next.begin(), next.end());
      brain.project({{"s", {"A"}}}, round == 0 ? Map{} : Map{{"A", {"A"}}});
      ASSERT_EQ(brain.winners("A"), winners) << name_of(connectome) << ", round " << round;
      ASSERT_EQ(brain.support("A"), ever.size()) << name_of(connectome) << ", round " << round;
    }
    EXPECT_EQ(brain.stimulus_weights("s", "A"), std::vector<float>(stimulus.begin(), stimulus.end()));
  }
}

TEST(Calculus, ProceduralAndDenseAreTheSameNetwork) {
  const auto backend = test::test_backend();
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Brain procedural = small_brain(*backend, seed, Connectome::procedural, 1),
          dense = small_brain(*backend, seed, Connectome::dense, 1);
    EXPECT_EQ(exercise(procedural), exercise(dense)) << "seed " << seed;
    std::vector<Index> all(200);
    for (Index i = 0; i < 200; ++i) all[i] = i;
    const auto a = procedural.connection("A", all, "B", all), b = dense.connection("A", all, "B", all);
    EXPECT_EQ(a.synapses, b.synapses);
    EXPECT_EQ(a.weight, b.weight);
  }
}

TEST(Calculus, IsTheSameOnAnyNumberOfThreads) {
  for (const Connectome connectome : {Connectome::procedural, Connectome::dense, Connectome::lazy}) {
    std::vector<std::vector<Index>> expected;
    for (int threads : {1, 2, 3, 4, 7}) {
      const auto backend = make_backend("cpu", {threads});
      Brain brain(*backend, 3, {}, connectome);
      AreaOptions area;
      area.n = connectome == Connectome::dense ? 1500 : 60000;  // above the size where threads start
      area.k = 60;
      brain.add_area("A", area);
      brain.add_area("B", area);
      brain.add_stimulus("s", 50);
      const auto history = exercise(brain);
      if (expected.empty()) expected = history;
      EXPECT_EQ(history, expected) << name_of(connectome) << ", " << threads << " threads";
    }
  }
}

TEST(Calculus, ACopyContinuesWithTheSameBitsAndAlone) {
  const auto backend = test::test_backend();
  for (const Connectome connectome : {Connectome::procedural, Connectome::dense, Connectome::lazy}) {
    Brain brain = small_brain(*backend, 8, connectome);
    exercise(brain);
    Brain copy = brain.clone(), restored = small_brain(*backend, 8, connectome);
    const auto state = brain.state();
    restored.set_state(state);
    EXPECT_EQ(restored.state(), state);
    const auto expected = exercise(brain);
    EXPECT_EQ(exercise(copy), expected) << name_of(connectome) << ", copy";
    EXPECT_EQ(exercise(restored), expected) << name_of(connectome) << ", restored";
    EXPECT_EQ(copy.state(), brain.state());
    EXPECT_EQ(restored.state(), brain.state());
  }
}

TEST(Calculus, RoundsThatReuseTheLastOnesSumsEqualRoundsThatDoNot) {
  // Restoring a state forgets the counts and what is known to be learned; so a brain restored before every round never
  // reuses anything.
  const auto backend = test::test_backend();
  Brain steady = small_brain(*backend, 4, Connectome::procedural),
        fresh = small_brain(*backend, 4, Connectome::procedural);
  for (int round = 0; round < 12; ++round) {
    const Map areas = round == 0 ? Map{} : Map{{"A", {"A", "B"}}};
    const Map stimuli = round < 9 ? Map{{"s", {"A"}}} : Map{};
    steady.project(stimuli, areas);
    fresh.set_state(fresh.state());
    fresh.project(stimuli, areas);
    ASSERT_EQ(steady.state(), fresh.state()) << "round " << round;
  }
}

TEST(Calculus, NewAreasAndStimuliChangeNothingThatExists) {
  const auto backend = test::test_backend();
  for (const Connectome connectome : {Connectome::procedural, Connectome::dense}) {
    Brain plain = small_brain(*backend, 2, connectome), grown = small_brain(*backend, 2, connectome);
    plain.project({{"s", {"A"}}}, {});
    grown.project({{"s", {"A"}}}, {});
    grown.add_area("C", AreaOptions{});
    grown.add_stimulus("t", 10);
    grown.project({{"t", {"C"}}}, {{"A", {"C"}}});
    EXPECT_EQ(exercise(plain), exercise(grown));
  }
}

TEST(Calculus, MoreNeuronsChangeNothingForThoseThatExist) {
  const auto backend = test::test_backend();
  for (const Connectome connectome : {Connectome::procedural, Connectome::dense}) {
    Brain small = make(*backend, 3, 0.05, 0.1, {"A"}, {"s"}, connectome, 1500, 20),
          large = make(*backend, 3, 0.05, 0.1, {"A"}, {"s"}, connectome, 4000, 20);
    const auto few = small.stimulus_weights("s", "A"), many = large.stimulus_weights("s", "A");
    EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin())) << name_of(connectome);
    std::vector<Index> all(1500);
    for (Index i = 0; i < 1500; ++i) all[i] = i;
    for (const Index i : {0u, 700u, 1499u}) {
      const auto in = small.connection("A", all, "A", {i}), same = large.connection("A", all, "A", {i});
      EXPECT_EQ(in.synapses, same.synapses) << name_of(connectome) << ", neuron " << i;
      EXPECT_GT(in.synapses, 0);
    }
  }
}

TEST(Calculus, AFixedAreaKeepsItsWinnersYetFibresIntoItLearn) {
  const auto backend = test::test_backend();
  Brain brain = small_brain(*backend, 2, Connectome::procedural, 0.5);
  brain.project({{"s", {"A", "B"}}}, {});
  brain.fix("B");
  const auto a = brain.winners("A"), b = brain.winners("B");
  brain.project({}, {{"A", {"B"}}});
  EXPECT_EQ(brain.winners("B"), b);
  EXPECT_EQ(brain.newcomers("B"), 0u);
  const auto inside = brain.connection("A", a, "B", b);
  EXPECT_GT(inside.synapses, 0);
  EXPECT_EQ(inside.weight, 1.5 * inside.synapses);
}

TEST(Calculus, TheCeilingHoldsAndZeroRatesLearnNothing) {
  const auto backend = test::test_backend();
  BrainOptions options;
  options.w_max = 2;
  Brain brain = small_brain(*backend, 2, Connectome::procedural, 0.9, options);
  brain.activate("A", 0);
  for (int i = 0; i < 5; ++i) brain.project({}, {{"A", {"A"}}});
  const auto inside = brain.connection("A", brain.winners("A"), "A", brain.winners("A"));
  EXPECT_EQ(inside.weight, 2 * inside.synapses);
  brain.set_beta("A", "B", 0);
  brain.project({}, {{"A", {"B"}}});
  const auto across = brain.connection("A", brain.winners("A"), "B", brain.winners("B"));
  EXPECT_EQ(across.weight, across.synapses);
}

TEST(Calculus, EqualInputsGoToTheLowerIndexAtDensities0And1) {
  const auto backend = test::test_backend();
  for (const Connectome connectome : {Connectome::procedural, Connectome::dense})
    for (double p : {0.0, 1.0}) {
      BrainOptions options;
      options.p = p;
      Brain brain = small_brain(*backend, 2, connectome, 0.1, options);
      brain.project({{"s", {"A"}}}, {});
      for (Index i = 0; i < 25; ++i) EXPECT_EQ(brain.winners("A")[i], i) << p;
      brain.project({}, {{"A", {"A"}}});
      EXPECT_EQ(brain.support("A"), 25u);
    }
}

TEST(Calculus, AllNeuronsMayWin) {
  const auto backend = test::test_backend();
  for (const Connectome connectome : {Connectome::procedural, Connectome::dense, Connectome::lazy}) {
    Brain brain(*backend, 1, {}, connectome);
    AreaOptions area;
    area.n = area.k = 50;
    brain.add_area("A", area);
    brain.add_stimulus("s", 5);
    brain.project({{"s", {"A"}}}, {});
    brain.project({{"s", {"A"}}}, {{"A", {"A"}}});
    EXPECT_EQ(brain.winners("A").size(), 50u);
    EXPECT_EQ(brain.support("A"), 50u);
  }
}

TEST(Calculus, LazyNeuronsOfTwoAreasRecruitedInOneRoundAreJoined) {
  const auto backend = test::test_backend();
  for (bool fix : {true, false}) {
    BrainOptions options;
    options.p = 0.2;
    options.fix_new_block = fix;
    Brain brain(*backend, 3, options, Connectome::lazy);
    AreaOptions area;
    area.n = 20000;
    area.k = 200;
    area.beta = 0;
    brain.add_area("A", area);
    brain.add_area("B", area);
    brain.add_stimulus("s", 200);
    brain.project({{"s", {"A", "B"}}}, {});
    brain.project({{"s", {"A", "B"}}}, {{"A", {"B"}}, {"B", {"A"}}});  // the fibres exist now
    const auto a = brain.support("A"), b = brain.support("B");
    brain.project({{"s", {"A", "B"}}}, {{"A", {"B"}}, {"B", {"A"}}});
    std::vector<Index> new_a, new_b;
    for (Index i = a; i < brain.support("A"); ++i) new_a.push_back(i);
    for (Index i = b; i < brain.support("B"); ++i) new_b.push_back(i);
    ASSERT_GT(new_a.size() * new_b.size(), 2000u);
    const double pairs = static_cast<double>(new_a.size() * new_b.size());
    const double forward = brain.connection("A", new_a, "B", new_b).synapses / pairs;
    const double backward = brain.connection("B", new_b, "A", new_a).synapses / pairs;
    const double error = 5 * std::sqrt(0.2 * 0.8 / pairs);
    EXPECT_NEAR(backward, 0.2, error);
    if (fix)
      EXPECT_NEAR(forward, 0.2, error);
    else
      EXPECT_EQ(forward, 0) << "as the reference leaves it";
  }
}

}  // namespace
}  // namespace engram::calculus
