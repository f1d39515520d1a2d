#include "engram/assembly/simulator.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/models/assembly/series.hpp"
#include "engine/run/recording.hpp"

namespace engram::assembly {

Simulator::Simulator(Assembly& network, SimulatorOptions options, Recorder* recorder)
    : network_(&network), options_(options), recorder_(recorder), state_(network) {
  if (options_.epoch_size < 1)
    throw Error("epoch_size must be at least 1, found " + std::to_string(options_.epoch_size));
}

void Simulator::present(State& state, const Sample& sample) const {
  state.all_absent();
  for (const auto& [stimulus, units] : sample) state.present(stimulus, units);
}

void Simulator::simulate(const std::vector<Sample>& samples) {
  begin(samples);
  while (tick()) {
  }
}

void Simulator::begin(std::vector<Sample> samples) {
  samples_ = std::move(samples);
  sample_ = 0;
  epoch_ = 0;
  last_.clear();
  learned_.assign(network_->areas().size(), {});
}

bool Simulator::tick() {
  if (sample_ >= samples_.size()) return false;
  if (epoch_ == 0) {
    state_.clear_latent();
    present(state_, samples_[sample_]);
    previous_.assign(network_->areas().size(), {});
    seen_.clear();
    for (const AreaSpec& area : network_->areas()) seen_.emplace_back(network_->replicas(), std::vector<bool>(area.n));
  }
  network_->step(state_, options_.learn);
  const bool last = epoch_ + 1 == options_.epoch_size;
  // Where only the last step of a sample is measured, it stands for all of them.
  const Tick before = clock_ - std::min<Tick>(clock_, static_cast<Tick>(epoch_));
  if (recorder_ && !options_.each_step) cover(before, clock_);
  if (options_.each_step || last) {
    measure_step();
    count_without_input();
  } else if (epoch_ + 2 == options_.epoch_size) {
    previous_ = winners();  // what the last step converges from
  }
  ++clock_;
  if (++epoch_ == options_.epoch_size) {
    cover(before, clock_ - 1);
    finish_sample();
    epoch_ = 0;
    if (++sample_ == samples_.size()) {
      if (recorder_) recorder_->concludes();
      finish_all();
    }
  }
  return sample_ < samples_.size();
}

/// What is recorded next stands for these steps of this simulator's own clock.
void Simulator::cover(Tick first, Tick last) const {
  if (recorder_) recorder_->covers(first + run_starts_at_, last + run_starts_at_);
}

/// Adds winners of this step that received nothing. The first units of an area win where fewer than k receive
/// anything, whatever the stimulus: that is worth a number.
void Simulator::count_without_input() {
  for (std::size_t a = 0; a < previous_.size(); ++a) {
    const AreaSpec& area = network_->areas()[a];
    const Winners& winners = previous_[a];  // of this step, for it was measured
    if (winners.empty()) continue;
    const std::vector<real> drive = state_.drive(area.name);
    for (Index r = 0; r < winners.size(); ++r) {
      const auto count = std::count_if(winners[r].begin(), winners[r].end(),
                                       [&](Index i) { return !(drive[std::size_t{r} * area.n + i] > real(0)); });
      const auto so_far = last_.find(area.name + "/" + recordable::without_input.name);
      if (count == 0 && so_far == last_.end()) continue;
      const double before = so_far == last_.end() ? 0 : so_far->second[r];
      metric(area.name, recordable::without_input, r, before + static_cast<double>(count));
    }
  }
}

void Simulator::metric(const std::string& layer, const Series& series, Index replica, double value) {
  auto& values = last_[layer + "/" + series.name];
  values.resize(network_->replicas());
  values[replica] = value;
  if (recorder_) recorder_->metric(clock_, replica, layer, series.name, value);
}

double Simulator::divisor(const std::string& name) const {
  if (options_.similarity_divisor > 0) return options_.similarity_divisor;
  for (const AreaSpec& a : network_->areas())
    if (a.name == name) return a.k;
  return network_->spec().stimuli[network_->stimulus_index(name)].k;
}

std::vector<Winners> Simulator::winners() const {
  std::vector<Winners> now;
  for (const AreaSpec& area : network_->areas())
    now.push_back(state_.active(area.name) ? state_.winners(area.name) : Winners{});
  return now;
}

void Simulator::measure_step() {
  const Index replicas = network_->replicas();
  std::vector<Winners> now = winners();
  for (std::size_t a = 0; a < now.size(); ++a) {
    const std::string& name = network_->areas()[a].name;
    for (Index r = 0; r < now[a].size(); ++r) {
      if (!previous_[a].empty())
        metric(name, recordable::convergence, r, static_cast<double>(overlap(now[a][r], previous_[a][r])));
      std::vector<bool>& seen = seen_[a][r];
      for (const Index i : now[a][r]) seen[i] = true;
      if (options_.each_step)
        metric(name, recordable::support, r, static_cast<double>(std::count(seen.begin(), seen.end(), true)));
      if (recorder_) append_units(*recorder_, recordable::winners.of(name), "time", clock_, r, now[a][r]);
    }
  }
  if (options_.recall && epoch_ > 0) {
    const std::vector<Sample> so_far(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(sample_) + 1);
    const auto recalled = recall(so_far);
    for (std::size_t a = 0; a < now.size(); ++a)
      for (Index r = 0; r < replicas; ++r) {
        double sum = 0;
        int counted = 0;
        for (std::size_t s = 0; s < recalled.size(); ++s) {
          const Winners& target = s < sample_ ? learned_[a][s] : now[a];
          if (target.empty() || recalled[s][a].empty()) continue;
          sum += static_cast<double>(overlap(recalled[s][a][r], target[r]));
          ++counted;
        }
        if (counted) metric(network_->areas()[a].name, recordable::recall, r, sum / counted);
      }
  }
  previous_ = std::move(now);
}

void Simulator::finish_sample() {
  for (std::size_t a = 0; a < previous_.size(); ++a) learned_[a].push_back(previous_[a]);
  if (options_.learn) network_->normalize();
  if (!options_.weights) return;
  constexpr std::size_t bins = 32;
  for (const std::string& name : network_->matrix_names()) {
    const auto [post, pre] = network_->matrix_shape(name);
    const Assembly::Weighed weighed = network_->weigh(name, recorder_ ? bins : 0);
    for (Index r = 0; r < network_->replicas(); ++r)
      metric(name, recordable::memory_used, r,
             static_cast<double>(weighed.synapses[r]) / (static_cast<double>(post) * static_cast<double>(pre)));
    if (!recorder_) continue;
    recorder_->append(recordable::histogram.of(name) + "/counts", weighed.histogram, bins);
    recorder_->append(recordable::histogram.of(name) + "/top", std::vector<double>{std::max(1e-30, weighed.top)});
  }
}

void Simulator::finish_all() {
  if (samples_.size() < 2) return;
  for (Index r = 0; r < network_->replicas(); ++r) {
    for (std::size_t a = 0; a < learned_.size(); ++a) {
      std::vector<std::vector<Index>> lists;
      for (const Winners& w : learned_[a])
        if (!w.empty()) lists.push_back(w[r]);
      const std::string& name = network_->areas()[a].name;
      if (const auto similarity = pairwise_similarity(lists, divisor(name)))
        metric(name, recordable::similarity, r, *similarity);
    }
    std::set<std::string> stimuli;
    for (const Sample& s : samples_)
      for (const auto& entry : s) stimuli.insert(entry.first);
    for (const std::string& stimulus : stimuli) {
      std::vector<std::vector<Index>> lists;
      for (const Sample& s : samples_)
        if (const auto found = s.find(stimulus); found != s.end())
          lists.push_back(found->second[found->second.size() == 1 ? 0 : r]);
      if (const auto similarity = pairwise_similarity(lists, divisor(stimulus)))
        metric(stimulus, recordable::similarity, r, *similarity);
    }
  }
}

std::vector<std::vector<Winners>> Simulator::recall(const std::vector<Sample>& samples) const {
  const Index replicas = network_->replicas();
  std::vector<std::vector<Winners>> recalled(samples.size(), std::vector<Winners>(network_->areas().size()));
  // Samples with the same stimuli present share one pass: they are batches on the same weights.
  std::map<std::vector<std::string>, std::vector<std::size_t>> passes;
  for (std::size_t s = 0; s < samples.size(); ++s) {
    std::vector<std::string> present;
    for (const auto& entry : samples[s]) present.push_back(entry.first);
    passes[present].push_back(s);
  }
  for (const auto& [present, members] : passes) {
    const auto group = static_cast<Index>(members.size());
    State state(*network_, group);
    for (const std::string& stimulus : present) {
      Winners batches;
      for (Index r = 0; r < replicas; ++r)
        for (const std::size_t s : members) {
          const Winners& units = samples[s].at(stimulus);
          batches.push_back(units[units.size() == 1 ? 0 : r]);
        }
      state.present(stimulus, batches);
    }
    network_->step(state, false);
    for (std::size_t a = 0; a < network_->areas().size(); ++a) {
      const std::string& name = network_->areas()[a].name;
      if (!state.active(name)) continue;
      const Winners winners = state.winners(name);
      for (Index r = 0; r < replicas; ++r)
        for (Index m = 0; m < group; ++m) recalled[members[m]][a].push_back(winners[r * group + m]);
    }
  }
  return recalled;
}

Benchmark Simulator::associate_benchmark(const std::vector<Sample>& samples) {
  std::vector<std::string> parents;  // in the order of the specification
  for (const StimulusSpec& stimulus : network_->spec().stimuli)
    if (std::any_of(samples.begin(), samples.end(), [&](const Sample& s) { return s.count(stimulus.name) > 0; }))
      parents.push_back(stimulus.name);
  if (parents.size() < 2) throw Error("the association benchmark needs samples of at least two stimuli");
  std::vector<Sample> calls;
  for (const std::string& parent : parents)
    for (const Sample& s : samples) {
      const auto found = s.find(parent);
      if (found == s.end())
        throw Error("the association benchmark needs every stimulus in every sample; " + parent + " is missing in one");
      calls.push_back({*found});
    }
  for (const Sample& s : samples) calls.push_back(s);

  Benchmark result;
  result.calls = recall(calls);
  const std::size_t last = network_->areas().size() - 1, n = samples.size(), p = parents.size();
  const double scale = divisor(network_->areas()[last].name);
  for (Index r = 0; r < network_->replicas(); ++r) {
    double alone = 0, together = 0;
    std::size_t alone_count = 0, together_count = 0;
    const auto add = [&](std::size_t x, std::size_t y, double& sum, std::size_t& count) {
      const Winners &a = result.calls[x][last], &b = result.calls[y][last];
      if (a.empty() || b.empty()) return;
      sum += static_cast<double>(overlap(a[r], b[r])) / scale;
      ++count;
    };
    for (std::size_t s = 0; s < n; ++s)
      for (std::size_t i = 0; i < p; ++i) {
        for (std::size_t j = i + 1; j < p; ++j) add(i * n + s, j * n + s, alone, alone_count);
        add(i * n + s, p * n + s, together, together_count);
      }
    result.parents.push_back(alone_count ? alone / static_cast<double>(alone_count) : NAN);
    result.together.push_back(together_count ? together / static_cast<double>(together_count) : NAN);
    const auto note = [&](const Series& one, double value) {
      if (!std::isnan(value)) metric(network_->areas()[last].name, one, r, value);
    };
    note(recordable::association, result.parents.back());
    note(recordable::with_pair, result.together.back());
  }
  return result;
}

nlohmann::json Simulator::snapshot() const {
  return {{"sample", sample_},
          {"epoch", epoch_},
          {"clock", clock_},
          {"learned", learned_},
          {"previous", options_.each_step || epoch_ == 0 ? previous_ : winners()},
          {"seen", seen_},
          {"last", last_}};
}

void Simulator::restore(const StateReader& state, std::vector<Sample> samples) {
  const std::vector<AreaSpec>& areas = network_->areas();
  const std::size_t replicas = network_->replicas();
  const auto winners_of = [&](const StateReader& lists, const AreaSpec& area) {
    Winners winners;  // none: the area was not active
    if (lists.json().empty()) return winners;
    for (const StateReader& list : lists.items(replicas)) winners.push_back(list.ascending(area.n, area.k));
    return winners;
  };
  samples_ = std::move(samples);
  sample_ = state["sample"].whole(samples_.size());
  epoch_ = static_cast<int>(state["epoch"].whole(static_cast<std::uint64_t>(options_.epoch_size) - 1));
  clock_ = state["clock"].whole();
  const bool within = sample_ < samples_.size() && epoch_ > 0;  // a sample, whose lists are then needed
  learned_.assign(areas.size(), {});
  if (const StateReader learned = state["learned"]; sample_ > 0 || !learned.json().empty()) {
    const auto of_areas = learned.items(areas.size());
    for (std::size_t a = 0; a < areas.size(); ++a)
      for (const StateReader& lists : of_areas[a].items(sample_)) learned_[a].push_back(winners_of(lists, areas[a]));
  }
  previous_.clear();
  if (const StateReader previous = state["previous"]; within || !previous.json().empty()) {
    const auto of_areas = previous.items(areas.size());
    for (std::size_t a = 0; a < areas.size(); ++a) previous_.push_back(winners_of(of_areas[a], areas[a]));
  }
  seen_.clear();
  if (const StateReader seen = state["seen"]; within || !seen.json().empty()) {
    const auto of_areas = seen.items(areas.size());
    for (std::size_t a = 0; a < areas.size(); ++a) {
      seen_.emplace_back();
      for (const StateReader& units : of_areas[a].items(replicas)) seen_.back().push_back(units.flags(areas[a].n));
    }
  }
  last_.clear();
  for (const auto& [name, values] : state["last"].members()) last_[name] = values.numbers(replicas);
  state_.clear_latent();
  if (within) {
    present(state_, samples_[sample_]);
    for (std::size_t a = 0; a < previous_.size(); ++a)
      if (!previous_[a].empty()) state_.set_latent(areas[a].name, previous_[a]);
  }
}

}  // namespace engram::assembly
