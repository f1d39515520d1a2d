// The driver: runs every point of an experiment tick by tick into a run folder, with progress, signals, guards and
// checkpoints, and resumes a run that was cut short.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engram/run/experiment.hpp"

namespace engram {

enum class ProgressStyle { automatic, bar, lines, none };

struct RunOptions {
  ProgressStyle progress = ProgressStyle::automatic;
  bool force = false;                      ///< replace a run that the folder holds
  bool anew = false;                       ///< of a resume: from tick 0, whatever checkpoints there are
  std::vector<std::string> settings = {};  ///< of a resume: what makes a complete run longer, as apply_setting has it
  std::function<void(const std::string&)> log;  ///< a line for people; may be empty
  std::function<void(const nlohmann::ordered_json&)>
      point_result;  ///< {"grid": {...}, "results": {...}} once a point is done
};

/// Runs into `folder`. Returns 0, or 128 + the number of the signal that stopped it; then a checkpoint was written.
/// Errors are thrown; the manifest says so too.
int run_experiment(const Experiment& experiment, const std::string& folder, const RunOptions& options);

/// Continues the run in `folder` from its last good checkpoint: same bits as if it had not stopped. Non-empty `backend`
/// and non-negative `threads` replace those of the experiment.
int resume_experiment(const std::string& folder, const std::string& backend, int threads, const RunOptions& options);

/// What this program is: version, commit, compiler, build type, precision.
nlohmann::ordered_json build_description();

/// Bytes that a backend can still give, as far as limits of the system, the container and the process tell.
std::size_t available_memory(const Backend& backend);

}  // namespace engram
