#include "engram/run/simulation.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "engine/cpu/parallel.hpp"
#include "engine/run/checkpoint.hpp"
#include "engine/run/clock.hpp"
#include "engine/run/guard.hpp"
#include "engine/run/inputs.hpp"
#include "engine/run/machine.hpp"
#include "engine/run/run_manifest.hpp"
#include "engine/run/run_names.hpp"
#include "engine/run/saved_run.hpp"

namespace engram {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

namespace {

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Does what may fail without changing how the run ends.
void attempt(const std::function<void()>& act) {
  try {
    act();
  } catch (const std::exception&) {
  }
}

/// One run into one folder, fresh or resumed.
class Driver {
 public:
  Driver(const Experiment& experiment, Machine machine, io::RunFolder& folder, const RunOptions& options)
      : experiment_(experiment),
        threads_(machine.threads),
        machine_(std::move(machine)),
        folder_(folder),
        options_(options),
        recorder_(folder.files(), {experiment.record_every, experiment.record_series}, grid_names(experiment)) {}

  void forecast() const {
    machine_.forecast([this](const std::string& line) { log(line); });
  }

  /// Makes the task of a point; a failure here leaves no trace in the folder.
  void build(std::size_t point, ConfigReader::Files files = ConfigReader::Files::all) {
    task_.reset();  // before its successor takes memory
    try {
      const PointPlan read = plan_of(experiment_, point, files);
      task_ = read.plan->build({*machine_.backend, experiment_.seeds, experiment_.record_every});
      check_inputs(read.files, experiment_.base_folder, saved_.inputs);
    } catch (const ConfigError&) {
      check_inputs(experiment_.files, experiment_.base_folder, saved_.inputs);
      throw;
    }
    point_ = point;
    recorder_.begin_point(point_folder(experiment_, point), grid_values(experiment_.points[point]));
  }

  void begin_fresh() {
    saved_.inputs = Json(experiment_.files);
    build(0);
    tell(options_.began);
    manifest_ = new_manifest(experiment_, saved_.inputs);
    describe_program(manifest_, machine_);
    folder_.begin(manifest_, certain_files(experiment_));
  }

  void begin_resumed(Json manifest) {
    tell(options_.began);
    manifest_ = std::move(manifest);
    saved_.inputs = recorded_inputs(manifest_);
    check_inputs(experiment_.files, experiment_.base_folder, saved_.inputs);
    folder_.reopen(manifest_, certain_files(experiment_), options_.anew);
    if (options_.anew || !find_checkpoint()) {
      log((options_.anew ? "" : "no checkpoint was written before the run stopped; ") +
          std::string("it begins at tick 0"));
      build(0);
    }
    manifest_["status"] = "running";
    for (const char* key : {"error", "exit_code"}) manifest_.erase(key);
    manifest_["resumed"].push_back({{"at", utc_now()}, {"tick", tick_}});
    describe_program(manifest_, machine_);
    folder_.write_manifest(manifest_);
  }

  RunEnd run() {
    const auto started = Clock::now();
    try {
      for (std::size_t point = point_; point < experiment_.points.size(); ++point) {
        if (!task_ || point != point_) build(point), tick_ = 0;
        if (try_point() == RunEnd::stopped) {
          finish_manifest("interrupted", seconds_since(started));
          log("stopped at tick " + std::to_string(tick_) + "; engram resume " + folder_.path().string() + " continues");
          return RunEnd::stopped;
        }
      }
      recorder_.sync();
      for (const std::string& name : recorder_.unmatched()) {
        log("warning: /record/series names \"" + name + "\", which this model never wrote");
        manifest_["warnings"].push_back("no series \"" + name + "\"");
      }
      if (!diverged_.empty()) throw NumericError(diverged_);
      finish_manifest("complete", seconds_since(started));
      attempt([&] {  // what cannot be removed harms no complete run
        checkpoints_.prune(folder_.files().folder(), 0);
        folder_.files().finish();
      });
      return RunEnd::complete;
    } catch (const Error& error) {
      manifest_["exit_code"] = error.exit_code();
      fail(error, started);
      throw;
    } catch (const std::exception& error) {
      fail(error, started);
      throw;
    }
  }

 private:
  void log(const std::string& line) const {
    if (options_.log) options_.log(line);
  }

  template <class... Arguments>
  static void tell(const std::function<void(Arguments...)>& listener, std::type_identity_t<Arguments>... arguments) {
    if (listener) listener(arguments...);
  }

  void show_progress(Tick began, Tick total) {
    const auto now = Clock::now();
    if (!options_.progressed || now < show_next_) return;
    show_next_ = now + std::chrono::milliseconds(50);
    options_.progressed({point_, began, tick_, total});
  }

  /// The first error is the one to tell; with a full disk the manifest goes on saying "running".
  void fail(const std::exception& error, Clock::time_point started) {
    manifest_["error"] = error.what();
    attempt([&] { recorder_.sync(); });
    attempt([&] { finish_manifest("failed", seconds_since(started)); });
  }

  void finish_manifest(const char* status, double seconds) {
    manifest_["status"] = status;
    manifest_["finished"] = utc_now();
    manifest_["seconds"] = seconds;
    manifest_["ticks"] = saved_.ticks_done;
    manifest_["points"] = saved_.results;
    manifest_["memory"] = {{"forecast", machine_.need}, {"peak", peak_memory()}};
    manifest_.erase("files");
    if (std::string_view(status) == "failed")
      attempt([&] { manifest_["files"] = written_files(folder_.files(), recorder_); });
    else
      manifest_["files"] = written_files(folder_.files(), recorder_);
    folder_.write_manifest(manifest_);
  }

  /// One tick or several, not beyond `end`, nor beyond the next checkpoint.
  Tick advance(Tick end) {
    try {
      if (const Tick every = experiment_.checkpoint_every) end = std::min(end, tick_ + every - tick_ % every);
      return task_->advance(tick_, end - tick_, recorder_);
    } catch (const NumericError& error) {
      check_finite(*task_, tick_);  // may find the array that it began in
      throw NumericError("at tick " + std::to_string(tick_) + ": " + error.what());
    }
  }

  /// Runs the current point from tick_ on. In a grid a point whose values are not finite any more leaves that as its
  /// result, and the others run.
  RunEnd try_point() {
    try {
      return run_point();
    } catch (const NumericError& error) {
      if (point_folder(experiment_, point_).empty()) throw;
      saved_.results.push_back(diverged_result(experiment_, point_, tick_, error));
      diverged_ = first_diverged(saved_.results);
      log("grid point " + std::to_string(point_) + ": " + error.what());
      tell(options_.point_result, saved_.results.back());
      return RunEnd::complete;
    }
  }

  RunEnd run_point() {
    const Tick total = task_->ticks(), began = tick_;
    show_next_ = {};
    show_progress(began, total);
    Guard guard(tick_);
    try {
      while (tick_ < total) {
        recorder_.begin_tick(tick_);
        const Tick done = advance(std::min(total, guard.next()));
        tick_ += done;
        saved_.ticks_done += done;
        if (tick_ == guard.next()) guard.look(*task_);
        const Wish wish = options_.wish ? options_.wish() : Wish::none;
        const bool due = experiment_.checkpoint_every && tick_ % experiment_.checkpoint_every == 0 && tick_ < total;
        if (wish != Wish::none || due) save();
        if (wish == Wish::stop) return RunEnd::stopped;
        show_progress(began, total);
      }
      check_finite(*task_, tick_ - 1);
    } catch (const NumericError& error) {
      leave_crash_state(error);
      throw;
    }
    recorder_.begin_tick(io::RunRecorder::always);
    task_->finish(recorder_);
    write_state(state_file(experiment_, point_));
    Json result;
    if (!experiment_.points[point_].empty()) result["grid"] = experiment_.points[point_];
    result["results"] = task_->results();
    saved_.results.push_back(result);
    tell(options_.point_result, result);
    return RunEnd::complete;
  }

  /// What the run was like when it went wrong, beside the checkpoints from before.
  void leave_crash_state(const NumericError& error) {
    try {
      const std::string file = crash_file(experiment_, point_, tick_);
      folder_.files().claim({file});
      write_state(file);
    } catch (const std::exception& failed) {
      throw NumericError(std::string(error.what()) + "; its state could not be kept: " + failed.what());
    }
  }

  void write_state(const std::string& name, const SavedRun* run = nullptr) {
    auto metadata = describe_state(experiment_, point_, tick_);
    if (run) add_saved_run(metadata, experiment_, *run);
    io::Replacement file = folder_.files().folder().replace(name);
    save_state(*task_, file, std::move(metadata));
  }

  void save() {
    check_finite(*task_, tick_ - 1);  // a checkpoint of a broken state would be worth nothing
    recorder_.sync();
    saved_.output = recorder_.position();
    const io::CheckpointName name{point_, tick_};
    write_state(name.file(), &saved_);
    folder_.files().note_checkpoint();
    checkpoints_.add(name);
    checkpoints_.prune(folder_.files().folder(), static_cast<std::size_t>(experiment_.checkpoint_keep));
  }

  /// Continues from the newest checkpoint that can be used; false if none was ever written.
  bool find_checkpoint() {
    const io::Folder& folder = folder_.files().folder();
    std::string refused, config;
    for (const io::CheckpointName& name : io::list_checkpoints(folder)) {
      if (task_) {
        if (io::is_checkpoint(folder, name, config))
          checkpoints_.add(name);  // an older one goes when they are too many
        continue;
      }
      try {
        config = restore(name);
        log("continues at tick " + std::to_string(tick_) +
            (experiment_.points.size() > 1 ? " of grid point " + std::to_string(point_) : ""));
      } catch (const IoError& error) {
        task_.reset();
        refused = error.what();
        log("checkpoint refused: " + refused);
      }
    }
    if (task_) return true;
    const std::string anew = "; resume --anew begins at tick 0";
    if (!refused.empty())
      throw IoError(folder_.path().string() + ": no checkpoint can be used" + anew + "; the oldest: " + refused);
    if (folder_.files().checkpointed() || manifest_["status"] == "interrupted")
      throw IoError((folder_.path() / io::checkpoint_folder).string() +
                    ": holds none of the checkpoints that this run wrote; bring them back" + anew);
    return false;
  }

  /// Returns the hash of the configuration that the checkpoint names.
  std::string restore(const io::CheckpointName& name) {
    const io::SafetensorsFile file(folder_.files().folder().open(name.file()));
    try {
      SavedRun saved = read_saved_run(file, experiment_, saved_.inputs, name);
      build(name.point, ConfigReader::Files::to_go_on);
      if (name.tick > task_->ticks()) throw IoError("its tick lies beyond the end of the run");
      restore_state(*task_, file);
      recorder_.restore(saved.output);
      saved_ = std::move(saved);
      diverged_ = first_diverged(saved_.results);
    } catch (...) {
      refuse_checkpoint(file.path().string());
    }
    tick_ = name.tick;
    checkpoints_.add(name);
    return file.metadata().at("config");
  }

  const Experiment& experiment_;
  cpu::ThreadLimit threads_;
  Machine machine_;
  io::RunFolder& folder_;
  const RunOptions& options_;
  io::RunRecorder recorder_;
  Clock::time_point show_next_;
  std::unique_ptr<Task> task_;
  std::size_t point_ = 0;
  Tick tick_ = 0;
  SavedRun saved_;  ///< the run so far, as a checkpoint would say it
  io::CheckpointFiles checkpoints_;
  Json manifest_;
  std::string diverged_;  ///< what is said of the first grid point whose values were not finite
};

}  // namespace

RunEnd run_experiment(const Experiment& experiment, const std::string& folder, const RunOptions& options) {
  Machine machine(experiment, experiment.backend, experiment.threads);
  io::RunFolder run_folder(folder, options.force ? io::RunFolder::Mode::replace : io::RunFolder::Mode::fresh);
  Driver driver(experiment, std::move(machine), run_folder, options);
  driver.forecast();
  driver.begin_fresh();
  return driver.run();
}

RunEnd resume_experiment(const std::string& folder, const std::string& backend_name, int threads,
                         const RunOptions& options) {
  io::RunFolder run_folder(folder, io::RunFolder::Mode::existing);
  Json manifest = run_folder.manifest();
  if (manifest["status"] == "complete") {
    if (options.log) options.log(folder + ": complete already");
    if (options.point_result)
      for (const Json& point : manifest["points"]) options.point_result(point);
    return RunEnd::complete;
  }
  if (!options.anew && manifest.contains("exit_code") && manifest["exit_code"] == NumericError("").exit_code())
    throw NumericError(folder + ": ended by " + manifest["error"].dump() +
                       "; it would end so again: change the experiment and run it anew");
  const Experiment experiment = recorded_experiment(manifest, folder);
  Machine machine(experiment, backend_name.empty() ? experiment.backend : backend_name,
                  threads >= 0 ? threads : experiment.threads);
  Driver driver(experiment, std::move(machine), run_folder, options);
  driver.forecast();
  driver.begin_resumed(std::move(manifest));
  return driver.run();
}

}  // namespace engram
