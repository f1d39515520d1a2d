#include "engine/models/leabra/config.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "engine/io/names.hpp"
#include "engine/models/leabra/parts.hpp"
#include "engine/models/leabra/series.hpp"
#include "engine/models/leabra/shown.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/schema.hpp"

namespace engram::leabra {

namespace {

using Json = nlohmann::ordered_json;

bool has_layer(const Config& config, const std::string& name) {
  return std::any_of(config.layers.begin(), config.layers.end(), [&](const auto& l) { return l.first == name; });
}

/// Reports a name that is no layer, where it stands.
void need_layer(const ConfigReader& where, const std::string& name, const Config& config) {
  if (!where.exists() || has_layer(config, name)) return;
  const std::string near = nearest(name, keys_of(config.layers));
  where.problem("there is no layer \"" + name + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

void read_layers(const ConfigReader& model, Config& config) {
  const ConfigReader layers = model.object("layers");
  for (const auto& [name, reader] : layers.members()) {
    if (const std::string fault = io::fault_of_column_part(name); !fault.empty()) layers.problem(name, fault);
    LayerFields fields;
    fields.spec = LayerSpec::of(config.mode);
    fields.size = reader.get<std::uint64_t>("size", {1, 1e8});
    read_fields(reader, fields.spec);
    if (reader.ok() && fields.size % fields.spec.pools != 0)
      reader.problem("pools", "found " + std::to_string(fields.spec.pools) + "; the " + std::to_string(fields.size) +
                                  " units must be a multiple of it");
    config.layers.emplace_back(name, std::move(fields));
  }
  if (config.layers.empty() && model.has("layers")) layers.problem("found no layer, needed is at least one");
}

void read_projections(const ConfigReader& model, Config& config) {
  for (const auto& [name, reader] : model.optional_object("projections").members()) {
    if (const std::string fault = io::fault_of_column_part(name); !fault.empty())
      model.optional_object("projections").problem(name, fault);
    if (has_layer(config, name)) reader.problem("this name is taken by a layer");
    ProjectionFields fields;
    fields.spec = ProjectionSpec::of(config.mode);
    read_given(reader, fields);
    read_fields(reader, fields.spec);
    need_layer(reader.member("pre"), fields.pre, config);
    need_layer(reader.member("post"), fields.post, config);
    if (reader.ok()) {
      try {
        check_pattern(fields.spec, static_cast<Index>(config.layer(fields.pre).size),
                      static_cast<Index>(config.layer(fields.post).size));
      } catch (const ConfigError& error) {
        for (const Problem& p : error.problems()) reader.problem(p.path, p.text);
      }
    }
    config.projections.emplace_back(name, std::move(fields));
  }
}

/// Rows of the receivers, instead of what would be drawn.
void read_weights(const ConfigReader& model, Config& config) {
  const ConfigReader weights = model.optional_object("weights");
  for (const auto& [name, reader] : weights.members()) {
    const auto rows = reader.as<std::vector<std::vector<real>>>({-1e30, 1e30});
    const auto projection = std::find_if(config.projections.begin(), config.projections.end(),
                                         [&, n = name](const auto& p) { return p.first == n; });
    if (projection == config.projections.end()) {
      std::vector<std::string> known;
      for (const auto& [own, fields] : config.projections) known.push_back(own);
      reader.problem("there is no projection of this name; there are " + listed(known));
    } else if (reader.ok()) {
      const std::size_t post = config.layer(projection->second.post).size,
                        pre = config.layer(projection->second.pre).size;
      const bool fits = rows.size() == post &&
                        std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return row.size() == pre; });
      if (!fits)
        reader.problem("found " + std::to_string(rows.size()) + " rows of " +
                       std::to_string(rows.empty() ? 0 : rows.front().size()) + ", wanted " + std::to_string(post) +
                       " of " + std::to_string(pre) + " (receivers, senders)");
      std::vector<real>& all = config.weights.emplace_back(name, std::vector<real>()).second;
      for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
    }
  }
}

std::vector<std::string> read_names(const ConfigReader& reader, const char* key, const Config& config) {
  const auto names = reader.get_or<std::vector<std::string>>(key, {});
  if (!reader.ok() || names.empty()) return names;  // what is no name is reported already
  const auto items = reader.optional_list(key).items();
  for (std::size_t i = 0; i < names.size(); ++i) need_layer(items[i], names[i], config);
  return names;
}

/// Reports layers that are shown twice: one pattern would hold them twice, or be its own answer.
void need_once(const ConfigReader& patterns, const Config& config) {
  const std::size_t inputs = config.inputs.size();
  const auto place = [&](std::size_t k) {
    return k < inputs ? "inputs/" + std::to_string(k) : "targets/" + std::to_string(k - inputs);
  };
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < config.shown.size(); ++i)
    if (const auto [first, fresh] = known.emplace(config.shown[i], i); !fresh)
      patterns.problem_at(place(i), "\"" + first->first + "\" is shown already, as /patterns/" + place(first->second));
}

void read_present(const ConfigReader& reader, Phase& phase, const Config& config) {
  for (const auto& [name, values] : reader.optional_object("clamp").members()) {
    need_layer(values, name, config);
    phase.clamp.emplace_back(name, values.as<std::vector<double>>({0, 1}));
    if (values.is_array() && phase.clamp.back().second.empty())
      values.problem("found no activations, needed is at least one");
  }
}

/// Reports names of a trial's phases that stand for nothing, and projections that contrast phases it does not have.
void check_trial(const ConfigReader& reader, const Phase& phase, const Config& config) {
  std::set<std::string> names{"minus", "plus"};
  for (const TrialPhase& part : phase.trial) names.insert(part.name);
  for (std::size_t k = 0; k < phase.trial.size(); ++k) {
    const std::string at = "trial/" + std::to_string(k);
    for (const std::string& layer : phase.trial[k].show)
      if (std::find(config.shown.begin(), config.shown.end(), layer) == config.shown.end())
        reader.problem_at(at + "/show",
                          "layer \"" + layer + "\" has no pattern; /patterns names " + listed(config.shown));
    for (const std::string& off : phase.trial[k].off)
      if (std::none_of(config.projections.begin(), config.projections.end(),
                       [&](const auto& p) { return p.first == off; }))
        reader.problem_at(at + "/off", "there is no projection \"" + off + "\"");
  }
  for (const auto& [name, p] : config.projections)
    for (const std::string& wanted : {p.spec.plus_phase, p.spec.minus_phase})
      if (p.spec.learning == Learning::contrast && !names.contains(wanted))
        reader.problem("trial",
                       "projection \"" + name + "\" learns from phase \"" + wanted + "\", which is none of these");
}

/// Reports schedules that wait for a loss which nothing measures.
void refuse_plateaus(const ConfigReader& reader, const Phase& phase, const Config& config) {
  constexpr const char* text = "goes by the loss of predictions; set evaluate_every to 1 or more";
  if (phase.schedule.lrate_schedule == Schedule::plateau) reader.problem("lrate_schedule", text);
  for (const auto& [name, p] : config.projections)
    if (p.spec.lrate_schedule == Schedule::plateau)
      reader.problem("evaluate_every", "found 0; the plateau of projection \"" + name + "\" " + text);
}

void read_protocol(const ConfigReader& experiment, Config& config) {
  ResultNames labels;
  for (const ConfigReader& reader : experiment.list("protocol").items()) {
    Phase phase;
    read_given(reader, phase);
    read_given(reader, phase.schedule);
    read_present(reader, phase, config);
    if (phase.action != "present" && reader.member("clamp").exists())
      reader.problem("clamp", "only phases that present hold layers at given activations");
    if (phase.action != "present" && config.patterns.count == 0 && experiment.ok())
      reader.problem("do", "there are no patterns to show; set /patterns");
    if (phase.action == "test" && phase.show == "test" && config.patterns.tests == 0 && experiment.ok())
      reader.problem("show", "there are no test patterns; set /patterns/test or /patterns/test_share");
    if (phase.action == "train" && config.targets.empty() && phase.trial.empty() && experiment.ok())
      reader.problem("do", "nothing says what the answer is; set /patterns/targets");
    if (phase.action == "train") check_trial(reader, phase, config);
    if (phase.stop_after && !phase.evaluate_every)
      reader.problem("stop_after", "needs predictions; set evaluate_every to 1 or more");
    if (phase.action == "train" && !phase.evaluate_every) refuse_plateaus(reader, phase, config);
    if (const std::string fault = io::fault_of_column_part(phase.label); !fault.empty()) reader.problem("label", fault);
    if (phase.label.empty()) phase.label = phase.action + " " + std::to_string(config.protocol.size() + 1);
    phase.label = labels.take(phase.label, [&](const std::string& label) {
      std::vector<std::string> names{label};
      if (phase.action == "train" && config.patterns.tests) names.push_back(label + test_suffix);
      return names;
    });
    config.timeline.add(reader, phase.action == "test" ? 1 : phase.epochs);
    config.protocol.push_back(std::move(phase));
  }
  if (config.protocol.empty()) experiment.problem("protocol", "found no phase, needed is at least one");
}

}  // namespace

const LayerFields& Config::layer(const std::string& name) const {
  for (const auto& [own, fields] : layers)
    if (own == name) return fields;
  throw Error("no layer " + name);
}

Net Config::build(Backend& backend, std::span<const std::uint64_t> seeds) const {
  Net net(backend, seeds, static_cast<Index>(copies));
  for (const auto& [name, l] : layers) net.new_layer(name, static_cast<Index>(l.size), l.spec);
  for (const auto& [name, p] : projections) net.new_projection(name, p.pre, p.post, p.spec);
  return net;
}

std::size_t Config::groups() const {
  std::size_t pools = 0;
  for (const auto& [name, l] : layers) pools += l.spec.pools;
  return layers.size() + (pools > layers.size() ? pools : 0);
}

std::string Config::largest_array() const {
  const auto pairs = [&](const auto& p) {
    return static_cast<double>(layer(p.second.pre).size) * static_cast<double>(layer(p.second.post).size);
  };
  const auto largest = std::max_element(projections.begin(), projections.end(),
                                        [&](const auto& a, const auto& b) { return pairs(a) < pairs(b); });
  if (largest == projections.end()) return "the values of the units";
  return "the weights of " + largest->first + ", " + std::to_string(layer(largest->second.post).size) + " x " +
         std::to_string(layer(largest->second.pre).size);
}

std::vector<std::string> Config::series() const {
  std::vector<std::string> logs, evaluations, biased;
  const auto add_logs = [&](const std::string& name, const auto& spec, const std::string& parts) {
    const std::vector<std::string> frequencies = split_choices(frequency_names);
    for (std::size_t f = 0; f < frequencies.size(); ++f)
      if (!logged_of(spec, static_cast<Frequency>(f)).empty())
        for (const std::string& of : {std::string(), parts}) logs.push_back(name + "/" + frequencies[f] + of);
  };
  for (const auto& [layer, fields] : layers) add_logs(layer, fields.spec, "_units");
  for (const auto& [layer, fields] : layers)
    if (fields.spec.bias) biased.push_back(layer);
  for (const auto& [projection, fields] : projections) add_logs(projection, fields.spec, "_connections");
  for (const Phase& phase : protocol)
    for (const std::string& which : {std::string(), std::string(test_suffix)})
      if (phase.record_outputs) evaluations.push_back(phase.label + which);
  return names_of(
      recordable::all,
      {{{"log", logs}, {"evaluation", evaluations}, {"projection", keys_of(projections)}, {"layer", biased}},
       actions_of(protocol)});
}

std::size_t Config::max_units() const {
  std::uint64_t most = 0;
  for (const auto& [name, fields] : layers) most = std::max<std::uint64_t>(most, fields.size);
  return most;
}

void read_network(const ConfigReader& model, Config& config) {
  if (model.choice_or("mode", "compatible", split_choices(mode_names)) == "standard") config.mode = Mode::standard;
  read_layers(model, config);
  read_projections(model, config);
}

Config read_config(ConfigReader& experiment) {
  Config config;
  const ConfigReader model = experiment.object("model");
  model.member("type");
  read_network(model, config);
  config.copies = model.get_or<std::uint64_t>("copies", 1, {1, 1e6});
  read_weights(model, config);
  if (model.member("state").exists()) config.begun = ModelState::read(model);
  if (config.begun && experiment.ok()) check_begun(experiment, config);
  const ConfigReader patterns = experiment.optional_object("patterns");
  config.inputs = read_names(patterns, "inputs", config);
  config.targets = read_names(patterns, "targets", config);
  config.shown = config.inputs;
  config.shown.insert(config.shown.end(), config.targets.begin(), config.targets.end());
  need_once(patterns, config);
  if (patterns.exists() && config.inputs.empty()) patterns.problem("inputs", "found no layer, needed is at least one");
  if (patterns.exists()) read_patterns(experiment, config);
  if (const std::size_t trained = config.patterns.count - config.patterns.tests; trained % config.copies != 0)
    model.problem("copies", "found " + std::to_string(config.copies) + "; " + std::to_string(trained) +
                                " patterns that train must be a multiple of it");
  read_protocol(experiment, config);
  return config;
}

Json schema_of_family() {
  using namespace schema;
  Json layer = properties_of<LayerSpec>();
  layer["size"] = type_of<std::uint64_t>({1, 1e8});
  layer["size"]["description"] = "units";
  std::vector<Form> projections = forms_of<ProjectionSpec>();
  for (Form& form : projections) {
    form.properties["pre"] = {{"type", "string"}, {"description", "sending layer"}};
    form.properties["post"] = {{"type", "string"}, {"description", "receiving layer"}};
    form.required.insert(form.required.end(), {"pre", "post"});
  }
  Json model{{"type", {{"const", "leabra"}}},
             {"mode",
              {{"enum", split_choices(mode_names)},
               {"default", "compatible"},
               {"description", "as the reference computes, or with its corrections: defaults of the parameters"}}},
             {"copies",
              {{"type", "integer"},
               {"minimum", 1},
               {"maximum", 1000000},
               {"default", 1},
               {"description",
                "states of each replica at a time, which see patterns of their own and learn together: their weight "
                "changes are added up"}}},
             {"layers", by_name(object(layer, {"size"}))},
             {"projections", by_name(one_of(projections))},
             {"weights", by_name(type_of<std::vector<std::vector<real>>>({-1e30, 1e30}))},
             {"state", {{"type", "string"}}}};
  model["weights"]["description"] = "initial weights of projections by name: a row a receiver; default drawn";
  model["state"]["description"] = "state.safetensors of another run: its networks go on here with their weights";
  Json phase = properties_of<Phase>();
  phase.update(properties_of<RateSchedule>());
  phase["clamp"] = by_name(or_file(list_of(type_of<double>({0, 1}))));
  phase["clamp"]["description"] = "present: activations at which layers are held, repeated or cut to their size";
  return {{"model", object(model, {"type", "layers"})},
          {"patterns", schema_of_patterns()},
          {"protocol", list_of(object(phase, {"do"}))}};
}

}  // namespace engram::leabra
