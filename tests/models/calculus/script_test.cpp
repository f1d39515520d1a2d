// Scripts: checks before a run, early ends, checkpoints, and what assemblies compute in them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/models/calculus/brains.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::calculus {
namespace {

TEST(Script, RefusesWhatItCannotDoBeforeItRuns) {
  const auto backend = test::test_backend();
  const Brain brain = small_brain(*backend, 2, Connectome::procedural);
  const auto expect = [&](const std::string& part, const Script& script) {
    const std::string found = message([&] { Player::check(brain, script); });
    EXPECT_NE(found.find(part), std::string::npos) << found;
  };
  expect("step 0: no assembly \"x\"", {Fire{"A", "x", 0.5}});
  expect("step 1: there is no area \"C\"", {Remember{"x", "A"}, Fix{"C"}});
  expect("nothing has been saved as \"s\"", {Restore{"s"}});
  expect("a projection of 0 rounds", {Project{{{"s", {"A"}}}, {}, 0, 0}});
  expect("step 1: area \"B\" is in two groups", {Exclude{{"A", "B"}}, Exclude{{"B", "A"}}});
  expect("step 0: these areas do not exclude each other at this point", {Include{{"A", "B"}}});
  expect("two or more, each named once", {Exclude{{"A"}}});
  expect("no area \"C\"", {Exclude{{"A", "C"}}});
  expect("nothing has been measured as \"never\"", {Measure{"p", measures::Passed{{"never"}}}});
  expect("nothing has been measured as \"p\"", {Measure{"p", measures::First{"p"}}});
}

TEST(Script, StopsWhenStableAndResumesWithTheSameBits) {
  const auto backend = test::test_backend();
  Script script = project("s", "A", 60, 3);
  script.push_back(Save{"here"});
  script.push_back(Fire{"A", "assembly", 0.5});
  script.push_back(Project{{}, {{"A", {"A"}}}, 4, 0});
  script.push_back(Remember{"later", "A"});
  script.push_back(Measure{"o", measures::Overlap{"later", "assembly"}});
  script.push_back(Restore{"here"});
  Player whole(small_brain(*backend, 5, Connectome::procedural), script);
  int rounds = 0;
  for (std::size_t t = 0; t < whole.ticks(); ++t) rounds += !whole.tick(t).empty();
  EXPECT_LT(rounds, 50) << "it converges long before";
  EXPECT_EQ(overlap(whole.brain().winners("A"), whole.assembly("assembly")), 25u) << "restored";
  for (const std::size_t stop : {std::size_t{3}, std::size_t{20}, whole.ticks() - 3}) {
    Player first(small_brain(*backend, 5, Connectome::procedural), script),
        second(small_brain(*backend, 5, Connectome::procedural), script);
    for (std::size_t t = 0; t < stop; ++t) first.tick(t);
    second.set_state(first.state());
    for (std::size_t t = stop; t < second.ticks(); ++t) second.tick(t);
    EXPECT_EQ(second.state(), whole.state()) << "stopped at " << stop;
  }
}

TEST(Script, AStepEndsWhenFewNeuronsAreNew) {
  const auto backend = test::test_backend();
  Player player(small_brain(*backend, 5, Connectome::procedural),
                {Project{{{"s", {"A"}}}, {}, 1}, Project{{{"s", {"A"}}}, {{"A", {"A"}}}, 1000000000, 0, 1}});
  EXPECT_EQ(player.ticks(), 1000000001u) << "of which none takes memory before it runs";
  std::size_t rounds = 0;
  for (std::size_t t = 0; t < 100; ++t) rounds += !player.tick(t).empty();
  const auto& support = player.brain().saved_support("A");
  ASSERT_EQ(support.size(), rounds);
  ASSERT_GE(rounds, 3u);
  for (std::size_t r = 1; r + 1 < rounds; ++r) EXPECT_GT(support[r], support[r - 1] + 1) << "round " << r;
  EXPECT_LE(support[rounds - 1], support[rounds - 2] + 1);
}

TEST(Script, MeasuresWhichBlockAndWhichAreaFires) {
  const auto backend = test::test_backend();
  std::vector<Index> winners{25, 26, 27, 28, 3, 60};
  const auto active = [](const char* label) { return Measure{label, measures::Active{{"B", "A"}}}; };
  Player player = played(small_brain(*backend, 5, Connectome::procedural),
                         {active("nobody"), Winners{"A", winners}, Measure{"best", measures::BestBlock{"A"}},
                          Measure{"share", measures::Block{"A", 1}}, active("who"), Winners{"B", {1}}, active("who"),
                          Measure{"mean", measures::Mean{"who"}}});
  EXPECT_EQ(player.result("nobody"), -1);
  EXPECT_EQ(player.result("best"), 1);
  EXPECT_EQ(player.result("share"), 4 / 25.0);
  EXPECT_EQ(player.results()[3].second, (std::vector<double>{1, 0}));
  EXPECT_EQ(player.result("mean"), 0.5);
}

TEST(Script, TellsHowManyMeasurementsPassAndWhichWasTheFirst) {
  const auto backend = test::test_backend();
  const auto count = [](const char* label, std::vector<std::string> labels, double least) {
    return Measure{label, measures::Passed{std::move(labels), least}};
  };
  const auto first = [](const char* label, double least) { return Measure{label, measures::First{"share", least}}; };
  const Measure share{"share", measures::Block{"A", 0}}, other{"other", measures::Block{"A", 1}};
  const Player player = played(
      small_brain(*backend, 5, Connectome::procedural),
      {Winners{"A", {1}}, share, Winners{"A", {1, 2, 3}}, share, Winners{"A", {1, 2, 3, 4, 5, 30}}, share, other,
       count("both", {"share", "other"}, 0.04), count("one", {"share", "other"}, 0.1), count("none", {"other"}, 0.1),
       first("soon", 0.04), first("second", 0.05), first("third", 0.2), first("never", 0.21)});
  EXPECT_EQ(player.result("both"), 2);
  EXPECT_EQ(player.result("one"), 1);
  EXPECT_EQ(player.result("none"), 0);
  EXPECT_EQ(player.result("soon"), 1);
  EXPECT_EQ(player.result("second"), 2);
  EXPECT_EQ(player.result("third"), 3);
  EXPECT_EQ(player.result("never"), 0);
}

TEST(Script, AreasExcludeEachOtherForAsLongAsItSays) {
  const auto backend = test::test_backend();
  const Script script{Project{{{"s", {"A", "B"}}}, {}, 1},
                      Exclude{{"A", "B"}},
                      Project{{{"s", {"A"}}}, {{"A", {"A", "B"}}, {"B", {"B"}}}, 2},
                      Measure{"who", measures::Active{{"B", "A"}}},
                      Include{{"A", "B"}},
                      Project{{{"s", {"A", "B"}}}, {}, 1},
                      Measure{"who", measures::Active{{"B", "A"}}}};
  const Player whole = played(small_brain(*backend, 5, Connectome::procedural), script);
  EXPECT_EQ(whole.result("who"), 0) << "both again, B being named first";
  EXPECT_EQ(whole.results()[0].second.front(), 1) << "A alone";
  for (std::size_t stop = 2; stop < 6; ++stop) {
    Player first(small_brain(*backend, 5, Connectome::procedural), script),
        second(small_brain(*backend, 5, Connectome::procedural), script);
    for (std::size_t t = 0; t < stop; ++t) first.tick(t);
    second.set_state(first.state());
    for (std::size_t t = stop; t < second.ticks(); ++t) second.tick(t);
    EXPECT_EQ(second.state(), whole.state()) << "which areas exclude each other is state; stopped at " << stop;
  }
}

/// A brain whose areas `blocks` hold so many blocks of 100 neurons, and an area X for what they form together.
Brain machine(Backend& backend, std::uint64_t seed, const std::vector<std::pair<std::string, Index>>& blocks) {
  BrainOptions options;
  options.p = 0.2;
  Brain brain(backend, seed, options);
  AreaOptions area;
  area.k = 100;
  area.beta = 0.1;  // strong rates let the few neurons that two pairs share decide
  for (const auto& [name, count] : blocks) {
    area.n = count * area.k;
    brain.add_area(name, area);
  }
  area.n = 10000;
  area.beta = 0;  // who stands for a pair is chance, and stays; what follows is learned
  brain.add_area("X", area);
  return brain;
}

TEST(Script, AMachineFollowsItsTable) {
  // Divisible by three: the remainder of a binary number, digit by digit.
  const auto backend = test::test_backend({1});
  std::vector<Transition> table;
  for (Index remainder = 0; remainder < 3; ++remainder)
    for (Index digit = 0; digit < 2; ++digit) table.push_back({remainder, digit, (2 * remainder + digit) % 3});
  const std::vector<Index> digits{1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0};
  std::vector<double> expected;
  Index value = 0;
  for (const Index digit : digits) expected.push_back(value = (2 * value + digit) % 3);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Script script = learn_transitions("Q", "D", "X", "N", table, 3, 5);
    script.push_back(Plasticity{false});
    script.push_back(Walk{"states", "Q", "D", "X", "N", 0, digits});
    Player player = played(machine(*backend, seed, {{"Q", 3}, {"D", 2}, {"N", 3}}), script);
    ASSERT_EQ(player.results().size(), 1u) << "seed " << seed;
    EXPECT_EQ(player.results()[0].second, expected) << "seed " << seed;
  }
}

TEST(Script, TheNextTokenOfASequenceIsPredicted) {
  const auto backend = test::test_backend({1});
  const std::vector<Transition> successors{{0, 0, 3}, {3, 0, 1}, {1, 0, 4}, {4, 0, 2}, {2, 0, 0}};
  Script script = learn_transitions("T", "", "X", "N", successors, 3, 5);
  script.push_back(Plasticity{false});
  script.push_back(Walk{"tokens", "T", "", "X", "N", 0, {}, 12});
  Player player = played(machine(*backend, 1, {{"T", 5}, {"N", 5}}), script);
  EXPECT_EQ(player.results().at(0).second, (std::vector<double>{3, 1, 4, 2, 0, 3, 1, 4, 2, 0, 3, 1}));
  // What was never learned ends the walk.
  Player untaught = played(machine(*backend, 1, {{"T", 5}, {"N", 5}}),
                           {Plasticity{false}, Walk{"tokens", "T", "", "X", "N", 0, {}, 12}});
  EXPECT_TRUE(untaught.results().empty());
}

TEST(Script, OfTwoAssembliesThatAreHalfFiredOneWins) {
  // A choice: chance decides which halves are fired, and recurrence completes one and drops the other.
  const auto backend = test::test_backend({1});
  Script script;
  for (const char* name : {"x", "y"}) {
    script.push_back(Project{{{name, {"A"}}}, {}, 1});
    script.push_back(Project{{{name, {"A"}}}, {{"A", {"A"}}}, 15});
    script.push_back(Remember{name, "A"});
  }
  script.insert(script.end(), {Plasticity{false}, Fire{"A", "x", 0.5}, Fire{"A", "y", 0.5, true},
                               Remember{"mixture", "A"}, Project{{}, {{"A", {"A"}}}, 10}, Remember{"choice", "A"}});
  int x_wins = 0, y_wins = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Player player =
        played(make(*backend, seed, 0.05, 0.1, {"A"}, {"x", "y"}, Connectome::procedural, 10000, 100), script);
    const auto common = [&](const char* a, const char* b) { return overlap(player.assembly(a), player.assembly(b)); };
    EXPECT_GE(common("mixture", "x"), 50u);
    EXPECT_GE(common("mixture", "y"), 50u);
    x_wins += common("choice", "x") > common("choice", "y") + 50;
    y_wins += common("choice", "y") > common("choice", "x") + 50;
  }
  EXPECT_GE(x_wins, 3);
  EXPECT_GE(y_wins, 3);
  EXPECT_GE(x_wins + y_wins, 14) << "mostly one of the two";
}

TEST(Script, AMemorisedSequenceIsRecalledInOrder) {
  const auto backend = test::test_backend({1});
  BrainOptions options;
  options.p = 0.1;
  Brain brain(*backend, 1, options);
  AreaOptions area;
  area.n = 2000;
  area.k = 50;
  area.beta = 0.3;
  area.refractory_period = 3;
  brain.add_area("A", area);
  const std::vector<std::string> elements{"a", "b", "c", "d"};
  for (const auto& name : elements) brain.add_stimulus(name, 50);
  Player player = played(std::move(brain), memorize_sequence(elements, "A", 3, 1, 5, 100, 20));
  const auto& order = player.results().front().second;
  ASSERT_GE(order.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(order[i], static_cast<double>(i));
}

TEST(Script, FewAssembliesAreRecalledAndManyAreNot) {
  const auto backend = test::test_backend({1});
  std::vector<std::string> stimuli;
  for (int i = 0; i < 40; ++i) stimuli.push_back("s" + std::to_string(i));
  const auto brain = [&] { return make(*backend, 1, 0.5, 1, {"A"}, stimuli, Connectome::procedural, 1000, 50); };
  Player curve = played(brain(), capacity(stimuli, "A", 3, 0.5, 5, 5));
  EXPECT_GT(curve.result("mean recall of 5"), 0.9);
  EXPECT_GT(curve.result("mean recall of 10"), curve.result("mean recall of 25"));
  EXPECT_LT(curve.result("mean recall of 40"), 0.7);
  // Looking in between changes nothing but which halves are fired.
  Player once = played(brain(), capacity(stimuli, "A", 3, 0.5, 5));
  for (const auto& name : stimuli) EXPECT_EQ(once.assembly(name), curve.assembly(name));
}

}  // namespace
}  // namespace engram::calculus
