// A run folder: manifest.json, metrics.csv, NPY columns, checkpoints/, state.safetensors. See docs/experiments.md.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/own_files.hpp"

namespace engram::io {

inline constexpr const char* run_schema_id = "engram-run/1";

/// The manifest of a run folder. Throws IoError unless every value that engram reads has the type it writes.
nlohmann::ordered_json read_manifest(const Folder& folder);

class RunFolder {
 public:
  enum class Mode { fresh, replace, existing };
  /// Looks whether the folder can be used and locks the run that it holds: `fresh` refuses a folder that holds a run,
  /// `replace` one that holds anything else, `existing` needs a run. Nothing is made, changed or removed yet.
  RunFolder(const fs::path& path, Mode mode);
  /// A folder in which nothing was begun is as it was before.
  ~RunFolder();

  const fs::path& path() const { return path_; }
  /// Open once a run was begun or found.
  OwnFiles& files() { return files_; }
  const OwnFiles& files() const { return files_; }

  /// Begins a run that reads and will write these files, by its manifest; then removes the run that was there before,
  /// if any. Throws IoError where that run's files are read: the new one could not go on without them.
  void begin(nlohmann::ordered_json& manifest, const std::vector<std::string>& names,
             const std::vector<fs::path>& read = {});
  /// Goes on with the run that is there, after what a kill may have cut short; with `anew` from its beginning.
  void reopen(nlohmann::ordered_json& manifest, const std::vector<std::string>& names, bool anew);

  nlohmann::ordered_json manifest() const { return read_manifest(files_.folder()); }
  void write_manifest(const nlohmann::ordered_json& manifest) const;

 private:
  /// Whether the folder holds a run; throws IoError if it holds anything else.
  bool holds_run() const;
  void lock();
  /// Takes what the manifest of the run that is there says of its files for true.
  void adopt_files_of(const nlohmann::ordered_json& manifest);
  /// What that run left, its checkpoints among it. Throws if a link leads to one of them, before anything is removed.
  std::vector<std::string> old_files() const;
  void remove_replaced(nlohmann::ordered_json& manifest, const std::vector<std::string>& names);
  void remove_temporaries() const;

  fs::path path_;
  Mode mode_;
  bool made_ = false, begun_ = false;
  OwnFiles files_;
  std::optional<FolderLock> lock_;
};

}  // namespace engram::io
