// Brains and scripts of rounds as JSON experiments.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

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

/// What a round does to an area.
struct Seen {
  Tick t;
  Index replica;
  const Brain& brain;
  const std::string& area;
  const std::vector<Index>& before;  ///< its winners then

  void metric(const std::string& name, Recorder& recorder, double value) const {
    recorder.metric(t, replica, area, name, value);
  }
};

constexpr Variable<Seen> series[] = {
    {{"support", "neurons that ever won"},
     [](const Seen& s, const std::string& name, Recorder& to) { s.metric(name, to, s.brain.support(s.area)); }},
    {{"newcomers", "winners that had never won"},
     [](const Seen& s, const std::string& name, Recorder& to) { s.metric(name, to, s.brain.newcomers(s.area)); }},
    {{"stable", "share of the winners that won in the round before"},
     [](const Seen& s, const std::string& name, Recorder& to) {
       s.metric(name, to, relative_overlap(s.before, s.brain.winners(s.area)));
     }},
    {{"input", "sum of the inputs of the winners"},
     [](const Seen& s, const std::string& name, Recorder& to) { s.metric(name, to, s.brain.total_input(s.area)); }},
    {{"winners/<area>", "neurons that win: time, replica, unit"},
     [](const Seen& s, const std::string& name, Recorder& to) {
       append_units(to, name, "time", s.t, s.replica, s.brain.winners(s.area));
     }}};

std::vector<Series> all_series() { return {std::begin(series), std::end(series)}; }

struct Config {
  BrainConfig brain;
  Script script;
  std::vector<std::string> labels;          ///< of each step: what the protocol has it for
  std::shared_ptr<const ModelState> begun;  ///< the brains to begin with; null: new ones, or those of a checkpoint
  bool goes_on = false;                     ///< from the state of another run

  /// A brain of this seed, and what it begins with.
  Player player(Backend& backend, std::uint64_t seed, std::size_t replica) const {
    Brain made = brain.make(backend, seed);
    Inherited inherited{.any = goes_on, .known = !goes_on};
    if (begun) inherited = take_up(made, *begun, replica, brain);
    return {std::move(made), script, std::move(inherited)};
  }
  std::string largest_array() const {
    const auto largest = std::max_element(brain.areas.begin(), brain.areas.end(),
                                          [](const auto& a, const auto& b) { return a.second.n < b.second.n; });
    return largest == brain.areas.end() ? "" : "what is kept of the synapses onto area " + largest->first;
  }
  std::vector<std::string> series() const { return names_of(all_series(), {{{"area", keys_of(brain.areas)}}}); }
  std::size_t max_units() const {
    std::size_t most = 0;
    for (const auto& [name, area] : brain.areas) most = std::max<std::size_t>(most, area.n);
    return most;
  }
  std::vector<std::string> phase_labels() const {
    const std::set<std::string> different(labels.begin(), labels.end());
    return {different.begin(), different.end()};
  }
};

constexpr const char* without_input_suffix = " winners without input";

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
  Config config;
  config.brain = read_brain(model);
  config.goes_on = model.member("state").exists();
  if (config.goes_on) config.begun = ModelState::read(model);
  if (config.begun && experiment.ok()) check_begun(experiment, *config.begun, config.brain);
  config.script = read_script(experiment.list("protocol"), &config.labels);
  check_labels(experiment, config.script);
  if (!experiment.ok()) return config;
  // What names the steps use before they exist shows without a network; a brain takes no memory until its first round.
  const auto backend = make_backend("cpu", {1});
  try {
    config.player(*backend, config.begun ? config.begun->seeds().at(0) : 1, 0);
  } catch (const IoError& error) {  // of the state
    model.problem("state", error.what());
  } catch (const Error& error) {
    if (!is_plain(error)) throw;
    experiment.problem("protocol", error.what());
  }
  return config;
}

class CalculusTask final : public Task {
 public:
  CalculusTask(const std::shared_ptr<const Config>& config, const TaskContext& context)
      : backend_(context.backend), labels_(config->labels) {
    if (config->begun) origin_ = config->begun->time();
    for (std::size_t r = 0; r < context.seeds.size(); ++r)
      players_.push_back(config->player(backend_, context.seeds[r], r));
  }

  Tick ticks() const override { return players_.front().ticks(); }
  Tick origin() const override { return origin_; }
  PhaseSpan phase_at(Tick t) const override {
    const Player::Place place = players_.front().place_at(t);
    return {labels_.at(place.step), place.begin, place.end};
  }

  Tick advance(Tick t, Tick most, Recorder& recorder) override {
    // Script and machine are those of all replicas.
    const Tick next = next_watched(recorder, t);
    const Tick n = next == t ? 1 : players_.front().batch(t, std::min({most, max_batch, next - t}));
    if (n == 1)
      one_tick(t, recorder);
    else
      for (Player& player : players_) player.advance(t, n);
    return n;
  }

  void visit(StateVisitor& visitor) override {
    visitor.json(
        "origin", [this] { return nlohmann::json(origin_); },
        [this](const nlohmann::json& state) { origin_ = StateReader(state, "origin").whole(); });
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
        all[each_network][label] = values_of_networks(label);
      }
    for (const std::string& area : players_.front().brain().areas()) {
      std::vector<double> counts;
      for (const Player& player : players_) {
        const auto found = player.without_input().find(area);
        counts.push_back(found == player.without_input().end() ? 0 : static_cast<double>(found->second));
      }
      if (std::any_of(counts.begin(), counts.end(), [](double count) { return count > 0; }))
        put_mean(all, area + without_input_suffix, counts);
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

  /// What each network measured under a label: its value, or a list of them; null where it has none.
  Json values_of_networks(const std::string& label) const {
    Json all = Json::array();
    for (const Player& player : players_) {
      Json own;
      for (const auto& [name, values] : player.results())
        if (name == label) own = values.size() == 1 ? Json(values[0]) : Json(values);
      all.push_back(std::move(own));
    }
    return all;
  }

  Json all_values(const std::string& label) const {
    Json lists = Json::array();
    for (const Player& player : players_)
      for (const auto& [name, values] : player.results())
        if (name == label) lists.push_back(values);
    return lists.size() == 1 ? lists[0] : lists;
  }

  /// The first tick from t on of which anything is recorded.
  Tick next_watched(const Recorder& recorder, Tick t) const {
    Tick next = Recorder::no_tick;
    for (const std::string& area : players_.front().brain().areas())
      for (const Series& one : series) next = std::min(next, recorder.next_wanted(one.of(area), t));
    return next;
  }

  void record(Tick t, Index replica, const std::string& area, const std::vector<Index>& before, Recorder& recorder) {
    const Seen seen{t, replica, players_[replica].brain(), area, before};
    for (const Variable<Seen>& one : series)
      if (const std::string name = one.of(area); recorder.wants(name)) one.read(seen, name, recorder);
  }

  static constexpr Tick max_batch = 4096;  ///< so that signals are heard

  Backend& backend_;
  std::vector<std::string> labels_;
  Tick origin_ = 0;
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
          read_plan<CalculusTask, read_config, memory_of>,
          schema_of_family,
          "project:rounds",
          all_series()};
}

}  // namespace engram::calculus
