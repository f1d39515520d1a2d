#include "bench/crossover.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "engine/run/clock.hpp"
#include "engram/run/simulation.hpp"

namespace engram::bench {

using Json = nlohmann::ordered_json;

namespace {

/// Assemblies of about the square root of the units, as elsewhere in the benchmarks.
Index winners_of(Index n) { return static_cast<Index>(std::lround(std::sqrt(static_cast<double>(n)))); }

Json assembly(Index n) {
  const Index k = winners_of(n);
  return {{"model",
           {{"type", "assembly"},
            {"stimuli", {{"x", {{"n", n}, {"k", k}}}}},
            {"defaults", {{"k", k}, {"p_synapse", 0.05}}},
            {"stages", Json::array({{{"A", {{"inputs", {"x"}}, {"n", n}}}}})}}},
          {"simulator", {{"epoch_size", 10}}},
          {"samples", 3},
          {"protocol", Json::array({{{"do", "simulate"}, {"label", "simulate"}}})}};
}

Json sorn(Index n) {
  Json model{{"type", "sorn"}, {"ne", n}, {"nu", n / 20}, {"sp_rate", 0.0005 * n}};
  if (n >= 10000) model["network_type_ie"] = "Sparse";
  return {{"model", model},
          {"input", {{"source", "random"}}},
          {"phases", Json::array({{{"steps", 200}, {"label", "develop"}}})}};
}

Json attractor(Index n) {
  return {{"model", {{"type", "attractor"}, {"evidence", 2}, {"inverse_temperature", 1}, {"learning_rate", 0.0005}}},
          {"patterns", {{"random", 10}, {"units", n}}},
          {"protocol", Json::array({{{"do", "train"}, {"label", "training"}, {"epochs", 20}, {"steps", 10}}})}};
}

Json calculus(Index n) {
  const Index k = winners_of(n);
  return {{"model",
           {{"type", "calculus"},
            {"p", 0.01},
            {"areas", {{"A", {{"n", n}, {"k", k}, {"beta", 0.05}}}}},
            {"stimuli", {{"s", {{"size", k}}}}}}},
          {"protocol", Json::array({{{"do", "assemble"}, {"stimuli", {"s"}}, {"areas", {"A"}}, {"rounds", 25}}})}};
}

Json parser(Index n) {
  return {{"model", {{"type", "parser"}, {"n", n}, {"k", winners_of(n)}}}, {"sentences", {"the big dogs chase cats"}}};
}

/// Two layers of n units, connected both ways, a quarter of them active.
Json leabra(Index n) {
  const Index active = n / 4;
  return {{"model",
           {{"type", "leabra"},
            {"layers", {{"input", {{"size", n}}}, {"output", {{"size", n}}}}},
            {"projections",
             {{"up", {{"pre", "input"}, {"post", "output"}}}, {"down", {{"pre", "output"}, {"post", "input"}}}}}}},
          {"patterns",
           {{"random", 4},
            {"active", {{"input", active}, {"output", active}}},
            {"inputs", {"input"}},
            {"targets", {"output"}}}},
          {"protocol", Json::array({{{"do", "train"}, {"epochs", 2}}})}};
}

/// An ensemble that is shown a sine and feeds itself.
Json nef(Index n) {
  return {{"model",
           {{"type", "nef"},
            {"nodes", {{"in", {{"output", "sine"}, {"frequency", {1}}, {"amplitude", {0.8}}}}}},
            {"ensembles", {{"a", {{"neurons", n}, {"dimensions", 1}}}}},
            {"connections",
             {{"shown", {{"from", "in"}, {"to", "a"}}},
              {"fed_back", {{"from", "a"}, {"to", "a"}, {"synapse", {{"tau", 0.1}}}}}}}}},
          {"run", {{"seconds", 0.2}}}};
}

Json nef_memory(Index n) {
  return {{"model",
           {{"type", "nef_memory"}, {"pairs", n / 20}, {"dimensions", 32}, {"neurons", n}, {"presentation", 0.05}}}};
}

/// Wants nothing and keeps nothing.
class NullRecorder final : public Recorder {
 public:
  bool wants(std::string_view) const override { return false; }
  Tick next_wanted(std::string_view, Tick) const override { return no_tick; }
  void metric(Tick, Index, std::string_view, std::string_view, double, std::int64_t) override {}
  void append(std::string_view, std::span<const std::uint64_t>, std::size_t) override {}
  void append(std::string_view, std::span<const std::uint32_t>, std::size_t) override {}
  void append(std::string_view, std::span<const double>, std::size_t) override {}
  void append(std::string_view, std::span<const float>, std::size_t) override {}
};

}  // namespace

const std::vector<GrowingExperiment>& growing_experiments() {
  static const std::vector<GrowingExperiment> all{{"assembly", {250, 500, 1000, 2000, 4000, 8000}, assembly},
                                                  {"sorn", {200, 1000, 10000, 100000, 400000}, sorn},
                                                  {"attractor", {64, 128, 256, 1024, 4096, 8192}, attractor},
                                                  {"calculus", {10000, 100000, 300000, 1000000}, calculus},
                                                  {"parser", {1000, 10000, 100000}, parser},
                                                  {"leabra", {16, 64, 256, 1024}, leabra},
                                                  {"nef", {100, 400, 1600}, nef},
                                                  {"nef_memory", {200, 1000, 4000}, nef_memory}};
  return all;
}

Experiment experiment_of(const GrowingExperiment& growing, Index n) {
  Json document = growing.document(n);
  document["schema"] = experiment_schema_id;
  return read_experiment(std::move(document), ".", growing.family);
}

double seconds_of_ticks(const Experiment& experiment, Backend& backend, double min_time) {
  using Clock = std::chrono::steady_clock;
  NullRecorder recorder;
  double best = 1e18, spent = 0;
  for (int run = 0; run < 2 || spent < min_time; ++run) {
    const auto task = experiment.first.plan->build({backend, experiment.seeds});
    backend.synchronize();
    const auto start = Clock::now();
    for (Tick t = 0; t < task->ticks();) t += task->advance(t, task->ticks() - t, recorder);
    task->finish(recorder);
    backend.synchronize();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::min(best, seconds);
    spent += seconds;
  }
  return best;
}

CrossoverRule measure_crossover(const std::vector<GrowingExperiment>& chosen, Backend& cpu, Backend& cuda,
                                double min_time, const std::function<void(const std::string&)>& log) {
  CrossoverRule rule;
  rule.date = utc_now().substr(0, 10);
  rule.device = cuda.info().name;
  rule.cpu = cpu.info().name;
  rule.threads = cpu.info().threads;
  rule.precision = precision_name;
  rule.engram = build_description();
  char line[128];
  std::snprintf(line, sizeof line, "%-10s %10s %12s %12s %12s %8s", "family", "units", "bytes", "cpu", "cuda", "ratio");
  log(line);
  for (const GrowingExperiment& growing : chosen) {
    CrossoverRule::OfFamily& family = rule.families[growing.family];
    for (const Index n : growing.sizes) {
      const Experiment experiment = experiment_of(growing, n);
      CrossoverTiming t{static_cast<double>(memory_needed(experiment)), 0, 0};
      t.cpu = seconds_of_ticks(experiment, cpu, min_time);
      t.cuda = seconds_of_ticks(experiment, cuda, min_time);
      family.timings.push_back(t);
      std::snprintf(line, sizeof line, "%-10s %10u %12.4g %10.4g s %10.4g s %8.3g", growing.family.c_str(), n, t.bytes,
                    t.cpu, t.cuda, t.cpu / t.cuda);
      log(line);
    }
    family.cuda_from_bytes = crossover_bytes(family.timings);
  }
  return rule;
}

}  // namespace engram::bench
