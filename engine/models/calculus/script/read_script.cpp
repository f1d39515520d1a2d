// Brains and protocols as JSON.
#include "engine/models/calculus/script/read_script.hpp"

#include <algorithm>

#include "engine/io/names.hpp"
#include "engine/models/calculus/presets/word_steps.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/schema.hpp"

namespace engram::calculus {

namespace {

using Json = nlohmann::ordered_json;

/// All that an item of a protocol may do.
struct Command {
  std::variant<Project, Fix, Unfix, Activate, Fire, Winners, Plasticity, Rate, Inhibition, Remember, Measure, Save,
               Restore, OrderedRecall, Inhibit, Disinhibit, Normalise, Exclude, Include, Walk, presets::Assemble,
               presets::Reciprocal, presets::Associate, presets::Merge, presets::Complete, presets::PreserveOverlap,
               presets::DensityInside, presets::Separate, presets::Sequence, presets::Capacity, presets::LearnWords,
               presets::LearnOrder, presets::LearnTransitions, presets::LargerK, presets::Erase>
      step;
  static constexpr auto fields = std::tuple{required(Field{"do", &Command::step, "what this step does"})};

  void append_to(Script& script) const {
    std::visit(
        [&](const auto& one) {
          if constexpr (requires { one.script(); }) {
            const Script more = one.script();
            script.insert(script.end(), more.begin(), more.end());
          } else {
            script.push_back(one);
          }
        },
        step);
  }
};

template <class List>
bool has_name(const List& list, const std::string& name) {
  return std::any_of(list.begin(), list.end(), [&](const auto& one) { return one.first == name; });
}

void read_areas(const ConfigReader& model, BrainConfig& config) {
  AreaOptions defaults;
  const ConfigReader written = model.optional_object("defaults");
  read_given(written, defaults);
  const auto areas = model.object("areas").members();
  for (const auto& [name, reader] : areas) {
    if (const std::string fault = io::fault_of_column_part(name); !fault.empty()) reader.problem(fault);
    if (name.empty()) reader.problem("an area needs a name");
    config.areas.emplace_back(name, defaults);
    read_fields(reader, config.areas.back().second);
  }
  for (const auto& [key, value] : written.as_written().items())
    if (std::all_of(areas.begin(), areas.end(), [&key = key](const auto& area) { return area.second.has(key); }))
      written.without_effect(key, "every area has a value of its own");
  if (config.areas.empty()) model.problem("areas", "found no area, needed is at least one");
}

/// Names that do not stand for one thing, and things that are named but not there.
void check_names(const ConfigReader& model, const BrainConfig& config) {
  for (const auto& [name, reader] : model.optional_object("stimuli").members())
    if (name.empty() || has_name(config.areas, name)) reader.problem("an area has this name, or it is empty");
  for (std::size_t i = 0; i < config.fibres.size(); ++i) {
    const auto& [from, to, p, beta] = config.fibres[i];
    const std::string at = "fibres/" + std::to_string(i);
    if (!has_name(config.areas, from) && !has_name(config.stimuli, from))
      model.problem_at(at + "/from", "no area or stimulus is called \"" + from + "\"");
    if (!has_name(config.areas, to)) model.problem_at(at + "/to", "no area is called \"" + to + "\"");
  }
  std::vector<std::string> grouped;
  for (std::size_t i = 0; i < config.exclusive.size(); ++i) {
    const std::string at = "exclusive/" + std::to_string(i);
    if (config.exclusive[i].size() < 2) model.problem_at(at, "areas that exclude each other are two or more");
    for (const auto& name : config.exclusive[i]) {
      if (!has_name(config.areas, name)) model.problem_at(at, "no area is called \"" + name + "\"");
      if (std::find(grouped.begin(), grouped.end(), name) != grouped.end())
        model.problem_at(at, "\"" + name + "\" is named twice");
      grouped.push_back(name);
    }
  }
}

}  // namespace

BrainConfig read_brain(const ConfigReader& model) {
  BrainConfig config;
  const std::size_t before = model.problems();
  read_fields(model, config);
  read_areas(model, config);
  if (model.problems() == before) check_names(model, config);
  return config;
}

Brain BrainConfig::make(Backend& backend, std::uint64_t seed) const {
  Brain brain(backend, seed, *this, connectome);
  for (const auto& [name, area] : areas) brain.add_area(name, area);
  for (const auto& [name, stimulus] : stimuli) brain.add_stimulus(name, stimulus.size);
  for (const FibreConfig& f : fibres) {
    if (f.p) brain.set_density(f.from, f.to, *f.p);
    if (f.beta) brain.set_beta(f.from, f.to, *f.beta);
  }
  for (const auto& group : exclusive) brain.exclude(group);
  return brain;
}

Script read_script(const ConfigReader& protocol, std::vector<std::string>* labels) {
  Script script;
  const auto steps = protocol.items();
  std::size_t place = 0;
  for (const ConfigReader& reader : steps) {
    Command command;
    read_fields(reader, command);
    if (protocol.ok()) command.append_to(script);
    const auto name = [](const auto& step) { return step.name; };
    if (labels) labels->resize(script.size(), std::to_string(place++) + " " + std::visit(name, command.step));
  }
  if (protocol.is_array() && steps.empty()) protocol.problem("found no step, needed is at least one");
  return script;
}

Json brain_schema() {
  using namespace schema;
  Json model = properties_of<BrainConfig>();
  model["type"] = {{"const", "calculus"}};
  model["defaults"] = object_of<AreaOptions>();
  model["areas"] = by_name(object_of<AreaOptions>());
  model["exclusive"]["items"]["minItems"] = 2;
  model["state"] = {{"type", "string"},
                    {"description",
                     "state.safetensors of another run: its brains go on here, with the assemblies that "
                     "were remembered"}};
  return object(model, {"type", "areas"});
}

Json script_schema() { return schema::list_of(schema::object_of<Command>()); }

}  // namespace engram::calculus
