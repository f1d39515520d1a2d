#include "engram/simulation.hpp"

#include <nlohmann/json.hpp>
#include <algorithm>
#include <chrono>
#include <optional>

#include "checkpoint.hpp"
#include "clock.hpp"
#include "engine/io/recorder.hpp"
#include "engine/io/run_folder.hpp"
#include "machine.hpp"
#include "many_ticks.hpp"
#include "progress.hpp"
#include "signals.hpp"

namespace engram {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

namespace {

constexpr Tick guard_every = 100;  ///< ticks between two looks for values that are not finite, at first

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string config_hash(const Experiment& experiment) {
  const std::string text = experiment.document.dump();
  return io::checksum(text.data(), text.size());
}

std::vector<std::string> grid_names(const Experiment& experiment) {
  std::vector<std::string> names;
  for (const auto& [name, value] : experiment.points.front().values.items()) names.push_back(name);
  return names;
}

std::vector<std::string> grid_values(const GridPoint& point) {
  std::vector<std::string> texts;
  for (const auto& value : point.values) texts.push_back(value.is_string() ? value.get<std::string>() : value.dump());
  return texts;
}

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
  void build(std::size_t point) {
    task_.reset();  // before its successor takes memory
    ConfigReader reader(experiment_.points[point].document, experiment_.base_folder);
    const TaskContext context{*machine_.backend, experiment_.seeds, experiment_.base_folder};
    task_ = experiment_.family->make(reader, &context);
    if (!task_) reader.finish();
    if (!task_) throw Error(std::string("model \"") + experiment_.family->name + "\" could not be built");
    point_ = point;
    const bool grid = experiment_.points.size() > 1 || !experiment_.points[point].values.empty();
    subfolder_ = grid ? "grid-" + std::to_string(point) + "/" : "";
    recorder_.begin_point(subfolder_, grid_values(experiment_.points[point]));
  }

  void begin_fresh() {
    build(0);
    signals_.emplace();  // from here on there is something to leave in order
    folder_.begin();
    manifest_ = {{"schema", io::run_schema_id},
                 {"status", "running"},
                 {"name", experiment_.name},
                 {"started", utc_now()},
                 {"config", experiment_.document},
                 {"config_folder", fs::absolute(experiment_.base_folder).lexically_normal().string()},
                 {"model", experiment_.family->name},
                 {"seeds", experiment_.seeds}};
    describe_machine();
    folder_.write_manifest(manifest_);
  }

  void begin_resumed(Json manifest) {
    signals_.emplace();
    manifest_ = std::move(manifest);
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
    manifest_.erase("error");
    manifest_["resumed"].push_back({{"at", utc_now()}, {"tick", tick_}});
    describe_machine();
    folder_.write_manifest(manifest_);
  }

  int run() {
    const auto started = Clock::now();
    try {
      for (std::size_t point = point_; point < experiment_.points.size(); ++point) {
        if (!task_ || point != point_) build(point), tick_ = 0;
        const int signal = run_point();
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
      finish_manifest("complete", seconds_since(started));
      folder_.prune_checkpoints(0);
      return 0;
    } catch (const std::exception& error) {
      manifest_["error"] = error.what();
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
    manifest_["ticks"] = ticks_done_;
    manifest_["points"] = results_;
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
    auto* const many = dynamic_cast<ManyTicks*>(task_.get());
    if (!many) {
      task_->tick(tick_, recorder_);
      return 1;
    }
    if (const Tick every = experiment_.checkpoint_every) end = std::min(end, tick_ + every - tick_ % every);
    return many->advance(tick_, end - tick_, recorder_);
  }

  /// Runs the current point from tick_ on; returns the signal that stopped it, or 0.
  int run_point() {
    const Tick total = task_->ticks();
    Progress progress(options_.progress, total, tick_);
    Tick guard_step = guard_every, next_guard = tick_ + guard_step;
    auto guarded = Clock::now();
    try {
      while (tick_ < total) {
        recorder_.begin_tick(tick_);
        const Tick done = advance(std::min(total, next_guard));
        tick_ += done;
        ticks_done_ += done;
        if (tick_ == next_guard) {
          const double since = seconds_since(guarded);
          const auto begin = Clock::now();
          check_finite(*task_, tick_ - 1);
          // On a small network looking would cost more than running: it may take 1 % of the time, no more.
          if (seconds_since(begin) > 0.01 * since) guard_step *= 2;
          next_guard = tick_ + guard_step;
          guarded = Clock::now();
        }
        const int signal = SignalScope::stop();
        const bool wished = SignalScope::take_checkpoint_wish();
        const bool due = experiment_.checkpoint_every && tick_ % experiment_.checkpoint_every == 0 && tick_ < total;
        if (signal || wished || due) save();
        if (signal) return signal;
        progress.update(tick_);
      }
      check_finite(*task_, tick_ - 1);
    } catch (const NumericError&) {
      // What the run was like when it went wrong, beside the checkpoints from before.
      write_state(folder_.path() / (subfolder_ + "crash-" + std::to_string(tick_) + ".safetensors"), false);
      throw;
    }
    recorder_.begin_tick(io::RunRecorder::always);
    task_->finish(recorder_);
    const std::string state = subfolder_ + "state.safetensors";
    if (!subfolder_.empty()) io::make_folder(folder_.path() / subfolder_);
    write_state(folder_.path() / state, false);
    states_.push_back(state);
    Json result;
    if (!experiment_.points[point_].values.empty()) result["grid"] = experiment_.points[point_].values;
    result["results"] = task_->results();
    results_.push_back(result);
    progress.clear();
    if (options_.point_result) options_.point_result(result);
    return 0;
  }

  void write_state(const fs::path& file, bool checkpoint) {
    std::map<std::string, std::string> metadata{{"format", checkpoint_format}, {"engram", build_description()["version"]}, {"precision", precision_name},
                                                {"config", config_hash(experiment_)}, {"point", std::to_string(point_)}, {"tick", std::to_string(tick_)},
                                                {"seeds", Json(experiment_.seeds).dump()}};
    if (checkpoint) {
      metadata["output"] = recorder_.position().dump();
      metadata["points"] = results_.dump();
      metadata["states"] = Json(states_).dump();
      metadata["ticks done"] = std::to_string(ticks_done_);
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
    const auto need = [&](const char* key, const std::string& expected) {
      const auto found = file.metadata().find(key);
      const std::string value = found == file.metadata().end() ? "nothing" : found->second;
      if (value != expected) throw IoError(checkpoint.file.string() + ": its " + key + " is " + value + ", not " + expected);
    };
    need("format", checkpoint_format);
    need("precision", precision_name);
    need("config", config_hash(experiment_));
    need("seeds", Json(experiment_.seeds).dump());
    need("point", std::to_string(checkpoint.point));
    need("tick", std::to_string(checkpoint.tick));
    if (checkpoint.point >= experiment_.points.size()) throw IoError(checkpoint.file.string() + ": no such grid point");
    build(checkpoint.point);
    try {
      if (checkpoint.tick > task_->ticks()) throw IoError("its tick lies beyond the end of the run");
      restore_state(*task_, file);
      const auto& metadata = file.metadata();
      recorder_.restore(nlohmann::json::parse(metadata.at("output")));
      results_ = Json::parse(metadata.at("points"));
      states_ = Json::parse(metadata.at("states")).get<std::vector<std::string>>();
      ticks_done_ = std::stoull(metadata.at("ticks done"));
    } catch (const IoError& error) {
      task_.reset();
      throw IoError(checkpoint.file.string() + ": " + error.what());
    } catch (const std::exception& error) {  // of the library's JSON, map and number readers
      task_.reset();
      throw IoError(checkpoint.file.string() + ": malformed: " + error.what());
    }
    tick_ = checkpoint.tick;
  }

  const Experiment& experiment_;
  Machine machine_;
  io::RunFolder& folder_;
  const RunOptions& options_;
  io::RunRecorder recorder_;
  std::optional<SignalScope> signals_;
  std::unique_ptr<Task> task_;
  std::size_t point_ = 0;
  Tick tick_ = 0, ticks_done_ = 0;
  std::string subfolder_;
  Json manifest_, results_ = Json::array();
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
  const Experiment experiment = read_experiment(manifest["config"], manifest["config_folder"], manifest["name"]);
  Machine machine(experiment, backend_name.empty() ? experiment.backend : backend_name, threads >= 0 ? threads : experiment.threads);
  Driver driver(experiment, std::move(machine), run_folder, options);
  driver.forecast();
  driver.begin_resumed(std::move(manifest));
  return driver.run();
}

}  // namespace engram
