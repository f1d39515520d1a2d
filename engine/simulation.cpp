#include "engram/simulation.hpp"

#include <nlohmann/json.hpp>
#include <algorithm>
#include <chrono>
#include <optional>

#include "checkpoint.hpp"
#include "checkpoint_header.hpp"
#include "clock.hpp"
#include "engine/io/recorder.hpp"
#include "engine/io/run_folder.hpp"
#include "grid_points.hpp"
#include "guard.hpp"
#include "inputs.hpp"
#include "machine.hpp"
#include "many_ticks.hpp"
#include "progress.hpp"
#include "signals.hpp"

namespace engram {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

namespace {

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// One run into one folder, fresh or resumed.
class Driver {
 public:
  Driver(const Experiment& experiment, Machine machine, io::RunFolder& folder, const RunOptions& options)
      : experiment_(experiment), machine_(std::move(machine)), folder_(folder), options_(options),
        recorder_(folder.path(), {experiment.record_every, experiment.record_series}, grid_names(experiment)) {}

  void forecast() const {
    machine_.forecast([this](const std::string& line) { log(line); });
  }

  /// Makes the task of a point; a failure here leaves no trace in the folder.
  void build(std::size_t point, ConfigReader::Files files = ConfigReader::Files::all) {
    task_.reset();  // before its successor takes memory
    ConfigReader reader(experiment_.points[point].document, experiment_.base_folder, files);
    const TaskContext context{*machine_.backend, experiment_.seeds, experiment_.base_folder};
    task_ = experiment_.family->make(reader, &context);
    check_inputs(reader.files(), experiment_.base_folder, done_.inputs);
    if (!task_) reader.finish();
    if (!task_) throw Error(std::string("model \"") + experiment_.family->name + "\" could not be built");
    point_ = point;
    subfolder_ = subfolder_of(experiment_, point);
    recorder_.begin_point(subfolder_, grid_values(experiment_.points[point]));
  }

  void begin_fresh() {
    done_.inputs = inputs_of(experiment_.files, experiment_.base_folder);
    build(0);
    signals_.emplace();  // from here on there is something to leave in order
    folder_.begin();
    manifest_ = {{"schema", io::run_schema_id},
                 {"status", "running"},
                 {"name", experiment_.name},
                 {"started", utc_now()},
                 {"config", experiment_.document},
                 {"config_folder", fs::absolute(experiment_.base_folder).lexically_normal().string()},
                 {"inputs", done_.inputs},
                 {"model", experiment_.family->name},
                 {"seeds", experiment_.seeds}};
    describe_machine();
    folder_.write_manifest(manifest_);
  }

  void begin_resumed(Json manifest) {
    signals_.emplace();
    manifest_ = std::move(manifest);
    done_.inputs = recorded_inputs(manifest_);
    check_inputs(experiment_.files, experiment_.base_folder, done_.inputs);
    std::string refused;
    for (const auto& checkpoint : folder_.checkpoints()) {
      try {
        restore(checkpoint);
        refused.clear();
        log("continues at tick " + std::to_string(tick_) + (experiment_.points.size() > 1 ? " of grid point " + std::to_string(point_) : ""));
        break;
      } catch (const IoError& error) {
        refused = error.what();
        log("checkpoint refused: " + refused);
      }
    }
    if (!refused.empty()) throw IoError(folder_.path().string() + ": no checkpoint can be used; the oldest: " + refused);
    if (!task_) {
      log("no checkpoint was written before the run stopped; it starts anew");
      build(0);
      folder_.begin();
    }
    manifest_["status"] = "running";
    for (const char* key : {"error", "exit_code"}) manifest_.erase(key);
    manifest_["resumed"].push_back({{"at", utc_now()}, {"tick", tick_}});
    describe_machine();
    folder_.write_manifest(manifest_);
  }

  int run() {
    const auto started = Clock::now();
    try {
      for (std::size_t point = point_; point < experiment_.points.size(); ++point) {
        if (!task_ || point != point_) build(point), tick_ = 0;
        const int signal = try_point();
        if (signal) {
          finish_manifest("interrupted", seconds_since(started));
          log("stopped by signal " + std::to_string(signal) + " at tick " + std::to_string(tick_) + "; engram resume " + folder_.path().string() + " continues");
          return 128 + signal;
        }
      }
      recorder_.sync();
      for (const std::string& name : recorder_.unmatched()) {
        log("warning: /record/series names \"" + name + "\", which this model never wrote");
        manifest_["warnings"].push_back("no series \"" + name + "\"");
      }
      if (!diverged_.empty()) throw NumericError(diverged_);
      finish_manifest("complete", seconds_since(started));
      folder_.prune_checkpoints(0);
      return 0;
    } catch (const std::exception& error) {
      manifest_["error"] = error.what();
      if (const auto* known = dynamic_cast<const Error*>(&error)) manifest_["exit_code"] = known->exit_code();
      try {
        recorder_.sync();
        finish_manifest("failed", seconds_since(started));
      } catch (const std::exception&) {
        // The first error is the one to tell; with a full disk the manifest goes on saying "running".
      }
      throw;
    }
  }

 private:
  void log(const std::string& line) const {
    if (options_.log) options_.log(line);
  }

  void describe_machine() {
    manifest_["engram"] = build_description();
    manifest_["device"] = machine_.description();
  }

  void finish_manifest(const char* status, double seconds) {
    manifest_["status"] = status;
    manifest_["finished"] = utc_now();
    manifest_["seconds"] = seconds;
    manifest_["ticks"] = done_.ticks;
    manifest_["points"] = done_.results;
    Json& files = manifest_["files"] = Json::object();
    std::vector<std::string> names = recorder_.files();
    names.insert(names.end(), states_.begin(), states_.end());
    for (const std::string& name : names) {
      const fs::path file = folder_.path() / name;
      if (fs::exists(file)) files[name] = {{"bytes", fs::file_size(file)}, {"xxh3", io::checksum_of_file(file)}};
    }
    folder_.write_manifest(manifest_);
  }

  /// One tick, or several of a task that can; not beyond `end`, nor beyond the next checkpoint.
  Tick advance(Tick end) {
    try {
      if (auto* const many = dynamic_cast<ManyTicks*>(task_.get())) {
        if (const Tick every = experiment_.checkpoint_every) end = std::min(end, tick_ + every - tick_ % every);
        return many->advance(tick_, end - tick_, recorder_);
      }
      task_->tick(tick_, recorder_);
      return 1;
    } catch (const NumericError& error) {
      check_finite(*task_, tick_);  // may find the array that it began in
      throw NumericError("at tick " + std::to_string(tick_) + ": " + error.what());
    }
  }

  /// Runs the current point from tick_ on; returns the signal that stopped it, or 0. In a grid a point whose values are not
  /// finite any more leaves that as its result, and the others run.
  int try_point() {
    try {
      return run_point();
    } catch (const NumericError& error) {
      if (subfolder_.empty()) throw;
      done_.results.push_back(diverged_result(experiment_, point_, tick_, error));
      diverged_ = first_diverged(done_.results);
      log("grid point " + std::to_string(point_) + ": " + error.what());
      if (options_.point_result) options_.point_result(done_.results.back());
      return 0;
    }
  }

  int run_point() {
    const Tick total = task_->ticks();
    Progress progress(options_.progress, total, tick_);
    Guard guard(tick_);
    try {
      while (tick_ < total) {
        recorder_.begin_tick(tick_);
        const Tick done = advance(std::min(total, guard.next()));
        tick_ += done;
        done_.ticks += done;
        if (tick_ == guard.next()) guard.look(*task_);
        const int signal = SignalScope::stop();
        const bool wished = SignalScope::take_checkpoint_wish();
        const bool due = experiment_.checkpoint_every && tick_ % experiment_.checkpoint_every == 0 && tick_ < total;
        if (signal || wished || due) save();
        if (signal) return signal;
        progress.update(tick_);
      }
      check_finite(*task_, tick_ - 1);
    } catch (const NumericError& error) {
      leave_crash_state(error);
      throw;
    }
    recorder_.begin_tick(io::RunRecorder::always);
    task_->finish(recorder_);
    const std::string state = subfolder_ + state_file;
    if (!subfolder_.empty()) io::make_folder(folder_.path() / subfolder_);
    write_state(folder_.path() / state, false);
    states_.push_back(state);
    Json result;
    if (!experiment_.points[point_].values.empty()) result["grid"] = experiment_.points[point_].values;
    result["results"] = task_->results();
    done_.results.push_back(result);
    progress.clear();
    if (options_.point_result) options_.point_result(result);
    return 0;
  }

  /// What the run was like when it went wrong, beside the checkpoints from before.
  void leave_crash_state(const NumericError& error) {
    const std::string file = crash_file(subfolder_, tick_);
    try {
      if (!subfolder_.empty()) io::make_folder(folder_.path() / subfolder_);
      write_state(folder_.path() / file, false);
      states_.push_back(file);
    } catch (const std::exception& failed) {
      throw NumericError(std::string(error.what()) + "; its state could not be kept: " + failed.what());
    }
  }

  void write_state(const fs::path& file, bool checkpoint) {
    auto metadata = checkpoint_header(experiment_, point_, tick_);
    if (checkpoint) {
      metadata["output"] = recorder_.position().dump();
      put_done(done_, metadata);
    }
    io::write_safetensors(file, collect_state(*task_, metadata), metadata);
  }

  void save() {
    check_finite(*task_, tick_ - 1);  // a checkpoint of a broken state would be worth nothing
    recorder_.sync();
    write_state(folder_.checkpoint_file(point_, tick_), true);
    folder_.prune_checkpoints(static_cast<std::size_t>(experiment_.checkpoint_keep));
  }

  void restore(const io::RunFolder::Checkpoint& checkpoint) {
    const io::SafetensorsFile file(checkpoint.file);
    try {
      check_header(file, checkpoint_header(experiment_, checkpoint.point, checkpoint.tick));
      if (checkpoint.point >= experiment_.points.size()) throw IoError("no such grid point");
      const Done done = read_done(file.metadata(), experiment_, done_.inputs, checkpoint.point);
      build(checkpoint.point, ConfigReader::Files::to_go_on);
      if (checkpoint.tick > task_->ticks()) throw IoError("its tick lies beyond the end of the run");
      restore_state(*task_, file);
      recorder_.restore(nlohmann::json::parse(file.metadata().at("output")));
      done_ = done;
    } catch (...) {
      task_.reset();
      blame(checkpoint.file);
    }
    tick_ = checkpoint.tick;
    states_ = states_of(experiment_, done_.results);
    diverged_ = first_diverged(done_.results);
  }

  const Experiment& experiment_;
  Machine machine_;
  io::RunFolder& folder_;
  const RunOptions& options_;
  io::RunRecorder recorder_;
  std::optional<SignalScope> signals_;
  std::unique_ptr<Task> task_;
  std::size_t point_ = 0;
  Tick tick_ = 0;
  std::string subfolder_, diverged_;  ///< what is said of the first grid point whose values were not finite
  Json manifest_;
  Done done_;
  std::vector<std::string> states_;
};

}  // namespace

int run_experiment(const Experiment& experiment, const std::string& folder, const RunOptions& options) {
  Machine machine(experiment, experiment.backend, experiment.threads);
  io::RunFolder run_folder(folder, options.force ? io::RunFolder::Mode::replace : io::RunFolder::Mode::fresh);
  Driver driver(experiment, std::move(machine), run_folder, options);
  driver.forecast();
  driver.begin_fresh();
  return driver.run();
}

int resume_experiment(const std::string& folder, const std::string& backend_name, int threads, const RunOptions& options) {
  io::RunFolder run_folder(folder, io::RunFolder::Mode::existing);
  Json manifest = run_folder.manifest();
  if (manifest.value("schema", "") != io::run_schema_id || !manifest.contains("config") || !manifest.contains("config_folder") || !manifest.contains("name"))
    throw IoError(folder + "/manifest.json: not of a run of engram");
  if (manifest.value("status", "") == "complete") {
    if (options.log) options.log(folder + ": complete already");
    if (options.point_result)
      for (const Json& point : manifest["points"]) options.point_result(point);
    return 0;
  }
  if (manifest.contains("exit_code") && manifest["exit_code"] == NumericError("").exit_code())
    throw NumericError(folder + ": ended by " + manifest["error"].dump() + "; it would end so again: change the experiment and run it anew");
  const Experiment experiment = read_resumed(manifest);
  Machine machine(experiment, backend_name.empty() ? experiment.backend : backend_name, threads >= 0 ? threads : experiment.threads);
  Driver driver(experiment, std::move(machine), run_folder, options);
  driver.forecast();
  driver.begin_resumed(std::move(manifest));
  return driver.run();
}

}  // namespace engram
