// What the phases of a SORN experiment have seen of their networks, and the results that follow.
#pragma once

#include <nlohmann/json.hpp>

#include "engine/models/sorn/config.hpp"

namespace engram::sorn {

/// What a phase has seen of one network.
struct PhaseStatistics {
  std::uint64_t steps = 0, spikes = 0, square = 0, late_steps = 0, late_spikes = 0;
  std::uint64_t least_ee = ~std::uint64_t{0}, least_ee_at = 0;
  std::uint64_t tested = 0, symbols = 0, positions = 0, last_tested = 0, last_right = 0;
  std::uint64_t distance = 0, apart_since = 0;
  std::uint64_t episodes = 0, score = 0, best_score = 0, late_episodes = 0, late_score = 0;
};

inline constexpr std::uint64_t PhaseStatistics::*parts_of_statistics[] = {
    &PhaseStatistics::steps,       &PhaseStatistics::spikes,      &PhaseStatistics::square,
    &PhaseStatistics::late_steps,  &PhaseStatistics::late_spikes, &PhaseStatistics::least_ee,
    &PhaseStatistics::least_ee_at, &PhaseStatistics::tested,      &PhaseStatistics::symbols,
    &PhaseStatistics::positions,   &PhaseStatistics::last_tested, &PhaseStatistics::last_right,
    &PhaseStatistics::distance,    &PhaseStatistics::apart_since, &PhaseStatistics::episodes,
    &PhaseStatistics::score,       &PhaseStatistics::best_score,  &PhaseStatistics::late_episodes,
    &PhaseStatistics::late_score};

/// Adds the results of a phase that is over: means over the networks and, where there are several, standard deviations.
void add_phase_results(nlohmann::ordered_json& results, const Phase&, const Parameters&,
                       std::span<const PhaseStatistics>, std::span<const Counts>);

}  // namespace engram::sorn
