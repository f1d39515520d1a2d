#include "engine/models/tasks/cart_pole.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace engram {
namespace {

TEST(CartPole, OnePushFromRestIsThatOfTheEquations) {
  // temp = 10 / 1.1; angular acceleration -temp / (0.5 (4/3 - 0.1 / 1.1)); acceleration temp + 0.05 * 14.634 / 1.1.
  const PoleState s = CartPole::pushed({0, 0, 0, 0}, true);
  EXPECT_EQ(s[0], 0);
  EXPECT_NEAR(s[1], 0.19512195121951220, 1e-15);
  EXPECT_EQ(s[2], 0);
  EXPECT_NEAR(s[3], -0.29268292682926833, 1e-15);
}

TEST(CartPole, LeftAndRightAreMirrorImages) {
  const PoleState s{0.3, -0.2, 0.1, 0.4}, right = CartPole::pushed(s, true),
                                          left = CartPole::pushed({-s[0], -s[1], -s[2], -s[3]}, false);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(left[i], -right[i]);
}

TEST(CartPole, AlwaysRightFallsSoonAndLeaningWithThePoleBalances) {
  const auto last = [](auto&& policy) {
    PoleState s{0.01, 0.02, 0.03, -0.01};
    std::uint64_t steps = 0;
    while (!CartPole::lost(s) && steps < CartPole::longest) {
      s = CartPole::pushed(s, policy(s));
      ++steps;
    }
    return steps;
  };
  const std::uint64_t fallen = last([](const PoleState&) { return true; });
  EXPECT_GE(fallen, 7u);
  EXPECT_LE(fallen, 12u);
  EXPECT_EQ(last([](const PoleState& s) { return s[2] + 0.5 * s[3] + 0.1 * s[1] > 0; }), CartPole::longest);
}

TEST(PolePolicy, LearnsWhichUnitMeansLeanAndAnUntrainedOneDoesNot) {
  // Two units say on which side the pole would be in a third of a second.
  const auto mean_of_last = [](double rate) {
    PolePolicy policy(2);
    policy.begin(3);
    double sum = 0, n = 0;
    for (Tick t = 0; t < 60000; ++t) {
      const PoleState& s = policy.pole();
      const Index leans = s[2] + 0.3 * s[3] > 0 ? 1 : 0;
      const std::uint64_t score = policy.act(std::span(&leans, 1), 3, t, rate, 0.99);
      if (score > 0 && t > 40000) sum += static_cast<double>(score), ++n;
    }
    return sum / n;
  };
  const double untrained = mean_of_last(0), trained = mean_of_last(0.001);
  EXPECT_NEAR(untrained, 22, 2);  // what chance alone scores
  EXPECT_GT(trained, 120);
}

TEST(PolePolicy, TheGradientIsThatOfTheDiscountedRewards) {
  // One episode by hand: returns from each choice on, times the gradient of the logarithm of its probability.
  PolePolicy policy(1);
  policy.begin(8);
  const Index unit = 0;
  std::vector<bool> active;
  Tick t = 0;
  const auto weight = [&] { return policy.save()["weight"].get<std::vector<double>>(); };
  std::vector<int> choices;
  for (std::uint64_t score = 0; score == 0; ++t) {
    const double velocity = policy.pole()[1];
    active.push_back(t % 3 != 0);
    score = policy.act(std::span(&unit, active.back() ? 1 : 0), 8, t, 0.01, 0.9);
    if (score == 0) choices.push_back(policy.pole()[1] > velocity ? 1 : 0);
  }
  // The last push is not seen from outside: one of two.
  bool matches = false;
  for (int last : {0, 1}) {
    std::vector<int> all = choices;
    all.push_back(last);
    std::vector<double> expected(4);
    for (std::size_t k = 0; k < all.size(); ++k) {
      double ret = 0;
      for (std::size_t j = k; j < all.size(); ++j) ret += std::pow(0.9, static_cast<double>(j - k));
      const double credit = all[k] == 1 ? 0.5 : -0.5;  // weights were 0
      for (int input = 0; input < 2; ++input) {
        if (input == 0 && !active[k]) continue;
        expected[static_cast<std::size_t>(2 * input + 1)] += 0.01 * ret * credit;
        expected[static_cast<std::size_t>(2 * input)] -= 0.01 * ret * credit;
      }
    }
    bool same = true;
    for (std::size_t k = 0; k < 4; ++k) same &= std::abs(weight()[k] - expected[k]) < 1e-12;
    matches |= same;
  }
  EXPECT_TRUE(matches);
}

TEST(PolePolicy, ContinuesFromWhatItSaved) {
  PolePolicy a(3), b(3);
  a.begin(1);
  b.begin(1);
  const std::vector<Index> active{0, 2};
  for (Tick t = 0; t < 100; ++t) a.act(active, 1, t, 0.01, 0.9);
  b.restore(nlohmann::json::parse(a.save().dump()));
  for (Tick t = 100; t < 300; ++t) EXPECT_EQ(a.act(active, 1, t, 0.01, 0.9), b.act(active, 1, t, 0.01, 0.9));
  EXPECT_EQ(a.save(), b.save());
  PolePolicy other(4);
  EXPECT_ANY_THROW(other.restore(a.save()));
}

}  // namespace
}  // namespace engram
