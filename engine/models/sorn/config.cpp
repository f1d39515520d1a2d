#include "engine/models/sorn/config.hpp"

#include <algorithm>

#include "engine/run/timeline.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/schema.hpp"

namespace engram::sorn {

using Json = nlohmann::ordered_json;

namespace {

/// What /model/state says in place of a file: begin with new networks, whatever the phases do to them.
constexpr const char* drawn_networks = "drawn";

}  // namespace

bool Config::has(const char* action) const {
  return std::any_of(protocol.begin(), protocol.end(), [&](const Phase& p) { return p.action == action; });
}

std::vector<std::string> Config::series() const {
  std::vector<std::string> names = names_of(all_series(), {{}, actions_of(protocol)});
  const auto known = Recording<Seen>::names_of(series_table());
  std::erase_if(names, [&](const std::string& name) {
    return !recording.listed() && !recording.holds(name) && std::find(known.begin(), known.end(), name) != known.end();
  });
  return names;
}

Parameters read_parameters(const ConfigReader& model) {
  Parameters p;
  p.ne = model.get_or("ne", p.ne, {5, 1e8});
  p = preset_parameters(model.choice_or("preset", "package", preset_names()), p);
  read_given(model, p);
  return p;
}

Config read_config(ConfigReader& experiment) {
  Config config;
  const ConfigReader model = experiment.object("model");
  model.member("type");
  config.parameters = read_parameters(model);
  Parameters& p = config.parameters;
  const ConfigReader state = model.member("state");
  const bool drawn = state.is_string() && state.json() == drawn_networks;
  const bool goes_on = state.exists() && !drawn;
  if (goes_on) config.begun = ModelState::read(model);
  if (experiment.ok())
    for (const Problem& problem : problems_of(p)) model.problem_at(problem.path, problem.text);
  config.target_rates = model.get_or("target_rates", std::vector<real>{}, {0, 10});
  if (model.has("target_rates") && config.target_rates.size() != p.ne)
    model.problem("target_rates", "found " + std::to_string(config.target_rates.size()) +
                                      " rates, wanted ne = " + std::to_string(p.ne));
  if (config.begun && experiment.ok()) check_begun(experiment, config);
  config.input = Input::read(experiment.optional_object("input"), p.nu);
  const ConfigReader record = experiment.optional_object("callbacks");
  config.recording = {record, series_table()};
  if (lists_recorders(experiment)) {
    if (record.exists()) record.problem("/record is a list of recorders, which name the series; leave this out");
    config.recording = {read_selections(experiment), series_table()};
  }
  if (config.recording.holds("WEU") && !p.plastic_inputs())
    experiment.problem_at(lists_recorders(experiment) ? "record" : "callbacks/series",
                          "WEU are plastic input weights; /model/input_weights is \"direct\"");
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
    phase.freeze = p.freeze;
    read_fields(reader, phase);
    if (phase.phase == "training" && !developed && !drawn && !goes_on)
      reader.problem("phase",
                     "training changes no weight, so there must be a network to train: let a phase of plasticity come "
                     "before it, or set /model/state to the state.safetensors of another run, or to \"drawn\" for the "
                     "new network as it was drawn");
    developed |= phase.phase == "plasticity";
    if (phase.reads_out() && config.input.source != "counting")
      reader.problem("do", "the readout learns the counting task; set /input/source to \"counting\"");
    if (phase.action == "test_readout" && !trained && !goes_on) reader.problem("do", "no readout was trained before");
    trained |= phase.action == "train_readout";
    if (phase.action == "perturb" && phase.unit >= p.ne)
      reader.problem("unit", "found " + std::to_string(phase.unit) + "; the network has " + std::to_string(p.ne));
    if ((phase.action == "cart_pole") != (config.input.source == "cart_pole"))
      reader.problem(
          "do", phase.action == "cart_pole"
                    ? "the network must see the pole; set /input/source to \"cart_pole\""
                    : "input of source \"cart_pole\" needs phases that do \"cart_pole\", not \"" + phase.action + "\"");
    if (phase.label.empty()) phase.label = phase.action + " " + std::to_string(config.protocol.size() + 1);
    phase.label = labels.take(phase.label);
    config.timeline.add(reader, phase.steps);
    config.protocol.push_back(phase);
  }
  if (config.protocol.empty()) experiment.problem("phases", "found no phase, needed is at least one");
  if (!goes_on || config.begun)
    config.input.check_length(experiment.optional_object("input"),
                              config.timeline.ticks() + (config.begun ? config.begun->time() : 0));
  return config;
}

Json config_schema() {
  using namespace schema;
  Json model{{"type", {{"const", "sorn"}}},
             {"preset", {{"enum", preset_names()}, {"default", "package"}, {"description", "defaults of a paper"}}}};
  model.update(properties_of<Parameters>());
  model["target_rates"] = schema::type_of<std::vector<real>>({0, 10});
  model["target_rates"]["description"] = "of each excitatory unit, of every network; default: as h_ip has it";
  model["state"] = {
      {"type", "string"},
      {"description",
       "state.safetensors of another run: its networks go on here, with their seeds' streams where they stood. Or "
       "\"drawn\": the new networks as they are drawn, which a first phase of training needs to be told"}};
  return {{"model", object(model, {"type"})},
          {"input", Input::schema()},
          {"callbacks", Recording<Seen>::schema(series_table())},
          {"phases", list_of(object_of<Phase>())}};
}

}  // namespace engram::sorn
