// What a driver leaves for a later one: checkpoints, and the state of a run that went wrong.
#include "engine/run/checkpoint.hpp"
#include "engine/run/driver.hpp"
#include "engine/run/guard.hpp"
#include "engine/run/results.hpp"
#include "engine/run/run_manifest.hpp"
#include "engine/run/run_names.hpp"

namespace engram {

/// What the run was like when it went wrong, beside the checkpoints from before.
void Driver::leave_crash_state(const NumericError& error) {
  try {
    const std::string file = crash_file(experiment_, point_, tick_);
    folder_.files().claim({file});
    write_state_file(file, describe_state(experiment_, point_, tick_, task_->origin()));
  } catch (const std::exception& failed) {
    throw NumericError(std::string(error.what()) + "; its state could not be kept: " + failed.what());
  }
}

void Driver::write_state_file(const std::string& name, std::map<std::string, std::string> metadata) {
  io::Replacement file = folder_.files().folder().replace(name);
  save_state(*task_, file, std::move(metadata));
}

void Driver::save() {
  recorder_.sync();
  saved_.output = recorder_.position();
  saved_.conclusion = recorder_.before_conclusion();
  save_as({point_, tick_});
}

void Driver::save_as(const io::CheckpointName& name) {
  auto metadata = describe_state(experiment_, name.point, name.tick, task_->origin());
  add_saved_run(metadata, experiment_, saved_);
  io::Replacement file = folder_.files().folder().replace(name.file());
  if (tick_)
    save_finite_state(*task_, tick_ - 1, file, std::move(metadata));  // of a broken state it would be worth nothing
  else
    save_state(*task_, file, std::move(metadata));
  folder_.files().note_checkpoint();
  checkpoints_.add(name);
  checkpoints_.prune(folder_.files().folder(), static_cast<std::size_t>(experiment_.checkpoint_keep));
}

/// Continues from the newest checkpoint that can be used; false if none was ever written.
bool Driver::find_checkpoint() {
  const io::Folder& folder = folder_.files().folder();
  std::string refused, config;
  for (const io::CheckpointName& name : io::list_checkpoints(folder)) {
    if (task_) {
      if (io::is_checkpoint(folder, name, config)) checkpoints_.add(name);  // an older one goes when they are too many
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
std::string Driver::restore(const io::CheckpointName& name) {
  const io::SafetensorsFile file(folder_.files().folder().open(name.file()));
  try {
    SavedRun saved = read_saved_run(file, experiment_, saved_.inputs, name);
    build(name.point, ConfigReader::Files::to_go_on);
    if (name.tick > task_->ticks()) throw IoError("its tick lies beyond the end of the run");
    restore_state(*task_, file);
    recorder_.restore(saved.output);
    recorder_.restore_conclusion(saved.conclusion);
    saved_ = std::move(saved);
    diverged_ = first_diverged(saved_.results);
  } catch (...) {
    refuse_checkpoint(file.path().string());
  }
  tick_ = name.tick;
  checkpoints_.add(name);
  return file.metadata().at("config");
}

}  // namespace engram
