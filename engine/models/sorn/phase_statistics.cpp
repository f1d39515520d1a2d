#include "engine/models/sorn/phase_statistics.hpp"

#include <algorithm>
#include <cmath>

#include "engine/run/results.hpp"

namespace engram::sorn {

void add_phase_results(nlohmann::ordered_json& results, const Phase& phase, const Parameters& parameters,
                       std::span<const PhaseStatistics> seen, std::span<const Counts> counts) {
  const auto put = [&](const std::string& name, auto&& value) {
    std::vector<double> values;
    for (std::size_t r = 0; r < seen.size(); ++r) values.push_back(value(r));
    put_mean(results, name, values);
  };

  const double ne = parameters.ne;
  const std::string label = phase.label + ", ";
  const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
  const auto share = [&](std::uint64_t sum, std::uint64_t n) { return n > 0 ? number(sum) / number(n) : NAN; };
  put(label + "rate", [&](std::size_t r) { return number(seen[r].spikes) / number(seen[r].steps) / ne; });
  if (phase.steps >= 5)
    put(label + "rate of the last fifth", [&](std::size_t r) {
      return seen[r].late_steps == phase.steps / 5 ? share(seen[r].late_spikes, seen[r].late_steps) / ne : NAN;
    });
  put(label + "sd of activity", [&](std::size_t r) {
    const double mean = number(seen[r].spikes) / number(seen[r].steps);
    return std::sqrt(std::max(0.0, number(seen[r].square) / number(seen[r].steps) - mean * mean));
  });
  put(label + "EE synapses", [&](std::size_t r) { return number(counts[r].ee); });
  put(label + "least EE synapses", [&](std::size_t r) { return number(seen[r].least_ee); });
  put(label + "step of the least", [&](std::size_t r) { return number(seen[r].least_ee_at); });
  put(label + "EI synapses", [&](std::size_t r) { return number(counts[r].ei); });
  put(label + "new synapses so far", [&](std::size_t r) { return number(counts[r].inserted); });
  put(label + "skipped events so far", [&](std::size_t r) { return number(counts[r].skipped); });
  put(label + "rows without synapses", [&](std::size_t r) { return number(counts[r].empty_rows); });
  if (phase.action == "test_readout") {
    put(label + "next symbol", [&](std::size_t r) { return share(seen[r].symbols, seen[r].tested); });
    put(label + "next position", [&](std::size_t r) { return share(seen[r].positions, seen[r].tested); });
    put(label + "final letter", [&](std::size_t r) { return share(seen[r].last_right, seen[r].last_tested); });
  }
  if (phase.action == "cart_pole") {
    put(label + "episodes", [&](std::size_t r) { return number(seen[r].episodes); });
    put(label + "score", [&](std::size_t r) { return share(seen[r].score, seen[r].episodes); });
    put(label + "score of the last fifth",
        [&](std::size_t r) { return share(seen[r].late_score, seen[r].late_episodes); });
    put(label + "best score", [&](std::size_t r) { return number(seen[r].best_score); });
  }
  if (phase.action == "perturb") {
    put(label + "distance at the end", [&](std::size_t r) { return number(seen[r].distance); });
    put(label + "steps apart", [&](std::size_t r) { return number(seen[r].apart_since); });
  }
}

}  // namespace engram::sorn
