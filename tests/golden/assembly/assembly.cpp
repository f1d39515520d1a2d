// Golden data of the assembly family. Winners are exact; tolerances are those of the specification.
#include "engram/backend.hpp"
#include "tests/golden/assembly/common.hpp"
#include "tests/testing/test_backend.hpp"

namespace golden {

namespace assembly_family {

namespace {

void expect_drive(const State& state, const json& expected) {
  const std::vector<real> found = state.drive("A");
  for (std::size_t i = 0; i < found.size(); ++i)
    expect_close(found[i], expected[i], preactivations, 1e-12, "preactivation " + std::to_string(i));
}

void present(State& state, const json& x) {
  state.all_absent();
  for (std::size_t l = 0; l < x.size(); ++l)
    if (!x[l].is_null()) state.present("x" + std::to_string(l), {units(x[l])});
}

void set_latent(State& state, const json& y) {
  state.clear_latent();
  if (!y.is_null()) state.set_latent("A", {units(y)});
}

void check_kwta(const File& f) {
  const auto backend = test::test_backend();
  const auto winners = [&](const json& c) {
    std::vector<real> x;
    for (const json& v : c.at("x")) x.push_back(static_cast<real>(v.get<double>()));
    const auto n = static_cast<Index>(x.size());
    const Index k = c.at("k");
    Array<real> score(*backend, x);
    Array<Index> index(*backend, k), count(*backend, 1);
    backend->select_top_k(score.batch(n), k, {index.view().data, count.view().data, nullptr, k, n, 1});
    return index.download();
  };
  for (const json& c : f.json.value("cases", json::array())) EXPECT_EQ(winners(c), units(c.at("winners_sorted")));
  for (const json& c : f.json.value("tied_cases", json::array())) {
    const std::vector<Index> found = winners(c);
    EXPECT_EQ(found, units(c.at("engine_rule_lowest_index_first")));
    for (const Index i : units(c.at("must_win"))) EXPECT_TRUE(std::count(found.begin(), found.end(), i));
    EXPECT_EQ(overlap(found, units(c.at("tie_pool"))), c.at("slots_for_tie_pool").get<std::size_t>());
  }
}

void check_forward(const File& f) {
  const auto backend = test::test_backend();
  each_storage(area_of(f.json.at("parameters"), f.json.at("weights")), [&](const AreaSpec& area) {
    Assembly network = single_area(*backend, area, f.json.at("weights"));
    for (const json& c : f.json.at("cases")) {
      SCOPED_TRACE(c.value("case", ""));
      State state(network);
      present(state, c.at("x"));
      set_latent(state, c.at("y_latent"));
      network.step(state, false);
      ASSERT_EQ(state.active("A"), !c.at("output").is_null());
      if (!state.active("A")) continue;
      expect_drive(state, c.at("preactivation"));
      EXPECT_EQ(state.winners("A")[0], units(c.at("output")));
    }
    expect_weights(network, f.json.at("weights"), unit_weights);  // evaluation does not learn
  });
}

void check_learning(const File& f) {
  const auto backend = test::test_backend();
  const json& initial = f.json.at("initial_weights");
  each_storage(area_of(f.json.at("parameters"), initial), [&](const AreaSpec& area) {
    Assembly network = single_area(*backend, area, initial);
    State state(network);
    int t = 0;
    for (const json& step : f.json.at("steps")) {
      SCOPED_TRACE("step " + std::to_string(t++));
      present(state, step.at("x"));
      set_latent(state, step.at("y_latent"));
      network.step(state, true);
      expect_drive(state, step.at("preactivation"));
      EXPECT_EQ(state.winners("A")[0], units(step.at("winners")));
      expect_weights(network, step.at("weights_after"), unit_weights);
    }
  });
}

void check_normalize(const File& f) {
  const auto backend = test::test_backend();
  const json& before = f.json.at("before");
  AreaSpec spec = area_of(f.json.at("parameters"), before);
  each_storage(spec, [&](const AreaSpec& area) {
    Assembly network = single_area(*backend, area, before);
    network.normalize();
    expect_weights(network, f.json.at("after"), unit_weights);
    network.normalize();
    expect_weights(network, f.json.at("after_second_call"), unit_weights);
  });
}

void check_completion(const File& f) {
  const auto backend = test::test_backend();
  each_storage(area_of(f.json.at("parameters"), f.json.at("weights")), [&](const AreaSpec& area) {
    Assembly network = single_area(*backend, area, f.json.at("weights"));
    for (const json& c : f.json.at("cases")) {
      const std::string op = c.at("op");
      SCOPED_TRACE(op);
      State state(network);
      if (op == "complete_pattern") {
        EXPECT_EQ(network.complete_pattern("A", {units(c.at("y_partial"))})[0], units(c.at("winners")));
        continue;
      }
      ASSERT_TRUE(op == "recall" || op == "complete_from_input") << op;
      const json& x = c.at("x");
      present(state, x.size() && x[0].is_array() ? x : json::array({x}));
      if (op == "complete_from_input") set_latent(state, c.at("y_partial"));
      network.step(state, false);
      expect_drive(state, c.at("preactivation"));
      EXPECT_EQ(state.winners("A")[0], units(c.at("winners")));
    }
    const json memory = f.json.value("memory_used", json::object());
    for (const auto& [name, used] : memory.items()) expect_close(network.memory_used(name)[0], used, metrics, 0, name);
  });
}

void check_metrics(const File& f) {
  const double divisor = f.json.at("parameters").at("K_ACTIVE");
  for (const json& c : f.json.value("expected_random_overlap", json::array()))
    expect_close(expected_overlap(c.at("n"), c.at("k")), c.at("value"), metrics, 0, "expected overlap");
  for (const json& c : f.json.value("factors_root", json::array())) {
    const auto [small, large] = near_square(c.at("number"));
    EXPECT_EQ(small, c.at("value")[0].get<std::uint64_t>());
    EXPECT_EQ(large, c.at("value")[1].get<std::uint64_t>());
  }
  for (const json& c : f.json.value("pairwise_similarity", json::array())) {
    std::vector<std::vector<std::vector<Index>>> streams;
    for (const char* key : {"vectors", "first", "second"})
      if (c.contains(key) && !c[key].is_null()) {
        streams.emplace_back();
        for (const json& v : c[key])
          if (!v.is_null()) streams.back().push_back(units(v));
      }
    const auto found = mean_similarity(streams, divisor);
    ASSERT_EQ(found.has_value(), !c.at("value").is_null());
    if (found) expect_close(*found, c.at("value"), metrics, 1e-12, c.value("kind", "similarity"));
  }
}

}  // namespace

}  // namespace assembly_family

using namespace assembly_family;

std::vector<Kind> assembly_kinds() {
  return {
      {"kwta",
       [](const File& f) {
         return is(f, "assembly") &&
                (has(f, {"tied_cases"}) || (has(f, {"cases"}) && f.json["cases"][0].contains("winners_sorted")));
       },
       check_kwta},
      {"forward",
       [](const File& f) {
         return is(f, "assembly") && has(f, {"weights", "cases"}) && f.json["cases"][0].contains("case");
       },
       check_forward},
      {"learning",
       [](const File& f) {
         return is(f, "assembly") && has(f, {"initial_weights", "steps"});
       },
       check_learning},
      {"normalize",
       [](const File& f) {
         return is(f, "assembly") && has(f, {"before", "after"});
       },
       check_normalize},
      {"completion",
       [](const File& f) {
         return is(f, "assembly") && has(f, {"weights", "cases"}) && f.json["cases"][0].contains("op");
       },
       check_completion},
      {"metrics",
       [](const File& f) {
         return is(f, "assembly") &&
                (has(f, {"pairwise_similarity"}) || has(f, {"expected_random_overlap"}) || has(f, {"factors_root"}));
       },
       check_metrics},
      {"single area run",
       [](const File& f) {
         return is(f, "assembly") && has(f, {"initial_weights", "inputs", "training_winners"});
       },
       check_single_run},
      {"associate run",
       [](const File& f) {
         return is(f, "assembly") && has(f, {"initial_weights", "phases"});
       },
       check_associate_run},
  };
}

}  // namespace golden
