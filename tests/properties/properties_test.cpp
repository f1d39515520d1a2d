// Invariants over random inputs, shrunk to the smallest that breaks one: 10,000 cases each (RC_PARAMS says otherwise).
// They hold whatever the sizes: winners, rows, permutations, empty layers, saved states, splits, replicas.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "engine/io/safetensors.hpp"
#include "engram/assembly/assembly.hpp"
#include "engram/attractor/attractor.hpp"
#include "engram/backend.hpp"
#include "engram/sorn/sorn.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/state.hpp"

namespace engram {
namespace {

/// 10,000 cases unless the environment asks for another number.
template <class Property>
void holds(Property&& property, int cases = 10000) {
  const char* given = std::getenv("RC_PARAMS");
  if (!given) ::setenv("RC_PARAMS", ("max_success=" + std::to_string(cases)).c_str(), 1);
  EXPECT_TRUE(rc::check(std::forward<Property>(property)));
  if (!given) ::unsetenv("RC_PARAMS");
}

Backend& cpu() {
  static const std::unique_ptr<Backend> backend = make_backend("cpu");
  return *backend;
}

Index between(Index low, Index high) { return *rc::gen::inRange(low, high + 1); }

/// Values of which many are equal, so that ties decide.
std::vector<real> few_values(std::size_t n) {
  std::vector<real> x(n);
  for (real& v : x) v = static_cast<real>(*rc::gen::inRange(-4, 5)) / 2;
  return x;
}

std::vector<Index> winners_of(const std::vector<real>& score, Index k) {
  const auto n = static_cast<Index>(score.size());
  const Array<real> scores(cpu(), score);
  const Array<Index> index(cpu(), k), count(cpu(), 1);
  cpu().select_top_k({scores.view().data, n, 1, n}, k, {index.view().data, count.view().data, nullptr, k, n, 1});
  EXPECT_EQ(count.download()[0], k);
  return index.download();
}

TEST(Properties, ExactlyKWinInAscendingOrderAndNobodyElseIsBetter) {
  holds([] {
    const Index n = between(1, 300), k = between(1, n);
    const auto score = few_values(n);
    const auto won = winners_of(score, k);
    RC_ASSERT(won.size() == k);
    RC_ASSERT(std::adjacent_find(won.begin(), won.end(), std::greater_equal<>{}) == won.end());
    std::vector<bool> is_winner(n);
    for (const Index i : won) is_winner[i] = true;
    Index worst = won[0];
    for (const Index i : won)
      if (score[i] <= score[worst]) worst = i;
    for (Index i = 0; i < n; ++i)
      if (!is_winner[i]) RC_ASSERT(score[i] < score[worst] || (score[i] == score[worst] && i > worst));
  });
}

TEST(Properties, WinnersMoveWithTheUnits) {
  holds([] {
    const Index n = between(1, 200), k = between(1, n);
    std::vector<real> score(n);
    std::iota(score.begin(), score.end(), real(-50));  // no ties
    std::vector<Index> order(n);
    std::iota(order.begin(), order.end(), 0);
    for (Index i = n; i > 1; --i) std::swap(order[i - 1], order[between(0, i - 1)]);
    std::vector<real> moved(n);
    for (Index i = 0; i < n; ++i) moved[order[i]] = score[i];
    std::vector<Index> expected;
    for (const Index i : winners_of(score, k)) expected.push_back(order[i]);
    std::sort(expected.begin(), expected.end());
    RC_ASSERT(winners_of(moved, k) == expected);
  });
}

TEST(Properties, NormalisedColumnsSumToOneAndEmptyOnesStay) {
  holds([] {
    const Index pre = between(1, 40), post = between(1, 40);
    std::vector<real> weight(std::size_t{pre} * post);
    for (real& w : weight) w = std::max(real(0), static_cast<real>(*rc::gen::inRange(-20, 21)) / 8);
    Dense matrix(cpu(), pre, post);
    matrix.upload(weight);
    cpu().sweep(matrix.view(), {.normalize_to = real(1)});
    const auto after = matrix.download();
    for (Index i = 0; i < post; ++i) {
      double before = 0, sum = 0;
      for (Index j = 0; j < pre; ++j) {
        before += static_cast<double>(weight[j * post + i]);
        sum += static_cast<double>(after[j * post + i]);
        RC_ASSERT((weight[j * post + i] == 0) == (after[j * post + i] == 0));
      }
      RC_ASSERT((before == 0 ? sum == 0 : std::abs(sum - 1) < 1e-6 * std::sqrt(double(pre)) + 1e-6));
    }
  });
}

TEST(Properties, ADenseAndASparseProjectionGiveTheSameBits) {
  holds([] {
    const Index pre = between(1, 40), post = between(1, 40);
    const auto weight = few_values(std::size_t{pre} * post);
    std::vector<std::uint64_t> start{0};
    std::vector<Index> target, source;
    std::vector<real> present;
    for (Index j = 0; j < pre; ++j) {
      for (Index i = 0; i < post; ++i)
        if (const real w = weight[j * post + i]; w != 0) target.push_back(i), present.push_back(w);
      start.push_back(target.size());
      if (*rc::gen::arbitrary<bool>()) source.push_back(j);
    }
    const auto active = static_cast<Index>(source.size());
    source.resize(pre);
    Dense dense(cpu(), pre, post);
    dense.upload(weight);
    const Outgoing sparse(cpu(), pre, post, 1, start, target, present);
    const Array<Index> index(cpu(), source), count(cpu(), std::vector<Index>{active});
    const Active list{index.view().data, count.view().data, nullptr, 0, pre, 1};
    const auto drive = [&](const Synapses& synapses) {
      const Array<real> out(cpu(), post);
      cpu().sweep(synapses, {.source = list, .gain = real(0.75), .drive = out.batch(post)});
      return out.download();
    };
    RC_ASSERT(drive(dense.view()) == drive(sparse.view()));
  });
}

TEST(Properties, LayersWithoutUnitsChangeNoOther) {
  holds([] {
    std::vector<Index> start{0};
    const Index layers = between(1, 8);
    for (Index s = 0; s < layers; ++s) start.push_back(start.back() + *rc::gen::element<Index>(0, 0, 1, 3, 20));
    const Index n = start.back();
    if (n == 0) return;
    const auto x = few_values(n);
    const Array<real> values(cpu(), x), out(cpu(), layers);
    const Array<Index> starts(cpu(), start);
    cpu().summarize({values.view().data, n, 1, n}, {starts.view().data, layers}, Sum{}, out.batch(layers));
    const auto sums = out.download();
    for (Index s = 0; s < layers; ++s)
      RC_ASSERT(sums[s] == std::accumulate(x.begin() + start[s], x.begin() + start[s + 1], real(0)));  // halves: exact
  });
}

TEST(Properties, WhatASafetensorsFileGotItGivesBack) {
  const test::Scratch folder;
  const auto path = folder / "x.safetensors";
  holds(
      [&] {
        const auto values = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::arbitrary<std::uint32_t>());
        const auto text = *rc::gen::string<std::string>();
        std::map<std::string, std::string> metadata{{"a", "b"}}, read;
        if (std::all_of(text.begin(), text.end(), [](char c) { return c > 31 && c < 127; })) metadata["text"] = text;
        io::Tensor tensor;
        tensor.name = "t/x";
        tensor.type = "U32";
        tensor.shape = {values.size()};
        tensor.bytes.assign(reinterpret_cast<const char*>(values.data()),
                            reinterpret_cast<const char*>(values.data()) + values.size() * sizeof(std::uint32_t));
        test::write_safetensors(path, {tensor}, metadata);
        const auto back = test::read_safetensors(path, read);
        RC_ASSERT(back.size() == 1u && back[0].bytes == tensor.bytes && back[0].shape == tensor.shape);
        for (const auto& [key, value] : metadata) RC_ASSERT(read[key] == value);
      },
      2000);  // each is two files
}

sorn::Parameters small_sorn() {
  sorn::Parameters p;
  p.ne = between(5, 60);
  p.nu = between(0, 5);
  p.lambda_ee = *rc::gen::element(1, 3, 5);
  p.lambda_ei = p.lambda_ie = *rc::gen::element(1, 3);
  p.sp_rate = *rc::gen::element(0.0, 0.1, 2.0);
  return p;
}

bool same(const sorn::State& a, const sorn::State& b) {
  return a.x == b.x && a.y == b.y && a.te == b.te && a.ti == b.ti && a.wee.weight == b.wee.weight &&
         a.wee.pre == b.wee.pre && a.wei.weight == b.wei.weight;
}

TEST(Properties, ASplitRunIsAWholeOneAndAReplicaIsOneAlone) {
  holds([] {
    const auto p = small_sorn();
    const Index replicas = between(1, 3), first = between(0, 12), rest = between(1, 12);
    std::vector<std::uint64_t> seeds;
    for (Index r = 0; r < replicas; ++r) seeds.push_back(*rc::gen::arbitrary<std::uint32_t>());
    const std::vector<sorn::Parameters> all(replicas, p);
    sorn::Network whole(cpu(), all, seeds), parts(cpu(), all, seeds);
    whole.run(first + rest);
    if (first) parts.run(first);
    parts.run(rest);
    for (Index r = 0; r < replicas; ++r) {
      sorn::Network alone(cpu(), {p}, {seeds[r]});
      alone.run(first + rest);
      RC_ASSERT(same(whole.state(r), parts.state(r)));
      RC_ASSERT(same(whole.state(r), alone.state(0)));
    }
  });
}

TEST(Properties, ASavedStateGoesOnAsTheNetworkItself) {
  holds([] {
    const auto p = small_sorn();
    const std::vector<std::uint64_t> seeds{*rc::gen::arbitrary<std::uint32_t>()};
    sorn::Network network(cpu(), {p}, seeds);
    network.run(between(1, 10));
    const std::vector<sorn::State> saved{network.state(0)};
    sorn::Network again(cpu(), {p}, seeds, saved, network.tick());
    RC_ASSERT(same(again.state(0), saved[0]));
    const Index more = between(1, 10);
    network.run(more);
    again.run(more);
    RC_ASSERT(same(network.state(0), again.state(0)));
  });
}

TEST(Properties, AttractorStatesStayWithinOneAndSplitsChangeNothing) {
  holds([] {
    attractor::Options options;
    options.units = between(1, 40);
    options.networks = between(1, 3);
    options.learning_rate = static_cast<real>(*rc::gen::element(0.0, 0.001, 0.1));
    const std::vector<std::uint64_t> seeds(options.networks, *rc::gen::arbitrary<std::uint32_t>());
    attractor::Network whole(cpu(), options, seeds), parts(cpu(), options, seeds);
    const Tick first = between(1, 10), rest = between(1, 10);
    whole.run(0, first + rest);
    parts.run(0, first);
    parts.run(first, rest);
    RC_ASSERT(whole.state() == parts.state());
    RC_ASSERT(whole.weights() == parts.weights());
    for (const real s : whole.state()) RC_ASSERT(s >= -1 && s <= 1);
  });
}

TEST(Properties, AnAreaAlwaysHasItsKWinners) {
  holds(
      [] {
        assembly::AreaSpec area;
        area.name = "A";
        area.inputs = {"x"};
        area.n = between(1, 60);
        area.k = between(1, area.n);
        area.storage = *rc::gen::element<std::string>("dense", "sparse");
        area.normalisation = *rc::gen::element<std::string>("in_place", "scaled", "none");
        area.p_synapse = *rc::gen::element(0.0, 0.05, 0.5, 1.0);
        const Index n = between(1, 60);
        assembly::Spec spec;
        spec.stimuli = {{"x", n, 1}};
        spec.stages = {{area}};
        assembly::Assembly network(cpu(), spec, {*rc::gen::arbitrary<std::uint32_t>()});
        assembly::State state(network);
        for (int step = 0; step < 4; ++step) {
          std::vector<Index> stimulus;
          for (Index i = 0; i < n; ++i)
            if (*rc::gen::inRange(0, 3) == 0) stimulus.push_back(i);
          state.present("x", {stimulus});
          network.step(state, step % 2 == 0);
          const auto won = state.winners("A")[0];
          RC_ASSERT(won.size() == area.k);
          RC_ASSERT(std::adjacent_find(won.begin(), won.end(), std::greater_equal<>{}) == won.end());
          RC_ASSERT(won.back() < area.n);
        }
      },
      2000);
}

}  // namespace
}  // namespace engram
