// One run into one folder, fresh, resumed or extended.
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/cpu/parallel.hpp"
#include "engine/io/checkpoint_files.hpp"
#include "engine/io/recorder.hpp"
#include "engine/io/run_folder.hpp"
#include "engine/run/run_device.hpp"
#include "engine/run/saved_run.hpp"
#include "engram/run/simulation.hpp"

namespace engram {

class Driver {
 public:
  Driver(const Experiment& experiment, RunDevice device, io::RunFolder& folder, const RunOptions& options);

  void forecast() const;
  void begin_fresh();
  void begin_resumed(nlohmann::ordered_json manifest);
  /// Goes on behind the end of a complete run of `before`, of which this experiment is a longer form.
  void begin_extended(nlohmann::ordered_json manifest, const Experiment& before);
  Ending run();

 private:
  using Clock = std::chrono::steady_clock;

  void log(const std::string& line) const;
  void build(std::size_t point, ConfigReader::Files files = ConfigReader::Files::all);
  void fail(const std::exception& error, Clock::time_point started);
  void finish_manifest(const char* status, double seconds);
  void say_what_came(double seconds) const;
  Tick advance(Tick end);
  Ending try_point();
  Ending run_point();
  void show_progress(Tick began, Tick total);
  void conclude_point();
  void leave_crash_state(const NumericError& error);
  void write_state_file(const std::string& name, std::map<std::string, std::string> metadata);
  void save();
  void save_as(const io::CheckpointName& name);
  bool find_checkpoint();
  std::string restore(const io::CheckpointName& name);

  const Experiment& experiment_;
  cpu::ThreadLimit threads_;
  RunDevice device_;
  io::RunFolder& folder_;
  const RunOptions& options_;
  io::RunRecorder recorder_;
  Clock::time_point show_next_;
  std::unique_ptr<Task> task_;
  std::vector<io::NetworkCells> cells_;  ///< of this point
  std::size_t point_ = 0;
  Tick tick_ = 0;
  SavedRun saved_;  ///< the run so far, as a checkpoint would say it
  io::CheckpointFiles checkpoints_;
  nlohmann::ordered_json manifest_;
  std::string diverged_;  ///< what is said of the first grid point whose values were not finite
};

}  // namespace engram
