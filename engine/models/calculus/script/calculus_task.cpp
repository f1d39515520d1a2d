// Brains and scripts of rounds as JSON experiments.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/models/calculus/brain/packing.hpp"
#include "engine/models/calculus/script/read_script.hpp"
#include "engine/models/families.hpp"
#include "engine/run/plain_error.hpp"
#include "engine/run/recording.hpp"
#include "engine/run/results.hpp"
#include "engram/run/schema.hpp"

namespace engram::calculus {

namespace {

using Json = nlohmann::ordered_json;

struct Config {
  BrainConfig brain;
  Script script;
};

constexpr const char *replicas_suffix = ", replicas", *all_suffix = ", all";

/// A label that is what another one's further results are called would be lost.
void check_labels(const ConfigReader& experiment, const Script& script) {
  std::set<std::string> labels;
  for (const Step& step : script)
    std::visit(
        [&](const auto& s) {
          if constexpr (requires { s.label; }) labels.insert(s.label);
        },
        step);
  for (const std::string& label : labels)
    for (const char* suffix : {sd_suffix, replicas_suffix, all_suffix})
      if (labels.contains(label + suffix))
        experiment.problem("protocol", "results labelled \"" + label + suffix + "\" and those of \"" + label +
                                           "\" would replace each other");
}

Config read_config(ConfigReader& experiment) {
  const ConfigReader model = experiment.object("model");
  model.member("type");
  Config config{read_brain(model), read_script(experiment.list("protocol"))};
  check_labels(experiment, config.script);
  if (!experiment.ok()) return config;
  // What names the steps use before they exist shows without a network; a brain takes no memory until its first round.
  const auto backend = make_backend("cpu", {1});
  try {
    Player::check(config.brain.make(*backend, 1), config.script);
  } catch (const Error& error) {
    if (!is_plain(error)) throw;
    experiment.problem("protocol", error.what());
  }
  return config;
}

class CalculusTask final : public Task {
 public:
  CalculusTask(const std::shared_ptr<const Config>& config, const TaskContext& context)
      : backend_(context.backend), record_every_(context.record_every) {
    for (const std::uint64_t seed : context.seeds)
      players_.emplace_back(config->brain.make(backend_, seed), config->script);
  }

  Tick ticks() const override { return players_.front().ticks(); }

  Tick advance(Tick t, Tick most, Recorder& recorder) override {
    // Script and machine are those of all replicas.
    Tick n = watched(recorder) ? 1 : players_.front().together(t, std::min(most, most_together));
    if (t % record_every_ != 0) n = std::min(n, record_every_ - t % record_every_);  // of that one rows are kept
    if (n == 1)
      one_tick(t, recorder);
    else
      for (Player& player : players_) player.advance(t, n);
    return n;
  }

  void visit(StateVisitor& visitor) override {
    for (std::size_t r = 0; r < players_.size(); ++r) {
      const std::string name = "replica " + std::to_string(r);
      visit_packed(
          visitor, name, [&, r] { return players_[r].state(); },
          [&, r](const StateReader& state) { players_[r].set_state(state); });
      if (visitor.looks_inside()) players_[r].brain().look_inside(visitor, name + ", ");
    }
  }

  /// The last value of each label as a mean over the replicas that have it, with their values; where a label was
  /// measured more than once, all its values, one list for each of several replicas.
  Json results() const override {
    Json all = Json::object();
    for (const Player& source : players_)
      for (const auto& [label, values] : source.results()) {
        if (all.contains(label)) continue;
        std::vector<double> last;
        for (const Player& player : players_)
          for (const auto& [name, found] : player.results())
            if (name == label) last.push_back(found.back());
        put_mean(all, label, last);
        if (players_.size() > 1) all[label + replicas_suffix] = last;
        if (values.size() > 1) all[label + all_suffix] = all_values(label);
      }
    return all;
  }

 private:
  void one_tick(Tick t, Recorder& recorder) {
    std::vector<std::vector<std::string>> projected(players_.size());
    std::vector<std::map<std::string, std::vector<Index>>> before(players_.size());
    backend_.split(players_.size(), players_.size() * replica_operations, [&](Backend&, std::size_t r) {
      Brain& brain = players_[r].brain();
      for (const auto& area : brain.areas()) before[r][area] = brain.winners(area);
      projected[r] = players_[r].tick(t);
    });
    for (std::size_t r = 0; r < players_.size(); ++r)
      for (const auto& area : projected[r]) record(t, static_cast<Index>(r), area, before[r][area], recorder);
  }

  Json all_values(const std::string& label) const {
    Json lists = Json::array();
    for (const Player& player : players_)
      for (const auto& [name, values] : player.results())
        if (name == label) lists.push_back(values);
    return lists.size() == 1 ? lists[0] : lists;
  }

  /// Whether anything of a round is recorded.
  bool watched(const Recorder& recorder) const {
    constexpr const char* metrics[] = {"support", "newcomers", "stable", "input"};
    const auto areas = players_.front().brain().areas();
    return std::any_of(std::begin(metrics), std::end(metrics),
                       [&](const char* name) { return recorder.wants(name); }) ||
           std::any_of(areas.begin(), areas.end(), [&](const auto& name) { return recorder.wants("winners/" + name); });
  }

  void record(Tick t, Index replica, const std::string& area, const std::vector<Index>& before, Recorder& recorder) {
    const Brain& brain = players_[replica].brain();
    const auto& winners = brain.winners(area);
    recorder.metric(t, replica, area, "support", brain.support(area));
    recorder.metric(t, replica, area, "newcomers", brain.newcomers(area));
    recorder.metric(t, replica, area, "stable", relative_overlap(before, winners));
    recorder.metric(t, replica, area, "input", brain.total_input(area));
    if (recorder.wants("winners/" + area)) append_units(recorder, "winners/" + area, "time", t, replica, winners);
  }

  static constexpr Tick most_together = 4096;  ///< so that signals are heard

  Backend& backend_;
  Tick record_every_;
  std::vector<Player> players_;
};

std::size_t memory_of(const Config& config, std::size_t replicas) {
  std::set<std::pair<std::string, std::string>> area_fibres, stimulus_fibres;
  std::size_t copies = 1;
  for (const Step& step : config.script) {
    copies += std::holds_alternative<Save>(step);
    if (const auto* p = std::get_if<Project>(&step)) {
      for (const auto& [from, targets] : p->areas)
        for (const auto& to : targets) area_fibres.insert({from, to});
      for (const auto& [from, targets] : p->stimuli)
        for (const auto& to : targets) stimulus_fibres.insert({from, to});
    }
  }
  std::vector<AreaOptions> areas;
  std::map<std::string, std::size_t> size;
  for (const auto& [name, stimulus] : config.brain.stimuli) size[name] = stimulus.size;
  for (const auto& [name, area] : config.brain.areas) {
    areas.push_back(area);
    size[name] = area.n;
  }
  const auto shapes = [&](const auto& fibres) {
    Brain::Shapes all;
    for (const auto& [from, to] : fibres) all.push_back({size[from], size[to]});
    return all;
  };
  return Brain::forecast(config.brain.connectome, areas, shapes(area_fibres), shapes(stimulus_fibres),
                         checked_product(replicas, copies));
}

Json schema_of_family() { return {{"model", brain_schema()}, {"protocol", script_schema()}}; }

}  // namespace

Family family() {
  return {"calculus",
          "assembly calculus: areas, stimuli and rounds of projection, on random graphs that are never stored",
          read_plan<CalculusTask, read_config, memory_of>, schema_of_family};
}

}  // namespace engram::calculus
