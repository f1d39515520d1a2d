#include "engine/models/assembly/config.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "engine/io/names.hpp"
#include "engine/run/results.hpp"
#include "engram/run/schema.hpp"

namespace engram::assembly {

using Json = nlohmann::ordered_json;

namespace {

struct SimulatorFields {
  int epoch_size = 10;
  double similarity_divisor = 0;
  bool recall = true, weights = true, each_step = true;
  static constexpr auto fields = std::tuple{
      Field{"epoch_size", &SimulatorFields::epoch_size, "training steps a sample", 1, 1e9},
      Field{"similarity_divisor", &SimulatorFields::similarity_divisor, "0: the k of the area", 0, 1e9},
      Field{"recall", &SimulatorFields::recall, "evaluate recall of all samples so far after each step"},
      Field{"weights", &SimulatorFields::weights, "memory used and weight histograms after each sample"},
      Field{"each_step", &SimulatorFields::each_step,
            "false: measure the last step of each sample alone, without support; faster on a device"},
  };
};

void read_samples(const ConfigReader& experiment, Config& config) {
  const ConfigReader samples = experiment.member("samples");
  if (!samples.exists()) return;
  if (!samples.is_object()) {
    config.samples = samples.as<std::size_t>({1, 1e6});
    return;
  }
  config.samples = 0;
  for (const auto& [name, lists] : samples.members()) {
    const auto stimulus = std::find_if(config.spec.stimuli.begin(), config.spec.stimuli.end(),
                                       [&, n = name](const auto& s) { return s.name == n; });
    if (stimulus == config.spec.stimuli.end()) {
      lists.problem("no stimulus has this name");
      continue;
    }
    auto& given = config.given[name];
    for (const ConfigReader& list : lists.items()) {
      auto units = list.as<std::vector<Index>>({0, static_cast<double>(stimulus->n) - 1});
      std::sort(units.begin(), units.end());
      if (std::adjacent_find(units.begin(), units.end()) != units.end()) list.problem("a unit is listed twice");
      if (units.empty()) list.problem("a sample needs at least one active unit");
      given.push_back(units);
    }
    if (given.empty()) lists.problem("found no samples, needed is at least one");
    if (config.samples && given.size() != config.samples)
      lists.problem("found " + std::to_string(given.size()) + " samples, the stimuli before have " +
                    std::to_string(config.samples));
    config.samples = given.size();
  }
  for (const StimulusSpec& s : config.spec.stimuli)
    if (!config.given.count(s.name))
      samples.problem("stimulus \"" + s.name + "\" has no samples; name them for all stimuli or for none");
}

/// Under which a phase puts results, with those of several replicas.
std::vector<std::string> result_names(const std::string& action, const std::string& label,
                                      const std::vector<AreaSpec>& areas) {
  std::vector<std::string> names;
  if (action == "simulate")
    for (const AreaSpec& area : areas)
      for (const char* attribute : simulation_results) names.push_back(label + ", " + area.name + " " + attribute);
  else
    names.push_back(label);
  if (action == "benchmark") names.push_back(label + pair_suffix);
  for (std::size_t i = names.size(); i-- > 0;) names.push_back(names[i] + sd_suffix);
  return names;
}

}  // namespace

Config read_config(ConfigReader& experiment) {
  Config config;
  const ConfigReader model = experiment.object("model");
  model.member("type");
  std::vector<std::pair<std::string, ConfigReader>> places;  // of areas and stimuli in the file
  for (const auto& [name, reader] : model.object("stimuli").members()) {
    StimulusSpec stimulus{.name = name};
    read_fields(reader, stimulus);
    config.spec.stimuli.push_back(stimulus);
    places.emplace_back("/stimuli/" + name + "/", reader);
  }
  AreaSpec defaults;
  read_fields(model.optional_object("defaults"), defaults);
  const ConfigReader stages = model.list("stages");
  for (const ConfigReader& stage : stages.items()) {
    config.spec.stages.emplace_back();
    if (!stage.is_object()) stage.problem("a stage is an object of areas by name");
    for (const auto& [name, reader] : stage.members()) {
      AreaSpec area = defaults;
      area.name = name;
      if (const std::string fault = io::fault_of_column_part(name); !fault.empty()) reader.problem(fault);
      area.inputs = reader.get<std::vector<std::string>>("inputs");
      read_fields(reader, area);
      config.spec.stages.back().push_back(area);
      places.emplace_back("/areas/" + name + "/", reader);
    }
    if (config.spec.stages.back().empty()) stage.problem("a stage needs at least one area");
  }
  SimulatorFields simulator;
  read_fields(experiment.optional_object("simulator"), simulator);
  config.options = {simulator.epoch_size, simulator.similarity_divisor, simulator.recall, simulator.weights,
                    simulator.each_step};
  try {
    checked_areas(config.spec);
  } catch (const ConfigError& error) {
    // Faults between keys, at /areas/NAME/key or /stimuli/NAME/key: said where the file has them.
    for (const Problem& p : error.problems()) {
      const auto place =
          std::find_if(places.begin(), places.end(), [&](const auto& one) { return p.path.starts_with(one.first); });
      if (place == places.end()) {
        model.problem(p.text);
        continue;
      }
      const std::string key = p.path.substr(place->first.size());
      place->second.problem(key.substr(0, key.find('/')), p.text);
    }
  }
  read_samples(experiment, config);

  const auto names = [&](const auto& list) {
    std::vector<std::string> all;
    for (const auto& one : list) all.push_back(one.name);
    return all;
  };
  std::vector<AreaSpec> areas;
  for (const auto& stage : config.spec.stages) areas.insert(areas.end(), stage.begin(), stage.end());
  const std::vector<std::string> all_stimuli = names(config.spec.stimuli), all_areas = names(areas);
  const std::set<std::string_view> stimuli(all_stimuli.begin(), all_stimuli.end());  // there may be thousands
  ResultNames labels;
  for (const ConfigReader& reader : experiment.list("protocol").items()) {
    Phase phase;
    reader.choice("do", split_choices(std::get<0>(Phase::fields).choices));
    read_fields(reader, phase);
    for (const std::string& s : phase.stimuli)
      if (!stimuli.contains(s)) reader.problem("stimuli", "no stimulus is called \"" + s + "\"");
    if (phase.stimuli.empty()) phase.stimuli = all_stimuli;
    if (phase.area.empty() && !areas.empty()) phase.area = areas.back().name;
    if (std::find(all_areas.begin(), all_areas.end(), phase.area) == all_areas.end())
      reader.problem("area", "no area is called \"" + phase.area + "\"");
    if (phase.action == "benchmark" && phase.stimuli.size() < 2)
      reader.problem("stimuli", "the benchmark compares at least two stimuli");
    if (phase.label.empty()) phase.label = phase.action + " " + std::to_string(config.protocol.size() + 1);
    phase.label =
        labels.take(phase.label, [&](const std::string& label) { return result_names(phase.action, label, areas); });
    config.timeline.add(reader,
                        phase.action == "simulate" ? config.samples * static_cast<Tick>(config.options.epoch_size) : 1);
    config.protocol.push_back(phase);
  }
  if (config.protocol.empty()) experiment.problem("protocol", "found no phase, needed is at least one");
  return config;
}

Json schema_of_family() {
  using namespace schema;
  Json area = properties_of<AreaSpec>();
  area["inputs"] = {{"type", "array"},
                    {"items", {{"type", "string"}}},
                    {"minItems", 1},
                    {"description", "stimuli or areas, in the order in which their input is added"}};
  const Json by_name = [](Json one) {
    return Json{{"type", "object"}, {"additionalProperties", std::move(one)}, {"minProperties", 1}};
  }(object(area, {"inputs"}));
  Json model{{"type", {{"const", "assembly"}}},
             {"stimuli", {{"type", "object"}, {"additionalProperties", object_of<StimulusSpec>()}}},
             {"defaults", object_of<AreaSpec>()},
             {"stages", {{"type", "array"}, {"items", by_name}, {"minItems", 1}}}};
  const Json lists{
      {"type", "array"}, {"minItems", 1}, {"items", {{"type", "array"}, {"minItems", 1}, {"items", type_of<Index>()}}}};
  return {{"model", object(model, {"type", "stimuli", "stages"})},
          {"simulator", object_of<SimulatorFields>()},
          {"samples",
           {{"oneOf", Json::array({type_of<std::size_t>({1, 1e6}),
                                   Json{{"type", "object"}, {"additionalProperties", lists}}})}}},
          {"protocol", {{"type", "array"}, {"minItems", 1}, {"items", object(properties_of<Phase>(), {"do"})}}}};
}

}  // namespace engram::assembly
