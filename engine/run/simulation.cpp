#include "engram/run/simulation.hpp"

#include <nlohmann/json.hpp>

#include "engine/run/driver.hpp"
#include "engine/run/extension.hpp"
#include "engine/run/run_manifest.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

Ending run_experiment(const Experiment& experiment, const std::string& folder, const RunOptions& options) {
  RunDevice device(experiment, experiment.backend, experiment.threads);
  io::RunFolder run_folder(folder, options.force ? io::RunFolder::Mode::replace : io::RunFolder::Mode::fresh);
  Driver driver(experiment, std::move(device), run_folder, options);
  driver.forecast();
  driver.begin_fresh();
  return driver.run();
}

namespace {

RunDevice run_device_of(const Experiment& experiment, const std::string& backend, int threads) {
  return {experiment, backend.empty() ? experiment.backend : backend, threads >= 0 ? threads : experiment.threads};
}

Ending extend(io::RunFolder& folder, const Json& manifest, const std::string& backend, int threads,
              const RunOptions& options) {
  const Experiment before = recorded_experiment(manifest, folder.path().string());
  const Experiment longer = longer_experiment(before, options.settings);
  Driver driver(longer, run_device_of(longer, backend, threads), folder, options);
  driver.forecast();
  driver.begin_extended(manifest, before);
  return driver.run();
}

}  // namespace

Ending resume_experiment(const std::string& folder, const std::string& backend_name, int threads,
                         const RunOptions& options) {
  io::RunFolder run_folder(folder, io::RunFolder::Mode::existing);
  Json manifest = run_folder.manifest();
  if (!options.settings.empty()) {
    if (manifest["status"] == "complete") return extend(run_folder, manifest, backend_name, threads, options);
    throw Error(folder + ": this run is " + manifest["status"].get<std::string>() +
                    "; engram resume without --set finishes it, then it can be extended",
                2);
  }
  if (manifest["status"] == "complete") {
    if (options.log) options.log(folder + ": complete already");
    if (options.point_result)
      for (const Json& point : manifest["points"]) options.point_result(point);
    return Ending::complete;
  }
  if (!options.anew && manifest.contains("exit_code") && manifest["exit_code"] == NumericError("").exit_code())
    throw NumericError(folder + ": ended by " + manifest["error"].dump() +
                       "; it would end so again: change the experiment and run it anew");
  const Experiment experiment = recorded_experiment(manifest, folder);
  Driver driver(experiment, run_device_of(experiment, backend_name, threads), run_folder, options);
  driver.forecast();
  driver.begin_resumed(std::move(manifest));
  return driver.run();
}

}  // namespace engram
