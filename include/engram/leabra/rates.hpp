// How learning rates change from epoch to epoch: of all projections in a phase of training, and of each projection by
// itself.
#pragma once

#include <cstdint>
#include <tuple>

#include "engram/core/fields.hpp"

namespace engram::leabra {

enum class Schedule { fixed, step, exponential, cosine, plateau };

/// What a rate is multiplied by, epoch after epoch.
struct RateSchedule {
  Schedule lrate_schedule = Schedule::fixed;
  std::uint64_t lrate_every = 100, lrate_cooldown = 0, lrate_patience = 100;
  double lrate_factor = 0.5, lrate_floor = 0;

  static constexpr auto fields = std::tuple{
      Field{"lrate_schedule", &RateSchedule::lrate_schedule,
            "how the learning rate changes from epoch to epoch: of a phase, from its beginning and of all projections; "
            "of a projection, from the first epoch that it was trained; both multiply",
            0, 0, "fixed|step|exponential|cosine|plateau"},
      Field{"lrate_every", &RateSchedule::lrate_every,
            "step: epochs between two changes; exponential: epochs in which the rate falls by the factor; cosine: half "
            "a period",
            1, 1e9},
      Field{"lrate_factor", &RateSchedule::lrate_factor, "step, exponential, plateau: factor of one change", 0.0, 1.0},
      Field{"lrate_floor", &RateSchedule::lrate_floor, "rates are not multiplied by less than this", 0.0, 1.0},
      Field{"lrate_patience", &RateSchedule::lrate_patience, "plateau: epochs without a better loss before a change", 1,
            1e9},
      Field{"lrate_cooldown", &RateSchedule::lrate_cooldown, "plateau: epochs after a change that do not count", 0,
            1e9},
  };
};

/// What a schedule that waits for a plateau of the loss has seen.
struct Plateau {
  double best = -1;  ///< loss, -1: none yet
  std::uint64_t since = 0, cooldown = 0;
  double factor = 1;

  /// The loss after so many epochs since the last one.
  void judge(const RateSchedule&, double loss, std::uint64_t epochs);
};

/// What the rate is multiplied by in an epoch, counted from 0.
double rate_factor(const RateSchedule&, std::uint64_t epoch, const Plateau&);

}  // namespace engram::leabra
