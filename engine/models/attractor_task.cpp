// Runs the protocol of an attractor experiment: all networks of the grid and all seeds train at once.
#include <algorithm>
#include <cmath>
#include <map>

#include "attractor_config.hpp"
#include "families.hpp"

namespace engram::attractor {

namespace {

using Json = nlohmann::ordered_json;

/// Cells of the grid have their own draws; the first one those of the seed itself.
std::vector<std::uint64_t> seeds_of_all(std::size_t cells, const std::vector<std::uint64_t>& seeds) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t c = 0; c < cells; ++c)
    for (const std::uint64_t seed : seeds) all.push_back(seed + 0x9E3779B97F4A7C15u * c);
  return all;
}

AttractorOptions options_of(const Config& config, std::size_t seeds) {
  AttractorOptions options = config.options;
  const std::size_t networks = checked_product(options.networks, seeds);
  if (networks > 1u << 30) throw MemoryError(std::to_string(networks) + " networks are more than any memory holds");
  options.networks = static_cast<Index>(networks);
  return options;
}

Tick length(const Phase& phase) { return phase.action == "train" ? phase.epochs * phase.steps : phase.action == "run" ? phase.steps : 1; }

class AttractorTask final : public Task {
 public:
  AttractorTask(Config config, const TaskContext& context)
      : config_(std::move(config)), backend_(context.backend), seeds_(seeds_of_all(config_.evidence.size(), context.seeds)),
        n_(config_.options.units), networks_(seeds_.size()), patterns_(config_.patterns.size() / n_),
        network_(context.backend, options_of(config_, context.seeds.size()), seeds_), match_(networks_, -1) {
    if (config_.weights.empty()) return;
    std::vector<real> all;
    for (std::size_t r = 0; r < networks_; ++r) all.insert(all.end(), config_.weights.begin(), config_.weights.end());
    network_.set_weights(all);
  }

  Tick ticks() const override {
    Tick total = 0;
    for (const Phase& phase : config_.protocol) total += length(phase);
    return total;
  }

  void tick(Tick t, Recorder& recorder) override {
    Tick begin = 0;
    std::size_t p = 0;
    while (t - begin >= length(config_.protocol[p])) begin += length(config_.protocol[p++]);
    const Phase& phase = config_.protocol[p];
    if (phase.action == "train" || phase.action == "run") {
      step(phase, t, t - begin, recorder);
      if (t - begin + 1 == length(phase)) conclude(phase, t, recorder);
    } else {
      for (std::size_t r = 0; r < networks_; ++r) {
        AttractorNetwork one = single(r);
        if (phase.action == "attractors") attractors(phase, one, r, t, recorder);
        if (phase.action == "reconstruct") reconstruction(phase, one, r, t, recorder);
        if (phase.action == "retain") retention(phase, one, r, t, recorder);
      }
      summarize(phase);
    }
  }

  void finish(Recorder& recorder) override {
    recorder.append("patterns", std::span<const double>(config_.patterns), n_);
    recorder.append("weights", std::span<const real>(network_.weights()), n_);
  }

  void visit(StateVisitor& visitor) override {
    network_.visit(visitor);
    visitor.json("protocol",
                 [this] {
                   return nlohmann::json{{"results", results_.dump()},  // as text, which keeps the order
                                          {"match", match_}, {"changes", changes_}, {"forward", forward_}, {"sum", sum_}, {"before", before_}};
                 },
                 [this](const nlohmann::json& j) {
                   results_ = Json::parse(j.at("results").get<std::string>());
                   match_ = j.at("match").get<std::vector<int>>();
                   changes_ = j.at("changes").get<std::vector<std::uint64_t>>();
                   forward_ = j.at("forward").get<std::vector<std::uint64_t>>();
                   sum_ = j.at("sum").get<std::vector<double>>();
                   before_ = j.at("before").get<std::vector<double>>();
                 });
  }

  Json results() const override { return results_; }

 private:
  double evidence(std::size_t r) const { return config_.evidence[r / (networks_ / config_.evidence.size())]; }
  std::span<const double> pattern(std::size_t k) const { return std::span(config_.patterns).subspan(k * n_, n_); }
  static double or_else(double given, double fallback) { return given >= 0 ? given : fallback; }

  /// Learning rate, inverse temperatures and, where an epoch begins, the biases.
  void prepare(const Phase& phase, Tick elapsed) {
    const bool train = phase.action == "train";
    network_.set_learning_rate(static_cast<real>(or_else(phase.learning_rate, train ? static_cast<double>(config_.options.learning_rate) : 0.0)));
    if (elapsed == 0) {
      std::vector<real> beta(networks_);
      for (std::size_t r = 0; r < networks_; ++r)
        beta[r] = static_cast<real>(or_else(phase.inverse_temperature, train ? config_.inverse_temperature[r / (networks_ / config_.evidence.size())] : 1.0));
      network_.set_inverse_temperature(beta);
      if (phase.learning_rate > 0) before_ = to_double(network_.weights());
      match_.assign(networks_, -1);
      changes_.assign(networks_, 0);
      forward_.assign(networks_, 0);
      sum_.assign(networks_ * n_, 0);
    }
    if (train ? elapsed % phase.steps != 0 : elapsed != 0) return;
    std::vector<real> bias(networks_ * n_);
    for (std::size_t r = 0; r < networks_; ++r) {
      std::vector<double> input(n_);
      if (train) {
        const Tick epoch = elapsed / phase.steps;
        const std::size_t k = phase.order == "cyclic" ? epoch % patterns_ : Random{seeds_[r], Stream::attractor_pattern, epoch, 0}.below(patterns_);
        for (std::size_t i = 0; i < n_; ++i) input[i] = evidence(r) * pattern(k)[i];
      }
      for (std::size_t k = 0; !train && k < phase.mixture.size(); ++k)
        for (std::size_t i = 0; i < n_; ++i) input[i] += phase.mixture[k] * evidence(r) * pattern(k)[i];
      for (std::size_t i = 0; i < n_; ++i) bias[r * n_ + i] = static_cast<real>(input[i]) + (config_.base_bias.empty() ? real(0) : config_.base_bias[i]);
    }
    network_.set_bias(bias);
    if (train && phase.reset_state) network_.set_state(std::vector<real>(networks_ * n_));
  }

  void step(const Phase& phase, Tick t, Tick elapsed, Recorder& recorder) {
    prepare(phase, elapsed);
    network_.step(t);
    const bool recorded = phase.record_every && (elapsed + 1) % phase.record_every == 0;
    if (recorded) {
      const std::vector<FreeEnergy> energy = network_.free_energy();
      const std::vector<double> change = network_.squared_weight_change();
      for (std::size_t r = 0; r < networks_; ++r) {
        const auto put = [&](const char* attribute, double value) { recorder.metric(t, static_cast<Index>(r), phase.label, attribute, value); };
        put("complexity", energy[r].complexity);
        put("accuracy", energy[r].accuracy);
        put("vfe", energy[r].vfe());
        put("macroscopic free energy", energy[r].macroscopic);
        put("squared weight change", change[r]);
      }
    }
    if (phase.action == "run" || phase.record_states) {
      const std::vector<real> s = network_.state();
      if (phase.record_states) recorder.append(phase.label + "/state", std::span<const real>(s), networks_ * n_);
      if (phase.action == "run") follow(phase, s, t, recorded ? &recorder : nullptr);
    }
    // A state that is no number stays so; looking at some steps finds it before a checkpoint holds it for long.
    if (elapsed % 1000 == 999) network_.check_finite();
  }

  /// Which pattern the state resembles most, and whether it went on to the next one; the mean state.
  void follow(const Phase& phase, const std::vector<real>& state, Tick t, Recorder* recorder) {
    for (std::size_t i = 0; i < state.size(); ++i) sum_[i] += static_cast<double>(state[i]);
    for (std::size_t r = 0; r < networks_; ++r) {
      const std::vector<double> s = to_double(std::span(state).subspan(r * n_, n_));
      int best = 0;
      double most = -2;
      for (std::size_t k = 0; k < patterns_; ++k) {
        const double c = correlation(s, pattern(k));
        if (recorder) recorder->metric(t, static_cast<Index>(r), phase.label, "correlation", c, static_cast<std::int64_t>(k));
        if (c > most) {
          most = c;
          best = static_cast<int>(k);
        }
      }
      if (match_[r] >= 0 && best != match_[r]) {
        ++changes_[r];
        forward_[r] += best == (match_[r] + 1) % static_cast<int>(patterns_);
      }
      match_[r] = best;
    }
  }

  /// What a phase of steps did to the weights, and the order of the free run.
  void conclude(const Phase& phase, Tick t, Recorder& recorder) {
    network_.check_finite();
    const std::vector<double> all = to_double(network_.weights());
    const std::vector<real> biases = network_.bias();
    for (std::size_t r = 0; r < networks_; ++r) {
      const auto now = std::span(all).subspan(r * n_ * n_, n_ * n_);
      put(phase, "asymmetry", r, asymmetry(now, n_), t, recorder);
      put(phase, "norm of weights", r, norm(now), t, recorder);
      if (!before_.empty()) {
        const auto before = std::span<const double>(before_).subspan(r * n_ * n_, n_ * n_);
        std::vector<double> change(now.begin(), now.end());
        for (std::size_t i = 0; i < change.size(); ++i) change[i] -= before[i];
        put(phase, "weight correlation", r, correlation(now, before), t, recorder);
        put(phase, "relative weight change", r, norm(change) / norm(before), t, recorder);
      }
      if (phase.action == "run") {
        const auto changes = static_cast<double>(changes_[r]);
        put(phase, "changes of pattern", r, changes, t, recorder);
        put(phase, "share of changes forward", r, static_cast<double>(forward_[r]) / changes, t, recorder);
        if (!phase.mixture.empty()) {
          const std::vector<double> bias = to_double(std::span<const real>(biases).subspan(r * n_, n_));
          put(phase, "correlation of mean state with bias", r, correlation(std::span<const double>(sum_).subspan(r * n_, n_), bias), t, recorder);
        }
        put(phase, "steps a pattern", r, static_cast<double>(phase.steps) / (changes + 1), t, recorder);
      }
    }
    summarize(phase);
    before_.clear();
  }

  /// Network r alone.
  AttractorNetwork single(std::size_t r) const {
    AttractorOptions options = network_.options();
    options.networks = 1;
    options.learning_rate = 0;
    AttractorNetwork one(backend_, options, std::span(seeds_).subspan(r, 1));
    one.set_weights(std::span<const real>(network_.weights()).subspan(r * n_ * n_, n_ * n_));
    one.set_state(std::span<const real>(network_.state()).subspan(r * n_, n_));
    return one;
  }

  void attractors(const Phase& phase, AttractorNetwork& one, std::size_t r, Tick t, Recorder& recorder) {
    if (phase.weights == "symmetric") one.set_weights(to_real(symmetric_part(to_double(one.weights()), n_)));
    std::vector<double> scaled = config_.patterns;
    for (double& v : scaled) v *= evidence(r);
    RelaxOptions options;
    options.max_steps = static_cast<Index>(phase.max_steps);
    options.tolerance = phase.tolerance;
    for (const double noise : phase.noise) {
      char level[32] = "";
      if (phase.noise.size() > 1) std::snprintf(level, sizeof level, ", noise %g", noise);
      const auto found = relax(one, cues_of(scaled, n_, noise, seeds_[r] + t), std::vector<real>(n_), static_cast<real>(or_else(phase.inverse_temperature, 1)), options);
      std::vector<double> rows, resting;
      std::size_t cycles = 0, failed = 0, steps = 0;
      double own = 0;
      for (std::size_t k = 0; k < found.size(); ++k) {
        rows.insert(rows.end(), found[k].state.begin(), found[k].state.end());
        if (found[k].status == Relaxed::fixed_point) resting.insert(resting.end(), found[k].state.begin(), found[k].state.end());
        cycles += found[k].status == Relaxed::two_cycle;
        failed += found[k].status == Relaxed::not_converged;
        steps = std::max<std::size_t>(steps, found[k].steps);
        own += correlation(to_double(found[k].state), pattern(k)) / static_cast<double>(found.size());
      }
      recorder.append(phase.label + "/attractors", std::span<const double>(rows), n_);
      const auto note = [&](const char* name, double value) { put(phase, (name + std::string(level)).c_str(), r, value, t, recorder); };
      note("distinct attractors", static_cast<double>(distinct_rows(resting, n_)));
      note("cues in a two-cycle", static_cast<double>(cycles));
      note("cues not converged", static_cast<double>(failed));
      note("most steps", static_cast<double>(steps));
      note("correlation with own pattern", own);
      note("attractor deviation from 90 degrees", orthogonality(angles(resting, n_)).kept);
      const Orthogonality data = orthogonality(angles(config_.patterns, n_));
      note("pattern deviation from 90 degrees", data.off_diagonal);
      note("pattern deviation from 90 degrees, with diagonal", data.with_diagonal);
      if (found.size() == 2) note("attractor correlation", correlation(std::span<const double>(rows).first(n_), std::span<const double>(rows).last(n_)));
    }
  }

  void reconstruction(const Phase& phase, const AttractorNetwork& one, std::size_t r, Tick t, Recorder& recorder) {
    const std::vector<double>& pool = phase.from == "test" ? config_.test : config_.patterns;
    std::vector<double> shown;
    for (std::uint64_t k = 0; k < phase.trials; ++k) {
      const std::size_t row = phase.from == "test" ? Random{seeds_[r], Stream::attractor_order, t, static_cast<std::uint32_t>(k)}.below(pool.size() / n_) : k % patterns_;
      for (std::size_t i = 0; i < n_; ++i) shown.push_back(evidence(r) * pool[row * n_ + i]);
    }
    ReconstructionOptions options;
    options.steps = static_cast<Index>(phase.steps);
    options.signal = phase.signal;
    options.snr = phase.snr;
    options.start_at_cue = phase.start == "cue";
    options.inverse_temperature = static_cast<real>(or_else(phase.inverse_temperature, 1));
    const auto trials = reconstruct(one, shown, options, seeds_[r] + t);
    double input = 0, output = 0;
    for (const Reconstruction& trial : trials) {
      input += trial.input / static_cast<double>(trials.size());
      output += trial.output / static_cast<double>(trials.size());
    }
    put(phase, "median gain of R2", r, median_gain(trials), t, recorder);
    put(phase, "mean correlation of cue", r, input, t, recorder);
    put(phase, "mean correlation of reconstruction", r, output, t, recorder);
  }

  /// Correlation of each pattern with where it goes when it is left alone.
  void retention(const Phase& phase, const AttractorNetwork& one, std::size_t r, Tick t, Recorder& recorder) {
    const std::vector<std::uint64_t> seeds(patterns_, seeds_[r]);
    AttractorNetwork all = one.on_same_weights(static_cast<Index>(patterns_), seeds);
    std::vector<real> start = to_real(config_.patterns);
    for (real& s : start) s = std::clamp(s, real(-1), real(1));
    all.set_state(start);
    all.set_deterministic(true);
    all.set_inverse_temperature(std::vector<real>{static_cast<real>(or_else(phase.inverse_temperature, 1))});
    for (Tick k = 0; k < phase.steps; ++k) all.step(k);
    const std::vector<double> end = to_double(all.state());
    double mean = 0;
    for (std::size_t k = 0; k < patterns_; ++k) mean += correlation(std::span(end).subspan(k * n_, n_), pattern(k)) / static_cast<double>(patterns_);
    put(phase, "retention", r, mean, t, recorder);
  }

  void put(const Phase& phase, const char* name, std::size_t r, double value, Tick t, Recorder& recorder) {
    recorder.metric(t, static_cast<Index>(r), phase.label, name, value);
    collected_[name].push_back(value);
  }

  /// Mean over networks; where there are several, their standard deviation. What was not a number is left out.
  void summarize(const Phase& phase) {
    for (const auto& [name, values] : collected_) {
      double sum = 0, squares = 0, count = 0;
      for (const double v : values)
        if (std::isfinite(v)) {
          sum += v;
          ++count;
        }
      for (const double v : values)
        if (std::isfinite(v)) squares += (v - sum / count) * (v - sum / count);
      results_[phase.label + ", " + name] = count > 0 ? Json(sum / count) : Json(nullptr);
      if (count > 1) results_[phase.label + ", " + name + ", sd"] = std::sqrt(squares / (count - 1));
    }
    collected_.clear();
  }

  Config config_;
  Backend& backend_;
  std::vector<std::uint64_t> seeds_;
  std::size_t n_, networks_, patterns_;
  AttractorNetwork network_;
  std::vector<int> match_;                         // pattern of the last step of a run, -1: none yet
  std::vector<std::uint64_t> changes_, forward_;   // of that pattern, in this phase
  std::vector<double> sum_;                        // of the states of this run
  std::vector<double> before_;                     // weights where this phase began, if it changes its learning rate
  std::map<std::string, std::vector<double>> collected_;
  Json results_ = Json::object();
};

std::unique_ptr<Task> make(ConfigReader& experiment, const TaskContext* context) {
  Config config = read_config(experiment);
  if (!experiment.ok() || !context) return nullptr;
  return std::make_unique<AttractorTask>(std::move(config), *context);
}

std::size_t memory(ConfigReader& experiment, std::size_t replicas) {
  const Config config = read_config(experiment);
  if (!experiment.ok()) return 0;
  // The weights where a phase began stay on the host in double precision, beside what an analysis downloads.
  return checked_product(AttractorNetwork::bytes(options_of(config, replicas)), 1 + 16 / sizeof(real));
}

}  // namespace

Family family() {
  return {"attractor", "continuous Bernoulli units that infer and learn by free energy", make, memory, schema_of_family};
}

}  // namespace engram::attractor
