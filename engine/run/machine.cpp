#include "engine/run/machine.hpp"

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

void Machine::forecast(const std::function<void(const std::string&)>& log) const {
  const auto megabytes = [](std::size_t bytes) { return std::to_string((bytes >> 20) + 1) + " MiB"; };
  const std::size_t have = available_memory(*backend);
  if (!why.empty()) log(why);
  log("memory: " + megabytes(need) + " needed, " + megabytes(have) + " free");
  if (need > have)
    throw MemoryError("this experiment needs " + megabytes(need) + ", but " + megabytes(have) + " are free on " +
                      backend->info().kind + "; fewer replicas or smaller networks need less");
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
