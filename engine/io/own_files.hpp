// Which files of a run folder are engram's. Only these are ever written or removed.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/io/folder.hpp"

namespace engram::io {

/// Whether a run gives files such names: metrics.csv, results.csv, columns, final and crashed states. A list that
/// somebody wrote can name others; they are not engram's to remove.
bool is_name_of_run(const std::string& name);

/// The files of one run. A file is listed before it is made, so the list holds after a kill, too; when the run is
/// complete, its manifest names them all and the list goes.
class OwnFiles {
 public:
  static constexpr const char* list_name = ".written";

  /// Reads the list of this folder, if it has one.
  void open(const fs::path& path);
  const Folder& folder() const { return *folder_; }
  bool is_open() const { return folder_.has_value(); }
  /// Whether the folder has a list; a run of an earlier version has none.
  bool listed() const { return listed_; }
  const std::set<std::string>& names() const { return names_; }

  /// Whether a checkpoint was ever written, so that a folder without one has lost it.
  bool checkpointed() const { return checkpointed_; }
  void note_checkpoint();

  /// Throws unless each name is engram's already, or nobody's.
  void check_free(const std::vector<std::string>& names) const;
  /// Makes names engram's, durably; throws as check_free() does.
  void claim(const std::vector<std::string>& names);
  /// Names that another witness says are engram's; whether one was new. The list has them after save().
  bool adopt(const std::vector<std::string>& names);
  void save();
  /// The list is these names, and no others.
  void restart(const std::vector<std::string>& names);
  /// Ends the list.
  void finish();

  /// Opens one of these files for writing: made or emptied, or as it is. Folders that are made for it are not durable
  /// yet.
  Descriptor create(const std::string& name) const;
  Descriptor reopen(const std::string& name) const;
  /// Removes files and the folders that become empty by it.
  void remove(const std::vector<std::string>& names) const;

 private:
  void append(const std::string& lines);
  std::optional<Folder> folder_;
  std::set<std::string> names_;
  std::uint64_t end_ = 0;  ///< of the list's last whole line
  bool listed_ = false, checkpointed_ = false;
};

}  // namespace engram::io
