// Brains and protocols as JSON.
#include "engine/models/calculus/script/read_script.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/io/names.hpp"
#include "engram/run/schema.hpp"

namespace engram::calculus {

namespace {

using Json = nlohmann::ordered_json;

const std::vector<std::string> connectomes{"procedural", "explicit", "lazy"};

Map read_map(const ConfigReader& step, const char* key) {
  Map map;
  for (const auto& [source, targets] : step.optional_object(key).members())
    map.emplace_back(source, targets.as<std::vector<std::string>>());
  return map;
}

const std::vector<std::string> actions{"project",
                                       "fix",
                                       "unfix",
                                       "activate",
                                       "fire",
                                       "winners",
                                       "plasticity",
                                       "rate",
                                       "inhibition",
                                       "remember",
                                       "measure",
                                       "save",
                                       "restore",
                                       "recall",
                                       "inhibit",
                                       "disinhibit",
                                       "normalise",
                                       "exclude",
                                       "include",
                                       "walk",
                                       "assemble",
                                       "reciprocal",
                                       "associate",
                                       "merge",
                                       "complete",
                                       "preserve_overlap",
                                       "density",
                                       "separate",
                                       "sequence",
                                       "capacity",
                                       "learn_words",
                                       "learn_order",
                                       "learn_transitions",
                                       "larger_k",
                                       "erase"};

const std::vector<std::string> measures{"overlap", "support", "newcomers", "input", "block",   "best_block",
                                        "active",  "mean",    "passed",    "first", "density", "weight"};

Script read_step(const ConfigReader& step) {
  const std::string action = step.choice("do", actions);
  const auto text = [&](const char* key) { return step.get<std::string>(key); };
  if (action == "project") {
    Project p{read_map(step, "stimuli"), read_map(step, "areas"), step.get_or<int>("rounds", 1, rounds_range),
              step.get_or<int>("stable", 0, {0, 1e9}), step.get_or<int>("few", -1, {0, 1e9})};
    if (step.ok() && p.stimuli.empty() && p.areas.empty()) step.problem("a projection needs stimuli or areas");
    return {p};
  }
  if (action == "fix" || action == "unfix") return {Fix{text("area"), action == "fix"}};
  if (action == "activate") return {Activate{text("area"), step.get<Index>("index")}};
  if (action == "fire")
    return {Fire{text("area"), text("assembly"), step.get_or<double>("fraction", 1, {0, 1}),
                 step.get_or<bool>("join", false)}};
  if (action == "winners") return {Winners{text("area"), step.get<std::vector<Index>>("neurons")}};
  if (action == "plasticity") return {Plasticity{step.get<bool>("on")}};
  if (action == "rate") return {Rate{text("from"), text("to"), step.get_or<double>("beta", -1, {0, 1e6})}};
  if (action == "inhibit" || action == "disinhibit")
    return {Gate{text("area"), step.get_or("other", ""), step.get_or<int>("reason", 0), action == "inhibit"}};
  if (action == "exclude" || action == "include") return {Exclude{names(step, "areas", 0), action == "exclude"}};
  if (action == "normalise") return {Normalise{text("area"), step.get_or<double>("total", 0, {0, 1e30})}};
  if (action == "inhibition")
    return {Inhibition{text("area"), step.get<double>("strength", {0, 1e30}), step.get_or<bool>("clear", false)}};
  if (action == "remember") return {Remember{text("name"), text("area")}};
  if (action == "save") return {Save{text("name")}};
  if (action == "restore") return {Restore{text("name")}};
  if (action == "recall")
    return {OrderedRecall{text("label"), text("stimulus"), text("area"), names(step, "known", 0),
                          step.get_or<int>("max_steps", 20, {1, 1e6})}};
  if (action == "walk") {
    Walk w{text("label"),
           text("state"),
           step.get_or("symbol", ""),
           text("via"),
           text("next"),
           step.get_or<Index>("start", 0),
           step.get_or<std::vector<Index>>("symbols", {}),
           step.get_or<int>("steps", 1, {1, 1e6}),
           step.get_or<double>("least", 0.75, {0, 1})};
    if (w.symbol.empty() != w.symbols.empty())
      step.problem("symbols", "an area \"symbol\" and its \"symbols\" go together");
    if (!w.symbol.empty() && step.has("steps")) step.problem("steps", "there are as many steps as symbols");
    return {w};
  }
  if (action == "measure") {
    Measure m;
    m.what = step.choice("what", measures);
    m.label = text("label");
    const bool overlap = m.what == "overlap", inside = m.what == "density" || m.what == "weight";
    if (m.what == "passed" || m.what == "first") m.least = step.get<double>("least");
    if (m.what == "active" || m.what == "passed") {
      m.areas = names(step, m.what == "active" ? "areas" : "labels", 0);
      return {m};
    }
    m.a = text(overlap ? "a" : m.what == "mean" || m.what == "first" ? "of" : "area");
    if (overlap || inside) m.b = text(overlap ? "b" : "assembly");
    if (m.what == "block") m.index = step.get<Index>("index");
    return {m};
  }
  return read_preset(step, action);
}

}  // namespace

Connectome read_connectome(const ConfigReader& model) {
  const std::string name = model.choice_or("connectome", "procedural", connectomes);
  return name == "lazy" ? Connectome::lazy : name == "explicit" ? Connectome::dense : Connectome::procedural;
}

BrainConfig read_brain(const ConfigReader& model) {
  BrainConfig config;
  config.connectome = read_connectome(model);
  read_fields(model, config.options);
  if (config.options.exact_bits != 32 && config.options.exact_bits != 64)
    model.problem("exact_bits", "found " + std::to_string(config.options.exact_bits) + "; allowed are 32 and 64");
  AreaOptions defaults;
  read_fields(model.optional_object("defaults"), defaults);
  for (const auto& [name, reader] : model.object("areas").members()) {
    if (const std::string fault = io::fault_of_column_part(name); !fault.empty()) reader.problem(fault);
    AreaOptions area = defaults;
    read_fields(reader, area);
    if (area.k > area.n)
      reader.problem("k", "found " + std::to_string(area.k) + "; allowed are 1 to n = " + std::to_string(area.n));
    if (area.min_winners > area.k)
      reader.problem("min_winners",
                     "found " + std::to_string(area.min_winners) + "; allowed are 0 to k = " + std::to_string(area.k));
    for (const auto& [key, p] :
         {std::pair{"p_inner", area.p_inner}, std::pair{"p_in", area.p_in}, std::pair{"p_out", area.p_out}})
      if (p < 0 && p != -1) reader.problem(key, "a density is from 0 to 1, or -1 for that of the brain");
    if (name.empty()) reader.problem("an area needs a name");
    config.areas.emplace_back(name, area);
  }
  if (config.areas.empty()) model.problem("areas", "found no area, needed is at least one");
  const auto is_area = [&](const std::string& name) {
    return std::any_of(config.areas.begin(), config.areas.end(), [&](const auto& a) { return a.first == name; });
  };
  for (const auto& [name, reader] : model.optional_object("stimuli").members()) {
    if (name.empty() || is_area(name)) reader.problem("an area has this name, or it is empty");
    if (!reader.is_object()) reader.problem("a stimulus is an object with a key \"size\"");
    config.stimuli.emplace_back(name, reader.get<Index>("size", {1, 4294967295.0}));
  }
  for (const ConfigReader& reader : model.optional_list("fibres").items()) {
    BrainConfig::FibreConfig fibre{reader.get<std::string>("from"), reader.get<std::string>("to"),
                                   reader.get_or<double>("p", -1, {-1, 1}),
                                   reader.get_or<double>("beta", -1, {-1, 1e6})};
    const bool known = is_area(fibre.from) || std::any_of(config.stimuli.begin(), config.stimuli.end(),
                                                          [&](const auto& s) { return s.first == fibre.from; });
    if (!known) reader.problem("from", "no area or stimulus is called \"" + fibre.from + "\"");
    if (!is_area(fibre.to)) reader.problem("to", "no area is called \"" + fibre.to + "\"");
    if (fibre.p < 0 && fibre.p != -1) reader.problem("p", "a density is from 0 to 1");
    if (fibre.beta < 0 && fibre.beta != -1) reader.problem("beta", "a learning rate is 0 or more");
    config.fibres.push_back(fibre);
  }
  std::vector<std::string> grouped;
  for (const ConfigReader& reader : model.optional_list("exclusive").items()) {
    config.exclusive.push_back(reader.as<std::vector<std::string>>());
    if (config.exclusive.back().size() < 2) reader.problem("areas that exclude each other are two or more");
    for (const auto& name : config.exclusive.back()) {
      if (!is_area(name)) reader.problem("no area is called \"" + name + "\"");
      if (std::find(grouped.begin(), grouped.end(), name) != grouped.end())
        reader.problem("\"" + name + "\" is named twice");
      grouped.push_back(name);
    }
  }
  return config;
}

Brain BrainConfig::make(Backend& backend, std::uint64_t seed) const {
  Brain brain(backend, seed, options, connectome);
  for (const auto& [name, area] : areas) brain.add_area(name, area);
  for (const auto& [name, size] : stimuli) brain.add_stimulus(name, size);
  for (const FibreConfig& f : fibres) {
    if (f.p >= 0) brain.set_density(f.from, f.to, f.p);
    if (f.beta >= 0) brain.set_beta(f.from, f.to, f.beta);
  }
  for (const auto& group : exclusive) brain.exclude(group);
  return brain;
}

Script read_script(const ConfigReader& protocol) {
  Script script;
  for (const ConfigReader& step : protocol.items()) {
    if (!step.is_object()) {
      step.problem("a step is an object with a key \"do\"");
      continue;
    }
    const Script more = read_step(step);
    script.insert(script.end(), more.begin(), more.end());
  }
  if (protocol.ok() && script.empty()) protocol.problem("found no step, needed is at least one");
  return script;
}

Json brain_schema() {
  using namespace schema;
  Json model = properties_of<BrainOptions>();
  const auto any_of_names = [](Json value) {
    return Json{{"type", "object"}, {"additionalProperties", std::move(value)}};
  };
  model["type"] = {{"const", "calculus"}};
  model["connectome"] = {{"enum", connectomes}, {"default", "procedural"}, {"description", "how synapses are kept"}};
  model["defaults"] = object_of<AreaOptions>();
  model["areas"] = any_of_names(object_of<AreaOptions>());
  model["stimuli"] = any_of_names(object({{"size", type_of<Index>({1, 4294967295.0})}}, {"size"}));
  const Json text{{"type", "string"}};
  model["fibres"] = {
      {"type", "array"},
      {"items",
       object({{"from", text}, {"to", text}, {"p", type_of<double>({-1, 1})}, {"beta", type_of<double>({-1, 1e6})}},
              {"from", "to"})}};
  model["exclusive"] = {{"type", "array"},
                        {"items", {{"type", "array"}, {"minItems", 2}, {"items", text}}},
                        {"description", "groups of areas of which one fires at a time: the one that receives most"}};
  return object(model, {"type", "areas"});
}

Json script_schema() {
  using namespace schema;
  Json step;
  step["do"] = {{"enum", actions}};
  const Json names_or_map = {
      {"anyOf",
       {{{"type", "array"}, {"items", {{"type", "string"}}}},
        {{"type", "object"}, {"additionalProperties", {{"type", "array"}, {"items", {{"type", "string"}}}}}}}}};
  step["stimuli"] = step["areas"] = names_or_map;
  for (const char* key : {"area", "assembly", "name", "label", "stimulus", "a", "b", "from", "to", "of", "other",
                          "state", "symbol", "via", "next", "language"})
    step[key] = {{"type", "string"}};
  step["what"] = {{"enum", measures}};
  for (const char* key : {"rounds", "together", "form", "repetitions", "max_steps", "size", "nouns", "verbs", "steps",
                          "settle", "languages", "sentences", "single"})
    step[key] = type_of<int>({1, 1e9});
  for (const char* key : {"stable", "recurrent", "index", "shared", "few", "start", "every"})
    step[key] = type_of<std::int64_t>({0, 4294967295.0});
  step["neurons"] = step["symbols"] = type_of<std::vector<Index>>();
  step["table"] = {{"type", "array"}, {"items", type_of<std::vector<Index>>()}};
  step["reason"] = type_of<int>({});
  step["known"] = step["orders"] = step["labels"] =
      step["contexts"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
  step["fraction"] = type_of<double>({0, 1});
  step["least"] = type_of<double>({});
  step["draw"] = type_of<std::uint64_t>({});
  step["context_model"] = {{"enum", context_models}};
  step["beta"] = step["recurrent_beta"] = type_of<double>({0, 1e6});
  step["strength"] = step["total"] = type_of<double>({0, 1e30});
  step["on"] = step["clear"] = step["join"] = step["learning"] = {{"type", "boolean"}};
  return {{"type", "array"}, {"minItems", 1}, {"items", object(step, {"do"})}};
}

}  // namespace engram::calculus
