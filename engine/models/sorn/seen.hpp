// What the phases of a SORN experiment have seen of their networks, and the results that follow.
#pragma once

#include <nlohmann/json.hpp>

#include "engine/models/sorn/config.hpp"

namespace engram {

/// What a phase has seen of one network.
struct SornSeen {
  std::uint64_t steps = 0, spikes = 0, square = 0, late_steps = 0, late_spikes = 0;
  std::uint64_t least_ee = ~std::uint64_t{0}, least_ee_at = 0;
  std::uint64_t tested = 0, symbols = 0, positions = 0, last_tested = 0, last_right = 0;
  std::uint64_t distance = 0, apart_since = 0;
  std::uint64_t episodes = 0, score = 0, best_score = 0, late_episodes = 0, late_score = 0;
};

inline constexpr std::uint64_t SornSeen::*sorn_seen_parts[] = {
    &SornSeen::steps,       &SornSeen::spikes,        &SornSeen::square,      &SornSeen::late_steps,
    &SornSeen::late_spikes, &SornSeen::least_ee,      &SornSeen::least_ee_at, &SornSeen::tested,
    &SornSeen::symbols,     &SornSeen::positions,     &SornSeen::last_tested, &SornSeen::last_right,
    &SornSeen::distance,    &SornSeen::apart_since,   &SornSeen::episodes,    &SornSeen::score,
    &SornSeen::best_score,  &SornSeen::late_episodes, &SornSeen::late_score};

/// Adds the results of a phase that is over: means over the networks and, where there are several, standard deviations.
void add_phase_results(nlohmann::ordered_json& results, const SornPhase&, const SornParameters&,
                       std::span<const SornSeen>, std::span<const SornCounts>);

}  // namespace engram
