#include "checkpoint_header.hpp"

#include <charconv>
#include <cstdio>
#include <tuple>

#include "checkpoint.hpp"
#include "engram/config_reader.hpp"
#include "engram/simulation.hpp"
#include "io/file.hpp"
#include "plain_error.hpp"

namespace engram {

using Json = nlohmann::ordered_json;
using Metadata = std::map<std::string, std::string>;

namespace {

const std::string& this_version() {
  static const std::string version = build_description()["version"];
  return version;
}

std::string config_hash(const Experiment& experiment) {
  const std::string text = experiment.document.dump();
  return io::checksum(text.data(), text.size());
}

std::string value_of(const Metadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) throw IoError("it has no \"" + key + "\"");
  return found->second;
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

std::uint64_t number_of(const Metadata& metadata, const std::string& key) {
  const std::string text = value_of(metadata, key);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) throw IoError("its " + key + " are \"" + text.substr(0, 40) + "\", not a number");
  return number;
}

}  // namespace

Metadata checkpoint_header(const Experiment& experiment, std::size_t point, Tick tick) {
  return {{"format", checkpoint_format},
          {"engram", this_version()},
          {"precision", precision_name},
          {"config", config_hash(experiment)},
          {"point", std::to_string(point)},
          {"tick", std::to_string(tick)},
          {"seeds", Json(experiment.seeds).dump()}};
}

void check_format(const io::SafetensorsFile& file) {
  const std::string version = value_of(file.metadata(), "engram"), format = value_of(file.metadata(), "format");
  if (format == checkpoint_format && not_newer(version)) return;
  throw IoError("it was written by engram " + version.substr(0, 40) + " in the format \"" + format.substr(0, 40) + "\"; this is engram " + this_version() +
                ", which reads \"" + checkpoint_format + "\" of versions up to its own");
}

void check_header(const io::SafetensorsFile& file, const Metadata& expected) {
  check_format(file);
  for (const auto& [key, value] : expected)
    if (const std::string found = value_of(file.metadata(), key); key != "engram" && found != value)
      throw IoError("its " + key + " is " + found.substr(0, 100) + ", not " + value.substr(0, 100));
}

void put_done(const Done& done, Metadata& metadata) {
  metadata["inputs"] = done.inputs.dump();
  metadata["points"] = done.results.dump();
  metadata["ticks done"] = std::to_string(done.ticks);
}

Done read_done(const Metadata& metadata, const Experiment& experiment, const Json& inputs, std::size_t point) {
  Done done{inputs};
  // Version 0.1.0 did not keep the hashes of files.
  if (metadata.contains("inputs") && metadata.at("inputs") != inputs.dump()) throw IoError("it is of a run whose files had other content");
  try {
    done.results = parse_config(value_of(metadata, "points"), "points", std::size_t{256} << 20);
  } catch (const ConfigError& error) {
    throw IoError(std::string("malformed: ") + error.what());
  }
  if (!done.results.is_array() || done.results.size() != point)
    throw IoError("it has not the results of the " + std::to_string(point) + " points before its own");
  for (std::size_t p = 0; p < point; ++p) {
    const Json& one = done.results[p];
    const bool of_point = one.is_object() && one.contains("grid") && one["grid"] == experiment.points[p].values;
    const bool has_results = of_point && one.contains("results") && one["results"].is_object() && !one.contains("error");
    const bool diverged = of_point && !one.contains("results") && one.contains("error") && one["error"].is_string() && one.contains("tick") &&
                          one["tick"].is_number_unsigned();
    if (!has_results && !diverged) throw IoError("the results of point " + std::to_string(p) + " are malformed");
  }
  done.ticks = number_of(metadata, "ticks done");
  return done;
}

void blame(const std::filesystem::path& checkpoint) {
  const std::string name = checkpoint.string() + ": ";
  try {
    throw;
  } catch (const IoError& error) {
    throw IoError(name + error.what());
  } catch (const Error& error) {
    if (!is_plain(error)) throw;
    throw IoError(name + error.what());
  } catch (const Json::exception& error) {
    throw IoError(name + "malformed: " + error.what());
  } catch (const std::out_of_range& error) {  // of a map
    throw IoError(name + "malformed: " + error.what());
  }
}

}  // namespace engram
