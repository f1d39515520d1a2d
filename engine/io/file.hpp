// Files that are whole or absent.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace engram::io {

namespace fs = std::filesystem;

/// Throws for a system call that has just failed: "PATH: cannot ACT: " and the reason that errno gives. An IoError, or
/// a MemoryError where memory was what it lacked.
[[noreturn]] void throw_errno(const fs::path& path, const std::string& act);

/// An open descriptor; close errors are reported by close(), never by the destructor.
class Descriptor {
 public:
  Descriptor() = default;
  /// Throws IoError naming the path. O_CLOEXEC is added, and O_NOFOLLOW for writing.
  Descriptor(const fs::path& path, int flags, unsigned mode = 0644);
  /// An entry of an open folder, never through a link and without waiting for a pipe.
  Descriptor(const Descriptor& folder, const std::string& entry, int flags, unsigned mode = 0644);
  Descriptor(Descriptor&& other) noexcept : number_(other.number_), path_(std::move(other.path_)) {
    other.number_ = -1;
  }
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  Descriptor copy() const;
  int number() const { return number_; }
  const fs::path& path() const { return path_; }
  struct stat status() const;
  std::uint64_t size() const { return static_cast<std::uint64_t>(status().st_size); }
  void write_at(std::uint64_t offset, const void* data, std::size_t bytes);
  /// How many bytes there were; fewer only where the file ends.
  std::size_t read_up_to(std::uint64_t offset, void* data, std::size_t bytes) const;
  /// Throws if the file ends before.
  void read_at(std::uint64_t offset, void* data, std::size_t bytes) const;
  void truncate(std::uint64_t bytes);
  void sync();
  void close();

 private:
  int number_ = -1;
  fs::path path_;
};

/// Opens a regular file for reading; a pipe, a device or a folder is refused without waiting.
Descriptor open_regular(const fs::path& path);

/// Replaces a file safely: a temporary file in the same folder, synced, renamed onto the target, folder synced.
/// Whatever happens before commit() returns, the old content stays; the temporary file goes. Refuses a target that
/// exists and is no regular file.
class Replacement {
 public:
  explicit Replacement(const fs::path& target);
  /// Of an entry of an open folder, whatever the folder's path leads to by now.
  Replacement(Descriptor folder, std::string entry);
  ~Replacement();
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  fs::path target() const { return folder_.path() / entry_; }
  void write(const void* data, std::size_t bytes);
  /// Once more over what was written at `offset`.
  void rewrite(std::uint64_t offset, const void* data, std::size_t bytes) { file_.write_at(offset, data, bytes); }
  void commit();

 private:
  Descriptor folder_;
  std::string entry_, temporary_;
  Descriptor file_;
  std::uint64_t written_ = 0;
  bool committed_ = false;
};

/// The entry that a temporary file of this name would have replaced; empty if the name is none of a temporary file.
std::string target_of_temporary(std::string_view name);

void replace_file(const fs::path& target, std::string_view content);
std::string read_file(const Descriptor& file, std::uint64_t max_bytes);
std::string read_file(const fs::path& path, std::uint64_t max_bytes);
/// Makes a folder and those above it, each of them durable in the folder that holds it; throws IoError.
void make_folder(const fs::path& folder);

}  // namespace engram::io
