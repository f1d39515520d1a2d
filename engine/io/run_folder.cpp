#include "engine/io/run_folder.hpp"

#include <unistd.h>

#include <algorithm>

#include "engine/io/checkpoint_files.hpp"
#include "engram/core/error.hpp"

namespace engram::io {

using Json = nlohmann::ordered_json;

namespace {

constexpr const char* manifest_name = "manifest.json";

/// A folder of a grid point; its columns and states lie there.
bool is_point_folder(const std::string& entry) {
  return entry.starts_with("grid-") && entry.size() > 5 &&
         entry.find_first_not_of("0123456789", 5) == std::string::npos;
}

/// Whether an entry is what a run that was killed while it began leaves behind.
bool is_left_by_a_start(const Folder& folder, const std::string& entry) {
  if (!folder.exists(entry)) return true;  // another run was refused meanwhile
  if (entry == FolderLock::file_name) return FolderLock::is_lock(folder.open(entry));
  if (entry == checkpoint_folder) return folder.list(entry).empty();
  return target_of_temporary(entry) == manifest_name;
}

}  // namespace

RunFolder::RunFolder(const fs::path& path, Mode mode) : path_(path), mode_(mode) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_directory(status)) throw IoError(path.string() + ": exists and is not a folder");
  if (!fs::is_directory(status)) {
    if (mode == Mode::existing) throw IoError(path.string() + ": not a run folder (no manifest.json)");
    return;
  }
  files_.open(path);
  const bool run = holds_run();
  if (mode == Mode::existing && !run) throw IoError(path.string() + ": not a run folder (no manifest.json)");
  if (run) lock();
}

RunFolder::~RunFolder() {
  if (begun_) return;
  try {
    if (lock_) {
      lock_->undo();
      if (!files_.folder().exists(manifest_name)) files_.folder().remove(checkpoint_folder);
    }
    if (made_) ::rmdir(path_.c_str());  // does nothing unless empty
  } catch (const IoError&) {
    // The reason why nothing was begun is the one to tell.
  }
}

bool RunFolder::holds_run() const {
  const Folder& folder = files_.folder();
  for (const std::string& entry : folder.list()) {
    if (entry == manifest_name) return true;
    if (is_left_by_a_start(folder, entry)) continue;
    if (folder.exists(manifest_name)) return true;  // begun by another process since the list was made
    throw IoError(path_.string() + ": holds other files and no run of engram; name a new or empty folder");
  }
  return false;
}

void RunFolder::lock() {
  lock_.emplace(files_.folder());
  if (!holds_run()) return;
  const Json there = manifest();  // throws if it is of another program or damaged: not to be replaced
  if (mode_ != Mode::fresh) return;
  const bool whole = there["status"] == "complete";
  throw IoError(path_.string() + ": holds a run already" +
                (whole ? "" : ", which has not ended: engram resume " + path_.string() + " goes on with it") +
                "; --force replaces it, another --out keeps it");
}

void RunFolder::write_manifest(const Json& manifest) const {
  // Messages of errors may hold the names of files, which are any bytes.
  files_.folder().write_whole(manifest_name, manifest.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void RunFolder::begin(Json& manifest, const std::vector<std::string>& names, const std::vector<fs::path>& read) {
  if (!files_.is_open()) {
    made_ = true;
    make_folder(path_);
    files_.open(path_);
  }
  if (!lock_) lock();
  const bool replaces = holds_run();
  if (replaces) {
    adopt_files_of(this->manifest());
    const std::vector<std::string> old = old_files();
    std::error_code none;
    const fs::path here = fs::canonical(path_, none);
    for (const fs::path& file : read)
      if (const std::string name = fs::canonical(file, none).lexically_relative(here).generic_string();
          std::find(old.begin(), old.end(), name) != old.end())
        throw IoError(file.string() + ": is read by this experiment, and was written by the run that --force would " +
                      "replace; take another --out, or copy the file out of the folder");
    manifest["replaces"] = old;
  }
  files_.check_free(names);
  files_.folder().make_folder(checkpoint_folder);  // before the manifest: where a run has none, somebody took it away
  write_manifest(manifest);
  begun_ = true;
  if (replaces)
    remove_replaced(manifest, names);
  else
    files_.restart(names);
  remove_temporaries();
}

void RunFolder::reopen(Json& manifest, const std::vector<std::string>& names, bool anew) {
  const Folder& folder = files_.folder();
  try {
    if (anew) folder.make_folder(checkpoint_folder);
    folder.list(checkpoint_folder);
  } catch (const IoError& error) {
    throw IoError(std::string(error.what()) + "; nothing was changed: a resume needs the checkpoints of the run");
  }
  begun_ = true;
  if (manifest.contains("replaces")) remove_replaced(manifest, names);
  if (!files_.listed()) {
    adopt_files_of(manifest);
    files_.save();
  }
  files_.claim(names);
  if (anew) {
    for (const CheckpointName& name : list_checkpoints(folder))
      if (is_checkpoint(folder, name)) folder.remove(name.file());
    files_.restart({files_.names().begin(), files_.names().end()});
  }
  remove_temporaries();
}

void RunFolder::adopt_files_of(const Json& manifest) {
  std::vector<std::string> names;
  const Json files = manifest.value("files", Json::object());
  for (const auto& [name, file] : files.items()) names.push_back(name);
  for (const Json& name : manifest.value("replaces", Json::array())) names.push_back(name);
  if (!files_.listed() && manifest.at("status") != "complete") {
    // A run of a version that kept no list, killed before its manifest could name its files.
    names.insert(names.end(), {"metrics.csv", "state.safetensors"});
    for (const std::string& entry : files_.folder().list())
      if (is_point_folder(entry)) names.push_back(entry + "/state.safetensors");
  }
  files_.adopt(names);
}

std::vector<std::string> RunFolder::old_files() const {
  const Folder& folder = files_.folder();
  std::vector<std::string> old;
  for (const std::string& name : files_.names()) {
    if (!folder.exists(name)) continue;
    folder.open(name);
    old.push_back(name);
  }
  if (!folder.exists(checkpoint_folder)) return old;
  for (const CheckpointName& name : list_checkpoints(folder))
    if (is_checkpoint(folder, name)) old.push_back(name.file());
  return old;
}

void RunFolder::remove_replaced(Json& manifest, const std::vector<std::string>& names) {
  const std::string checkpoints = std::string(checkpoint_folder) + "/";
  std::vector<std::string> old;
  for (const std::string name : manifest["replaces"])
    if (is_name_of_run(name) || (name.starts_with(checkpoints) && is_checkpoint_name(name.substr(checkpoints.size()))))
      old.push_back(name);
  files_.remove(old);
  files_.folder().make_folder(checkpoint_folder);  // it went with the last of the old ones
  files_.restart(names);
  manifest.erase("replaces");
  write_manifest(manifest);
}

void RunFolder::remove_temporaries() const {
  const Folder& folder = files_.folder();
  const auto sweep = [&](const std::string& below, const auto& is_own) {
    for (const std::string& entry : folder.list(below))
      if (const std::string target = target_of_temporary(entry); !target.empty() && is_own(target))
        folder.remove(below.empty() ? entry : below + "/" + entry);
  };
  const auto is_state = [](const std::string& target) {
    return target.ends_with(".safetensors") && is_name_of_run(target);
  };
  sweep("", [&](const std::string& target) {
    return target == manifest_name || target == OwnFiles::list_name || is_state(target);
  });
  sweep(checkpoint_folder, is_checkpoint_name);
  for (const std::string& entry : folder.list())
    if (is_point_folder(entry)) sweep(entry, is_state);
}

}  // namespace engram::io
