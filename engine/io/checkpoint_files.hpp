// The folder checkpoints/ of a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/io/folder.hpp"

namespace engram::io {

inline constexpr const char* checkpoint_folder = "checkpoints";

struct CheckpointName {
  std::size_t point;
  std::uint64_t tick;
  /// Beneath the run folder.
  std::string file() const;
  auto operator<=>(const CheckpointName&) const = default;
};

/// What is named like a checkpoint, the latest first. Throws IoError where it cannot look.
std::vector<CheckpointName> list_checkpoints(const Folder& run);

/// Whether the name of a file is that of a checkpoint.
bool is_checkpoint_name(const std::string& entry);

/// Whether a file is what its name says: a checkpoint of engram, of this configuration if one is given.
bool is_checkpoint(const Folder& run, const CheckpointName& name, const std::string& config = "");

/// Keeps the newest checkpoints of a run. A file that this run can neither have written nor continue from counts for
/// nothing and stays.
class CheckpointFiles {
 public:
  /// Another checkpoint that counts.
  void add(CheckpointName name) { own_.push_back(name); }
  const std::vector<CheckpointName>& own() const { return own_; }
  /// Removes all but the latest `keep`.
  void prune(const Folder& run, std::size_t keep);

 private:
  std::vector<CheckpointName> own_;
};

}  // namespace engram::io
