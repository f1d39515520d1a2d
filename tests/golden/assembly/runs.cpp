// Whole runs of the assembly family: training, recall and association.
#include "tests/golden/assembly/common.hpp"
#include "tests/testing/recorder.hpp"
#include "tests/testing/test_backend.hpp"

namespace golden::assembly_family {

namespace {

void expect_series(const std::vector<double>& found, const json& expected, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t i = 0; i < found.size(); ++i)
    expect_close(found[i], expected[i], metrics, 0, what + " " + std::to_string(i));
}

}  // namespace

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

}  // namespace golden::assembly_family
