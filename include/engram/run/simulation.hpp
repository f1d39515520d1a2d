// The driver: runs every point of an experiment tick by tick into a run folder, with progress, signals, guards and
// checkpoints, and resumes a run that was cut short.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engram/run/experiment.hpp"

namespace engram {

/// How far the current point of a run is.
struct RunProgress {
  std::size_t point;
  Tick began;  ///< where this call took the point up
  Tick done, total;
};

/// What someone outside a run wants of it.
enum class Wish { none, checkpoint, stop };

/// The engine installs no signal handler and writes to no terminal: whoever runs an experiment is asked and told by
/// these.
struct RunOptions {
  bool force = false;                      ///< replace a run that the folder holds
  bool anew = false;                       ///< of a resume: from tick 0, whatever checkpoints there are
  std::vector<std::string> settings = {};  ///< of a resume: what makes a complete run longer, as apply_setting has it
  std::function<void(const std::string&)> log;  ///< a line for people; may be empty, as may all of these
  std::function<void()> began;                  ///< from now on there is a run folder, and a stop leaves a checkpoint
  std::function<Wish()> wish;                   ///< asked between ticks, so it should cost nothing
  std::function<void(const RunProgress&)> progressed;  ///< between ticks, at most every 50 ms
  std::function<void(const nlohmann::ordered_json&)>
      point_result;  ///< {"grid": {...}, "results": {...}} once a point is done
};

enum class Ending { complete, stopped };

/// Runs into `folder`, to its end or until `wish` says stop; then a checkpoint was written. Errors are thrown; the
/// manifest says so too.
Ending run_experiment(const Experiment& experiment, const std::string& folder, const RunOptions& options);

/// Continues the run in `folder` from its last good checkpoint: same bits as if it had not stopped. Non-empty `backend`
/// and non-negative `threads` replace those of the experiment.
Ending resume_experiment(const std::string& folder, const std::string& backend, int threads, const RunOptions& options);

/// What this program is: version, commit, compiler, build type, precision.
nlohmann::ordered_json build_description();

/// Bytes that a backend can still give, as far as limits of the system, the container and the process tell.
std::size_t available_memory(const Backend& backend);
/// The largest resident set of this process so far, in bytes; 0 where the system does not say it.
std::size_t peak_memory();

}  // namespace engram
