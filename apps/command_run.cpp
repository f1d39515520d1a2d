#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>

#include "apps/commands.hpp"
#include "apps/printable.hpp"
#include "apps/progress.hpp"
#include "apps/signals.hpp"
#include "engine/io/names.hpp"
#include "engine/run/results.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::apps {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

std::string text_of(const Json& value) {
  if (value.is_string()) return printable(value.get<std::string>());
  if (value.is_null()) return "undefined";
  if (!value.is_number_float()) return value.dump();
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value.get<double>());
  return text;
}

void print_results(const Json& point) {
  if (point.contains("grid")) std::cout << point["grid"].dump() << "\n";
  if (point.contains("error")) std::cout << text_of(point["error"]) << "\n";
  std::vector<std::pair<std::string, std::string>> rows;
  std::size_t width = 0;
  const Json results = point.value("results", Json::object());
  const auto is_deviation = [&](const std::string& name) {
    const std::string_view suffix = sd_suffix;
    return name.ends_with(suffix) && results.contains(name.substr(0, name.size() - suffix.size()));
  };
  for (const auto& [name, value] : results.items()) {
    if (is_deviation(name)) continue;
    const auto sd = results.find(name + sd_suffix);
    const std::string deviation = sd == results.end() || value.is_null() ? "" : "  sd " + text_of(*sd);
    rows.emplace_back(printable(name), text_of(value) + deviation);
    width = std::max(width, rows.back().first.size());
  }
  for (const auto& [name, value] : rows)
    std::cout << name << std::string(width - name.size() + 2, ' ') << value << "\n";
  std::cout.flush();
}

/// How the program runs experiments: signals stop them, and a bar shows how far they are.
int run_visibly(const RunCommandOptions& options, const std::function<Ending(const RunOptions&)>& go) {
  ProgressPainter painter(options.quiet ? ProgressStyle::none : options.progress);
  std::optional<SignalScope> signals;
  RunOptions run;
  run.force = options.force;
  run.anew = options.anew;
  run.settings = options.settings;
  if (!options.quiet)
    run.log = [&](const std::string& line) {
      painter.clear();
      std::cerr << line << "\n";
    };
  run.began = [&] { signals.emplace(); };
  run.wish = [] {
    if (SignalScope::stop()) return Wish::stop;
    return SignalScope::take_checkpoint_request() ? Wish::checkpoint : Wish::none;
  };
  run.progressed = [&](const RunProgress& progress) { painter.update(progress); };
  run.point_result = [&](const Json& point) {
    painter.clear();
    if (options.json)
      std::cout << point.dump() << std::endl;
    else
      print_results(point);
  };
  return go(run) == Ending::complete ? 0 : 128 + SignalScope::stop();
}

/// The experiment with what the command line sets in it. Problems name the file.
Experiment read(const RunCommandOptions& options, const fs::path& file, const std::string& base) {
  Json document = read_config_file(options.file);
  try {
    for (const std::string& setting : options.settings) apply_setting(document, setting);
    if (document.is_object()) {
      if (options.backend) document["backend"] = *options.backend;
      if (options.threads) document["threads"] = *options.threads;
      if (options.seed) apply_setting(document, "/seed=" + *options.seed);
    }
    return read_experiment(std::move(document), base, file.stem().string());
  } catch (const ConfigError& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) problem.path = options.file + ": " + (problem.path.empty() ? "/" : problem.path);
    throw ConfigError(std::move(problems));
  }
}

/// The folder that an experiment itself names, below its own; a link would lead out of there.
fs::path own_output(const std::string& file, const fs::path& base, const std::string& output) {
  fs::path folder = base;
  for (const fs::path& part : fs::path(output).lexically_normal()) {
    folder /= part;
    std::error_code unseen;
    if (fs::is_symlink(folder, unseen))
      throw ConfigError(file + ": /output", folder.string() + " is a link; --out names any folder");
  }
  return folder;
}

}  // namespace

int run(const RunCommandOptions& options) {
  const fs::path file = options.file == "-" ? "experiment.json" : fs::path(options.file);
  const std::string base = file.has_parent_path() ? file.parent_path().string() : ".";
  const Experiment experiment = read(options, file, base);
  const fs::path folder = options.out                  ? fs::path(*options.out)
                          : !experiment.output.empty() ? own_output(options.file, base, experiment.output)
                                                       : fs::path("out") / io::safe_path(experiment.name);
  return run_visibly(options, [&](const RunOptions& how) {
    if (how.log)
      how.log(experiment.name + ": " + experiment.family->name + ", " + std::to_string(experiment.seeds.size()) +
              " x " + std::to_string(experiment.points.size()) + " networks, into " + folder.string());
    return run_experiment(experiment, folder.string(), how);
  });
}

int resume(const RunCommandOptions& options) {
  return run_visibly(options, [&](const RunOptions& how) {
    return resume_experiment(options.file, options.backend.value_or(""), options.threads.value_or(-1), how);
  });
}

}  // namespace engram::apps
