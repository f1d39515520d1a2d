// Golden data of the assembly family. Winners are exact; tolerances are those of the specification.
#include "engram/assembly/simulator.hpp"
#include "engram/backend.hpp"
#include "tests/golden/golden.hpp"
#include "tests/testing/recorder.hpp"
#include "tests/testing/test_backend.hpp"

namespace golden {
namespace {

using namespace engram;
using namespace engram::assembly;
using nlohmann::json;

constexpr double unit_weights = 2e-6, run_weights = 1e-5, preactivations = 3e-6, metrics = 1e-6;

std::vector<Index> units(const json& j) { return j.get<std::vector<Index>>(); }

std::vector<real> flat(const json& matrix) {
  std::vector<real> values;
  for (const json& row : matrix)
    for (const json& x : row) values.push_back(static_cast<real>(x.get<double>()));
  return values;
}

Learning learning_of(const json& p) {
  const bool given = p.contains("learning_rate") && p["learning_rate"].is_number();
  const real beta = given ? static_cast<real>(p["learning_rate"].get<double>()) : Hebb{}.beta;
  const std::string update = p.value("update", "multiplicative");
  if (update == "willshaw") return Willshaw{};
  if (update == "additive") return HebbAdditive{.beta = beta};
  return Hebb{.beta = beta};
}

AreaSpec area_of(const json& p, const json& weights) {
  AreaSpec area{.name = "A"};
  for (const auto& entry : weights.items())
    if (entry.key().find("weight_input") != std::string::npos)
      area.inputs.push_back("x" + std::to_string(area.inputs.size()));
  area.n = static_cast<Index>(weights.at("weight_recurrent").size());
  area.k = p.value("k", Index{1});
  area.recurrent_coef = p.value("recurrent_coef", 1.0);
  area.rule = learning_of(p);
  area.p_synapse = 0;
  return area;
}

Assembly single_area(Backend& backend, const AreaSpec& area, const json& weights) {
  Spec spec;
  for (std::size_t l = 0; l < area.inputs.size(); ++l) {
    const auto n = static_cast<Index>(weights.at("weight_input" + std::to_string(l)).at(0).size());
    spec.stimuli.push_back({area.inputs[l], n, n});
  }
  spec.stages = {{area}};
  Assembly network(backend, spec);
  for (const auto& [name, matrix] : weights.items()) network.set_matrix(name, flat(matrix));
  return network;
}

void expect_weights(const Assembly& network, const json& expected, double relative) {
  for (const auto& [name, matrix] : expected.items()) {
    const std::vector<real> found = network.matrix(name), recorded = flat(matrix);
    ASSERT_EQ(found.size(), recorded.size()) << name;
    for (std::size_t i = 0; i < found.size(); ++i)
      expect_close(found[i], recorded[i], relative, 0, name + "[" + std::to_string(i) + "]");
  }
}

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

/// Runs a check on each storage that the rule allows, and with rewritten and scaled weights where it normalises.
template <class Check>
void each_storage(const AreaSpec& area, Check&& check) {
  for (const char* storage : {"dense", "sparse"})
    for (const char* normalisation : {"in_place", "scaled"}) {
      AreaSpec chosen = area;
      chosen.storage = storage;
      chosen.normalisation = normalisation;
      if (chosen.storage == "sparse" && !std::holds_alternative<Hebb>(chosen.rule)) continue;
      SCOPED_TRACE(chosen.storage + " " + chosen.normalisation);
      check(chosen);
    }
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

void expect_series(const std::vector<double>& found, const json& expected, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t i = 0; i < found.size(); ++i)
    expect_close(found[i], expected[i], metrics, 0, what + " " + std::to_string(i));
}

void check_single_run(const File& f) {
  const auto backend = test::test_backend();
  const json& p = f.json.at("parameters");
  each_storage(area_of(p, f.json.at("initial_weights")), [&](const AreaSpec& area) {
    Assembly network = single_area(*backend, area, f.json.at("initial_weights"));
    test::KeptRecorder log;
    Simulator simulator(
        network, {.epoch_size = p.at("epoch_size"), .similarity_divisor = p.value("similarity_divisor", 50.0)}, &log);
    std::vector<Sample> samples;
    for (const json& x : f.json.at("inputs")) samples.push_back({{"x0", {units(x)}}});
    simulator.begin(samples);
    std::size_t step = 0;
    for (bool more = true; more; ++step) {
      const std::size_t sample = step / static_cast<std::size_t>(p.at("epoch_size").get<int>());
      more = simulator.tick();
      ASSERT_LT(step, f.json.at("training_winners").size());
      EXPECT_EQ(simulator.state().winners("A")[0], units(f.json["training_winners"][step]))
          << "step " << step << ", sample " << sample;
    }
    EXPECT_EQ(step, f.json.at("training_winners").size());
    expect_series(log.values("A", "convergence"), f.json.at("convergence"), "convergence");
    expect_series(log.values("A", "support"), f.json.at("support"), "support");
    expect_series(log.values("A", "recall"), f.json.at("recall"), "recall");
    expect_close(log.values("A", "similarity").at(0), f.json.at("assembly_similarity").begin().value(), metrics, 0,
                 "assembly similarity");
    expect_close(log.values("x0", "similarity").at(0), f.json.at("input_similarity"), metrics, 0, "input similarity");
    expect_weights(network, f.json.at("final_weights"), run_weights);
  });
}

void check_associate_run(const File& f) {
  const auto backend = test::test_backend();
  const json& p = f.json.at("parameters");
  const auto number = [&](const char* key) { return p.at(key).get<Index>(); };
  AreaSpec a{.name = "A", .inputs = {"a"}, .n = number("na"), .k = number("k")};
  a.recurrent_coef = p.value("recurrent_coef", 1.0);
  a.rule = learning_of(p);
  each_storage(a, [&](const AreaSpec& chosen) {
    AreaSpec b = chosen, c = chosen;
    b.name = "B", b.inputs = {"b"}, b.n = number("nb");
    c.name = "C", c.inputs = {"A", "B"}, c.n = number("nc");
    Assembly network(*backend, {{{"a", number("nA"), 1}, {"b", number("nB"), 1}}, {{chosen, b}, {c}}});
    for (const auto& [name, matrix] : f.json.at("initial_weights").items()) network.set_matrix(name, flat(matrix));
    Simulator simulator(network, {.epoch_size = p.at("epoch_size"), .similarity_divisor = 50});

    const auto samples = [&](bool with_a, bool with_b) {
      std::vector<Sample> all(f.json.at("inputs_a").size());
      for (std::size_t s = 0; s < all.size(); ++s) {
        if (with_a) all[s]["a"] = {units(f.json["inputs_a"][s])};
        if (with_b) all[s]["b"] = {units(f.json["inputs_b"][s])};
      }
      return all;
    };
    const char* names[] = {"0.A", "0.B", "1"};
    const auto expect_winners = [&](const std::vector<std::vector<Index>>& found, const json& recorded,
                                    std::size_t first) {
      for (std::size_t i = 0; i < 3; ++i) {
        const json& one = recorded.at(first + i);
        EXPECT_EQ(one.at("area"), names[i]);
        EXPECT_EQ(found[i], one.at("winners").is_null() ? std::vector<Index>{} : units(one["winners"]))
            << "call " << first + i;
      }
    };
    for (const json& phase : f.json.at("phases")) {
      const std::string name = phase.at("phase");
      SCOPED_TRACE(name);
      if (name.starts_with("benchmark")) {
        const Benchmark result = simulator.associate_benchmark(samples(true, true));
        ASSERT_EQ(result.calls.size() * 3, phase.at("calls").size());
        for (std::size_t call = 0; call < result.calls.size(); ++call) {
          std::vector<std::vector<Index>> found;
          for (const Winners& w : result.calls[call]) found.push_back(w.empty() ? std::vector<Index>{} : w[0]);
          expect_winners(found, phase["calls"], call * 3);
        }
        expect_close(result.parents[0], phase.at("reported_similarity_3_decimals"), 0, 0.0005 + 1e-9, "similarity");
        continue;
      }
      ASSERT_TRUE(name.starts_with("simulate")) << name;
      simulator.begin(samples(name != "simulate_B_only", name != "simulate_A_only"));
      std::size_t step = 0;
      for (bool more = true; more; ++step) {
        more = simulator.tick();
        std::vector<std::vector<Index>> found;
        for (const char* area : {"A", "B", "C"})
          found.push_back(simulator.state().active(area) ? simulator.state().winners(area)[0] : std::vector<Index>{});
        expect_winners(found, phase.at("training_winners"), step * 3);
      }
      EXPECT_EQ(step * 3, phase["training_winners"].size());
    }
    expect_weights(network, f.json.at("final_weights"), run_weights);
  });
}

}  // namespace

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
