#include "engine/run/driver.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <type_traits>

#include "engine/run/checkpoint.hpp"
#include "engine/run/clock.hpp"
#include "engine/run/guard.hpp"
#include "engine/run/inputs.hpp"
#include "engine/run/result_rows.hpp"
#include "engine/run/results.hpp"
#include "engine/run/run_manifest.hpp"
#include "engine/run/run_names.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Does what may fail without changing how the run ends.
void attempt(const std::function<void()>& act) {
  try {
    act();
  } catch (const std::exception&) {
  }
}

/// Of the numbers of ticks between two that the selections keep.
Tick common_divisor(const Selections& selections) {
  Tick divisor = 0;
  for (const Selection& one : selections) divisor = std::gcd(divisor, one.every);
  return divisor;
}

template <class... Arguments>
void tell(const std::function<void(Arguments...)>& listener, const std::type_identity_t<Arguments>&... arguments) {
  if (listener) listener(arguments...);
}

}  // namespace

Driver::Driver(const Experiment& experiment, RunDevice device, io::RunFolder& folder, const RunOptions& options)
    : experiment_(experiment),
      threads_(device.threads),
      device_(std::move(device)),
      folder_(folder),
      options_(options),
      recorder_(folder.files(), experiment.record, experiment.swept) {}

void Driver::forecast() const {
  device_.refuse_beyond_memory(experiment_, [this](const std::string& line) { log(line); });
}

/// Makes the task of a point; a failure here leaves no trace in the folder.
void Driver::build(std::size_t point, ConfigReader::Files files) {
  task_.reset();  // before its successor takes memory
  try {
    const PointPlan read = plan_of(experiment_, point, files);
    task_ = read.plan->build({*device_.backend, experiment_.seeds, common_divisor(experiment_.record)});
    cells_ = network_cells(experiment_, point, *read.plan);
    check_inputs(read.files, experiment_.base_folder, saved_.inputs);
  } catch (const ConfigError&) {
    check_inputs(experiment_.files, experiment_.base_folder, saved_.inputs);
    throw;
  }
  point_ = point;
  recorder_.begin_point(point_folder(experiment_, point), cells_);
}

void Driver::begin_fresh() {
  saved_.inputs = Json(experiment_.files);
  build(0);
  tell(options_.began);
  manifest_ = new_manifest(experiment_, saved_.inputs);
  describe_program(manifest_, device_);
  std::vector<std::filesystem::path> read;
  for (const auto& [file, hash] : experiment_.files)
    read.push_back(std::filesystem::path(experiment_.base_folder) / file);
  folder_.begin(manifest_, certain_files(experiment_), read);
}

void Driver::begin_resumed(Json manifest) {
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
  describe_program(manifest_, device_);
  folder_.write_manifest(manifest_);
}

void Driver::begin_extended(Json manifest, const Experiment& before) {
  tell(options_.began);
  manifest_ = std::move(manifest);
  saved_.inputs = recorded_inputs(manifest_);
  check_inputs(experiment_.files, experiment_.base_folder, saved_.inputs);
  for (const auto& [file, hash] : experiment_.files) saved_.inputs[file] = hash;
  const std::string state = state_file(before, 0);
  const io::SafetensorsFile file(folder_.files().folder().open(state));
  try {
    const RunEnd end = read_run_end(file, before);
    build(0, ConfigReader::Files::to_go_on);
    restore_state(*task_, file);
    tick_ = saved_.ticks_done = end.tick;
    saved_.output = task_->phase_at(end.tick - 1).end > end.tick ? end.before_conclusion : end.before_end;
    if (saved_.output.is_null()) throw IoError("it does not say where the recordings of its last phase may be cut");
  } catch (...) {
    refuse_checkpoint(file.path().string());
  }
  if (tick_ >= task_->ticks()) throw ConfigError("/", "the run has no further tick; nothing was changed");
  folder_.files().folder().make_folder(io::checkpoint_folder);
  folder_.reopen(manifest_, certain_files(experiment_), false);
  save_as({0, tick_});  // first of all: from here on the run can be resumed, wherever it is killed
  manifest_["config"] = experiment_.document;
  manifest_["inputs"] = saved_.inputs;
  manifest_["status"] = "running";
  for (const char* key : {"finished", "seconds", "points", "warnings"}) manifest_.erase(key);
  manifest_["extended"].push_back({{"at", utc_now()}, {"tick", tick_}});
  describe_program(manifest_, device_);
  folder_.write_manifest(manifest_);
  recorder_.restore(saved_.output);
  log("goes on at tick " + std::to_string(tick_) + " of " + std::to_string(task_->ticks()));
}

Ending Driver::run() {
  const auto started = Clock::now();
  try {
    for (std::size_t point = point_; point < experiment_.points.size(); ++point) {
      if (!task_ || point != point_) build(point), tick_ = 0;
      if (try_point() == Ending::stopped) {
        finish_manifest("interrupted", seconds_since(started));
        log("stopped at tick " + std::to_string(tick_) + "; engram resume " + folder_.path().string() + " continues");
        return Ending::stopped;
      }
    }
    recorder_.sync();
    for (const std::string& name : recorder_.unmatched()) {
      log("warning: /record/series names \"" + name + "\", which this model never wrote");
      manifest_["warnings"].push_back("no series \"" + name + "\"");
    }
    if (!diverged_.empty()) throw NumericError(diverged_);
    finish_manifest("complete", seconds_since(started));
    say_what_came(seconds_since(started));
    attempt([&] {  // what cannot be removed harms no complete run
      checkpoints_.prune(folder_.files().folder(), 0);
      folder_.files().finish();
    });
    return Ending::complete;
  } catch (const Error& error) {
    manifest_["exit_code"] = error.exit_code();
    fail(error, started);
    throw;
  } catch (const std::exception& error) {
    fail(error, started);
    throw;
  }
}

void Driver::log(const std::string& line) const {
  if (options_.log) options_.log(line);
}

void Driver::show_progress(Tick began, Tick total) {
  const auto now = Clock::now();
  if (!options_.progressed || now < show_next_) return;
  show_next_ = now + std::chrono::milliseconds(50);
  options_.progressed({point_, began, tick_, total});
}

/// Where it is, how long it took, what to do with it.
void Driver::say_what_came(double seconds) const {
  std::size_t columns = 0;
  for (const auto& [name, bytes] : recorder_.files()) columns += name.ends_with(".npy");
  const std::string folder = folder_.path().string();
  log("done in " + duration_words(seconds) + ": " + folder + " holds metrics.csv, results.csv, " +
      std::to_string(columns) + (columns == 1 ? " column" : " columns") + " and state.safetensors");
  const bool grid = experiment_.points.size() > 1;
  log("next: engram plot " + folder + " draws it, engram report " + folder + " makes a page of it, " +
      (grid ? "" : "engram resume " + folder + " --set makes it longer, ") +
      "engram compare compares it with another run");
}

/// The first error is the one to tell; with a full disk the manifest goes on saying "running".
void Driver::fail(const std::exception& error, Clock::time_point started) {
  manifest_["error"] = error.what();
  attempt([&] { recorder_.sync(); });
  attempt([&] { finish_manifest("failed", seconds_since(started)); });
}

void Driver::finish_manifest(const char* status, double seconds) {
  manifest_["status"] = status;
  manifest_["finished"] = utc_now();
  manifest_["seconds"] = seconds;
  manifest_["ticks"] = saved_.ticks_done;
  manifest_["points"] = saved_.results;
  manifest_["memory"] = {{"forecast", device_.need}, {"peak", peak_memory()}};
  manifest_.erase("files");
  if (std::string_view(status) == "failed")
    attempt([&] { manifest_["files"] = written_files(folder_.files(), recorder_); });
  else
    manifest_["files"] = written_files(folder_.files(), recorder_);
  folder_.write_manifest(manifest_);
}

/// One tick or several, not beyond `end`, nor beyond the next checkpoint.
Tick Driver::advance(Tick end) {
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
Ending Driver::try_point() {
  try {
    return run_point();
  } catch (const NumericError& error) {
    if (point_folder(experiment_, point_).empty()) throw;
    saved_.results.push_back(diverged_result(experiment_, point_, tick_, error));
    diverged_ = first_diverged(saved_.results);
    recorder_.add_results(error_row(point_, error.what(), cells_));
    log("grid point " + std::to_string(point_) + ": " + error.what());
    tell(options_.point_result, saved_.results.back());
    return Ending::complete;
  }
}

Ending Driver::run_point() {
  const Tick total = task_->ticks(), began = tick_;
  show_next_ = {};
  show_progress(began, total);
  Guard guard(tick_);
  try {
    while (tick_ < total) {
      recorder_.begin_tick(tick_, task_->phase_at(tick_));
      const Tick done = advance(std::min(total, guard.next()));
      tick_ += done;
      saved_.ticks_done += done;
      if (tick_ == guard.next()) guard.look(*task_);
      const Wish wish = options_.wish ? options_.wish() : Wish::none;
      const bool due = experiment_.checkpoint_every && tick_ % experiment_.checkpoint_every == 0 && tick_ < total;
      if (wish != Wish::none || due) save();
      if (wish == Wish::stop) return Ending::stopped;
      show_progress(began, total);
    }
    check_finite(*task_, tick_ - 1);
  } catch (const NumericError& error) {
    leave_crash_state(error);
    throw;
  }
  conclude_point();
  return Ending::complete;
}

void Driver::conclude_point() {
  recorder_.begin_end();
  const RunEnd end{tick_, recorder_.before_end(), recorder_.before_conclusion()};
  task_->finish(recorder_);
  auto metadata = describe_state(experiment_, point_, tick_, task_->origin());
  add_run_end(metadata, end);
  write_state_file(state_file(experiment_, point_), std::move(metadata));
  Json result, results = task_->results();
  const Json networks = take_networks(results);
  recorder_.add_results(result_rows(point_, results, networks, cells_));
  if (!experiment_.points[point_].empty()) result["grid"] = experiment_.points[point_];
  result["results"] = std::move(results);
  saved_.results.push_back(result);
  tell(options_.point_result, result);
}

}  // namespace engram
