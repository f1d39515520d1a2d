// Runs the protocol of a Leabra experiment: all replicas at once, a tick an epoch.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "engine/models/families.hpp"
#include "engine/models/leabra/config.hpp"
#include "engine/models/leabra/parts.hpp"
#include "engine/run/draw_count.hpp"
#include "engine/run/recording.hpp"
#include "engine/run/results.hpp"
#include "engram/run/state_reader.hpp"

namespace engram::leabra {

namespace {

using Json = nlohmann::ordered_json;

/// What the predictions of some patterns say of one replica.
struct Score {
  double squares = 0, loss = 0, right = 0, values = 0, patterns = 0;
  /// Outputs of one pattern, and what was wanted. An error below a half counts as none for the loss.
  void add(std::span<const real> found, std::span<const double> wanted) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double error = static_cast<double>(found[i]) - wanted[i];
      squares += error * error;
      loss += std::abs(error) < 0.5 ? 0 : error * error;
    }
    const auto best = std::max_element(found.begin(), found.end()) - found.begin();
    right += wanted[static_cast<std::size_t>(best)] == *std::max_element(wanted.begin(), wanted.end());
    values += static_cast<double>(found.size());
    patterns += 1;
  }
};

/// How a replica is getting on with the present phase.
struct Progress {
  std::uint64_t perfect = 0;  ///< epochs in a row
  bool stopped = false;
  double best = -1;  ///< loss, -1: none yet
  std::uint64_t since = 0, cooldown = 0;
  double factor = 1;
  std::uint64_t epochs = 0;  ///< that it learned in
};

Tick epochs_of(const Phase& phase) { return phase.action == "train" ? phase.epochs : 0; }

class LeabraTask final : public Task {
 public:
  LeabraTask(std::shared_ptr<const Config> config, const TaskContext& context)
      : plan_(std::move(config)),
        config_(*plan_),
        seeds_(context.seeds),
        net_(config_.build(context.backend, context.seeds)),
        progress_(seeds_.size()) {
    for (const std::uint64_t seed : seeds_) rows_.push_back(config_.patterns.order(seed));
    begin_networks(net_, config_);
    if (!config_.begun) return;
    origin_ = config_.begun->time();
    orders_.begin(config_.begun->json_state("protocol"));
  }

  Tick ticks() const override { return config_.timeline.ticks(); }
  Tick origin() const override { return origin_; }
  PhaseSpan phase_at(Tick t) const override {
    const Timeline::Place at = config_.timeline.at(t);
    return {config_.protocol[at.phase].label, at.begin, at.end};
  }

  Tick advance(Tick t, Tick most, Recorder& recorder) override {
    const Timeline::Place at = config_.timeline.at(t);
    const Phase& phase = config_.protocol[at.phase];
    if (t == at.begin) {
      progress_.assign(seeds_.size(), {});
      last_.clear();
      tests_.clear();
    }
    const bool all_stopped =
        std::all_of(progress_.begin(), progress_.end(), [](const Progress& p) { return p.stopped; });
    const Tick done = all_stopped ? std::min(most, at.end - t) : 1;
    if (!all_stopped) epoch(phase, t, t - at.begin, recorder);
    if (t + done == at.end) {
      if (phase.action != "test") recorder.concludes();
      conclude(phase, t + done - 1, recorder);
    }
    return done;
  }

  void finish(Recorder& recorder) override {
    for (const std::string& name : net_.projections()) {
      const auto senders = net_.size(net_.projection_ends(name).first);
      recorder.append("weights/" + name, std::span<const real>(net_.weights(name)), senders);
      recorder.append("linear_weights/" + name, std::span<const real>(net_.linear_weights(name)), senders);
    }
  }

  void visit(StateVisitor& visitor) override {
    net_.visit(visitor);
    visitor.json(
        "protocol",
        [this] {
          nlohmann::json j{{"results", results_.dump()},
                           {"origin", origin_},
                           {"draws", orders_.save()},
                           {"progress", nlohmann::json::array()}};
          for (const Progress& p : progress_)
            j["progress"].push_back({{"perfect", p.perfect},
                                     {"stopped", p.stopped},
                                     {"best", p.best},
                                     {"since", p.since},
                                     {"cooldown", p.cooldown},
                                     {"factor", p.factor},
                                     {"epochs", p.epochs}});
          j["last"] = saved(last_);
          j["tests"] = saved(tests_);
          j["tests label"] = tests_label_;
          return j;
        },
        [this](const nlohmann::json& j) {
          const StateReader state(j, "protocol");
          results_ = state["results"].results();
          if (j.contains("origin")) origin_ = state["origin"].whole();  // files of earlier versions have none
          orders_.restore(j);
          const auto all = state["progress"].items(seeds_.size());
          for (std::size_t r = 0; r < seeds_.size(); ++r) {
            progress_[r] = {all[r]["perfect"].whole(), all[r]["stopped"].flag(),   all[r]["best"].number(-1),
                            all[r]["since"].whole(),   all[r]["cooldown"].whole(), all[r]["factor"].number(0, 1),
                            all[r]["epochs"].whole()};
          }
          last_ = restored(state["last"]);
          tests_ = restored(state["tests"]);
          tests_label_ = state["tests label"].text();
        });
  }

  Json results() const override { return results_; }

 private:
  static nlohmann::json saved(const std::vector<Score>& scores) {
    nlohmann::json all = nlohmann::json::array();
    for (const Score& s : scores) all.push_back({s.squares, s.loss, s.right, s.values, s.patterns});
    return all;
  }
  /// Of all replicas, or none.
  std::vector<Score> restored(const StateReader& state) const {
    std::vector<Score> scores;
    if (state.json().empty()) return scores;
    for (const StateReader& one : state.items(seeds_.size())) {
      const auto n = one.numbers(5);
      scores.push_back({n[0], n[1], n[2], n[3], n[4]});
    }
    return scores;
  }

  std::size_t trained() const { return config_.patterns.count - config_.patterns.tests; }

  /// Holds a layer at pattern number rows[k] of each replica.
  void show(const std::string& layer, std::size_t which, std::span<const std::uint32_t> pattern) {
    const std::size_t units = net_.size(layer);
    std::vector<double> all;
    for (std::size_t r = 0; r < seeds_.size(); ++r) {
      const auto row = config_.patterns.of_layer[which].begin() + static_cast<std::ptrdiff_t>(pattern[r] * units);
      all.insert(all.end(), row, row + static_cast<std::ptrdiff_t>(units));
    }
    net_.clamp_each(layer, all);
  }
  void show_inputs(std::span<const std::uint32_t> pattern) {
    for (std::size_t k = 0; k < config_.inputs.size(); ++k) show(config_.inputs[k], k, pattern);
  }

  void epoch(const Phase& phase, Tick t, Tick elapsed, Recorder& recorder) {
    const std::vector<Index> resting = phase.action == "train" ? stopped() : std::vector<Index>();
    if (phase.action == "present") {
      for (const auto& [layer, activations] : phase.clamp) net_.clamp_layer(layer, activations);
      net_.cycle(phase.cycles);
      for (const auto& [layer, activations] : phase.clamp) net_.unclamp_layer(layer);
    } else if (phase.action == "test") {
      recorder.concludes();  // a phase that only measures does so once
      evaluate(phase, phase.show == "test", t, recorder);
    } else {
      const std::vector<Net::Frozen> frozen = net_.freeze(resting);
      train(phase, elapsed);
      net_.end_epoch();
      if (phase.evaluate_every && (elapsed + 1) % phase.evaluate_every == 0) {
        recorder.covers(t - std::min(t, phase.evaluate_every - 1), t);  // stands for the epochs since the last one
        last_ = evaluate(phase, false, t, recorder);
        if (config_.patterns.tests) evaluate(phase, true, t, recorder);
        recorder.covers(t, t);
        judge(phase, elapsed + 1);
      }
      net_.thaw(frozen);
      for (Progress& p : progress_) p.epochs += !p.stopped;
      for (Progress& p : progress_) p.stopped = p.stopped || (phase.stop_after && p.perfect >= phase.stop_after);
    }
    drain(resting, recorder);
  }

  std::vector<Index> stopped() const {
    std::vector<Index> all;
    for (std::size_t r = 0; r < seeds_.size(); ++r)
      if (progress_[r].stopped) all.push_back(static_cast<Index>(r));
    return all;
  }

  void train(const Phase& phase, Tick elapsed) {
    const Tick epoch = orders_.first(config_.protocol, phase, epochs_of) + elapsed;
    orders_.reach(epoch + 1);
    std::vector<real> factors;
    for (const Progress& p : progress_) factors.push_back(static_cast<real>(rate_factor(phase.schedule, p, elapsed)));
    net_.set_rate_factors(factors);
    std::vector<std::vector<std::uint32_t>> order;
    for (std::size_t r = 0; r < seeds_.size(); ++r) {
      order.push_back({rows_[r].begin(), rows_[r].begin() + static_cast<std::ptrdiff_t>(trained())});
      for (auto i = static_cast<std::uint32_t>(trained()); phase.order == "shuffled" && i > 1; --i)
        std::swap(order[r][i - 1], order[r][Random{seeds_[r], Stream::leabra_order, epoch, i}.below(i)]);
    }
    std::vector<std::uint32_t> pattern(seeds_.size());
    for (std::size_t k = 0; k < trained(); ++k) {
      for (std::size_t r = 0; r < seeds_.size(); ++r) pattern[r] = order[r][k];
      if (phase.decay > 0) net_.decay_state(phase.decay);
      if (phase.trial.empty())
        run_trial(phase, pattern);
      else
        for (const TrialPhase& part : phase.trial) run_phase(part, pattern);
      for (const std::string& layer : config_.shown) net_.unclamp_layer(layer);
      net_.learn();
    }
  }

  void run_trial(const Phase& phase, std::span<const std::uint32_t> pattern) {
    show_inputs(pattern);
    net_.minus_phase_cycle(phase.minus_cycles);
    for (std::size_t i = 0; i < config_.targets.size(); ++i)
      show(config_.targets[i], config_.inputs.size() + i, pattern);
    net_.plus_phase_cycle(phase.plus_cycles);
  }
  void run_phase(const TrialPhase& part, std::span<const std::uint32_t> pattern) {
    for (std::size_t k = 0; k < config_.shown.size(); ++k)
      if (std::find(part.show.begin(), part.show.end(), config_.shown[k]) != part.show.end())
        show(config_.shown[k], k, pattern);
      else
        net_.unclamp_layer(config_.shown[k]);
    for (const std::string& off : part.off) net_.switch_projection(off, false);
    net_.phase_cycle(part.name, part.cycles);
    for (const std::string& off : part.off) net_.switch_projection(off, true);
  }

  static double rate_factor(const RateSchedule& s, const Progress& p, Tick elapsed) {
    const double share = static_cast<double>(elapsed) / static_cast<double>(s.every);
    double factor = 1;
    if (s.kind == Schedule::step) factor = std::pow(s.factor, std::floor(share));
    if (s.kind == Schedule::exponential) factor = std::pow(s.factor, share);
    if (s.kind == Schedule::cosine) factor = (1 + std::cos(std::numbers::pi * std::min(share, 1.0))) / 2;
    if (s.kind == Schedule::plateau) factor = p.factor;
    return std::max(factor, s.floor);
  }

  /// Predictions of all patterns that train, or that test.
  std::vector<Score> evaluate(const Phase& phase, bool test, Tick t, Recorder& recorder) {
    const bool copy = phase.predict == "copy" || (phase.predict == "default" && config_.mode == Mode::standard);
    const std::size_t first = test ? trained() : 0, end = test ? config_.patterns.count : trained();
    const std::string label = phase.label + (test && phase.action == "train" ? test_suffix : "");
    std::vector<Score> scores(seeds_.size());
    std::vector<real> outputs;
    std::vector<std::uint32_t> pattern(seeds_.size());
    if (copy) net_.keep();
    for (std::size_t k = first; k < end; ++k) {
      for (std::size_t r = 0; r < seeds_.size(); ++r) pattern[r] = rows_[r][k];
      if (copy) net_.go_back();
      show_inputs(pattern);
      net_.cycle(phase.cycles);
      for (const std::string& layer : config_.inputs) net_.unclamp_layer(layer);
      for (std::size_t i = 0; i < config_.targets.size(); ++i) {
        const std::size_t units = net_.size(config_.targets[i]);
        const std::vector<real> found = net_.values(config_.targets[i], "unit_act");
        const std::vector<double>& wanted = config_.patterns.of_layer[config_.inputs.size() + i];
        for (std::size_t r = 0; r < seeds_.size(); ++r)
          scores[r].add(std::span(found).subspan(r * units, units),
                        std::span(wanted).subspan(pattern[r] * units, units));
        for (std::size_t r = 0; phase.record_outputs && r < seeds_.size(); ++r) {
          if (progress_[r].stopped) continue;
          const std::string name = label + "/outputs/" + config_.targets[i];
          append_origin(recorder, name, "time", t, static_cast<Index>(r), 1);
          recorder.append(name + "/pattern", std::span<const std::uint32_t>(pattern).subspan(r, 1));
          recorder.append(name + "/act", std::span<const real>(found).subspan(r * units, units), units);
        }
      }
    }
    if (copy) net_.go_back();
    for (std::size_t r = 0; r < seeds_.size(); ++r)
      if (!progress_[r].stopped)
        for (const auto& [name, value] : measures(scores[r]))
          recorder.metric(t, static_cast<Index>(r), label, name, value);
    if (test || phase.action == "test") {
      tests_ = scores;
      tests_label_ = label;
    }
    return scores;
  }

  static std::vector<std::pair<const char*, double>> measures(const Score& s) {
    if (s.patterns == 0) return {};
    return {{"loss", s.loss / s.values}, {"squared error", s.squares / s.values}, {"accuracy", s.right / s.patterns}};
  }

  /// What an evaluation of what was trained says of stopping and of the plateau.
  void judge(const Phase& phase, std::uint64_t epochs) {
    const RateSchedule& s = phase.schedule;
    for (std::size_t r = 0; r < seeds_.size(); ++r) {
      Progress& p = progress_[r];
      if (p.stopped) continue;
      const double loss = last_[r].loss / last_[r].values;
      p.perfect = loss == 0 ? p.perfect + 1 : 0;
      const bool better = p.best < 0 || loss < p.best;
      p.best = better ? loss : p.best;
      p.since = better || p.cooldown ? 0 : p.since + phase.evaluate_every;
      p.cooldown -= std::min(p.cooldown, phase.evaluate_every);
      if (s.kind == Schedule::plateau && p.since >= s.patience) {
        p.factor = std::max(p.factor * s.factor, s.floor);
        p.since = 0;
        p.cooldown = s.cooldown;
      }
      if (phase.stop_after && p.perfect >= phase.stop_after)
        p.epochs = epochs - 1;  // this one is counted on leaving it
    }
  }

  void conclude(const Phase& phase, Tick t, Recorder& recorder) {
    const auto put = [&](const std::string& label, const char* name, const std::vector<double>& values) {
      for (std::size_t r = 0; r < values.size(); ++r) recorder.metric(t, static_cast<Index>(r), label, name, values[r]);
      put_mean(results_, label + ", " + name, values);
    };
    const auto put_scores = [&](const std::string& label, const std::vector<Score>& scores) {
      for (std::size_t m = 0; !scores.empty() && m < measures(scores[0]).size(); ++m) {
        std::vector<double> values;
        for (const Score& s : scores) values.push_back(measures(s)[m].second);
        put_mean(results_, label + ", " + measures(scores[0])[m].first, values);
      }
    };
    if (phase.action == "train") {
      std::vector<double> epochs, converged;
      for (const Progress& p : progress_) {
        epochs.push_back(static_cast<double>(p.epochs));
        converged.push_back(p.stopped);
      }
      if (phase.stop_after) {
        put(phase.label, "converged", converged);
        put(phase.label, "epochs", epochs);
      }
      put_scores(phase.label, last_);
    }
    if (!tests_.empty()) put_scores(tests_label_, tests_);
  }

  /// What the logs of layers and projections hold, as columns; of replicas that rest nothing is true.
  void drain(const std::vector<Index>& resting, Recorder& recorder) {
    for (const Net::LoggedTable& one : net_.take_logs()) {
      std::vector<std::vector<double>> columns;
      for (const std::string& name : one.table.names) columns.push_back(one.table.column(name));
      for (std::size_t c = 0; c < columns.size(); ++c) {
        std::vector<double> kept;
        for (std::size_t row = 0; row < columns[c].size(); ++row)
          if (resting.empty() ||
              std::find(resting.begin(), resting.end(), static_cast<Index>(columns.back()[row])) == resting.end())
            kept.push_back(columns[c][row]);
        recorder.append(one.name + "/" + one.table.names[c], std::span<const double>(kept));
      }
    }
  }

  std::shared_ptr<const Config> plan_;
  const Config& config_;
  std::vector<std::uint64_t> seeds_;
  Net net_;
  std::vector<std::vector<std::uint32_t>> rows_;  // order of the patterns of each replica
  std::vector<Progress> progress_;
  std::vector<Score> last_, tests_;  // of the last evaluation
  std::string tests_label_;
  Tick origin_ = 0;   // ticks that the networks had behind them where this run began
  DrawCount orders_;  // of the patterns of an epoch
  Json results_ = Json::object();
};

}  // namespace

Family family() {
  return {"leabra", "layers of point neurons that learn from the difference between a guess and the answer",
          read_plan<LeabraTask, read_config, memory_of>, schema_of_family, "train:epochs|present:epochs"};
}

}  // namespace engram::leabra
