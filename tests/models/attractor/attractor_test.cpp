// What must not change the bits of an attractor network, and what its quantities are.
#include "engram/attractor/attractor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engram/attractor/analysis.hpp"
#include "tests/models/attractor/draws.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using test::draws;
using test::seeds;

struct Bits {
  std::vector<real> state, weights, drive;
  bool operator==(const Bits&) const = default;
};

/// Some steps of a batch of networks, each with its own bias.
Bits run(const attractor::Options& o, int threads, std::span<const std::uint64_t> seed, std::size_t first_bias = 0,
         int steps = 12) {
  const auto backend = make_backend("cpu", {threads});
  attractor::Network network(*backend, o, seed);
  std::vector<real> bias;
  for (std::size_t r = 0; r < seed.size(); ++r)
    for (const real v : draws(o.units, 50 + first_bias + r, -3, 3)) bias.push_back(v);
  network.set_bias(bias);
  for (int t = 0; t < steps; ++t) network.step(static_cast<Tick>(t));
  return {network.state(), network.weights(), network.drive()};
}

TEST(AttractorNetwork, ThreadsDoNotChangeABit) {
  for (const attractor::UpdateOrder order :
       {attractor::UpdateOrder::synchronous, attractor::UpdateOrder::random_order}) {
    attractor::Options o;
    o.units = 523;  // tiles and chunks that do not come out even
    o.networks = 2;
    o.order = order;
    o.learning_rate = static_cast<real>(0.02);
    const Bits one = run(o, 1, seeds(2));
    for (int threads : {2, 3, 4, 7}) EXPECT_TRUE(run(o, threads, seeds(2)) == one) << threads;
  }
}

TEST(AttractorNetwork, ReplicasEqualLoneRuns) {
  for (const attractor::UpdateOrder order : {attractor::UpdateOrder::synchronous, attractor::UpdateOrder::sequential,
                                             attractor::UpdateOrder::random_order}) {
    attractor::Options o;
    o.units = 41;
    o.networks = 3;
    o.order = order;
    o.precision_weighted = true;
    o.learning_rate = static_cast<real>(0.05);
    const Bits all = run(o, 2, seeds(3));
    o.networks = 1;
    for (std::size_t r = 0; r < 3; ++r) {
      const Bits lone = run(o, 1, seeds(1, 1 + r), r);
      EXPECT_TRUE(
          std::equal(lone.state.begin(), lone.state.end(), all.state.begin() + static_cast<std::ptrdiff_t>(r * 41)));
      EXPECT_TRUE(std::equal(lone.weights.begin(), lone.weights.end(),
                             all.weights.begin() + static_cast<std::ptrdiff_t>(r * 41 * 41)));
    }
  }
}

TEST(AttractorNetwork, OneCallOfManyStepsEqualsManyCalls) {
  for (const attractor::UpdateOrder order : {attractor::UpdateOrder::synchronous, attractor::UpdateOrder::random_order})
    for (const int threads : {1, 3}) {
      attractor::Options o;
      o.units = 45;
      o.networks = 7;  // by no means the same for each of three threads
      o.order = order;
      o.learning_rate = static_cast<real>(0.03);
      const auto backend = make_backend("cpu", {threads});
      attractor::Network many(*backend, o, seeds(7)), one(*backend, o, seeds(7));
      const auto bias = draws(45 * 7, 8, -2, 2);
      many.set_bias(bias);
      one.set_bias(bias);
      std::vector<real> expected, found;
      for (Tick t = 0; t < 12; ++t) {
        one.step(t);
        for (const real s : one.state()) expected.push_back(s);
      }
      for (const Tick first : {0, 5}) {
        const auto some = many.run_and_record(first, first ? 7 : 5);
        found.insert(found.end(), some.begin(), some.end());
      }
      EXPECT_EQ(found, expected);
      EXPECT_EQ(many.weights(), one.weights());
      EXPECT_EQ(many.drive(), one.drive());
    }
}

TEST(BackendJobs, AreAllDoneEachByABackendOfOneThread) {
  for (const int threads : {1, 4}) {
    const auto backend = make_backend("cpu", {threads});
    std::vector<int> done(50);
    backend->split(done.size(), 1u << 30, [&](Backend& own, std::size_t i) { done[i] += own.info().threads; });
    EXPECT_EQ(done, std::vector<int>(50, 1));
    EXPECT_THROW(backend->split(50, 1u << 30,
                                [](Backend&, std::size_t i) {
                                  if (i == 31) throw MemoryError("one job fails");
                                }),
                 MemoryError);
  }
}

/// The drive of many states at once and of one at a time, whatever their number, the size and the threads.
TEST(AttractorNetwork, StatesReadSharedWeightsInTheOrderOfOne) {
  for (const Index n : {Index{5}, Index{64}, Index{150}, Index{1024}})
    for (const Index states : {Index{4}, Index{9}, Index{27}}) {
      attractor::Options o;
      o.units = n;
      o.networks = 2;
      o.states = states;
      o.learning_rate = 0;
      const auto one = test::test_backend({1}), three = make_backend("cpu", {3});
      attractor::Network network(*one, o, seeds(2 * states)), threaded(*three, o, seeds(2 * states));
      const auto w = draws(2 * n * n, 3, -1, 1), s = draws(2 * states * n, 4, -1, 1);
      for (attractor::Network* each : {&network, &threaded}) {
        each->set_weights(w);
        each->set_state(s);
      }
      const auto found = network.drive();
      EXPECT_EQ(threaded.drive(), found);
      o.networks = o.states = 1;
      for (std::size_t b = 0; b < 2 * states; b += states - 1) {
        attractor::Network alone(*one, o, seeds(1));
        alone.set_weights(std::span(w).subspan(b / states * n * n, n * n));
        alone.set_state(std::span(s).subspan(b * n, n));
        EXPECT_TRUE(std::ranges::equal(alone.drive(), std::span(found).subspan(b * n, n)))
            << n << " units, batch " << b;
      }
    }
}

TEST(AttractorNetwork, StatesOnSharedWeightsEqualStatesOnTheirOwn) {
  const auto backend = test::test_backend({1});
  attractor::Options o;
  o.units = 70;
  o.learning_rate = 0;
  attractor::Network network(*backend, o, seeds(1, 9));
  network.set_weights(draws(70 * 70, 3, -1, 1));
  attractor::Network batch = network.on_same_weights(4, seeds(4, 20));
  for (Tick t = 0; t < 5; ++t) batch.step(t);
  for (std::size_t k = 0; k < 4; ++k) {
    attractor::Network alone = network.on_same_weights(1, seeds(1, 20 + k));
    for (Tick t = 0; t < 5; ++t) alone.step(t);
    const auto one = alone.state(), all = batch.state();
    EXPECT_TRUE(std::equal(one.begin(), one.end(), all.begin() + static_cast<std::ptrdiff_t>(k * 70)));
  }
}

TEST(AttractorNetwork, DriveOfTheFusedWalkEqualsAFreshOne) {
  const auto backend = test::test_backend({1});
  attractor::Options o;
  o.units = 130;
  o.learning_rate = static_cast<real>(0.1);
  attractor::Network network(*backend, o, seeds(1));
  for (Tick t = 0; t < 5; ++t) network.step(t);
  const auto fused = network.drive();
  network.set_state(network.state());  // forgets the drive
  EXPECT_EQ(network.drive(), fused);
}

TEST(AttractorNetwork, SelfWeightsAreUsedButLearnOnlyWhereAsked) {
  for (const bool learn : {false, true}) {
    const auto backend = test::test_backend({1});
    attractor::Options o;
    o.units = 6;
    o.learning_rate = static_cast<real>(0.1);
    o.learn_self_weights = learn;
    attractor::Network network(*backend, o, seeds(1));
    std::vector<real> w(36);
    for (std::size_t i = 0; i < 6; ++i) w[i * 7] = real(0.5);
    network.set_weights(w);
    network.set_state(std::vector<real>(6, real(0.5)));
    EXPECT_EQ(network.drive(), std::vector<real>(6, real(0.25)));
    for (Tick t = 0; t < 3; ++t) network.step(t);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(network.weights()[i * 7] == real(0.5), !learn);
  }
}

TEST(AttractorNetwork, SquaredWeightChangeIsThatOfTheWeights) {
  const auto backend = test::test_backend({1});
  attractor::Options o;
  o.units = 20;
  o.learning_rate = static_cast<real>(0.1);
  attractor::Network network(*backend, o, seeds(1));
  for (Tick t = 0; t < 4; ++t) {
    const auto before = network.weights();
    network.step(t);
    const auto after = network.weights();
    double squares = 0;
    for (std::size_t i = 0; i < after.size(); ++i)
      squares += std::pow(static_cast<double>(after[i]) - static_cast<double>(before[i]), 2);
    EXPECT_NEAR(network.squared_weight_change()[0] / squares, 1, sizeof(real) == 4 ? 1e-4 : 1e-12);
  }
}

TEST(AttractorNetwork, InverseTemperatureIsThatOfTheUnitTheStateOrAll) {
  const auto backend = test::test_backend({1});
  attractor::Options o;
  o.units = 2;
  o.networks = 2;
  o.deterministic = true;
  attractor::Network network(*backend, o, seeds(2));
  network.set_bias(std::vector<real>{1, -2, 3, 4});
  const auto states = [&](std::vector<real> beta) {
    network.set_weights(std::vector<real>(8));
    network.set_inverse_temperature(beta);
    network.step(0);
    return network.state();
  };
  const auto l = [](double x) { return langevin::mean(static_cast<real>(x)); };
  EXPECT_EQ(states({2}), (std::vector<real>{l(2), l(-4), l(6), l(8)}));
  EXPECT_EQ(states({2, real(0.5)}), (std::vector<real>{l(2), l(-4), l(1.5), l(2)}));
  EXPECT_EQ(states({1, 2, 3, 4}), (std::vector<real>{l(1), l(-4), l(9), l(16)}));
}

TEST(AttractorNetwork, MacroscopicFreeEnergyIsTheEnergyOfTheState) {
  const auto backend = test::test_backend({1});
  attractor::Options o;
  o.units = 3;
  attractor::Network network(*backend, o, seeds(1));
  network.set_weights(std::vector<real>{0, 2, -1, 4, 0, 1, -2, 3, 1});
  network.set_bias(std::vector<real>{1, -2, real(0.5)});
  network.set_state(std::vector<real>{real(0.5), -1, real(0.25)});
  // J s = (-2.25, 2.25, -3.75), s . J s = -4.3125, b . s = 2.625
  EXPECT_EQ(network.free_energy()[0].macroscopic, -2.625 + 4.3125 / 2);
}

TEST(AttractorNetwork, FreeEnergyStaysFiniteWhereTheReferenceOverflows) {
  const auto backend = test::test_backend({1});
  attractor::Options o;
  o.units = 3;
  attractor::Network network(*backend, o, seeds(1));
  network.set_bias(std::vector<real>{5000, -5000, 0});
  const attractor::FreeEnergy f = network.free_energy()[0];
  EXPECT_EQ(f.complexity, 0);
  EXPECT_NEAR(f.vfe(), -2 * 5000 * (1 - 1 / 5000.0), 1e-3);
}

TEST(AttractorNetwork, RandomOrderVisitsEveryUnitOnceAndDiffersFromIndexOrder) {
  attractor::Options o;
  o.units = 30;
  o.learning_rate = static_cast<real>(0.2);
  o.order = attractor::UpdateOrder::random_order;
  const Bits random = run(o, 1, seeds(1));
  for (const real s : random.state) EXPECT_NE(s, 0) << "a unit was left out";
  o.order = attractor::UpdateOrder::sequential;
  EXPECT_FALSE(run(o, 1, seeds(1)) == random);
}

}  // namespace
}  // namespace engram
