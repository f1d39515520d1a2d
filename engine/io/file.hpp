// Files that are whole or absent, and a folder that one process owns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace engram::io {

namespace fs = std::filesystem;

/// An open descriptor; close errors are reported by close(), never by the destructor.
class Descriptor {
 public:
  Descriptor() = default;
  /// Throws IoError naming the path. O_CLOEXEC is added, and O_NOFOLLOW for writing.
  Descriptor(const fs::path& path, int flags, unsigned mode = 0644);
  Descriptor(Descriptor&& other) noexcept : number_(other.number_), path_(std::move(other.path_)) { other.number_ = -1; }
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  int number() const { return number_; }
  const fs::path& path() const { return path_; }
  std::uint64_t size() const;
  void write_at(std::uint64_t offset, const void* data, std::size_t bytes);
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

/// Replaces a file safely: a temporary file in the same folder, synced, renamed onto the target, folder synced. Whatever
/// happens before commit() returns, the old content stays; the temporary file goes. Refuses a target that exists and is
/// no regular file.
class Replacement {
 public:
  explicit Replacement(fs::path target);
  ~Replacement();
  void write(const void* data, std::size_t bytes);
  void commit();

 private:
  fs::path target_, temporary_;
  Descriptor file_;
  std::uint64_t written_ = 0;
  bool committed_ = false;
};

void replace_file(const fs::path& target, std::string_view content);
std::string read_file(const fs::path& path, std::uint64_t most_bytes);
void sync_folder(const fs::path& folder);
/// Makes a folder and those above it; throws IoError.
void make_folder(const fs::path& folder);

/// Holds a folder for this process until destroyed, or throws IoError naming the process that holds it.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder);

 private:
  Descriptor file_;
};

/// XXH3-64 in 16 hexadecimal digits. It detects accidents, not attacks.
std::string checksum(const void* data, std::size_t bytes);
std::string checksum_of_file(const fs::path& path);

}  // namespace engram::io
