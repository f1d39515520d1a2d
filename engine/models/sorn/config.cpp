#include "engine/models/sorn/config.hpp"

#include <algorithm>

#include "engine/io/safetensors.hpp"
#include "engine/run/timeline.hpp"
#include "engram/run/schema.hpp"

namespace engram::sorn {

using Json = nlohmann::ordered_json;

namespace {

/// What /model/state says in place of a file: begin with new networks, whatever the phases do to them.
constexpr const char* drawn_networks = "drawn";

std::vector<std::string> read_freeze(const ConfigReader& reader, std::vector<std::string> fallback) {
  if (const ConfigReader freeze = reader.member("freeze"); freeze.exists()) {
    fallback.clear();
    for (const ConfigReader& one : freeze.items())
      fallback.push_back(one.as_choice({std::begin(rule_names), std::end(rule_names)}));
  }
  return fallback;
}

}  // namespace

bool Config::has(const char* action) const {
  return std::any_of(phases.begin(), phases.end(), [&](const Phase& p) { return p.action == action; });
}

Config read_config(ConfigReader& experiment) {
  Config config;
  const ConfigReader model = experiment.object("model");
  model.member("type");
  Parameters& p = config.parameters;
  p.ne = model.get_or("ne", p.ne, {5, 1e8});
  if (const std::string preset =
          model.choice_or("preset", "package", {"package", "lazar2009", "zheng2013", "delpapa2017"});
      preset != "package")
    p = preset_parameters(preset, p);
  read_fields(model, p);
  p.freeze = read_freeze(model, p.freeze);
  const bool drawn = model.get_or<std::string>("state", "") == drawn_networks;
  if (model.member("state").exists() && !drawn) {
    config.state = model.file_to_begin("state");
    if (experiment.ok() && !config.state.empty()) {
      try {
        io::SafetensorsFile{config.state};
      } catch (const IoError& error) {
        model.problem("state", error.what());
      }
    }
  }
  if (experiment.ok())
    for (const Problem& problem : check_parameters(p)) model.problem(problem.path, problem.text);
  config.input = Input::read(experiment.optional_object("input"), p.nu);
  const ConfigReader record = experiment.optional_object("callbacks");
  config.recording = {record, series_table()};
  if (config.recording.holds("WEU") && !p.plastic_inputs())
    record.problem("series", "WEU are plastic input weights; /model/input_weights is \"direct\"");
  const auto needs_input = [&](bool wanted, const char* key) {
    if (wanted && config.input.source == "none")
      model.problem(key, "there is no input that it could act on; set /input/source");
  };
  needs_input(p.plastic_inputs(), "input_weights");
  needs_input(p.feed_forward_inhibition > 0, "feed_forward_inhibition");
  bool trained = false, developed = false;
  ResultNames labels;
  for (const ConfigReader& reader : experiment.list("phases").items()) {
    Phase phase;
    phase.phase = p.phase;
    phase.noise = p.noise;
    read_fields(reader, phase);
    phase.freeze = read_freeze(reader, p.freeze);
    if (phase.phase == "training" && !developed && !drawn && config.state.empty())
      reader.problem("phase",
                     "training changes no weight, so there must be a network to train: let a phase of plasticity come "
                     "before it, or set /model/state to the state.safetensors of another run, or to \"drawn\" for the "
                     "new network as it was drawn");
    developed |= phase.phase == "plasticity";
    if (phase.reads_out() && config.input.source != "counting")
      reader.problem("do", "the readout learns the counting task; set /input/source to \"counting\"");
    if (phase.action == "test_readout" && !trained) reader.problem("do", "no readout was trained before");
    trained |= phase.action == "train_readout";
    if (phase.action == "perturb" && phase.unit >= p.ne)
      reader.problem("unit", "found " + std::to_string(phase.unit) + "; the network has " + std::to_string(p.ne));
    if ((phase.action == "cart_pole") != (config.input.source == "cart_pole"))
      reader.problem(
          "do", phase.action == "cart_pole"
                    ? "the network must see the pole; set /input/source to \"cart_pole\""
                    : "input of source \"cart_pole\" needs phases that do \"cart_pole\", not \"" + phase.action + "\"");
    if (phase.label.empty()) phase.label = phase.action + " " + std::to_string(config.phases.size() + 1);
    phase.label = labels.take(phase.label);
    config.timeline.add(reader, phase.steps);
    config.phases.push_back(phase);
  }
  if (config.phases.empty()) experiment.problem("phases", "found no phase, needed is at least one");
  return config;
}

Json config_schema() {
  using namespace schema;
  const auto list_of = [](const auto& names) {
    return Json{{"type", "array"}, {"items", {{"enum", std::vector<std::string>(std::begin(names), std::end(names))}}}};
  };
  Json model{{"type", {{"const", "sorn"}}},
             {"preset", {{"enum", {"package", "lazar2009", "zheng2013", "delpapa2017"}}}}};
  model.update(properties_of<Parameters>());
  model["freeze"] = list_of(rule_names);
  model["state"] = {
      {"type", "string"},
      {"description",
       "state.safetensors of another run: its networks go on here, with their seeds' streams where they stood. Or "
       "\"drawn\": the new networks as they are drawn, which a first phase of training needs to be told"}};
  Json phase = properties_of<Phase>();
  phase["freeze"] = list_of(rule_names);
  Json input = properties_of<Input>();
  input["values"] = {
      {"type", "array"}, {"minItems", 1}, {"items", {{"type", "array"}, {"items", {{"type", "number"}}}}}};
  return {{"model", object(model, {"type"})},
          {"input", object(input)},
          {"callbacks", Recording<Seen>::schema(series_table())},
          {"phases", {{"type", "array"}, {"minItems", 1}, {"items", object(phase)}}}};
}

}  // namespace engram::sorn
