// A run folder: manifest.json, metrics.csv, NPY columns, checkpoints/, state.safetensors. See docs/experiments.md.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "file.hpp"

namespace engram::io {

inline constexpr const char* run_schema_id = "engram-run/1";

class RunFolder {
 public:
  enum class Mode { fresh, replace, existing };
  /// Makes or opens the folder and locks it. `fresh` refuses a folder that holds a run, `replace` refuses one that holds
  /// anything else, `existing` needs a run. Nothing is removed yet.
  RunFolder(const fs::path& path, Mode mode);
  /// A folder in which nothing was begun goes away again.
  ~RunFolder();

  const fs::path& path() const { return path_; }
  /// Removes an old run (its files only) and makes room for a new one.
  void begin();

  nlohmann::ordered_json manifest() const;
  void write_manifest(const nlohmann::ordered_json& manifest) const;

  struct Checkpoint {
    std::size_t point;
    std::uint64_t tick;
    fs::path file;
  };
  /// The latest first.
  std::vector<Checkpoint> checkpoints() const;
  fs::path checkpoint_file(std::size_t point, std::uint64_t tick) const;
  /// Removes all but the latest `keep`.
  void prune_checkpoints(std::size_t keep) const;

 private:
  fs::path path_;
  bool made_ = false, begun_ = false;
  std::optional<FolderLock> lock_;
};

}  // namespace engram::io
