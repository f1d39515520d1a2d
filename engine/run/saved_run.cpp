#include "engine/run/saved_run.hpp"

#include <charconv>
#include <cstdio>
#include <stdexcept>
#include <tuple>

#include "engine/run/checkpoint.hpp"
#include "engine/run/plain_error.hpp"
#include "engine/run/run_names.hpp"
#include "engram/run/simulation.hpp"

namespace engram {

using Json = nlohmann::ordered_json;
using Metadata = std::map<std::string, std::string>;

namespace {

std::string hash_of(const Json& document) {
  const std::string text = document.dump();
  return io::checksum(text.data(), text.size());
}

const std::string& this_version() {
  static const std::string version = build_description()["version"];
  return version;
}

/// Whether a version, "1.2.3", is this one's or an older one's, all of whose checkpoints of this format can be read.
bool not_newer(const std::string& version) {
  const auto numbers = [](const std::string& text) {
    unsigned major = 0, minor = 0, patch = 0;
    char rest = 0;
    const bool whole = std::sscanf(text.c_str(), "%4u.%4u.%4u%c", &major, &minor, &patch, &rest) == 3;
    return std::tuple(!whole, major, minor, patch);  // what is none counts as newer
  };
  return numbers(version) <= numbers(this_version());
}

std::string value_of(const Metadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) throw IoError("it has no \"" + key + "\"");
  return found->second;
}

void need(const Metadata& metadata, const std::string& key, const std::string& expected) {
  if (const std::string found = value_of(metadata, key); found != expected)
    throw IoError("its " + key + " is " + found.substr(0, 100) + ", not " + expected.substr(0, 100));
}

Json parse(const std::string& text, const char* key) {
  try {
    return parse_config(text, key, std::size_t{256} << 20);
  } catch (const ConfigError& error) {
    throw IoError(std::string("malformed: ") + error.what());
  }
}

/// The results of the points before `point`.
Json results_of(const Metadata& metadata, const Experiment& experiment, std::size_t point) {
  Json results = parse(value_of(metadata, "points"), "points");
  if (!results.is_array() || results.size() != point)
    throw IoError("malformed: its points are not the results of " + std::to_string(point) + " grid points");
  for (std::size_t p = 0; p < point; ++p) {
    const Json& one = results[p];
    const bool of_point = one.is_object() && one.contains("grid") && one["grid"] == experiment.points[p];
    const bool has_results =
        of_point && one.contains("results") && one["results"].is_object() && !one.contains("error");
    const bool diverged = of_point && !one.contains("results") && one.contains("error") && one["error"].is_string() &&
                          one.contains("tick") && one["tick"].is_number_unsigned();
    if (!has_results && !diverged) throw IoError("the results of point " + std::to_string(p) + " are malformed");
  }
  return results;
}

}  // namespace

std::uint64_t number_of(const Metadata& metadata, const std::string& key) {
  const std::string text = value_of(metadata, key);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    throw IoError("its " + key + " are \"" + text.substr(0, 40) + "\", not a number");
  return number;
}

std::string config_hash(const Experiment& experiment) {
  Json document = experiment.document;
  for (const char* key : {"backend", "threads"}) document.erase(key);
  return hash_of(document);
}

Metadata describe_state(const Experiment& experiment, std::size_t point, Tick tick, Tick origin) {
  return {{"format", checkpoint_format},           {"engram", this_version()},
          {"precision", precision_name},           {"config", config_hash(experiment)},
          {"point", std::to_string(point)},        {"tick", std::to_string(tick)},
          {"time", std::to_string(origin + tick)}, {"model", document_of(experiment, point)["model"].dump()},
          {"seeds", Json(experiment.seeds).dump()}};
}

void check_format(const io::SafetensorsFile& file) {
  const std::string version = value_of(file.metadata(), "engram"), format = value_of(file.metadata(), "format");
  if (format == checkpoint_format && not_newer(version)) return;
  throw IoError("it was written by engram " + version.substr(0, 40) + " in the format \"" + format.substr(0, 40) +
                "\"; this is engram " + this_version() + ", which reads \"" + checkpoint_format +
                "\" of versions up to its own");
}

void add_saved_run(Metadata& metadata, const Experiment& experiment, const SavedRun& run) {
  metadata["inputs"] = run.inputs.dump();
  metadata["output"] = run.output.dump();
  metadata["conclusion"] = run.conclusion.dump();
  metadata["points"] = run.results.dump();
  metadata["states"] = Json(states_of(experiment, run.results)).dump();
  metadata["ticks done"] = std::to_string(run.ticks_done);
}

SavedRun read_saved_run(const io::SafetensorsFile& file, const Experiment& experiment, const Json& inputs,
                        const io::CheckpointName& name) {
  const Metadata& metadata = file.metadata();
  check_format(file);
  if (value_of(metadata, "engram") == "0.1.0")
    throw IoError(
        "it was written by engram 0.1.0, which drew other random numbers, so this version cannot go on with the run; "
        "finish it with engram 0.1.0, or begin it anew");
  need(metadata, "precision", precision_name);
  need(metadata, "config", config_hash(experiment));
  need(metadata, "seeds", Json(experiment.seeds).dump());
  need(metadata, "point", std::to_string(name.point));
  need(metadata, "tick", std::to_string(name.tick));
  if (name.point >= experiment.points.size()) throw IoError("no such grid point");
  if (value_of(metadata, "inputs") != inputs.dump()) throw IoError("it is of a run whose files had other content");

  SavedRun run;
  run.inputs = inputs;
  run.results = results_of(metadata, experiment, name.point);
  need(metadata, "states", Json(states_of(experiment, run.results)).dump());
  run.ticks_done = number_of(metadata, "ticks done");
  run.output = parse(value_of(metadata, "output"), "output");
  if (!run.output.is_object()) throw IoError("malformed: its output is not a list of files");
  run.conclusion = parse(value_of(metadata, "conclusion"), "conclusion");
  return run;
}

void add_run_end(Metadata& metadata, const RunEnd& end) {
  metadata["before end"] = end.before_end.dump();
  metadata["before conclusion"] = end.before_conclusion.dump();
}

RunEnd read_run_end(const io::SafetensorsFile& file, const Experiment& experiment) {
  const Metadata& metadata = file.metadata();
  check_format(file);
  need(metadata, "precision", precision_name);
  need(metadata, "config", config_hash(experiment));
  need(metadata, "seeds", Json(experiment.seeds).dump());
  if (!metadata.contains("before end"))
    throw IoError("it does not say where the recordings may be cut; begin a new run with this file as /model/state");
  return {number_of(metadata, "tick"), parse(value_of(metadata, "before end"), "before end"),
          parse(value_of(metadata, "before conclusion"), "before conclusion")};
}

void refuse_checkpoint(const std::string& file) {
  try {
    throw;
  } catch (const IoError& error) {
    throw IoError(file + ": " + error.what());
  } catch (const Error& error) {
    if (!is_plain(error)) throw;
    throw IoError(file + ": " + error.what());
  } catch (const Json::exception& error) {
    throw IoError(file + ": malformed: " + error.what());
  } catch (const std::out_of_range& error) {  // of a map
    throw IoError(file + ": malformed: " + error.what());
  }
}

}  // namespace engram
