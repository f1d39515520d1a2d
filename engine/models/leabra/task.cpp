// Runs the protocol of a Leabra experiment: all replicas at once, a tick an epoch.
#include <algorithm>

#include "engine/models/families.hpp"
#include "engine/models/leabra/config.hpp"
#include "engine/models/leabra/progress.hpp"
#include "engine/models/leabra/series.hpp"
#include "engine/models/leabra/shown.hpp"
#include "engine/run/draw_count.hpp"
#include "engine/run/phased_task.hpp"
#include "engine/run/recording.hpp"
#include "engine/run/results.hpp"
#include "engram/run/state_reader.hpp"

namespace engram::leabra {

namespace {

using Json = nlohmann::ordered_json;

Tick epochs_of(const Phase& phase) { return phase.action == "train" ? phase.epochs : 0; }

class LeabraTask final : public PhasedTask<Config> {
 public:
  LeabraTask(std::shared_ptr<const Config> config, const TaskContext& context)
      : PhasedTask(std::move(config)),
        seeds_(context.seeds),
        backend_(context.backend),
        net_(config_.build(context.backend, context.seeds)),
        shown_(context.backend, config_, net_.states()),
        progress_(seeds_.size()) {
    for (const std::uint64_t seed : seeds_) rows_.push_back(config_.patterns.order(seed));
    begin_networks(net_, config_);
    if (!config_.begun) return;
    origin_ = config_.begun->time();
    orders_.begin(config_.begun->json_state("protocol"));
  }

  Tick advance(Tick t, Tick most, Recorder& recorder) override {
    const Timeline::Place at = config_.timeline.at(t);
    const Phase& phase = config_.protocol[at.phase];
    if (t == at.begin) {
      progress_.assign(seeds_.size(), {});
      net_.restart_balance();
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
      for (const bool linear : {false, true}) {
        const std::string column = linear ? recordable::linear_weights.of(name) : recordable::weights.of(name);
        net_.each_row(name, linear, [&](std::span<const real> row) { recorder.append(column, row, senders); });
      }
    }
    for (const std::string& name : net_.layers()) {
      if (!net_.layer_spec(name).bias) continue;
      const std::vector<real> all = net_.values(name, "unit_bias");
      const std::size_t units = net_.size(name);
      for (std::size_t r = 0; r < seeds_.size(); ++r)  // copies have the same
        recorder.append(recordable::bias.of(name), std::span(all).subspan(r * config_.copies * units, units), units);
    }
  }

  void visit(StateVisitor& visitor) override {
    net_.visit(visitor);
    visitor.json(
        "protocol",
        [this] {
          return nlohmann::json{{"results", results_.dump()},   {"origin", origin_},    {"draws", orders_.save()},
                                {"progress", saved(progress_)}, {"last", saved(last_)}, {"tests", saved(tests_)},
                                {"tests label", tests_label_}};
        },
        [this](const nlohmann::json& j) {
          const StateReader state(j, "protocol");
          results_ = state["results"].results();
          if (j.contains("origin")) origin_ = state["origin"].whole();  // files of earlier versions have none
          orders_.restore(j);
          progress_ = restored_progress(state["progress"], seeds_.size());
          last_ = restored_scores(state["last"], seeds_.size());
          tests_ = restored_scores(state["tests"], seeds_.size());
          tests_label_ = state["tests label"].text();
        });
  }

  Json results() const override { return results_; }

 private:
  std::size_t trained() const { return config_.patterns.count - config_.patterns.tests; }

  void show_inputs(const Order& order, std::size_t step) {
    for (std::size_t k = 0; k < config_.inputs.size(); ++k) shown_.show(net_, k, order, step);
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
        std::vector<double> losses;
        for (std::size_t r = 0; r < seeds_.size(); ++r) {
          progress_[r].judge(phase, last_[r], elapsed + 1);
          losses.push_back(last_[r].mean_loss());
        }
        net_.report_loss(losses);
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
    for (const Progress& p : progress_)
      factors.push_back(static_cast<real>(rate_factor(phase.schedule, elapsed, p.plateau)));
    net_.set_rate_factors(factors);
    order_training(phase, epoch);
    for (std::size_t k = 0; k < training_.steps(); ++k) {
      if (phase.decay > 0) net_.decay_state(phase.decay);
      if (phase.trial.empty())
        run_trial(phase, k);
      else
        for (const TrialPhase& part : phase.trial) run_phase(part, k);
      for (const std::string& layer : config_.shown) net_.unclamp_layer(layer);
      net_.learn();
    }
  }

  void order_training(const Phase& phase, Tick epoch) {
    std::vector<std::vector<std::uint32_t>> orders;
    for (std::size_t r = 0; r < seeds_.size(); ++r) {
      std::vector<std::uint32_t> order(rows_[r].begin(), rows_[r].begin() + static_cast<std::ptrdiff_t>(trained()));
      for (auto i = static_cast<std::uint32_t>(trained()); phase.order == "shuffled" && i > 1; --i)
        std::swap(order[i - 1], order[Random{seeds_[r], Stream::leabra_order, epoch, i}.below(i)]);
      orders.push_back(std::move(order));
    }
    training_.set(backend_, config_, met(orders, 0, trained()), net_.states());
  }

  /// Rows [first, end) of each replica's order as its states meet them, [step][state]: copies take the next ones each,
  /// and the last one again where none is left.
  std::vector<std::uint32_t> met(const std::vector<std::vector<std::uint32_t>>& orders, std::size_t first,
                                 std::size_t end) const {
    std::vector<std::uint32_t> rows;
    for (std::size_t k = first; k < end; k += config_.copies)
      for (const std::vector<std::uint32_t>& order : orders)
        for (std::size_t copy = 0; copy < config_.copies; ++copy) rows.push_back(order[std::min(k + copy, end - 1)]);
    return rows;
  }

  void run_trial(const Phase& phase, std::size_t step) {
    show_inputs(training_, step);
    net_.minus_phase_cycle(phase.minus_cycles);
    for (std::size_t k = config_.inputs.size(); k < config_.shown.size(); ++k) shown_.show(net_, k, training_, step);
    net_.plus_phase_cycle(phase.plus_cycles);
  }
  void run_phase(const TrialPhase& part, std::size_t step) {
    for (std::size_t k = 0; k < config_.shown.size(); ++k)
      if (std::find(part.show.begin(), part.show.end(), config_.shown[k]) != part.show.end())
        shown_.show(net_, k, training_, step);
      else
        net_.unclamp_layer(config_.shown[k]);
    for (const std::string& off : part.off) net_.switch_projection(off, false);
    net_.phase_cycle(part.name, part.cycles);
    for (const std::string& off : part.off) net_.switch_projection(off, true);
  }

  /// Predictions of all patterns that train, or that test. The host waits once, for all answers.
  std::vector<Score> evaluate(const Phase& phase, bool test, Tick t, Recorder& recorder) {
    const bool copy = phase.predict == "copy" || (phase.predict == "default" && config_.mode == Mode::standard);
    const std::string label = phase.label + (test && phase.action == "train" ? test_suffix : "");
    const Order& order = predicted(test);
    shown_.begin_answers(order.steps());
    if (copy) net_.keep();
    for (std::size_t k = 0; k < order.steps(); ++k) {
      if (copy) net_.decay_state(1);
      show_inputs(order, k);
      net_.cycle(phase.cycles);
      for (const std::string& layer : config_.inputs) net_.unclamp_layer(layer);
      shown_.keep_answer(net_, k);
    }
    if (copy) net_.go_back();
    const std::size_t predictions = test ? config_.patterns.tests : trained();
    const std::vector<Score> scores = judge_answers(phase, label, order, predictions, t, recorder);
    for (std::size_t r = 0; r < seeds_.size(); ++r)
      if (!progress_[r].stopped)
        for (const auto& [name, value] : scores[r].measures())
          recorder.metric(t, static_cast<Index>(r), label, name, value);
    if (test || phase.action == "test") {
      tests_ = scores;
      tests_label_ = label;
    }
    return scores;
  }

  const Order& predicted(bool test) {
    const std::size_t first = test ? trained() : 0, end = test ? config_.patterns.count : trained();
    Order& order = test ? testing_ : predicting_;
    order.set(backend_, config_, met(rows_, first, end), net_.states());
    return order;
  }

  std::vector<Score> judge_answers(const Phase& phase, const std::string& label, const Order& order,
                                   std::size_t predictions, Tick t, Recorder& recorder) const {
    const std::vector<std::vector<real>> answers = shown_.answers();
    std::vector<Score> scores(seeds_.size());
    for (std::size_t k = 0; k < predictions; ++k)
      for (std::size_t i = 0; i < config_.targets.size(); ++i) {
        const std::size_t units = net_.size(config_.targets[i]);
        const std::vector<double>& wanted = config_.patterns.of_layer[config_.inputs.size() + i];
        const std::string name = recordable::outputs.of(label) + "/" + config_.targets[i];
        for (std::size_t r = 0; r < seeds_.size(); ++r) {
          const std::size_t step = k / config_.copies, state = r * config_.copies + k % config_.copies;
          const std::uint32_t row = order.row(step, state);
          const auto found = std::span(answers[i]).subspan((step * net_.states() + state) * units, units);
          scores[r].add(found, std::span(wanted).subspan(row * units, units));
          if (!phase.record_outputs || progress_[r].stopped) continue;
          append_origin(recorder, name, "time", t, static_cast<Index>(r), 1);
          recorder.append(name + "/pattern", std::span(&row, 1));
          recorder.append(name + "/act", found, units);
        }
      }
    return scores;
  }

  void conclude(const Phase& phase, Tick t, Recorder& recorder) {
    const auto put = [&](const std::string& label, const char* name, const std::vector<double>& values) {
      for (std::size_t r = 0; r < values.size(); ++r) recorder.metric(t, static_cast<Index>(r), label, name, values[r]);
      put_mean(results_, label + ", " + name, values);
    };
    const auto put_scores = [&](const std::string& label, const std::vector<Score>& scores) {
      for (std::size_t m = 0; !scores.empty() && m < scores[0].measures().size(); ++m) {
        std::vector<double> values;
        for (const Score& s : scores) values.push_back(s.measures()[m].second);
        put_mean(results_, label + ", " + scores[0].measures()[m].first, values);
      }
    };
    if (phase.action == "train") {
      orders_.reach(orders_.first(config_.protocol, phase, epochs_of) + phase.epochs);  // also where all stopped before
      std::vector<double> epochs, converged;
      for (const Progress& p : progress_) {
        epochs.push_back(static_cast<double>(p.epochs));
        converged.push_back(p.stopped);
      }
      if (phase.stop_after) {
        put(phase.label, recordable::converged.name, converged);
        put(phase.label, recordable::epochs.name, epochs);
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
      std::vector<double> replica(one.table.rows());  // a single network has no column of that name
      if (seeds_.size() > 1) replica = one.table.column("replica");
      for (std::size_t c = 0; c < columns.size(); ++c) {
        std::vector<double> kept;
        for (std::size_t row = 0; row < columns[c].size(); ++row)
          if (resting.empty() ||
              std::find(resting.begin(), resting.end(), static_cast<Index>(replica[row])) == resting.end())
            kept.push_back(columns[c][row]);
        recorder.append(one.name + "/" + one.table.names[c], std::span<const double>(kept));
      }
    }
  }

  std::vector<std::uint64_t> seeds_;
  Backend& backend_;
  Net net_;
  ShownPatterns shown_;
  Order training_, predicting_, testing_;         // as replicas meet the patterns
  std::vector<std::vector<std::uint32_t>> rows_;  // order of the patterns of each replica
  std::vector<Progress> progress_;
  std::vector<Score> last_, tests_;  // of the last evaluation
  std::string tests_label_;
  DrawCount orders_;  // of the patterns of an epoch
  Json results_ = Json::object();
};

}  // namespace

Family family() {
  return {"leabra",
          "layers of point neurons that learn from the difference between a guess and the answer",
          read_plan<LeabraTask, read_config, memory_of>,
          schema_of_family,
          "train:epochs|present:epochs",
          {std::begin(recordable::all), std::end(recordable::all)}};
}

}  // namespace engram::leabra
