#include "engine/run/run_device.hpp"

#include "engine/run/crossover.hpp"
#include "engram/run/simulation.hpp"

namespace engram {

RunDevice::RunDevice(const Experiment& experiment, const std::string& asked, int threads)
    : need(bytes_forecast(experiment)), threads(threads) {
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

void RunDevice::refuse_beyond_memory(const Experiment& experiment,
                                     const std::function<void(const std::string&)>& log) const {
  const std::size_t have = available_memory(*backend);
  if (!why.empty()) log(why);
  log("memory: " + bytes_in_words(need) + " needed, " + bytes_in_words(have) + " free");
  refuse_beyond(have, backend->info().kind, experiment);
}

nlohmann::ordered_json RunDevice::description() const {
  const DeviceInfo& device = backend->info();
  nlohmann::ordered_json all{{"kind", device.kind},
                             {"name", device.name},
                             {"instruction_set", device.instruction_set},
                             {"threads", device.threads}};
  if (!why.empty()) all["why"] = why;
  return all;
}

}  // namespace engram
