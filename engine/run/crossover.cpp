#include "engine/run/crossover.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "engram/core/portable.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/task.hpp"

namespace engram {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

std::optional<double> crossover_bytes(std::vector<CrossoverTiming> timings) {
  std::sort(timings.begin(), timings.end(), [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
  std::size_t first = timings.size();
  while (first > 0 && timings[first - 1].cuda < timings[first - 1].cpu) --first;
  if (first == timings.size()) return std::nullopt;
  if (first == 0) return timings[0].bytes;
  const CrossoverTiming &slower = timings[first - 1], &faster = timings[first];
  const double below = std::log(slower.cpu / slower.cuda), above = std::log(faster.cpu / faster.cuda);
  return slower.bytes * std::pow(faster.bytes / slower.bytes, -below / (above - below));
}

Json to_json(const CrossoverRule& rule) {
  Json families = Json::object();
  for (const auto& [name, family] : rule.families) {
    Json timings = Json::array();
    for (const CrossoverTiming& t : family.timings)
      timings.push_back({{"bytes", t.bytes}, {"cpu", t.cpu}, {"cuda", t.cuda}});
    families[name] = {{"cuda_from_bytes", family.cuda_from_bytes ? Json(*family.cuda_from_bytes) : Json()},
                      {"timings", timings}};
  }
  return {
      {"schema", crossover_schema_id}, {"date", rule.date},           {"device", rule.device}, {"cpu", rule.cpu},
      {"threads", rule.threads},       {"precision", rule.precision}, {"engram", rule.engram}, {"families", families}};
}

CrossoverRule read_crossover(const std::string& file) {
  const ConfigReader reader(read_config_file(file));
  CrossoverRule rule;
  reader.choice("schema", {crossover_schema_id});
  rule.date = reader.get<std::string>("date");
  rule.device = reader.get<std::string>("device");
  rule.cpu = reader.get<std::string>("cpu");
  rule.threads = reader.get<int>("threads", {1, 4096});
  rule.precision = reader.choice("precision", {"float", "double"});
  rule.engram = reader.optional_object("engram").json();
  rule.file = file;
  std::vector<std::string> known;
  for (const Family& family : engram::families()) known.emplace_back(family.name);
  const Range positive{1e-12, 1e18};
  for (const auto& [name, family] : reader.object("families").members()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string near = nearest(name, known);
      family.json();
      family.problem("no model family has this name" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
      continue;
    }
    CrossoverRule::OfFamily& found = rule.families[name];
    const ConfigReader from = family.member("cuda_from_bytes");
    if (!from.exists())
      family.problem("cuda_from_bytes", "needed: a number of bytes, or null where the CPU is always faster");
    else if (!from.json().is_null())
      found.cuda_from_bytes = from.as<double>({0, 1e18});
    for (const ConfigReader& t : family.optional_list("timings").items())
      found.timings.push_back(
          {t.get<double>("bytes", positive), t.get<double>("cpu", positive), t.get<double>("cuda", positive)});
  }
  try {
    reader.finish();
  } catch (const ConfigError& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) problem.path = file + ": " + (problem.path.empty() ? "/" : problem.path);
    throw ConfigError(std::move(problems));
  }
  return rule;
}

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string megabytes(double bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g MB", bytes * 1e-6);
  return text;
}

}  // namespace

std::string crossover_file() {
  if (const std::string named = environment("ENGRAM_CROSSOVER"); !named.empty()) return named;
  fs::path folder = environment("XDG_CONFIG_HOME");
  if (!folder.is_absolute()) {  // as the standard asks
    const fs::path home = environment("HOME");
    if (home.empty()) return "";
    folder = home / ".config";
  }
  return (folder / "engram/crossover.json").string();
}

std::optional<CrossoverRule> recorded_crossover() {
  const std::string file = crossover_file();
  std::error_code ignored;
  if (file.empty() || (environment("ENGRAM_CROSSOVER").empty() && !fs::exists(file, ignored))) return std::nullopt;
  return read_crossover(file);
}

BackendChoice choose_backend(const std::optional<CrossoverRule>& rule, const std::string& family, std::size_t bytes,
                             const std::string& device, const std::string& unavailable) {
  if (!unavailable.empty()) return {"cpu", "auto: cpu (" + unavailable + ")"};
  const auto unknown = [&](const std::string& why) {
    return BackendChoice{"cuda", "auto: cuda, " + device + "; " + why};
  };
  if (!rule) return unknown("from which size on it is faster was not measured here (engram bench --crossover does)");
  const std::string source = rule->file + " of " + rule->date;
  if (rule->device != device) return unknown(source + " is about " + rule->device);
  if (rule->precision != precision_name) return unknown(source + " is about " + rule->precision + " precision");
  const auto found = rule->families.find(family);
  if (found == rule->families.end()) return unknown(source + " says nothing of " + family);
  const std::string measured = " (" + source + ", threads: " + std::to_string(rule->threads) + ")";
  const auto from = found->second.cuda_from_bytes;
  if (!from) return {"cpu", "auto: cpu, faster than " + device + " at every measured size of " + family + measured};
  const auto size = static_cast<double>(bytes);
  return {size < *from ? "cpu" : "cuda", std::string("auto: ") + (size < *from ? "cpu, " : "cuda, ") + megabytes(size) +
                                             (size < *from ? " is below the " : " reaches the ") + megabytes(*from) +
                                             " from which " + device + " is faster at " + family + measured};
}

}  // namespace engram
