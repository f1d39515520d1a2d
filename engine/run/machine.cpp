#include "engine/run/machine.hpp"

#include <cmath>
#include <cstdio>

#include "engine/run/crossover.hpp"
#include "engram/run/simulation.hpp"

namespace engram {

Machine::Machine(const Experiment& experiment, const std::string& asked, int threads)
    : need(memory_needed(experiment)), threads(threads) {
  BackendChoice choice{asked, ""};
  if (asked == "auto") {
    const auto rule = recorded_crossover();
    const std::string unavailable = cuda_unavailable();
    choice = choose_backend(rule, experiment.family->name, need,
                            unavailable.empty() ? make_backend("cuda")->info().name : "", unavailable);
  }
  backend = make_backend(choice.backend, {threads});
  why = choice.why;
}

std::string bytes_in_words(std::size_t bytes) {
  char text[32];
  if (bytes < std::size_t{1} << 30)
    std::snprintf(text, sizeof text, "%zu MiB", (bytes >> 20) + 1);
  else
    std::snprintf(text, sizeof text, "%.1f GiB", std::ldexp(static_cast<double>(bytes), -30));
  return text;
}

namespace {

/// How many seeds fit into so much memory, of each point; 0 if not even one does.
std::size_t seeds_that_fit(const Experiment& experiment, std::size_t have) {
  const auto fits = [&](const Plan& plan, std::size_t seeds) {
    try {
      return plan.memory(seeds) <= have;
    } catch (const MemoryError&) {
      return false;
    }
  };
  std::size_t fewest = experiment.seeds.size();
  for (std::size_t point = 0; point < experiment.points.size() && fewest > 0; ++point) {
    const auto plan = plan_of(experiment, point).plan;
    while (fewest > 0 && !fits(*plan, fewest)) fewest = fewest > 8 ? fewest * 7 / 8 : fewest - 1;
  }
  return fewest;
}

std::string remedy(const Experiment& experiment, std::size_t have) {
  if (const std::size_t fit = seeds_that_fit(experiment, have); fit > 0)
    return "/replicas/seeds: " + std::to_string(fit) + " of " + std::to_string(experiment.seeds.size()) +
           " fit at a time";
  return "/model: one network alone needs " + bytes_in_words(experiment.first.plan->memory(1)) +
         ", above all its weights; smaller areas or sparse ones need less";
}

}  // namespace

void Machine::forecast(const Experiment& experiment, const std::function<void(const std::string&)>& log) const {
  const std::size_t have = available_memory(*backend);
  if (!why.empty()) log(why);
  log("memory: " + bytes_in_words(need) + " needed, " + bytes_in_words(have) + " free");
  if (need > have)
    throw MemoryError("this experiment needs " + bytes_in_words(need) + ", but " + bytes_in_words(have) +
                      " are free on " + backend->info().kind + "; " + remedy(experiment, have));
}

nlohmann::ordered_json Machine::description() const {
  const DeviceInfo& device = backend->info();
  nlohmann::ordered_json all{{"kind", device.kind},
                             {"name", device.name},
                             {"instruction_set", device.instruction_set},
                             {"threads", device.threads}};
  if (!why.empty()) all["why"] = why;
  return all;
}

}  // namespace engram
