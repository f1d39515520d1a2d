// Runs the protocol of an attractor experiment: all networks of the grid and all seeds train at once.
#include <algorithm>
#include <cmath>
#include <map>

#include "engine/models/attractor/config.hpp"
#include "engine/models/attractor/series.hpp"
#include "engine/models/families.hpp"
#include "engine/run/draw_count.hpp"
#include "engine/run/phased_task.hpp"
#include "engine/run/recording.hpp"
#include "engine/run/results.hpp"
#include "engram/run/state_reader.hpp"

namespace engram::attractor {

namespace {

using Json = nlohmann::ordered_json;

/// Cells of the grid have their own draws; the first one those of the seed itself.
std::vector<std::uint64_t> seeds_of_all(std::size_t cells, const std::vector<std::uint64_t>& seeds) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t c = 0; c < cells; ++c)
    for (const std::uint64_t seed : seeds) all.push_back(c ? part_seed(seed, Stream::attractor_cell, c) : seed);
  return all;
}

Tick epochs_of(const Phase& phase) { return phase.action == "train" ? phase.epochs : 0; }

class AttractorTask final : public PhasedTask<Config> {
 public:
  AttractorTask(std::shared_ptr<const Config> config, const TaskContext& context)
      : PhasedTask(std::move(config)),
        backend_(context.backend),
        seeds_(seeds_of_all(config_.evidence.size(), context.seeds)),
        n_(config_.options.units),
        networks_(seeds_.size()),
        patterns_(config_.count()),
        network_(context.backend, options_of(config_, context.seeds.size()), seeds_),
        match_(networks_, -1) {
    if (config_.begun) {
      config_.begun->restore([&](StateVisitor& visitor) { network_.visit(visitor); });
      origin_ = config_.begun->time();
      shown_.begin(config_.begun->json_state("protocol"));
    }
    if (config_.weights.empty()) return;
    std::vector<real> all;
    for (std::size_t r = 0; r < networks_; ++r) all.insert(all.end(), config_.weights.begin(), config_.weights.end());
    network_.set_weights(all);
  }

  Tick advance(Tick t, Tick most, Recorder& recorder) override {
    const Timeline::Place at = config_.timeline.at(t);
    const Phase& phase = config_.protocol[at.phase];
    if (phase.action != "train" && phase.action != "run") {
      recorder.concludes();
      analyse(phase, t, recorder);
      summarize(phase);
      return 1;
    }
    const Tick steps = step(phase, t, t - at.begin, std::min(most, at.end - t), recorder);
    if (t + steps == at.end) {
      recorder.concludes();
      conclude(phase, at.end - 1, recorder);
    }
    return steps;
  }

  void finish(Recorder& recorder) override {
    recorder.append(recordable::patterns.name, std::span<const double>(config_.patterns), n_);
    recorder.append(recordable::weights.name, std::span<const real>(network_.weights()), n_);
  }

  void visit(StateVisitor& visitor) override {
    network_.visit(visitor);
    visitor.json(
        "protocol",
        [this] {
          return nlohmann::json{{"results", results_.dump()},  // as text, which keeps the order
                                {"origin", origin_},          {"draws", shown_.save()},       {"match", match_},
                                {"changes", changes_},        {"forward", forward_},          {"sum", sum_},
                                {"before", before_},          {"fixed points", fixed_points_}};
        },
        [this](const nlohmann::json& j) {
          const StateReader state(j, "protocol");
          results_ = state["results"].results();
          origin_ = state["origin"].whole();
          shown_.restore(j);
          // Empty lists were saved before the phase that sets them.
          const auto reals = [&](const char* key, std::size_t size) {
            return state[key].json().empty() ? std::vector<double>() : state[key].numbers(size);
          };
          const auto each = [&](const char* key, auto& to, auto&& read) {
            to.assign(networks_, {});
            if (state[key].json().empty()) return;
            const auto items = state[key].items(networks_);
            for (std::size_t r = 0; r < networks_; ++r) to[r] = read(items[r]);
          };
          const auto match = [&](const StateReader& x) {
            return static_cast<int>(x.integer(-1, static_cast<std::int64_t>(patterns_) - 1));
          };
          const auto count = [](const StateReader& x) { return x.whole(); };
          each("match", match_, match);
          each("changes", changes_, count);
          each("forward", forward_, count);
          sum_ = reals("sum", networks_ * n_);
          sum_.resize(networks_ * n_);
          before_ = reals("before", networks_ * n_ * n_);
          fixed_points_ = reals("fixed points", networks_ * patterns_ * n_);
        });
  }

  Json results() const override { return results_; }

 private:
  double evidence(std::size_t r) const { return config_.evidence[r / (networks_ / config_.evidence.size())]; }

  /// Learning rate, inverse temperatures and, where an epoch begins, the biases.
  void prepare(const Phase& phase, Tick elapsed) {
    const bool train = phase.action == "train";
    network_.set_learning_rate(static_cast<real>(
        phase.learning_rate.value_or(train ? static_cast<double>(config_.options.learning_rate) : 0.0)));
    if (elapsed == 0) {
      std::vector<real> beta(networks_);
      for (std::size_t r = 0; r < networks_; ++r)
        beta[r] = static_cast<real>(phase.inverse_temperature.value_or(
            train ? config_.inverse_temperature[r / (networks_ / config_.evidence.size())] : 1.0));
      network_.set_inverse_temperature(beta);
      before_.clear();
      if (phase.learning_rate > 0) before_ = to_double(network_.weights());
      match_.assign(networks_, -1);
      changes_.assign(networks_, 0);
      forward_.assign(networks_, 0);
      sum_.assign(networks_ * n_, 0);
    }
    if (train ? elapsed % phase.steps != 0 : elapsed != 0) return;
    std::vector<real> bias(networks_ * n_);
    const Tick epoch = elapsed / phase.steps, first = shown_.first(config_.protocol, phase, epochs_of);
    if (train) shown_.reach(first + epoch + 1);
    for (std::size_t r = 0; r < networks_; ++r) {
      const std::size_t shown = phase.order == "cyclic"
                                    ? epoch % patterns_
                                    : Random{seeds_[r], Stream::attractor_shown, first + epoch, 0}.below(patterns_);
      for (std::size_t i = 0; i < n_; ++i) {
        double input = train ? evidence(r) * config_.pattern(shown)[i] : 0.0;
        for (std::size_t k = 0; !train && k < phase.mixture.size(); ++k)
          input += phase.mixture[k] * evidence(r) * config_.pattern(k)[i];
        bias[r * n_ + i] = static_cast<real>(input) + (config_.base_bias.empty() ? real(0) : config_.base_bias[i]);
      }
    }
    network_.set_bias(bias);
    if (train && phase.reset_state) network_.set_state(std::vector<real>(networks_ * n_));
  }

  /// Up to `most` steps from tick `t` on, no farther than to the next place where something is to be set or recorded:
  /// small networks take them in one call. Returns how many.
  Tick step(const Phase& phase, Tick t, Tick elapsed, Tick most, Recorder& recorder) {
    prepare(phase, elapsed);
    const auto to_multiple = [&](Tick every) { return every - elapsed % every; };
    const auto synapses = static_cast<double>(networks_ * n_ * n_);
    Tick steps = std::min(most, static_cast<Tick>(std::clamp(2e9 / synapses, 1.0, 1000.0)));
    if (phase.action == "train") steps = std::min(steps, to_multiple(phase.steps));
    if (phase.record_every) steps = std::min(steps, to_multiple(phase.record_every));
    const bool seen = phase.action == "run" || phase.record_states;
    if (seen) steps = std::min(steps, std::max<Tick>(1, (Tick{1} << 24) / (networks_ * n_)));
    const bool recorded = phase.record_every && (elapsed + steps) % phase.record_every == 0;
    if (seen) {
      const std::vector<real> states = network_.run_and_record(origin_ + t, steps);
      for (Tick s = 0; s < steps; ++s) {
        const auto now = std::span(states).subspan(s * networks_ * n_, networks_ * n_);
        recorder.covers(t + s, t + s);
        if (phase.record_states) append_values(recorder, recordable::states.of(phase.label), now, n_);
        if (phase.project) project(phase, now, recorder);
        const bool measured = recorded && s + 1 == steps;
        if (measured) stand_for_all_since_last(phase, t + s, recorder);
        if (phase.action == "run") follow(phase, now, t + s, measured ? &recorder : nullptr);
      }
    } else {
      network_.run(origin_ + t, steps);
      if (recorded) stand_for_all_since_last(phase, t + steps - 1, recorder);
    }
    if (recorded) record(phase, t + steps - 1, recorder);
    // A state that is no number stays so; looking at some steps finds it before a checkpoint holds it for long.
    if (elapsed / 1000 != (elapsed + steps) / 1000) network_.check_finite();
    return steps;
  }

  /// A measurement each so many steps is that of all of them.
  static void stand_for_all_since_last(const Phase& phase, Tick t, Recorder& recorder) {
    recorder.covers(t - std::min(t, phase.record_every - 1), t);
  }

  void record(const Phase& phase, Tick t, Recorder& recorder) {
    const std::vector<FreeEnergy> energy = network_.free_energy();
    const std::vector<double> change = network_.squared_weight_change();
    for (std::size_t r = 0; r < networks_; ++r) {
      const auto put = [&](const Series& one, double value) {
        recorder.metric(t, static_cast<Index>(r), phase.label, one.name, value);
      };
      put(recordable::complexity, energy[r].complexity);
      put(recordable::accuracy, energy[r].accuracy);
      put(recordable::vfe, energy[r].vfe());
      put(recordable::macroscopic, energy[r].macroscopic);
      put(recordable::squared_change, change[r]);
    }
  }

  /// Which pattern the state resembles most, and whether it went on to the next one; the mean state.
  void follow(const Phase& phase, std::span<const real> state, Tick t, Recorder* recorder) {
    for (std::size_t i = 0; i < state.size(); ++i) sum_[i] += static_cast<double>(state[i]);
    for (std::size_t r = 0; r < networks_; ++r) {
      const std::vector<double> s = to_double(state.subspan(r * n_, n_));
      int best = 0;
      double most = -2;
      for (std::size_t k = 0; k < patterns_; ++k) {
        const double c = correlation(s, config_.pattern(k));
        if (recorder)
          recorder->metric(t, static_cast<Index>(r), phase.label, recordable::match.name, c,
                           static_cast<std::int64_t>(k));
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

  /// |a . s| of each network's state s and each of its fixed points a.
  void project(const Phase& phase, std::span<const real> state, Recorder& recorder) const {
    std::vector<double> row;
    for (std::size_t first = 0; first < fixed_points_.size(); first += n_) {
      const std::size_t r = first / n_ / patterns_;
      double sum = 0;
      for (std::size_t i = 0; i < n_; ++i) sum += fixed_points_[first + i] * static_cast<double>(state[r * n_ + i]);
      row.push_back(std::abs(sum));
    }
    recorder.append(recordable::projection.of(phase.label), std::span<const double>(row), row.size());
  }

  /// What a phase of steps did to the weights, and the order of the free run.
  void conclude(const Phase& phase, Tick t, Recorder& recorder) {
    network_.check_finite();
    const std::vector<double> all = to_double(network_.weights());
    const std::vector<real> biases = network_.bias();
    for (std::size_t r = 0; r < networks_; ++r) {
      const auto now = std::span(all).subspan(r * n_ * n_, n_ * n_);
      put(phase, recordable::asymmetry.name, r, asymmetry(now, n_), t, recorder);
      put(phase, recordable::norm.name, r, norm(now), t, recorder);
      if (!before_.empty()) {
        const auto before = std::span<const double>(before_).subspan(r * n_ * n_, n_ * n_);
        std::vector<double> change(now.begin(), now.end());
        for (std::size_t i = 0; i < change.size(); ++i) change[i] -= before[i];
        put(phase, recordable::weight_correlation.name, r, correlation(now, before), t, recorder);
        put(phase, recordable::weight_change.name, r, norm(change) / norm(before), t, recorder);
      }
      if (phase.action == "run") {
        const auto changes = static_cast<double>(changes_[r]);
        put(phase, recordable::changes.name, r, changes, t, recorder);
        put(phase, recordable::forward.name, r, static_cast<double>(forward_[r]) / changes, t, recorder);
        if (!phase.mixture.empty()) {
          const std::vector<double> bias = to_double(std::span<const real>(biases).subspan(r * n_, n_));
          put(phase, recordable::bias_correlation.name, r,
              correlation(std::span<const double>(sum_).subspan(r * n_, n_), bias), t, recorder);
        }
        put(phase, recordable::steps_a_pattern.name, r, static_cast<double>(phase.steps) / (changes + 1), t, recorder);
      }
    }
    summarize(phase);
  }

  /// Looks at every network by itself, side by side where there are threads; what a network shows is its own copy.
  void analyse(const Phase& phase, Tick t, Recorder& recorder) {
    const std::vector<real> weights = network_.weights(), states = network_.state();
    Options options = network_.options();
    options.networks = 1;
    options.learning_rate = 0;
    std::vector<Measurements> found(networks_);
    backend_.split(networks_, networks_ * weights.size(), [&](Backend& backend, std::size_t r) {
      Network one(backend, options, std::span(seeds_).subspan(r, 1));
      one.set_weights(std::span(weights).subspan(r * n_ * n_, n_ * n_));
      one.set_state(std::span(states).subspan(r * n_, n_));
      found[r] = measure(one, config_, phase, {evidence(r), seeds_[r], origin_ + t});
    });
    if (phase.action == "attractors") fixed_points_.clear();
    for (std::size_t r = 0; r < networks_; ++r) {
      if (phase.action == "attractors")  // those of the first noise level
        fixed_points_.insert(fixed_points_.end(), found[r].rows.begin(),
                             found[r].rows.begin() + static_cast<std::ptrdiff_t>(patterns_ * n_));
      if (!found[r].rows.empty())
        recorder.append(recordable::attractors.of(phase.label), std::span<const double>(found[r].rows), n_);
      for (const auto& [name, value] : found[r].values) put(phase, name, r, value, t, recorder);
    }
  }

  void put(const Phase& phase, const std::string& name, std::size_t r, double value, Tick t, Recorder& recorder) {
    recorder.metric(t, static_cast<Index>(r), phase.label, name, value);
    collected_[name].push_back(value);
  }

  void summarize(const Phase& phase) {
    for (const auto& [name, values] : collected_) put_mean(results_, phase.label + ", " + name, values);
    collected_.clear();
  }

  DrawCount shown_;  ///< of epochs, each of which draws the pattern that it shows
  Backend& backend_;
  std::vector<std::uint64_t> seeds_;
  std::size_t n_, networks_, patterns_;
  Network network_;
  std::vector<int> match_;                        // pattern of the last step of a run, -1: none yet
  std::vector<std::uint64_t> changes_, forward_;  // of that pattern, in this phase
  std::vector<double> sum_;                       // of the states of this run
  std::vector<double> before_;                    // weights where this phase began, if it changes its learning rate
  std::vector<double> fixed_points_;              // [network][pattern][unit], of the last phase that looked for them
  std::map<std::string, std::vector<double>> collected_;
  Json results_ = Json::object();
};

std::size_t memory_of(const Config& config, std::size_t replicas) {
  // The weights where a phase began stay on the host in double precision, beside what an analysis downloads and
  // transposes.
  return checked_product(Network::bytes(options_of(config, replicas)), 3 + sizeof(double) / sizeof(real)) +
         (config.patterns.size() + config.test.size()) * sizeof(double);
}

}  // namespace

Family family() {
  std::vector<Series> all(std::begin(recordable::others), std::end(recordable::others));
  all.insert(all.end(), std::begin(recordable::measurements), std::end(recordable::measurements));
  return {"attractor",
          "continuous Bernoulli units that infer and learn by free energy",
          read_plan<AttractorTask, read_config, memory_of>,
          schema_of_family,
          "train:epochs|run:steps",
          std::move(all)};
}

}  // namespace engram::attractor
