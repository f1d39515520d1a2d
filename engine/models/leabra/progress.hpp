// How the replicas of an experiment get on: what their predictions are worth, where they stop, how their rates change.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <utility>
#include <vector>

#include "engine/models/leabra/config.hpp"
#include "engram/run/state_reader.hpp"

namespace engram::leabra {

/// What the predictions of some patterns say of one replica.
struct Score {
  double squares = 0, loss = 0, right = 0, values = 0, patterns = 0;
  /// Outputs of one pattern, and what was wanted. An error below a half counts as none for the loss.
  void add(std::span<const real> found, std::span<const double> wanted);
  double mean_loss() const { return loss / values; }
  /// Names and values; none before the first pattern.
  std::vector<std::pair<const char*, double>> measures() const;
};

nlohmann::json saved(const std::vector<Score>&);
/// Of all replicas, or none.
std::vector<Score> restored_scores(const StateReader&, std::size_t replicas);

/// How a replica is getting on with the present phase.
struct Progress {
  std::uint64_t perfect = 0;  ///< epochs in a row
  bool stopped = false;
  Plateau plateau = {};
  std::uint64_t epochs = 0;  ///< that it learned in

  /// What an evaluation of what was trained, after so many epochs, says of stopping and of the plateau.
  void judge(const Phase&, const Score&, std::uint64_t epochs_done);
};

nlohmann::json saved(const std::vector<Progress>&);
std::vector<Progress> restored_progress(const StateReader&, std::size_t replicas);

}  // namespace engram::leabra
