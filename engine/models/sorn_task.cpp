// SORN as JSON: a network, what drives it, and phases, each with its rules.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "engram/models/sorn.hpp"
#include "engram/models/sorn_analysis.hpp"
#include "engram/schema.hpp"
#include "families.hpp"
#include "readout.hpp"
#include "sorn_input.hpp"

namespace engram {

namespace {

using Json = nlohmann::ordered_json;

/// Names of the series are those of the reference's callbacks.
constexpr const char* callbacks[] = {"ExcitatoryActivation", "InhibitoryActivation", "RecurrentActivation", "WEE", "WEI", "WIE", "TE", "TI",
                                     "EEConnectionCounts", "EIConnectionCounts", "IEConnectionCounts"};

struct Phase {
  std::string action = "run";
  Tick steps = 1000;
  std::string label = {};
  std::string phase = "plasticity";
  bool noise = true;
  Index unit = 0;
  double ridge = 1e-6;
  std::vector<std::string> freeze = {};

  static constexpr auto fields = std::tuple{
      Field{"do", &Phase::action, "run; learn or test a readout of the counting task; or run beside a copy in which one unit was flipped", 0.0, 0.0,
            "run|train_readout|test_readout|perturb"},
      Field{"steps", &Phase::steps, "length", 1.0, 1e12},
      Field{"label", &Phase::label, "name of the results"},
      Field{"phase", &Phase::phase, "training changes no weight and no threshold", 0.0, 0.0, "plasticity|training"},
      Field{"noise", &Phase::noise, "noise on every unit"},
      Field{"unit", &Phase::unit, "perturb: the excitatory unit to flip", 0.0, 1e8},
      Field{"ridge", &Phase::ridge, "train_readout: added to the diagonal of the normal equations", 0.0, 1e9},
  };
};

struct Config {
  SornParameters parameters;
  SornInput input;
  std::vector<Phase> phases;
  std::vector<std::string> series;
  Tick every = 1;
};

std::vector<std::string> read_freeze(const ConfigReader& reader, std::vector<std::string> fallback) {
  if (const ConfigReader freeze = reader.member("freeze"); freeze.exists()) {
    fallback.clear();
    for (const ConfigReader& one : freeze.items()) fallback.push_back(one.as_choice({std::begin(sorn_rule_names), std::end(sorn_rule_names)}));
  }
  return fallback;
}

Config read_config(ConfigReader& experiment) {
  Config config;
  const ConfigReader model = experiment.object("model");
  model.member("type");
  SornParameters& p = config.parameters;
  p.ne = model.get_or("ne", p.ne, {5, 1e8});
  if (const std::string preset = model.choice_or("preset", "package", {"package", "lazar2009", "zheng2013", "delpapa2017"}); preset != "package")
    p = sorn_preset(preset, p);
  read_fields(model, p);
  p.freeze = read_freeze(model, p.freeze);
  if (experiment.ok())
    for (const Problem& problem : check_sorn(p)) model.problem(problem.path, problem.text);
  config.input = SornInput::read(experiment.optional_object("input"), p.nu);
  const ConfigReader record = experiment.optional_object("callbacks");
  for (const ConfigReader& one : record.optional_list("series").items()) config.series.push_back(one.as_choice({std::begin(callbacks), std::end(callbacks)}));
  config.every = record.get_or<Tick>("every", 1, {1, 1e18});
  bool trained = false;
  for (const ConfigReader& reader : experiment.list("phases").items()) {
    Phase phase;
    phase.phase = p.phase;
    phase.noise = p.noise;
    read_fields(reader, phase);
    phase.freeze = read_freeze(reader, p.freeze);
    const bool readout = phase.action.ends_with("readout");
    if (readout && config.input.source != "counting") reader.problem("do", "the readout learns the counting task; set /input/source to \"counting\"");
    if (phase.action == "test_readout" && !trained) reader.problem("do", "no readout was trained before");
    trained |= phase.action == "train_readout";
    if (phase.action == "perturb" && phase.unit >= p.ne) reader.problem("unit", "found " + std::to_string(phase.unit) + "; the network has " + std::to_string(p.ne));
    if (phase.label.empty()) phase.label = phase.action + " " + std::to_string(config.phases.size() + 1);
    config.phases.push_back(phase);
  }
  if (config.phases.empty()) experiment.problem("phases", "found no phase, needed is at least one");
  return config;
}

/// What a phase has seen of one network.
struct Seen {
  std::uint64_t steps = 0, spikes = 0, square = 0, late_steps = 0, late_spikes = 0;
  std::uint64_t least_ee = ~std::uint64_t{0}, least_ee_at = 0;
  std::uint64_t tested = 0, symbols = 0, positions = 0, last_tested = 0, last_right = 0;
  std::uint64_t distance = 0, apart_since = 0;
};

constexpr std::uint64_t Seen::*seen_parts[] = {&Seen::steps,   &Seen::spikes,  &Seen::square,    &Seen::late_steps,  &Seen::late_spikes, &Seen::least_ee, &Seen::least_ee_at,
                                               &Seen::tested,  &Seen::symbols, &Seen::positions, &Seen::last_tested, &Seen::last_right,  &Seen::distance, &Seen::apart_since};

class SornTask final : public Task {
 public:
  SornTask(Config config, const TaskContext& context)
      : config_(std::move(config)), backend_(context.backend), seeds_(context.seeds),
        net_(context.backend, std::vector<SornParameters>(context.seeds.size(), config_.parameters), context.seeds), seen_(seeds_.size()) {
    if (std::any_of(config_.phases.begin(), config_.phases.end(), [](const Phase& p) { return p.action == "train_readout"; }))
      for (std::size_t r = 0; r < seeds_.size(); ++r) {
        symbol_.emplace_back(backend_, config_.parameters.ne, Counting::symbols);
        position_.emplace_back(backend_, config_.parameters.ne, config_.input.counting().positions());
      }
  }

  Tick ticks() const override {
    Tick total = 0;
    for (const Phase& p : config_.phases) total += p.steps;
    return total;
  }

  void tick(Tick t, Recorder& recorder) override {
    Tick begin = 0;
    std::size_t p = 0;
    while (t >= begin + config_.phases[p].steps) begin += config_.phases[p++].steps;
    const Phase& phase = config_.phases[p];
    if (phase_ != p) start(p);
    if (phase.action == "perturb" && t == begin) make_twin(phase);
    std::vector<real> input;
    if (config_.input.source != "none")
      for (const std::uint64_t seed : seeds_) config_.input.append(seed, t, config_.parameters.nu, input);
    const bool due = t % config_.every == 0;
    const Sorn::Recorded now = net_.run(1, input, {.x = true, .y = due && wants("InhibitoryActivation"), .recurrent = due && wants("RecurrentActivation"), .counts = true});
    if (due) record(t, now, recorder);
    const Index ne = config_.parameters.ne;
    std::optional<Sorn::Recorded> other;
    if (twin_) other = twin_->run(1, input, {.x = true});
    for (Index r = 0; r < seeds_.size(); ++r) {
      const std::uint32_t* x = now.x.data() + r * now.words_e;
      std::uint64_t active = 0;
      for (std::size_t w = 0; w < now.words_e; ++w) active += static_cast<std::uint64_t>(__builtin_popcount(x[w] & 0x55555555u));
      Seen& seen = seen_[r];
      ++seen.steps;
      seen.spikes += active;
      seen.square += active * active;
      if (t - begin >= phase.steps - phase.steps / 5) {
        ++seen.late_steps;
        seen.late_spikes += active;
      }
      if (now.counts[r].ee < seen.least_ee) {
        seen.least_ee = now.counts[r].ee;
        seen.least_ee_at = t;
      }
      if (due) recorder.metric(t, r, "E", "rate", static_cast<double>(active) / ne);
      if (phase.action.ends_with("readout")) read_out(phase, t, r, x);
      if (other) compare(t, r, x, other->x.data() + r * now.words_e, recorder);
    }
    if (t + 1 == begin + phase.steps) finish_phase(phase);
  }

  void visit(StateVisitor& visitor) override {
    visitor.json(
        "task",
        [this] {
          nlohmann::json j{{"phase", phase_}, {"twin", twin_.has_value()}, {"results", results_.dump()}, {"seen", nlohmann::json::array()}};
          for (const Seen& s : seen_) {
            nlohmann::json parts = nlohmann::json::array();
            for (const auto part : seen_parts) parts.push_back(s.*part);
            j["seen"].push_back(parts);
          }
          return j;
        },
        [this](const nlohmann::json& j) {
          const std::size_t phase = j.at("phase");
          if (phase < config_.phases.size()) start(phase);
          results_ = Json::parse(j.at("results").get<std::string>());
          for (std::size_t r = 0; r < seen_.size(); ++r)
            for (std::size_t k = 0; k < std::size(seen_parts); ++k) seen_[r].*seen_parts[k] = j.at("seen").at(r).at(k).get<std::uint64_t>();
          twin_.reset();
          if (j.at("twin").get<bool>()) make_twin(config_.phases[phase]);
        });
    net_.visit(visitor);
    if (twin_) twin_->visit(visitor, "twin ");
    for (std::size_t r = 0; r < symbol_.size(); ++r) {
      symbol_[r].visit(visitor, "readout of symbols " + std::to_string(r));
      position_[r].visit(visitor, "readout of positions " + std::to_string(r));
    }
  }

  Json results() const override { return results_; }

 private:
  bool wants(const char* name) const { return std::find(config_.series.begin(), config_.series.end(), name) != config_.series.end(); }

  void start(std::size_t p) {
    const Phase& phase = config_.phases[p];
    phase_ = p;
    net_.set_rules(phase.freeze, phase.phase, phase.noise);
    std::fill(seen_.begin(), seen_.end(), Seen{});
    twin_.reset();
  }

  /// The same networks but for one unit; same noise, same input.
  void make_twin(const Phase& phase) {
    std::vector<SornState> states = net_.states(0, net_.replicas());
    std::vector<SornParameters> parameters;
    for (Index r = 0; r < seeds_.size(); ++r) {
      states[r].x[phase.unit] ^= 1u;
      parameters.push_back(net_.parameters(r));
    }
    twin_.emplace(backend_, parameters, seeds_, states, net_.tick());
  }

  void compare(Tick t, Index r, const std::uint32_t* x, const std::uint32_t* y, Recorder& recorder) {
    std::uint64_t distance = 0;
    for (std::size_t w = 0; w < (config_.parameters.ne + 15) / 16; ++w) distance += static_cast<std::uint64_t>(__builtin_popcount((x[w] ^ y[w]) & 0x55555555u));
    recorder.metric(t, r, "E", "hamming", static_cast<double>(distance));
    seen_[r].distance = distance;
    if (distance > 0) seen_[r].apart_since = seen_[r].steps;
  }

  void read_out(const Phase& phase, Tick t, Index r, const std::uint32_t* x) {
    std::vector<Index> active;
    for (Index i = 0; i < config_.parameters.ne; ++i)
      if (sorn_active(x, i)) active.push_back(i);
    const Counting words = config_.input.counting();
    const std::uint64_t seed = seeds_[r];
    const std::size_t symbol = words.symbol(seed, t + 1), position = words.position(seed, t + 1);
    if (phase.action == "train_readout") {
      symbol_[r].add(active, symbol);
      position_[r].add(active, position);
      ridge_ = phase.ridge;
      return;
    }
    if (words.first(t + 1)) return;  // which word comes is a coin toss
    for (auto* readout : {&symbol_[r], &position_[r]})
      if (!readout->solved()) readout->solve(ridge_of_training());
    Seen& seen = seen_[r];
    const bool right = symbol_[r].predict(active) == symbol;
    ++seen.tested;
    seen.symbols += right;
    seen.positions += position_[r].predict(active) == position;
    if (words.last(t + 1)) {
      ++seen.last_tested;
      seen.last_right += right;
    }
  }

  /// Of the last training before the phase that runs.
  double ridge_of_training() const {
    double ridge = ridge_;
    for (std::size_t p = 0; p < phase_; ++p)
      if (config_.phases[p].action == "train_readout") ridge = config_.phases[p].ridge;
    return ridge;
  }

  void record(Tick t, const Sorn::Recorded& now, Recorder& recorder) {
    const auto spikes = [&](const char* name, const std::vector<std::uint32_t>& words, std::size_t n_words, Index units) {
      if (!wants(name)) return;
      for (std::uint32_t r = 0; r < seeds_.size(); ++r)
        for (std::uint32_t i = 0; i < units; ++i)
          if (sorn_active(words.data() + r * n_words, i)) {
            const std::string base = name;
            recorder.append(base + "/step", std::span<const std::uint64_t>(&t, 1));
            recorder.append(base + "/replica", std::span<const std::uint32_t>(&r, 1));
            recorder.append(base + "/unit", std::span<const std::uint32_t>(&i, 1));
          }
    };
    const Index ne = config_.parameters.ne, ni = config_.parameters.ni();
    spikes("ExcitatoryActivation", now.x, now.words_e, ne);
    spikes("InhibitoryActivation", now.y, now.words_i, ni);
    spikes("RecurrentActivation", now.recurrent, now.words_e, ne);
    for (Index r = 0; r < seeds_.size(); ++r) {
      if (wants("EEConnectionCounts")) recorder.metric(t, r, "E", "EEConnectionCounts", static_cast<double>(now.counts[r].ee));
      if (wants("EIConnectionCounts")) recorder.metric(t, r, "E", "EIConnectionCounts", static_cast<double>(now.counts[r].ei));
    }
    const bool first = t == 0;
    if (!wants("WEE") && !wants("WEI") && !wants("TE") && !(first && (wants("WIE") || wants("TI") || wants("IEConnectionCounts")))) return;
    const std::vector<SornState> states = net_.states(0, net_.replicas());
    for (std::uint32_t r = 0; r < seeds_.size(); ++r) {
      const SornState& s = states[r];
      const auto synapses = [&](const std::string& name, const Rows& rows) {
        for (std::uint32_t i = 0; i < rows.n_post(); ++i)
          for (std::uint64_t k = rows.start[i]; k < rows.start[i + 1]; ++k) {
            recorder.append(name + "/step", std::span<const std::uint64_t>(&t, 1));
            recorder.append(name + "/replica", std::span<const std::uint32_t>(&r, 1));
            recorder.append(name + "/pre", std::span<const std::uint32_t>(&rows.pre[k], 1));
            recorder.append(name + "/post", std::span<const std::uint32_t>(&i, 1));
            recorder.append(name + "/weight", std::span<const real>(&rows.weight[k], 1));
          }
      };
      if (wants("WEE")) synapses("WEE", s.wee);
      if (wants("WEI")) synapses("WEI", s.wei);
      if (wants("TE")) recorder.append("TE", std::span<const real>(s.te), ne);
      if (!first) continue;  // what never changes stands there once
      if (wants("WIE")) synapses("WIE", s.wie);
      if (wants("TI")) recorder.append("TI", std::span<const real>(s.ti), ni);
      if (wants("IEConnectionCounts")) recorder.metric(t, r, "I", "IEConnectionCounts", static_cast<double>(s.wie.pre.size()));
    }
  }

  /// Mean over replicas, and where there are several their standard deviation.
  template <class Value>
  void put(const std::string& name, Value&& value) {
    std::vector<double> values;
    for (std::size_t r = 0; r < seeds_.size(); ++r) values.push_back(value(r));
    const auto n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    results_[name] = mean;
    if (values.size() < 2) return;
    double square = 0;
    for (const double v : values) square += (v - mean) * (v - mean);
    results_[name + ", sd"] = std::sqrt(square / (n - 1));
  }

  void finish_phase(const Phase& phase) {
    const double ne = config_.parameters.ne;
    const std::string label = phase.label + ", ";
    const std::vector<SornCounts> counts = net_.counts();
    const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
    put(label + "rate", [&](std::size_t r) { return number(seen_[r].spikes) / number(seen_[r].steps) / ne; });
    if (phase.steps >= 5) put(label + "rate of the last fifth", [&](std::size_t r) { return number(seen_[r].late_spikes) / number(seen_[r].late_steps) / ne; });
    put(label + "sd of activity", [&](std::size_t r) {
      const double mean = number(seen_[r].spikes) / number(seen_[r].steps);
      return std::sqrt(std::max(0.0, number(seen_[r].square) / number(seen_[r].steps) - mean * mean));
    });
    put(label + "EE synapses", [&](std::size_t r) { return number(counts[r].ee); });
    put(label + "least EE synapses", [&](std::size_t r) { return number(seen_[r].least_ee); });
    put(label + "step of the least", [&](std::size_t r) { return number(seen_[r].least_ee_at); });
    put(label + "EI synapses", [&](std::size_t r) { return number(counts[r].ei); });
    put(label + "new synapses so far", [&](std::size_t r) { return number(counts[r].inserted); });
    put(label + "skipped events so far", [&](std::size_t r) { return number(counts[r].skipped); });
    put(label + "rows without synapses", [&](std::size_t r) { return number(counts[r].empty_rows); });
    if (phase.action == "test_readout") {
      put(label + "next symbol", [&](std::size_t r) { return number(seen_[r].symbols) / number(std::max<std::uint64_t>(1, seen_[r].tested)); });
      put(label + "next position", [&](std::size_t r) { return number(seen_[r].positions) / number(std::max<std::uint64_t>(1, seen_[r].tested)); });
      put(label + "final letter", [&](std::size_t r) { return number(seen_[r].last_right) / number(std::max<std::uint64_t>(1, seen_[r].last_tested)); });
    }
    if (phase.action == "perturb") {
      put(label + "distance at the end", [&](std::size_t r) { return number(seen_[r].distance); });
      put(label + "steps apart", [&](std::size_t r) { return number(seen_[r].apart_since); });
    }
  }

  Config config_;
  Backend& backend_;
  std::vector<std::uint64_t> seeds_;
  Sorn net_;
  std::optional<Sorn> twin_;
  std::vector<Seen> seen_;
  std::vector<Readout> symbol_, position_;
  std::size_t phase_ = ~std::size_t{0};
  double ridge_ = 0;
  Json results_ = Json::object();
};

std::unique_ptr<Task> make(ConfigReader& experiment, const TaskContext* context) {
  Config config = read_config(experiment);
  if (!experiment.ok() || !context) return nullptr;
  return std::make_unique<SornTask>(std::move(config), *context);
}

std::size_t memory_needed(ConfigReader& experiment, std::size_t replicas) {
  const Config config = read_config(experiment);
  return experiment.ok() ? Sorn::forecast(config.parameters, replicas) : 0;
}

Json schema_of_family() {
  using namespace schema;
  const auto list_of = [](const auto& names) { return Json{{"type", "array"}, {"items", {{"enum", std::vector<std::string>(std::begin(names), std::end(names))}}}}; };
  Json model{{"type", {{"const", "sorn"}}}, {"preset", {{"enum", {"package", "lazar2009", "zheng2013", "delpapa2017"}}}}};
  model.update(properties_of<SornParameters>());
  model["freeze"] = list_of(sorn_rule_names);
  Json phase = properties_of<Phase>();
  phase["freeze"] = list_of(sorn_rule_names);
  Json input = properties_of<SornInput>();
  input["values"] = {{"type", "array"}, {"minItems", 1}, {"items", {{"type", "array"}, {"items", {{"type", "number"}}}}}};
  return {{"model", object(model, {"type"})},
          {"input", object(input)},
          {"callbacks", object({{"series", list_of(callbacks)}, {"every", type_of<Tick>({1, 1e18})}})},
          {"phases", {{"type", "array"}, {"minItems", 1}, {"items", object(phase)}}}};
}

}  // namespace

Family sorn_family() { return {"sorn", "self-organising recurrent networks of binary units with five plasticity rules", make, memory_needed, schema_of_family}; }

}  // namespace engram
