// SORN as JSON: a network, what drives it, and phases, each with its rules.
#include <algorithm>
#include <optional>

#include "engine/models/families.hpp"
#include "engine/models/sorn/config.hpp"
#include "engine/models/sorn/phase_statistics.hpp"
#include "engine/models/tasks/cart_pole.hpp"
#include "engine/models/tasks/readout.hpp"
#include "engine/run/phased_task.hpp"
#include "engram/run/state_reader.hpp"

namespace engram::sorn {

namespace {

using Json = nlohmann::ordered_json;

class SornTask final : public PhasedTask<Config> {
 public:
  SornTask(std::shared_ptr<const Config> config, const TaskContext& context)
      : PhasedTask(std::move(config)),
        backend_(context.backend),
        seeds_(context.seeds),
        net_(context.backend, std::vector<Parameters>(context.seeds.size(), config_.parameters), context.seeds),
        seen_(seeds_.size()) {
    begin_networks(net_, config_);
    origin_ = net_.tick();
    for (std::size_t r = 0; r < seeds_.size(); ++r) {
      if (config_.has("train_readout") || config_.has("test_readout")) {
        symbol_.emplace_back(config_.parameters.ne, Counting::symbols);
        position_.emplace_back(config_.parameters.ne, config_.input.counting().positions());
      }
      if (config_.has("cart_pole")) policy_.emplace_back(config_.parameters.ne).begin(seeds_[r]);
    }
    if (config_.begun) take_up_tasks(*config_.begun);
  }

  /// Up to the next step of which something is recorded, if the input does not depend on what the network does.
  Tick advance(Tick t, Tick most, Recorder& recorder) override {
    const Timeline::Place at = config_.timeline.at(t);
    const Phase& phase = config_.protocol[at.phase];
    Tick n = 1;
    const Tick next = config_.recording.next(t, recorder, recordable::rate.name);
    if (next > t && phase.action != "perturb" && phase.action != "cart_pole") {
      const Tick units = Tick{config_.parameters.ne} * seeds_.size(), room = std::max<Tick>(1, (Tick{1} << 23) / units);
      n = std::min({most, at.end - t, next - t, room});
    }
    take(t, n, at, recorder);
    return n;
  }

  void visit(StateVisitor& visitor) override {
    visitor.json(
        "task",
        [this] {
          nlohmann::json j{{"phase", phase_},
                           {"origin", origin_},
                           {"twin", twin_.has_value()},
                           {"results", results_.dump()},
                           {"seen", nlohmann::json::array()}};
          for (const PhaseStatistics& s : seen_) {
            nlohmann::json parts = nlohmann::json::array();
            for (const auto part : parts_of_statistics) parts.push_back(s.*part);
            j["seen"].push_back(parts);
          }
          for (const PolePolicy& policy : policy_) j["policies"].push_back(policy.save());
          return j;
        },
        [this](const nlohmann::json& j) {
          const StateReader state(j, "task");
          const std::size_t phase = state["phase"].whole();
          origin_ = state["origin"].whole();
          const bool twin = state["twin"].flag();
          if (phase > config_.protocol.size() || (twin && phase == config_.protocol.size()))
            throw IoError("the checkpoint is in phase " + std::to_string(phase) + ", the experiment has " +
                          std::to_string(config_.protocol.size()));
          if (phase < config_.protocol.size()) start(phase);
          if (!policy_.empty()) {
            const auto policies = state["policies"].items(policy_.size());
            for (std::size_t r = 0; r < policy_.size(); ++r) policy_[r].restore(policies[r]);
          }
          results_ = state["results"].results();
          const auto seen = state["seen"].items(seen_.size());
          for (std::size_t r = 0; r < seen_.size(); ++r) {
            const auto parts = seen[r].items(std::size(parts_of_statistics));
            for (std::size_t k = 0; k < parts.size(); ++k) seen_[r].*parts_of_statistics[k] = parts[k].whole();
          }
          twin_.reset();
          if (twin) make_twin(config_.protocol[phase]);
        });
    for (std::size_t r = 0; r < policy_.size(); ++r)
      visitor.inside("policy " + std::to_string(r) + ", weight", policy_[r].weights());
    net_.visit(visitor);
    if (twin_) twin_->visit(visitor, "twin ");
    for (std::size_t r = 0; r < symbol_.size(); ++r) {
      symbol_[r].visit(visitor, "readout of symbols " + std::to_string(r));
      position_[r].visit(visitor, "readout of positions " + std::to_string(r));
    }
  }

  Json results() const override { return results_; }

 private:
  /// Steps t .. t + n - 1, all of the phase that stands at `place`; only of the first may something be recorded.
  void take(Tick t, Tick n, const Timeline::Place& place, Recorder& recorder) {
    const Phase& phase = config_.protocol[place.phase];
    if (phase_ != place.phase) start(place.phase);
    if (phase.action == "perturb" && t == place.begin) make_twin(phase);
    const Tick age = net_.tick();  // of the networks: what drives them goes on with it from run to run
    drop_early_steps(phase, t, place.end);
    std::vector<real> input;
    for (Tick s = 0; s < n && config_.input.source != "none"; ++s)
      for (std::size_t r = 0; r < seeds_.size(); ++r)
        config_.input.append(seeds_[r], age + s, config_.parameters.nu,
                             policy_.empty() ? PoleState{} : policy_[r].pole(), input);
    const bool due = config_.recording.next(t, recorder, recordable::rate.name) == t;
    const Network::Recorded now = net_.run(static_cast<Index>(n), input,
                                           {.x = true,
                                            .y = due && config_.recording.holds("InhibitoryActivation"),
                                            .recurrent = due && config_.recording.holds("RecurrentActivation"),
                                            .counts = true});
    if (due) record_series(config_.recording, net_, t, now, recorder);
    std::optional<Network::Recorded> other;
    if (twin_) other = twin_->run(1, input, {.x = true});
    for (Tick s = 0; s < n; ++s)
      for (Index r = 0; r < seeds_.size(); ++r) {
        const std::size_t at = s * seeds_.size() + r;
        const std::uint32_t* x = now.x.data() + at * now.words_e;
        const std::uint64_t active = look(t + s, r, x, now.counts[at].ee, t + s >= place.end - phase.steps / 5);
        if (due && s == 0)
          recorder.metric(t, r, "E", recordable::rate.name, static_cast<double>(active) / config_.parameters.ne);
        if (phase.reads_out()) read_out(phase, age + s, r, x);
        if (phase.action == "cart_pole") push(phase, t + s, age + s, r, x, recorder);
        if (other) compare(t, r, x, other->x.data() + r * now.words_e, recorder);
      }
    if (t + n == place.end) add_phase_results(results_, phase, config_.parameters, seen_, net_.counts());
  }

  /// Adds what step t of network r shows to what the phase has seen; returns how many units were active.
  std::uint64_t look(Tick t, Index r, const std::uint32_t* x, std::uint64_t ee, bool late) {
    std::uint64_t active = 0;
    for (std::size_t w = 0; w < ceil_div(config_.parameters.ne, units_per_word); ++w)
      active += static_cast<std::uint64_t>(__builtin_popcount(x[w] & 0x55555555u));
    PhaseStatistics& seen = seen_[r];
    ++seen.steps;
    seen.spikes += active;
    seen.square += active * active;
    if (late) {
      ++seen.late_steps;
      seen.late_spikes += active;
    }
    if (ee < seen.least_ee) {
      seen.least_ee = ee;
      seen.least_ee_at = t;
    }
    return active;
  }

  std::vector<Index> active_units(const std::uint32_t* x) const {
    std::vector<Index> active;
    for (Index i = 0; i < config_.parameters.ne; ++i)
      if (is_active(x, i)) active.push_back(i);
    return active;
  }

  /// The policy of network r sees its spikes and pushes its cart. A score stands for the steps of its episode.
  void push(const Phase& phase, Tick t, Tick age, Index r, const std::uint32_t* x, Recorder& recorder) {
    const std::uint64_t score = policy_[r].act(active_units(x), seeds_[r], age, phase.learning_rate, phase.discount);
    if (score == 0) return;
    recorder.covers(t - std::min(t, score - 1), t);
    PhaseStatistics& seen = seen_[r];
    ++seen.episodes;
    seen.score += score;
    seen.best_score = std::max(seen.best_score, score);
    if (seen.steps > phase.steps - phase.steps / 5) {
      ++seen.late_episodes;
      seen.late_score += score;
    }
    recorder.metric(t, r, "policy", recordable::score.name, static_cast<double>(score));
    recorder.covers(t, t);
  }

  /// The last fifth of a phase that was made longer begins later: what was counted for it before does not belong to it.
  void drop_early_steps(const Phase& phase, Tick t, Tick end) {
    const Tick first = end - phase.steps / 5, counted = t > first ? t - first : 0;
    for (PhaseStatistics& seen : seen_)
      if (seen.late_steps > counted) seen.late_steps = seen.late_spikes = seen.late_episodes = seen.late_score = 0;
  }

  /// Readouts and policies of the run that left the state go on as its networks do.
  void take_up_tasks(const ModelState& begun) {
    const std::string symbols = "readout of symbols ", positions = "readout of positions ";
    for (std::size_t r = 0; r < symbol_.size(); ++r)
      if (begun.shape(symbols + std::to_string(r)))
        begun.restore([&](StateVisitor& visitor) {
          symbol_[r].visit(visitor, symbols + std::to_string(r));
          position_[r].visit(visitor, positions + std::to_string(r));
        });
      else if (!config_.has("train_readout"))
        throw ConfigError("/phases", begun.path() + ": its run has trained no readout that could be tested here");
    const nlohmann::json task = begun.json_state("task");
    if (policy_.empty() || !task.is_object() || !task.contains("policies")) return;
    const auto policies = StateReader(task, "task")["policies"].items(policy_.size());
    for (std::size_t r = 0; r < policy_.size(); ++r) policy_[r].restore(policies[r]);
  }

  void start(std::size_t p) {
    const Phase& phase = config_.protocol[p];
    phase_ = p;
    net_.set_rules(phase.freeze, phase.phase, phase.noise);
    std::fill(seen_.begin(), seen_.end(), PhaseStatistics{});
    twin_.reset();
  }

  /// The same networks but for one unit; same noise, same input.
  void make_twin(const Phase& phase) {
    std::vector<State> states = net_.states(0, net_.replicas());
    std::vector<Parameters> parameters;
    for (Index r = 0; r < seeds_.size(); ++r) {
      states[r].x[phase.unit] ^= 1u;
      parameters.push_back(net_.parameters(r));
    }
    twin_.emplace(backend_, parameters, seeds_, states, net_.tick());
  }

  void compare(Tick t, Index r, const std::uint32_t* x, const std::uint32_t* y, Recorder& recorder) {
    std::uint64_t distance = 0;
    for (std::size_t w = 0; w < (config_.parameters.ne + 15) / 16; ++w)
      distance += static_cast<std::uint64_t>(__builtin_popcount((x[w] ^ y[w]) & 0x55555555u));
    recorder.metric(t, r, "E", recordable::hamming.name, static_cast<double>(distance));
    seen_[r].distance = distance;
    if (distance > 0) seen_[r].apart_since = seen_[r].steps;
  }

  void read_out(const Phase& phase, Tick t, Index r, const std::uint32_t* x) {
    const std::vector<Index> active = active_units(x);
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
    PhaseStatistics& seen = seen_[r];
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
      if (config_.protocol[p].action == "train_readout") ridge = config_.protocol[p].ridge;
    return ridge;
  }

  Backend& backend_;
  std::vector<std::uint64_t> seeds_;
  Network net_;
  std::optional<Network> twin_;
  std::vector<PhaseStatistics> seen_;
  std::vector<Readout> symbol_, position_;
  std::vector<PolePolicy> policy_;
  std::size_t phase_ = ~std::size_t{0};
  double ridge_ = 0;
  Json results_ = Json::object();
};

std::size_t memory_of(const Config& config, std::size_t replicas) {
  return Network::forecast(config.parameters, replicas) + config.input.values.bytes();
}

}  // namespace

Family family() {
  return {"sorn",
          "self-organising recurrent networks of binary units with five plasticity rules",
          read_plan<SornTask, read_config, memory_of>,
          config_schema,
          "steps",
          all_series()};
}

}  // namespace engram::sorn
