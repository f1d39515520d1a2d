// What an assembly network promises, on small cases.
#include "engram/assembly/assembly.hpp"

#include <gtest/gtest.h>

#include "engram/assembly/simulator.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::assembly {
namespace {

AreaSpec area(const std::string& name, std::vector<std::string> inputs, Index n, Index k) {
  AreaSpec a;
  a.name = name;
  a.inputs = std::move(inputs);
  a.n = n;
  a.k = k;
  a.p_synapse = 0.2;
  return a;
}

Spec one_area() { return {{{"x", 40, 8}}, {{area("A", {"x"}, 60, 6)}}}; }

Spec associate_spec(const std::string& storage = "dense", const std::string& normalisation = "in_place") {
  Spec spec{{{"a", 100, 10}, {"b", 80, 10}},
            {{area("A", {"a"}, 200, 12), area("B", {"b"}, 150, 12)}, {area("C", {"A", "B"}, 120, 12)}}};
  for (auto& stage : spec.stages)
    for (AreaSpec& a : stage) {
      a.storage = storage;
      a.normalisation = normalisation;
      a.sampler = "uniform_masked";
    }
  return spec;
}

/// All weights and the winners of each step of a short association run.
struct Trace {
  std::vector<Winners> winners;
  std::vector<std::vector<real>> weights;
  bool operator==(const Trace&) const = default;
};

Trace run(const Spec& spec, const std::vector<std::uint64_t>& seeds, int threads = 1) {
  const auto backend = make_backend("cpu", {.threads = threads});
  Assembly network(*backend, spec, seeds);
  State state(network);
  Trace trace;
  for (Tick s = 0; s < 3; ++s) {
    state.clear_latent();
    Winners a, b;
    for (const auto seed : seeds) {
      a.push_back(sample_k_active(seed, 0, s, 100, 10));
      b.push_back(sample_k_active(seed, 1, s, 80, 10));
    }
    state.present("a", a);
    if (s != 1)
      state.present("b", b);
    else
      state.absent("b");
    for (int t = 0; t < 6; ++t) {
      network.step(state, true);
      for (const char* name : {"A", "C"}) trace.winners.push_back(state.winners(name));
    }
    network.normalize();
  }
  for (const std::string& name : network.matrix_names()) trace.weights.push_back(network.matrix(name));
  return trace;
}

void expect_near(const Trace& a, const Trace& b, double relative) {
  EXPECT_EQ(a.winners, b.winners);
  for (std::size_t m = 0; m < a.weights.size(); ++m)
    for (std::size_t i = 0; i < a.weights[m].size(); ++i)
      ASSERT_NEAR(a.weights[m][i], b.weights[m][i], relative * (1 + std::abs(a.weights[m][i])));
}

TEST(Assembly, GivesTheSameBitsForAnyNumberOfThreads) {
  for (const char* storage : {"dense", "sparse"}) {
    Spec spec = associate_spec(storage);
    spec.stages[0][0].n = 3000;  // large enough that the loops really split
    const Trace one = run(spec, {5, 6});
    for (const int threads : {2, 3, 4, 7})
      EXPECT_TRUE(run(spec, {5, 6}, threads) == one) << storage << ", " << threads << " threads";
  }
}

TEST(Assembly, ReplicasEqualTheSameSeedsRunAlone) {
  for (const char* storage : {"dense", "sparse"})
    for (const char* normalisation : {"in_place", "scaled"}) {
      const Spec spec = associate_spec(storage, normalisation);
      const Trace together = run(spec, {5, 6, 7});
      for (std::size_t r = 0; r < 3; ++r) {
        const Trace alone = run(spec, {5 + r});
        for (std::size_t t = 0; t < alone.winners.size(); ++t) EXPECT_EQ(alone.winners[t][0], together.winners[t][r]);
        for (std::size_t m = 0; m < alone.weights.size(); ++m)
          EXPECT_TRUE(
              std::equal(alone.weights[m].begin(), alone.weights[m].end(),
                         together.weights[m].begin() + static_cast<std::ptrdiff_t>(r * alone.weights[m].size())));
      }
    }
}

TEST(Assembly, DenseAndSparseStorageChooseTheSameWinners) {
  expect_near(run(associate_spec("dense"), {5}), run(associate_spec("sparse"), {5}), 1e-6);
}

TEST(Assembly, ScaledNormalisationFollowsTheRewrittenWeights) {
  for (const char* storage : {"dense", "sparse"})
    expect_near(run(associate_spec(storage, "in_place"), {5}), run(associate_spec(storage, "scaled"), {5}), 2e-6);
}

TEST(Assembly, NormalisedRowsSumToOneAndEmptyRowsStay) {
  const auto backend = test::test_backend();
  Spec spec = one_area();
  spec.stages[0][0].p_synapse = 0.02;  // some units without any synapse
  const Assembly network(*backend, spec, {3});
  for (const std::string& name : network.matrix_names()) {
    const auto [post, pre] = network.matrix_shape(name);
    const std::vector<real> w = network.matrix(name);
    int empty = 0;
    for (Index i = 0; i < post; ++i) {
      double sum = 0;
      for (Index j = 0; j < pre; ++j) sum += w[std::size_t{i} * pre + j];
      empty += sum == 0;
      if (sum != 0) {
        EXPECT_NEAR(sum, 1, 1e-6);
      }
    }
    EXPECT_GT(empty, 0) << name;
  }
}

TEST(Assembly, FiresExactlyKUnitsWhateverTheInput) {
  const auto backend = test::test_backend();
  Assembly network(*backend, one_area(), {3});
  State state(network);
  state.present("x", {{}});  // present but silent: all sums are 0, so the first k win
  network.step(state, false);
  EXPECT_EQ(state.winners("A")[0], (std::vector<Index>{0, 1, 2, 3, 4, 5}));
}

TEST(Assembly, IsInactiveWithoutInputUnlessAskedToGoOn) {
  const auto backend = test::test_backend();
  for (const bool go_on : {false, true}) {
    Spec spec = one_area();
    spec.stages[0][0].recurrent_only = go_on;
    Assembly network(*backend, spec, {3});
    State state(network);
    state.set_latent("A", {{1, 2, 3}});
    network.step(state, false);
    EXPECT_EQ(state.active("A"), go_on);
    if (go_on) {
      EXPECT_EQ(state.winners("A"), network.complete_pattern("A", {{1, 2, 3}}));
    }
  }
}

TEST(Assembly, EvaluationLeavesTheWeightsAlone) {
  const auto backend = test::test_backend();
  Assembly network(*backend, one_area(), {3});
  const std::vector<real> before = network.matrix("weight_recurrent");
  State state(network, 4);
  state.present("x", {{1, 2}, {3, 4}, {5, 6}, {7, 8}});
  for (int t = 0; t < 5; ++t) network.step(state, false);
  EXPECT_EQ(network.matrix("weight_recurrent"), before);
  EXPECT_THROW(network.step(state, true), Error) << "a group of states cannot learn";
}

TEST(Assembly, BatchedRecallEqualsRecallOneByOne) {
  const auto backend = test::test_backend();
  Assembly network(*backend, associate_spec(), {5, 6});
  const Simulator simulator(network);
  std::vector<Sample> samples;
  for (Tick s = 0; s < 4; ++s) {
    Sample sample{{"a", {sample_k_active(1, 0, s, 100, 10), sample_k_active(2, 0, s, 100, 10)}}};
    if (s % 2) sample["b"] = {sample_k_active(1, 1, s, 80, 10)};
    samples.push_back(sample);
  }
  const auto together = simulator.recall(samples);
  for (std::size_t s = 0; s < samples.size(); ++s) EXPECT_EQ(together[s], simulator.recall({samples[s]})[0]);
}

TEST(Assembly, MultiplicativeLearningNeverCreatesASynapseAndAdditiveDoes) {
  const auto backend = test::test_backend();
  for (const std::string rule : {"hebb", "hebb_additive"}) {
    Spec spec = one_area();
    spec.stages[0][0].rule = learning_named(rule);
    Assembly network(*backend, spec, {3});
    const double before = network.memory_used("weight_input0")[0];
    Simulator(network, {.epoch_size = 5}).simulate({{{"x", {{0, 1, 2, 3}}}}, {{"x", {{10, 11, 12}}}}});
    const double after = network.memory_used("weight_input0")[0];
    if (rule == "hebb") {
      EXPECT_EQ(before, after);
    } else {
      EXPECT_GT(after, before);
    }
  }
}

TEST(Assembly, ClassicalWillshawStartsEmptyAndStoresPairs) {
  const auto backend = test::test_backend();
  Spec spec = one_area();
  spec.stages[0][0].rule = Willshaw{};
  spec.stages[0][0].p_synapse = 0;
  Assembly network(*backend, spec, {3});
  EXPECT_EQ(network.memory_used("weight_input0")[0], 0);
  State state(network);
  state.present("x", {{4, 9}});
  network.step(state, true);
  const std::vector<real> w = network.matrix("weight_input0");
  for (Index i = 0; i < 60; ++i)
    for (Index j = 0; j < 40; ++j) EXPECT_EQ(w[i * 40 + j], i < 6 && (j == 4 || j == 9) ? 1 : 0);
}

TEST(Assembly, WeightsStopAtTheCeiling) {
  const auto backend = test::test_backend();
  Spec spec = one_area();
  spec.stages[0][0].rule = Hebb{.beta = 1, .w_max = 0.5};
  Assembly network(*backend, spec, {3});
  const std::vector<real> before = network.matrix("weight_input0");
  State state(network);
  state.present("x", {{0, 1, 2, 3, 4, 5, 6, 7}});
  for (int t = 0; t < 20; ++t) network.step(state, true);
  const std::vector<real> after = network.matrix("weight_input0");
  int reached = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_LE(after[i], std::max(before[i], real(0.5)));  // the ceiling stops growth; it does not lower
    reached += before[i] < real(0.5) && after[i] == real(0.5);
  }
  EXPECT_GT(reached, 0);
}

TEST(Assembly, AcceptsRealStimuliAndRejectsNotANumber) {
  const auto backend = test::test_backend();
  Assembly network(*backend, one_area(), {3});
  State state(network);
  std::vector<real> x(40, real(0));
  x[3] = real(0.25);
  x[7] = real(-2);
  state.present_values("x", x);
  network.step(state, false);
  const std::vector<real> w = network.matrix("weight_input0"), drive = state.drive("A");
  for (Index i = 0; i < 60; ++i) EXPECT_EQ(drive[i], w[i * 40 + 3] * real(0.25) + w[i * 40 + 7] * real(-2));
  x[5] = static_cast<real>(NAN);
  EXPECT_THROW(state.present_values("x", x), Error);
}

TEST(Assembly, NamesMatricesAsTheReferenceDoes) {
  const auto backend = test::test_backend();
  EXPECT_EQ(Assembly(*backend, one_area()).matrix_names(),
            (std::vector<std::string>{"weight_input0", "weight_recurrent"}));
  EXPECT_EQ(
      Assembly(*backend, associate_spec()).matrix_names(),
      (std::vector<std::string>{"0.A.weight_input0", "0.A.weight_recurrent", "0.B.weight_input0",
                                "0.B.weight_recurrent", "1.weight_input0", "1.weight_input1", "1.weight_recurrent"}));
  EXPECT_EQ(area_name(0) + area_name(25) + area_name(26) + area_name(27) + area_name(702), "AZAAABAAA");
}

TEST(Assembly, DrawsItsGraph) {
  const std::string text = dot(associate_spec());
  for (const char* part :
       {"digraph", "\"a\" [shape=point", "\"a\" -> \"A\"", "\"A\" -> \"A\"", "\"A\" -> \"C\"", "\"B\" -> \"C\""})
    EXPECT_NE(text.find(part), std::string::npos) << part;
  EXPECT_EQ(text.find("\"a\" -> \"C\""), std::string::npos);
}

TEST(Assembly, ChainsOfAnyLengthNeedOneInput) {
  const auto backend = test::test_backend();
  Spec spec{{{"x", 40, 8}}, {}};
  std::string previous = "x";
  for (std::size_t i = 0; i < 30; ++i) {
    spec.stages.push_back({area(area_name(i), {previous}, 30, 4)});
    previous = area_name(i);
  }
  Assembly network(*backend, spec);
  State state(network);
  state.present("x", {{1, 2, 3}});
  network.step(state, true);
  EXPECT_EQ(state.winners("AD")[0].size(), 4u);
}

TEST(Assembly, FeedbackFromALaterAreaArrivesOneStepLater) {
  const auto backend = test::test_backend();
  Assembly network(*backend, {{{"x", 40, 8}}, {{area("A", {"x", "B"}, 30, 4)}, {area("B", {"A"}, 30, 4)}}});
  State state(network);
  state.present("x", {{1, 2, 3}});
  network.step(state, false);
  const std::vector<Index> a = state.winners("A")[0], b = state.winners("B")[0];
  network.step(state, false);
  // By hand: x and the previous winners of B and A drive A in the second step.
  const std::vector<real> from_x = network.matrix("0.weight_input0"), from_b = network.matrix("0.weight_input1"),
                          from_a = network.matrix("0.weight_recurrent"), drive = state.drive("A");
  for (Index i = 0; i < 30; ++i) {
    double expected = 0;
    for (const Index j : {1, 2, 3}) expected += from_x[i * 40 + j];
    for (const Index j : b) expected += from_b[i * 30 + j];
    for (const Index j : a) expected += from_a[i * 30 + j];
    EXPECT_NEAR(drive[i], expected, 1e-6);
  }
}

TEST(Assembly, RefusesImpossibleNetworksWithPathAndRange) {
  Spec spec = one_area();
  spec.stages[0][0].k = 61;
  spec.stages[0][0].p_synapse = 1.5;
  spec.stages[0][0].rule = Hebb{.beta = -1};
  spec.stages[0][0].inputs = {"y"};
  spec.stimuli[0].k = 0;
  try {
    checked_areas(spec, "/model");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.problems().size(), 5u) << error.what();
    EXPECT_EQ(error.exit_code(), 2);
    EXPECT_NE(std::string(error.what()).find("/model/areas/A/k: 61 winners requested, but the area has 60 units"),
              std::string::npos);
  }
  Spec sparse = one_area();
  sparse.stages[0][0].storage = "sparse";
  sparse.stages[0][0].rule = Willshaw{};
  EXPECT_THROW(checked_areas(sparse), ConfigError);
}

TEST(Assembly, RefusesWrongLists) {
  const auto backend = test::test_backend();
  const Assembly network(*backend, one_area());
  State state(network);
  EXPECT_THROW(state.present("x", {{40}}), Error) << "no such unit";
  EXPECT_THROW(state.present("x", {{3, 2}}), Error) << "not ascending";
  EXPECT_THROW(state.present("x", {{1}, {2}}), Error) << "two lists, one batch";
  EXPECT_THROW(state.present("y", {{1}}), Error) << "no such stimulus";
  EXPECT_THROW(Assembly::memory({{{"x", 2147483647, 1}}, {{area("A", {"x"}, 2147483647, 1)}}}, std::size_t{1} << 31),
               MemoryError);
}

}  // namespace
}  // namespace engram::assembly
