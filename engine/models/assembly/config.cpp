#include "engine/models/assembly/config.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "engine/io/names.hpp"
#include "engine/models/assembly/series.hpp"
#include "engine/run/results.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/schema.hpp"

namespace engram::assembly {

using Json = nlohmann::ordered_json;

namespace {

/// An area as a file describes it. In "engram/1" the learning rate has a name of its own, and keys of a rule may be
/// given whatever the rule of the area is, above all among the defaults.
struct AreaConfig : AreaSpec {
  std::optional<real> beta, ceiling;
  static constexpr auto fields = std::tuple_cat(
      std::tuple{
          Field{"learning_rate", &AreaConfig::beta, "beta by its name in \"engram/1\"", 0.0, 1e3},
          Field{"beta", &AreaConfig::beta, "of no use to this rule", 0.0, 1e3},
          Field{"w_max", &AreaConfig::ceiling, "of no use to this rule", 0.0, 5e5},
      },
      AreaSpec::fields);

  AreaSpec area() const {
    AreaSpec area = *this;
    std::visit(
        [&](auto& own) {
          if constexpr (requires { own.beta; }) {
            own.beta = beta.value_or(own.beta);
            own.w_max = ceiling.value_or(own.w_max);
          }
        },
        area.rule);
    return area;
  }
};

void read_area(const ConfigReader& reader, AreaConfig& area) {
  read_given(reader, area);
  if (reader.has("beta") && reader.has("learning_rate"))
    reader.problem("learning_rate", "is another name of \"beta\", which is given as well");
}

/// Under which a phase puts results, with those of several replicas.
std::vector<std::string> result_names(const std::string& action, const std::string& label,
                                      const std::vector<AreaSpec>& areas) {
  std::vector<std::string> names;
  if (action == "simulate")
    for (const AreaSpec& area : areas)
      for (const Series& one : recordable::results) names.push_back(label + ", " + area.name + " " + one.name);
  else
    names.push_back(label);
  if (action == "benchmark") names.push_back(label + pair_suffix);
  for (std::size_t i = names.size(); i-- > 0;) names.push_back(names[i] + sd_suffix);
  return names;
}

}  // namespace

std::string Config::largest_array() const {
  const auto all = Assembly::matrices(spec);
  const auto pairs = [](const Assembly::Matrix& m) { return static_cast<double>(m.post) * m.pre; };
  const auto largest =
      std::max_element(all.begin(), all.end(), [&](const auto& a, const auto& b) { return pairs(a) < pairs(b); });
  if (largest == all.end()) return {};
  return "the weights " + largest->name + " of area " + largest->area + ", " + std::to_string(largest->post) + " x " +
         std::to_string(largest->pre);
}

std::vector<std::string> Config::series() const {
  std::vector<std::string> areas, matrices;
  for (const auto& stage : spec.stages)
    for (const AreaSpec& area : stage) areas.push_back(area.name);
  for (const Assembly::Matrix& one : Assembly::matrices(spec)) matrices.push_back(one.name);
  return names_of(recordable::all, {{{"area", areas}, {"matrix", matrices}}, actions_of(protocol)});
}

std::size_t Config::max_units() const {
  std::size_t most = 0;
  for (const auto& stage : spec.stages)
    for (const AreaSpec& area : stage) most = std::max<std::size_t>(most, area.n);
  return most;
}

namespace {

using Places = std::vector<std::pair<std::string, ConfigReader>>;  ///< of areas and stimuli in the file

/// An area where it is written down.
struct WrittenArea {
  ConfigReader reader;
  AreaSpec area;
};

/// Keys of areas and defaults that say nothing: where every area has its own value, or a rule that has no use for it.
void note_idle(const ConfigReader& defaults, const std::vector<WrittenArea>& areas) {
  const auto own = [](const ConfigReader& area, const std::string& key) {
    return key == "beta" || key == "learning_rate" ? area.has("beta") || area.has("learning_rate") : area.has(key);
  };
  const auto of_no_use = [](const AreaSpec& area, const std::string& key) {
    if (key == "w_max" || key == "beta" || key == "learning_rate")
      return std::visit(
          [](const auto& rule) {
            return !requires { rule.beta; };
          },
          area.rule);
    return false;
  };
  for (const auto& [key, value] : defaults.as_written().items()) {
    const bool all = std::all_of(areas.begin(), areas.end(), [&, &key = key](const WrittenArea& one) {
      return own(one.reader, key) || of_no_use(one.area, key);
    });
    if (all) defaults.without_effect(key, "every area has a value of its own, or a rule without it");
  }
  for (const WrittenArea& one : areas)
    for (const auto& [key, value] : one.reader.as_written().items())
      if (of_no_use(one.area, key)) one.reader.without_effect(key, "the rule of this area has no use for it");
}

Spec read_spec(const ConfigReader& model, Places& places) {
  Spec spec;
  for (const auto& [name, reader] : model.object("stimuli").members()) {
    StimulusSpec stimulus{.name = name};
    read_given(reader, stimulus);
    spec.stimuli.push_back(stimulus);
    places.emplace_back("/stimuli/" + name + "/", reader);
  }
  AreaConfig defaults;
  const ConfigReader written_defaults = model.optional_object("defaults");
  read_area(written_defaults, defaults);
  std::vector<WrittenArea> written;
  const ConfigReader stages = model.list("stages");
  for (const ConfigReader& stage : stages.items()) {
    spec.stages.emplace_back();
    if (!stage.is_object()) stage.problem("a stage is an object of areas by name");
    for (const auto& [name, reader] : stage.members()) {
      AreaConfig area = defaults;
      area.name = name;
      if (const std::string fault = io::fault_of_column_part(name); !fault.empty()) reader.problem(fault);
      area.inputs = reader.get<std::vector<std::string>>("inputs");
      read_area(reader, area);
      spec.stages.back().push_back(area.area());
      written.push_back({reader, spec.stages.back().back()});
      places.emplace_back("/areas/" + name + "/", reader);
    }
    if (spec.stages.back().empty()) stage.problem("a stage needs at least one area");
  }
  note_idle(written_defaults, written);
  return spec;
}

std::vector<std::string> names_of(const std::vector<Assembly::Matrix>& matrices) {
  std::vector<std::string> names;
  for (const Assembly::Matrix& one : matrices) names.push_back(one.name);
  return names;
}

/// Weights that matrices begin with.
void read_weights(const ConfigReader& model, Config& config) {
  const auto given = model.optional_object("weights").members();
  std::vector<Assembly::Matrix> matrices;
  if (!given.empty() && model.ok()) matrices = Assembly::matrices(config.spec);
  for (const auto& [name, reader] : given) {
    const auto rows = reader.as<std::vector<std::vector<real>>>({0, 5e5});
    if (matrices.empty()) continue;  // nobody can say which there are
    const auto at =
        std::find_if(matrices.begin(), matrices.end(), [&, n = name](const auto& m) { return m.name == n; });
    if (at == matrices.end() || at->sparse) {
      reader.problem(at == matrices.end()
                         ? "no matrix has this name; there are " + listed(names_of(matrices))
                         : "a sparse matrix has its synapses from the seed; weights need storage \"dense\"");
      continue;
    }
    const bool square =
        !rows.empty() && std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return row.size() == at->pre; });
    if (!rows.empty() && (rows.size() != at->post || !square))
      reader.problem("found " + std::to_string(rows.size()) + " rows of " + std::to_string(rows.front().size()) +
                     ", wanted " + std::to_string(at->post) + " of " + std::to_string(at->pre) + " (units, sources)");
    std::vector<real>& all = config.weights[name];
    for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
  }
}

/// Reports what an experiment gives for new networks, where those of the other run were made otherwise.
void refuse_other_shapes(const ConfigReader& model, const Config& config) {
  if (config.begun->model().is_null()) return;
  const ConfigReader other(config.begun->model());
  Places unused;
  const Spec before = read_spec(other, unused);
  const ConfigReader defaults = model.optional_object("defaults");
  const auto stages = model.optional_list("stages").items();
  for (std::size_t s = 0; s < config.spec.stages.size() && s < stages.size(); ++s)
    for (const AreaSpec& now : config.spec.stages[s]) {
      const ConfigReader area = stages[s].optional_object(now.name);
      for (const auto& stage : before.stages)
        for (const AreaSpec& then : stage) {
          if (then.name != now.name) continue;
          for (const char* key : {"p_synapse", "sampler"}) {
            const bool same =
                std::string_view(key) == "sampler" ? then.sampler == now.sampler : then.p_synapse == now.p_synapse;
            if (!same && (area.has(key) || defaults.has(key)))
              config.begun->report_other(area.has(key) ? area : defaults, key);
          }
        }
    }
}

/// Reports an area that no stimulus can be read back from: its first input is an area.
void need_stimulus_first(const ConfigReader& phase, const std::string& name, const std::vector<AreaSpec>& areas,
                         const std::set<std::string_view>& stimuli) {
  for (const AreaSpec& area : areas)
    if (area.name == name && !area.inputs.empty() && !stimuli.contains(area.inputs.front()))
      phase.problem("area", "\"" + name + "\" has the area \"" + area.inputs.front() +
                                "\" as its first input; inverse needs an area whose first input is a stimulus");
}

/// Reports what keeps the networks of another run from going on as this experiment says.
void check_begun(const ConfigReader& experiment, const ConfigReader& model, const Config& config) {
  const std::uint64_t replicas = seeds_of(experiment);
  for (const Assembly::Matrix& matrix : Assembly::matrices(config.spec)) {
    if (!config.begun->shape(matrix.name))
      return model.problem("state", config.begun->path() + ": holds no matrix " + matrix.name);
    if (matrix.sparse && config.begun->seeds() != list_of_seeds(experiment))
      return model.problem(
          "state", config.begun->path() +
                       ": synapses of sparse areas follow from the seeds, which must be the same there and here");
    const std::string fault =
        config.begun->fault_of(matrix.name, {replicas, matrix.post, matrix.pre}, "networks, units, sources");
    if (!matrix.sparse && !fault.empty()) return model.problem("state", config.begun->path() + ": " + fault);
    if (matrix.scaled != config.begun->shape(matrix.name + ".scale").has_value())
      return model.problem("state", config.begun->path() + ": area " + matrix.area + " has weights " +
                                        (matrix.scaled ? "without" : "with") +
                                        " a factor of each unit there; set its normalisation to " +
                                        (matrix.scaled ? "that of the run that left them" : "\"scaled\""));
  }
  ModelState::refuse_weights(model);
  refuse_other_shapes(model, config);
}

}  // namespace

Config read_config(ConfigReader& experiment) {
  Config config;
  const ConfigReader model = experiment.object("model");
  model.member("type");
  Places places;
  config.spec = read_spec(model, places);
  read_fields(experiment.optional_object("simulator"), config.options);
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
  read_weights(model, config);
  if (model.member("state").exists()) config.begun = ModelState::read(model);
  if (config.begun && experiment.ok()) check_begun(experiment, model, config);
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
    read_fields(reader, phase);
    for (const std::string& s : phase.stimuli)
      if (!stimuli.contains(s)) reader.problem("stimuli", "no stimulus is called \"" + s + "\"");
    if (phase.stimuli.empty()) phase.stimuli = all_stimuli;
    if (phase.area.empty() && !areas.empty()) phase.area = areas.back().name;
    if (std::find(all_areas.begin(), all_areas.end(), phase.area) == all_areas.end())
      reader.problem("area", "no area is called \"" + phase.area + "\"");
    else if (phase.action == "inverse")
      need_stimulus_first(reader, phase.area, areas, stimuli);
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
  std::vector<Form> areas = forms_of<AreaConfig>();
  for (Form& form : areas) {
    form.properties["inputs"] = type_of<std::vector<std::string>>();
    form.properties["inputs"]["minItems"] = 1;
    form.properties["inputs"]["description"] = "stimuli or areas, in the order in which their input is added";
    form.required.push_back("inputs");
  }
  Json stage = by_name(one_of(areas));
  stage["minProperties"] = 1;
  Json model{{"type", {{"const", "assembly"}}},
             {"stimuli", by_name(object_of<StimulusSpec>())},
             {"defaults", object_of<AreaConfig>()},
             {"stages", list_of(stage)}};
  model["weights"] = by_name(type_of<std::vector<std::vector<real>>>({0, 5e5}));
  model["weights"]["description"] =
      "initial weights of matrices by name, such as weight_input0: a row a unit; default drawn";
  model["state"] = {{"type", "string"},
                    {"description", "state.safetensors of another run: its networks go on here with their weights"}};
  const Json lists = or_file({{"type", "array"},
                              {"minItems", 1},
                              {"items", {{"type", "array"}, {"minItems", 1}, {"items", type_of<Index>()}}}});
  return {{"model", object(model, {"type", "stimuli", "stages"})},
          {"simulator", object_of(Config{}.options)},
          {"samples",
           {{"oneOf", Json::array({type_of<std::size_t>({1, 1e6}),
                                   Json{{"type", "object"}, {"additionalProperties", lists}}})}}},
          {"protocol", list_of(object_of<Phase>())}};
}

}  // namespace engram::assembly
