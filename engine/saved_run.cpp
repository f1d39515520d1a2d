#include "saved_run.hpp"

#include <algorithm>
#include <charconv>
#include <new>

#include "checkpoint.hpp"
#include "engram/simulation.hpp"
#include "run_names.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

namespace {

std::string hash_of(const Json& document) {
  const std::string text = document.dump();
  return io::checksum(text.data(), text.size());
}

/// The final states that a run has written when it reaches a point.
std::vector<std::string> states_before(const Experiment& experiment, std::size_t point) {
  std::vector<std::string> states;
  for (std::size_t p = 0; p < point; ++p) states.push_back(state_file(experiment, p));
  return states;
}

Json parse(const std::string& text, const char* key) {
  try {
    return parse_config(text, key, std::size_t{256} << 20);
  } catch (const ConfigError& error) {
    throw IoError(std::string("malformed: ") + error.what());
  }
}

}  // namespace

std::string config_hash(const Experiment& experiment) {
  Json document = experiment.document;
  for (const char* key : {"backend", "threads"}) document.erase(key);
  return hash_of(document);
}

std::map<std::string, std::string> describe_state(const Experiment& experiment, std::size_t point, Tick tick) {
  return {{"format", checkpoint_format},        {"engram", build_description()["version"]}, {"precision", precision_name},
          {"config", config_hash(experiment)},  {"point", std::to_string(point)},           {"tick", std::to_string(tick)},
          {"seeds", Json(experiment.seeds).dump()}};
}

void add_saved_run(std::map<std::string, std::string>& metadata, const Experiment& experiment, std::size_t point, const SavedRun& run) {
  metadata["output"] = run.output.dump();
  metadata["points"] = run.results.dump();
  metadata["states"] = Json(states_before(experiment, point)).dump();
  metadata["ticks done"] = std::to_string(run.ticks_done);
}

SavedRun read_saved_run(const io::SafetensorsFile& file, const Experiment& experiment, const io::CheckpointName& name) {
  const auto value = [&](const char* key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? "nothing" : found->second;
  };
  const auto need = [&](const char* key, const std::string& expected) {
    if (value(key) != expected) throw IoError(std::string("its ") + key + " is " + value(key) + ", not " + expected);
  };
  need("format", checkpoint_format);
  need("precision", precision_name);
  // Up to version 0.1.0 the hash was that of the whole document.
  if (value("config") != hash_of(experiment.document)) need("config", config_hash(experiment));
  need("seeds", Json(experiment.seeds).dump());
  need("point", std::to_string(name.point));
  need("tick", std::to_string(name.tick));
  if (name.point >= experiment.points.size()) throw IoError("no such grid point");
  need("states", Json(states_before(experiment, name.point)).dump());

  SavedRun run;
  run.results = parse(value("points"), "points");
  const bool results = run.results.is_array() && run.results.size() == name.point &&
                       std::all_of(run.results.begin(), run.results.end(), [](const Json& one) { return one.is_object() && one.contains("results"); });
  if (!results) throw IoError("malformed: its points are not the results of " + std::to_string(name.point) + " grid points");
  const std::string ticks = value("ticks done");
  const auto [end, fault] = std::from_chars(ticks.data(), ticks.data() + ticks.size(), run.ticks_done);
  if (fault != std::errc() || end != ticks.data() + ticks.size()) throw IoError("malformed: its ticks done are " + ticks);
  run.output = parse(value("output"), "output");
  if (!run.output.is_object()) throw IoError("malformed: its output is not a list of files");
  return run;
}

void refuse_checkpoint(const std::string& file) {
  try {
    throw;
  } catch (const MemoryError&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const IoError& error) {
    throw IoError(file + ": " + error.what());
  } catch (const std::exception& error) {  // of the library's JSON, map and number readers
    throw IoError(file + ": malformed: " + error.what());
  }
}

}  // namespace engram
