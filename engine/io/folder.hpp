// A folder held open, and what lies beneath it.
#pragma once

#include <fcntl.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/file.hpp"

namespace engram::io {

/// Whatever a run opens, makes, replaces or removes in its folder goes through here. A name such as "a/b.npy" is walked
/// from the folder's descriptor, part by part and never through a link, so neither a name nor a link leads out of it,
/// whoever wrote them. Nothing waits for a pipe. Errors are IoError.
class Folder {
 public:
  /// The path of the folder itself is its user's, so links in it are followed.
  explicit Folder(const fs::path& path);
  const fs::path& path() const { return root_.path(); }

  /// A regular file. One that is written to must have no second name: a hard link leads out of the folder, too.
  Descriptor open(const std::string& name, int flags = O_RDONLY) const;
  /// With the folders above it.
  Replacement replace(const std::string& name) const;
  void write_whole(const std::string& name, std::string_view content) const;
  /// Anything of this name, a link too.
  bool exists(const std::string& name) const;
  /// Whether the name is still that of an open file.
  bool holds(const std::string& name, const Descriptor& file) const;
  /// Entries of a folder beneath; of this one without a name.
  std::vector<std::string> list(const std::string& name = "") const;
  /// With those above it, beneath this folder; each durable in the one that holds it unless that is left to
  /// sync_folder.
  void make_folder(const std::string& name, bool durable = true) const;
  /// Entries that were made in a folder beneath become durable; of this one without a name.
  void sync_folder(const std::string& name) const;
  /// Removes a regular file or an empty folder; anything else stays.
  void remove(const std::string& name) const;

 private:
  void check(const std::string& name) const;
  bool look(const std::string& name, struct stat& status) const;
  enum class Missing { fail, make, make_durable };
  Descriptor walk(const std::string& name, Missing = Missing::fail) const;  ///< opens a folder beneath
  Descriptor root_;
};

/// Whether a name stays in its folder: no part of it is empty, "." or "..".
bool is_beneath(std::string_view name);
/// The folder of a name, "" at the top.
std::string folder_of_name(const std::string& name);

/// Holds a folder for this process until destroyed, or throws IoError naming the process that holds it.
class FolderLock {
 public:
  static constexpr const char* file_name = ".lock";
  explicit FolderLock(const Folder& folder);
  /// Whether a file has nothing but the number of a process in it, so that engram may write into it.
  static bool is_lock(const Descriptor& file);
  /// Removes the file again if it was made here.
  void undo();

 private:
  bool take();
  const Folder& folder_;
  Descriptor file_;
  bool made_ = false;
};

}  // namespace engram::io
