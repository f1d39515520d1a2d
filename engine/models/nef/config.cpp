#include "engine/models/nef/config.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/io/names.hpp"
#include "engine/models/nef/series.hpp"
#include "engine/run/plain_error.hpp"
#include "engine/run/series.hpp"
#include "engine/run/timeline.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/schema.hpp"

namespace engram::nef {

namespace {

void read_run(const ConfigReader& experiment, const std::map<std::string, std::size_t>& sizes, Config& config) {
  const ConfigReader reader = experiment.object("run");
  read_fields(reader, config.run);
  const double steps = config.run.seconds / config.network.dt;
  constexpr auto most = static_cast<double>(max_steps);
  if (steps > most) reader.problem("seconds", "the run would be longer than " + shown(most) + " steps");
  config.steps = static_cast<std::uint64_t>(std::nearbyint(std::min(steps, most)));
  if (config.steps == 0)
    reader.problem("seconds",
                   "found " + shown(config.run.seconds) + " s, which is no step of " + shown(config.network.dt) + " s");
  const auto known = [&](const std::string& name, const std::string& key) {
    const std::vector<std::string> names = keys_of(config.network.probes);
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    const std::string near = nearest(name, names);
    reader.problem_at(key,
                      "there is no probe \"" + name + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  };
  ResultNames labels;
  for (std::size_t m = 0; m < config.run.measures.size(); ++m) {
    Measure& measure = config.run.measures[m];
    const std::string at = "measures/" + std::to_string(m) + "/";
    known(measure.probe, at + "probe");
    if (!measure.versus.empty()) known(measure.versus, at + "versus");
    const auto a = sizes.find(measure.probe), b = sizes.find(measure.versus);
    if (a != sizes.end() && b != sizes.end() && a->second != b->second)
      reader.problem_at(at + "versus", "\"" + measure.probe + "\" records " + std::to_string(a->second) +
                                           " numbers, \"" + measure.versus + "\" " + std::to_string(b->second));
    if (measure.label.empty()) measure.label = measure.probe;
    measure.label = labels.take(measure.label);
    if (measure.to > 0 && measure.to <= measure.from)
      reader.problem_at(at + "to", "nothing lies between " + shown(measure.from) + " and " + shown(measure.to) + " s");
  }
}

}  // namespace

std::vector<std::string> Config::series() const {
  std::vector<std::string> learning;
  for (const auto& [connection, fields] : network.connections)
    if (!fields.learning.empty()) learning.push_back(connection);
  return names_of(recordable::all, {{{"probe", keys_of(network.probes)}, {"connection", learning}}});
}

Config read_config(ConfigReader& experiment) {
  Config config;
  const ConfigReader model = experiment.object("model");
  model.member("type");
  read_fields(model, config.network);
  if (model.member("state").exists()) config.begun = ModelState::read(model);
  for (const auto& [name, probe] : config.network.probes)
    if (const std::string fault = io::fault_of_column_part(name); !fault.empty())
      model.problem_at("probes/" + name, fault);
  std::map<std::string, std::size_t> sizes;
  if (experiment.ok()) {
    try {
      sizes = Simulator::check(config.network);
    } catch (const ConfigError& error) {
      for (const Problem& problem : error.problems()) model.problem_at(problem.path, problem.text);
    } catch (const Error& error) {
      if (!is_plain(error)) throw;
      model.problem(error.what());
    }
  }
  for (const auto& [probe, numbers] : sizes) config.max_numbers = std::max(config.max_numbers, numbers);
  if (config.begun && experiment.ok()) check_begun(experiment, config);
  read_run(experiment, sizes, config);
  return config;
}

nlohmann::ordered_json schema_of_family() {
  using namespace schema;
  Json model = properties_of<Network>();
  Json all = Json::object();
  all["type"] = {{"const", "nef"}};
  all.update(model);
  all["state"] = {
      {"type", "string"},
      {"description", "state.safetensors of another run with these ensembles and seeds: its networks go on here"}};
  return {{"model", object(all, {"type"})}, {"run", object_of<Run>()}};
}

}  // namespace engram::nef
