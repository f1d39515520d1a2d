#include "engine/models/leabra/progress.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/models/leabra/series.hpp"

namespace engram::leabra {

void Score::add(std::span<const real> found, std::span<const double> wanted) {
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

std::vector<std::pair<const char*, double>> Score::measures() const {
  if (patterns == 0) return {};
  return {{recordable::loss.name, loss / values},
          {recordable::squared_error.name, squares / values},
          {recordable::accuracy.name, right / patterns}};
}

nlohmann::json saved(const std::vector<Score>& scores) {
  nlohmann::json all = nlohmann::json::array();
  for (const Score& s : scores) all.push_back({s.squares, s.loss, s.right, s.values, s.patterns});
  return all;
}

std::vector<Score> restored_scores(const StateReader& state, std::size_t replicas) {
  std::vector<Score> scores;
  if (state.json().empty()) return scores;
  for (const StateReader& one : state.items(replicas)) {
    const auto n = one.numbers(5);
    scores.push_back({n[0], n[1], n[2], n[3], n[4]});
  }
  return scores;
}

double Progress::rate_factor(const RateSchedule& s, std::uint64_t epoch) const {
  const double share = static_cast<double>(epoch) / static_cast<double>(s.every);
  double by = 1;
  if (s.kind == Schedule::step) by = std::pow(s.factor, std::floor(share));
  if (s.kind == Schedule::exponential) by = std::pow(s.factor, share);
  if (s.kind == Schedule::cosine) by = (1 + std::cos(std::numbers::pi * std::min(share, 1.0))) / 2;
  if (s.kind == Schedule::plateau) by = factor;
  return std::max(by, s.floor);
}

void Progress::judge(const Phase& phase, const Score& score, std::uint64_t epochs_done) {
  if (stopped) return;
  const RateSchedule& s = phase.schedule;
  const double loss = score.loss / score.values;
  perfect = loss == 0 ? perfect + 1 : 0;
  const bool better = best < 0 || loss < best;
  best = better ? loss : best;
  since = better || cooldown ? 0 : since + phase.evaluate_every;
  cooldown -= std::min(cooldown, phase.evaluate_every);
  if (s.kind == Schedule::plateau && since >= s.patience) {
    factor = std::max(factor * s.factor, s.floor);
    since = 0;
    cooldown = s.cooldown;
  }
  if (phase.stop_after && perfect >= phase.stop_after) epochs = epochs_done - 1;  // this one is counted on leaving it
}

nlohmann::json saved(const std::vector<Progress>& progress) {
  nlohmann::json all = nlohmann::json::array();
  for (const Progress& p : progress)
    all.push_back({{"perfect", p.perfect},
                   {"stopped", p.stopped},
                   {"best", p.best},
                   {"since", p.since},
                   {"cooldown", p.cooldown},
                   {"factor", p.factor},
                   {"epochs", p.epochs}});
  return all;
}

std::vector<Progress> restored_progress(const StateReader& state, std::size_t replicas) {
  std::vector<Progress> all;
  for (const StateReader& p : state.items(replicas))
    all.push_back({p["perfect"].whole(), p["stopped"].flag(), p["best"].number(-1), p["since"].whole(),
                   p["cooldown"].whole(), p["factor"].number(0, 1), p["epochs"].whole()});
  return all;
}

}  // namespace engram::leabra
