// The assembly family as JSON: a network, samples, and a protocol of phases.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engram/config_reader.hpp"
#include "engram/models/assembly_simulator.hpp"
#include "engram/schema.hpp"
#include "families.hpp"

namespace engram::assembly {

namespace {

using Json = nlohmann::ordered_json;

struct Phase {
  std::string action = "simulate";
  std::vector<std::string> stimuli = {};  ///< which are present; default all
  std::string area = {};
  std::string label = {};
  std::string from = "pattern";
  double keep = 0.5;
  int rounds = 1;
  bool apply_alpha = false;

  static constexpr auto fields = std::tuple{
      Field{"do", &Phase::action, "what this phase does", 0, 0, "simulate|benchmark|complete|inverse|normalize"},
      Field{"stimuli", &Phase::stimuli, "stimuli present in the samples of this phase; default: all"},
      Field{"area", &Phase::area, "complete, inverse: the area; default: the last"},
      Field{"label", &Phase::label, "name of the result"},
      Field{"from", &Phase::from, "complete: by recurrence alone, or with the sample's input", 0, 0, "pattern|input"},
      Field{"keep", &Phase::keep, "complete: fraction of the winners that is given", 0, 1},
      Field{"rounds", &Phase::rounds, "complete: how often the result is fed back", 1, 1e6},
      Field{"apply_alpha", &Phase::apply_alpha, "complete from pattern: multiply by the recurrent gain"},
  };
};

struct SimulatorFields {
  int epoch_size = 10;
  double similarity_divisor = 0;
  bool recall = true, weights = true;
  static constexpr auto fields = std::tuple{
      Field{"epoch_size", &SimulatorFields::epoch_size, "training steps a sample", 1, 1e9},
      Field{"similarity_divisor", &SimulatorFields::similarity_divisor, "0: the k of the area", 0, 1e9},
      Field{"recall", &SimulatorFields::recall, "evaluate recall of all samples so far after each step"},
      Field{"weights", &SimulatorFields::weights, "memory used and weight histograms after each sample"},
  };
};

struct Config {
  Spec spec;
  SimulatorOptions options;
  std::map<std::string, std::vector<std::vector<Index>>> given;  ///< samples named in the file
  std::size_t samples = 5;
  std::vector<Phase> protocol;
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
    const auto stimulus = std::find_if(config.spec.stimuli.begin(), config.spec.stimuli.end(), [&, n = name](const auto& s) { return s.name == n; });
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
      lists.problem("found " + std::to_string(given.size()) + " samples, the stimuli before have " + std::to_string(config.samples));
    config.samples = given.size();
  }
  for (const StimulusSpec& s : config.spec.stimuli)
    if (!config.given.count(s.name)) samples.problem("stimulus \"" + s.name + "\" has no samples; name them for all stimuli or for none");
}

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
      area.inputs = reader.get<std::vector<std::string>>("inputs");
      read_fields(reader, area);
      config.spec.stages.back().push_back(area);
      places.emplace_back("/areas/" + name + "/", reader);
    }
    if (config.spec.stages.back().empty()) stage.problem("a stage needs at least one area");
  }
  SimulatorFields simulator;
  read_fields(experiment.optional_object("simulator"), simulator);
  config.options = {simulator.epoch_size, simulator.similarity_divisor, simulator.recall, simulator.weights};
  try {
    checked_areas(config.spec);
  } catch (const ConfigError& error) {
    // Faults between keys, at /areas/NAME/key or /stimuli/NAME/key: said where the file has them.
    for (const Problem& p : error.problems()) {
      const auto place = std::find_if(places.begin(), places.end(), [&](const auto& one) { return p.path.starts_with(one.first); });
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
  for (const ConfigReader& reader : experiment.list("protocol").items()) {
    Phase phase;
    reader.choice("do", split_choices(std::get<0>(Phase::fields).choices));
    read_fields(reader, phase);
    for (const std::string& s : phase.stimuli)
      if (const auto known = names(config.spec.stimuli); std::find(known.begin(), known.end(), s) == known.end())
        reader.problem("stimuli", "no stimulus is called \"" + s + "\"");
    if (phase.stimuli.empty()) phase.stimuli = names(config.spec.stimuli);
    if (phase.area.empty() && !areas.empty()) phase.area = areas.back().name;
    if (const auto known = names(areas); std::find(known.begin(), known.end(), phase.area) == known.end())
      reader.problem("area", "no area is called \"" + phase.area + "\"");
    if (phase.action == "benchmark" && phase.stimuli.size() < 2) reader.problem("stimuli", "the benchmark compares at least two stimuli");
    if (phase.label.empty()) phase.label = phase.action + " " + std::to_string(config.protocol.size() + 1);
    config.protocol.push_back(phase);
  }
  if (config.protocol.empty()) experiment.problem("protocol", "found no phase, needed is at least one");
  return config;
}

class AssemblyTask final : public Task {
 public:
  AssemblyTask(Config config, const TaskContext& context)
      : config_(std::move(config)), network_(context.backend, config_.spec, context.seeds), simulator_(network_, config_.options) {
    for (Tick s = 0; s < config_.samples; ++s) {
      Sample sample;
      for (Index i = 0; i < config_.spec.stimuli.size(); ++i) {
        const StimulusSpec& stimulus = config_.spec.stimuli[i];
        Winners& units = sample[stimulus.name];
        if (const auto given = config_.given.find(stimulus.name); given != config_.given.end())
          units = {given->second[s]};
        else
          for (const std::uint64_t seed : context.seeds) units.push_back(sample_k_active(seed, i, s, stimulus.n, stimulus.k));
      }
      samples_.push_back(sample);
    }
  }

  Tick ticks() const override {
    Tick total = 0;
    for (const Phase& phase : config_.protocol) total += length(phase);
    return total;
  }

  void tick(Tick t, Recorder& recorder) override {
    simulator_.set_recorder(&recorder);
    Tick begin = 0;
    std::size_t p = 0;
    while (t >= begin + length(config_.protocol[p])) begin += length(config_.protocol[p++]);
    const Phase& phase = config_.protocol[p];
    if (phase.action == "simulate") {
      if (t == begin) simulator_.begin(samples_of(phase));
      simulator_.tick();
      if (t + 1 == begin + length(phase)) keep_simulation(phase);
    } else if (phase.action == "benchmark") {
      const Benchmark b = simulator_.associate_benchmark(samples_of(phase));
      put(phase.label, b.parents);
      put(phase.label + ", with the pair", b.together);
    } else if (phase.action == "complete") {
      put(phase.label, complete(phase, recorder));
    } else if (phase.action == "inverse") {
      put(phase.label, inverse(phase, recorder));
    } else {
      network_.normalize();
    }
  }

  void visit(StateVisitor& visitor) override {
    network_.visit(visitor);
    visitor.json("simulator",
                 [this] { return nlohmann::json{{"state", simulator_.snapshot()}, {"phase", phase_stimuli_}, {"results", results_.dump()}}; },
                 [this](const nlohmann::json& j) {
                   phase_stimuli_ = j.at("phase").get<std::vector<std::string>>();
                   results_ = Json::parse(j.at("results").get<std::string>());  // text keeps the order
                   Phase phase;
                   phase.stimuli = phase_stimuli_;
                   simulator_.restore(j.at("state"), samples_of(phase));
                 });
  }

  Json results() const override { return results_; }

 private:
  Tick length(const Phase& phase) const {
    return phase.action == "simulate" ? samples_.size() * static_cast<Tick>(config_.options.epoch_size) : 1;
  }

  std::vector<Sample> samples_of(const Phase& phase) {
    phase_stimuli_ = phase.stimuli;
    std::vector<Sample> chosen;
    for (const Sample& all : samples_) {
      Sample one;
      for (const std::string& s : phase.stimuli) one[s] = all.at(s);
      chosen.push_back(one);
    }
    return chosen;
  }

  /// Mean over replicas, and where there are several their standard deviation.
  void put(const std::string& name, const std::vector<double>& values) {
    const auto n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    results_[name] = mean;
    if (values.size() < 2) return;
    double square = 0;
    for (const double v : values) square += (v - mean) * (v - mean);
    results_[name + ", sd"] = std::sqrt(square / (n - 1));
  }

  void keep_simulation(const Phase& phase) {
    for (const char* attribute : {"convergence", "support", "recall", "similarity"})
      for (const AreaSpec& area : network_.areas())
        if (const auto found = simulator_.last().find(area.name + "/" + attribute); found != simulator_.last().end())
          put(phase.label + ", " + area.name + " " + attribute, found->second);
  }

  /// Overlap, as a fraction of k, of each area's recall of a sample with what it makes of a part of those winners.
  std::vector<double> complete(const Phase& phase, Recorder& recorder) {
    const std::size_t a = network_.area_index(phase.area);
    const double k = network_.areas()[a].k;
    std::vector<double> quality(network_.replicas());
    const auto samples = samples_of(phase);
    const auto whole = simulator_.recall(samples);
    for (std::size_t s = 0; s < samples.size(); ++s) {
      const Winners& full = whole[s][a];
      if (full.empty()) continue;
      Winners part(full.size());
      for (std::size_t r = 0; r < full.size(); ++r) {
        const auto kept = static_cast<Index>(std::lround(phase.keep * k));
        for (const Index i : sample_k_active(network_.seeds()[r], static_cast<Index>(1000 + a), s, static_cast<Index>(full[r].size()), kept))
          part[r].push_back(full[r][i]);
      }
      Winners found;
      if (phase.from == "pattern") {
        found = network_.complete_pattern(phase.area, part, phase.rounds, phase.apply_alpha);
      } else {
        State state(network_);
        for (const auto& [stimulus, units] : samples[s]) state.present(stimulus, units);
        state.set_latent(phase.area, part);
        for (int round = 0; round < phase.rounds; ++round) network_.step(state, false);
        found = state.winners(phase.area);
      }
      for (std::size_t r = 0; r < full.size(); ++r) {
        const double reached = static_cast<double>(overlap(found[r], full[r])) / k;
        recorder.metric(s, static_cast<Index>(r), phase.area, phase.label, reached);
        quality[r] += reached / static_cast<double>(samples.size());
      }
    }
    return quality;
  }

  /// Fraction of a sample's units that the transposed weights recover from the area's winners.
  std::vector<double> inverse(const Phase& phase, Recorder& recorder) {
    const std::size_t a = network_.area_index(phase.area);
    const std::string stimulus = network_.areas()[a].inputs[0];
    const std::size_t position = network_.stimulus_index(stimulus);
    std::size_t first_matrix = 0;
    for (std::size_t i = 0; i < a; ++i) first_matrix += network_.areas()[i].inputs.size() + 1;
    const std::string matrix = network_.matrix_names()[first_matrix];
    std::vector<double> recovered(network_.replicas());
    const auto samples = samples_of(phase);
    const auto whole = simulator_.recall(samples);
    for (std::size_t s = 0; s < samples.size(); ++s) {
      const Winners& units = samples[s].at(stimulus);
      const Winners found = network_.inverse(matrix, whole[s][a], config_.spec.stimuli[position].k);
      for (std::size_t r = 0; r < recovered.size(); ++r) {
        const auto& target = units[units.size() == 1 ? 0 : r];
        const double fraction = static_cast<double>(overlap(found[r], target)) / static_cast<double>(target.size());
        recorder.metric(s, static_cast<Index>(r), phase.area, phase.label, fraction);
        recovered[r] += fraction / static_cast<double>(samples.size());
      }
    }
    return recovered;
  }

  Config config_;
  Assembly network_;
  Simulator simulator_;
  std::vector<Sample> samples_;
  std::vector<std::string> phase_stimuli_;
  Json results_ = Json::object();
};

std::unique_ptr<Task> make(ConfigReader& experiment, const TaskContext* context) {
  Config config = read_config(experiment);
  if (!experiment.ok() || !context) return nullptr;
  return std::make_unique<AssemblyTask>(std::move(config), *context);
}

std::size_t memory(ConfigReader& experiment, std::size_t replicas) {
  const Config config = read_config(experiment);
  if (!experiment.ok()) return 0;
  // The initial graph is drawn on the host, as a list and as the matrix that is uploaded.
  return checked_product(Assembly::memory(config.spec, replicas), 3);
}

Json schema_of_family() {
  using namespace schema;
  Json area = properties_of<AreaSpec>();
  area["inputs"] = {{"type", "array"}, {"items", {{"type", "string"}}}, {"minItems", 1},
                    {"description", "stimuli or areas, in the order in which their input is added"}};
  const Json by_name = [](Json one) { return Json{{"type", "object"}, {"additionalProperties", std::move(one)}, {"minProperties", 1}}; }(object(area, {"inputs"}));
  Json model{{"type", {{"const", "assembly"}}},
             {"stimuli", {{"type", "object"}, {"additionalProperties", object_of<StimulusSpec>()}}},
             {"defaults", object_of<AreaSpec>()},
             {"stages", {{"type", "array"}, {"items", by_name}, {"minItems", 1}}}};
  const Json lists{{"type", "array"}, {"minItems", 1}, {"items", {{"type", "array"}, {"minItems", 1}, {"items", type_of<Index>()}}}};
  return {{"model", object(model, {"type", "stimuli", "stages"})},
          {"simulator", object_of<SimulatorFields>()},
          {"samples", {{"oneOf", Json::array({type_of<std::size_t>({1, 1e6}), Json{{"type", "object"}, {"additionalProperties", lists}}})}}},
          {"protocol", {{"type", "array"}, {"minItems", 1}, {"items", object(properties_of<Phase>(), {"do"})}}}};
}

}  // namespace

Family family() {
  return {"assembly", "areas of k winners with Hebbian or Willshaw learning", make, memory, schema_of_family};
}

}  // namespace engram::assembly
