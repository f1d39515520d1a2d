#include "engine/models/leabra/progress.hpp"

#include <algorithm>
#include <cmath>

#include "engine/models/leabra/parts.hpp"
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
  return {{recordable::loss.name, mean_loss()},
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

void Progress::judge(const Phase& phase, const Score& score, std::uint64_t epochs_done) {
  if (stopped) return;
  const double loss = score.mean_loss();
  perfect = loss == 0 ? perfect + 1 : 0;
  plateau.judge(phase.schedule, loss, phase.evaluate_every);
  if (phase.stop_after && perfect >= phase.stop_after) epochs = epochs_done - 1;  // this one is counted on leaving it
}

nlohmann::json saved(const std::vector<Progress>& progress) {
  nlohmann::json all = nlohmann::json::array();
  for (const Progress& p : progress) {
    all.push_back(saved(p.plateau));
    all.back().update({{"perfect", p.perfect}, {"stopped", p.stopped}, {"epochs", p.epochs}});
  }
  return all;
}

std::vector<Progress> restored_progress(const StateReader& state, std::size_t replicas) {
  std::vector<Progress> all;
  for (const StateReader& p : state.items(replicas))
    all.push_back({p["perfect"].whole(), p["stopped"].flag(), restored_plateau(p), p["epochs"].whole()});
  return all;
}

}  // namespace engram::leabra
