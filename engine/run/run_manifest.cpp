#include "engine/run/run_manifest.hpp"

#include <filesystem>

#include "engine/io/checksum.hpp"
#include "engine/io/safetensors.hpp"
#include "engine/run/clock.hpp"
#include "engine/run/inputs.hpp"
#include "engram/run/simulation.hpp"

namespace engram {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

/// The states of other runs with which the networks of the points begin, each with what its file says of that run.
Json began_from(const Experiment& experiment, const Json& inputs) {
  Json all = Json::object();
  for (std::size_t point = 0; point < experiment.points.size(); ++point) {
    const Json model = document_of(experiment, point)["model"];
    const std::string name = model.contains("state") && model["state"].is_string() ? model["state"] : Json("");
    const std::string file = fs::path(name).lexically_normal().string();
    if (!inputs.contains(file) || all.contains(file)) continue;
    const io::SafetensorsFile state(fs::path(experiment.base_folder) / file);
    all[file] = {{"xxh3", inputs[file]}};
    for (const char* key : {"tick", "time", "config", "seeds", "engram"})
      if (const auto found = state.metadata().find(key); found != state.metadata().end())
        all[file][key] = found->second;
  }
  return all;
}

/// "fast" where those of any point are.
const char* sums_of(const Experiment& experiment) {
  for (std::size_t point = 0; point < experiment.points.size(); ++point)
    if (document_of(experiment, point)["model"].value("sums", "exact") == "fast") return "fast";
  return "exact";
}

}  // namespace

Json new_manifest(const Experiment& experiment, const Json& inputs) {
  const std::string folder = fs::absolute(experiment.base_folder).lexically_normal().string();
  try {
    static_cast<void>(Json(folder).dump());
  } catch (const Json::exception&) {
    throw IoError(
        folder +
        ": the name of this folder is not UTF-8, so no manifest can hold it; rename the folder of the experiment");
  }
  Json manifest{{"schema", io::run_schema_id},
                {"status", "running"},
                {"name", experiment.name},
                {"started", utc_now()},
                {"config", experiment.document},
                {"config_folder", folder},
                {"inputs", inputs},
                {"model", experiment.family->name},
                {"sums", sums_of(experiment)},
                {"seeds", experiment.seeds}};
  if (const Json from = began_from(experiment, inputs); !from.empty()) manifest["began_from"] = from;
  return manifest;
}

void describe_program(Json& manifest, const RunDevice& device) {
  manifest["engram"] = build_description();
  manifest["device"] = device.description();
}

Experiment recorded_experiment(const Json& manifest, const std::string& folder) {
  try {
    return read_experiment(manifest.at("config"), manifest.at("config_folder"), manifest.at("name"), families(),
                           ConfigReader::Files::to_go_on);
  } catch (const ConfigError& error) {
    check_inputs(recorded_inputs(manifest), manifest.at("config_folder").get<std::string>());
    std::string text;
    for (const Problem& problem : error.problems())
      text += (text.empty() ? "" : "\n") + folder + "/manifest.json: /config" + problem.path + ": " + problem.text;
    throw IoError(text);
  }
}

Json written_files(const io::OwnFiles& files, const io::RunRecorder& recorder) {
  Json all = Json::object();
  const auto add = [&](const std::string& name) {
    const io::Descriptor file = files.folder().open(name);
    const std::uint64_t bytes = file.size();
    all[name] = {{"bytes", bytes}, {"xxh3", io::checksum_of_file(file)}};
    return bytes;
  };
  const auto recorded = recorder.files();
  for (const auto& [name, bytes] : recorded)
    if (const std::uint64_t found = add(name); found != bytes)
      throw IoError((files.folder().path() / name).string() + ": was changed while the run went on: it has " +
                    std::to_string(found) + " bytes, the run wrote " + std::to_string(bytes));
  for (const std::string& name : files.names())
    if (!recorded.contains(name) && files.folder().exists(name)) add(name);
  return all;
}

}  // namespace engram
