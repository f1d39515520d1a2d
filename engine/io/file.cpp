#include "engine/io/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <random>

#include "engram/core/error.hpp"

namespace engram::io {

void throw_errno(const fs::path& path, const std::string& act) {
  const std::string what = path.string() + ": cannot " + act + ": " + std::strerror(errno);
  if (errno == ENOMEM) throw MemoryError(what);  // nothing is wrong with the file
  throw IoError(what);
}

namespace {

/// The result of a system call that is made again where a signal interrupted it.
template <class Call>
auto uninterrupted(Call&& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

Descriptor open_folder_of(const fs::path& target) {
  struct stat status {};
  if (::stat(folder_of(target).c_str(), &status) == 0 && !S_ISDIR(status.st_mode))
    errno = ENOTDIR;
  else if (S_ISDIR(status.st_mode))
    return {folder_of(target), O_RDONLY | O_DIRECTORY};
  throw_errno(target, "write");
}

constexpr std::size_t random_digits = 12;  // of a temporary file's name

std::string temporary_name(const std::string& entry) {
  std::random_device random;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%08x%08x", random(), random());
  return "." + entry + "." + std::string(digits, random_digits) + ".tmp";
}

/// What an entry of a folder is, no link followed; false if there is none.
bool look(const Descriptor& folder, const std::string& entry, struct stat& status) {
  if (::fstatat(folder.number(), entry.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno != ENOENT) throw_errno(folder.path() / entry, "look at");
  return false;
}

}  // namespace

Descriptor::Descriptor(const fs::path& path, int flags, unsigned mode) : path_(path) {
  const bool reads = (flags & O_ACCMODE) == O_RDONLY;
  number_ = uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC | (reads ? 0 : O_NOFOLLOW), mode); });
  if (number_ < 0) throw_errno(path, reads ? "open" : "open for writing");
}

Descriptor::Descriptor(const Descriptor& folder, const std::string& entry, int flags, unsigned mode)
    : path_(folder.path() / entry) {
  // With "./" the entry is a path also to those who watch the calls, such as the tests that make one of them fail.
  const std::string name = "./" + entry;
  flags |= O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  number_ = uninterrupted([&] { return ::openat(folder.number(), name.c_str(), flags, mode); });
  if (number_ >= 0) return;
  const int reason = errno;
  std::error_code unseen;
  if (fs::is_symlink(path_, unseen))
    throw IoError(path_.string() + ": refused: it is a link, and no link is followed inside a run folder");
  errno = reason;
  throw_errno(path_, (flags & O_ACCMODE) == O_RDONLY ? "open" : "open for writing");
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  path_.swap(other.path_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Descriptor Descriptor::copy() const {
  Descriptor same;
  same.number_ = ::fcntl(number_, F_DUPFD_CLOEXEC, 0);
  if (same.number_ < 0) throw_errno(path_, "open");
  same.path_ = path_;
  return same;
}

struct stat Descriptor::status() const {
  struct stat status {};
  if (::fstat(number_, &status) != 0) throw_errno(path_, "look at");
  return status;
}

void Descriptor::write_at(std::uint64_t offset, const void* data, std::size_t bytes) {
  const char* from = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t wrote = uninterrupted([&] { return ::pwrite(number_, from, bytes, static_cast<off_t>(offset)); });
    if (wrote < 0) throw_errno(path_, "write");
    from += wrote;
    offset += static_cast<std::uint64_t>(wrote);
    bytes -= static_cast<std::size_t>(wrote);
  }
}

std::size_t Descriptor::read_up_to(std::uint64_t offset, void* data, std::size_t bytes) const {
  char* to = static_cast<char*>(data);
  std::size_t read = 0;
  while (read < bytes) {
    const auto at = static_cast<off_t>(offset + read);
    const ssize_t got = uninterrupted([&] { return ::pread(number_, to + read, bytes - read, at); });
    if (got < 0) throw_errno(path_, "read");
    if (got == 0) break;
    read += static_cast<std::size_t>(got);
  }
  return read;
}

void Descriptor::read_at(std::uint64_t offset, void* data, std::size_t bytes) const {
  if (read_up_to(offset, data, bytes) < bytes) throw IoError(path_.string() + ": ends too early");
}

void Descriptor::truncate(std::uint64_t bytes) {
  if (uninterrupted([&] { return ::ftruncate(number_, static_cast<off_t>(bytes)); }) != 0)
    throw_errno(path_, "truncate");
}

void Descriptor::sync() {
  if (uninterrupted([&] { return ::fsync(number_); }) != 0) throw_errno(path_, "sync");
}

void Descriptor::close() {
  const int number = std::exchange(number_, -1);
  // An interrupted close has closed: a second one might close what another thread has opened since.
  if (number >= 0 && ::close(number) != 0 && errno != EINTR) throw_errno(path_, "close");
}

Descriptor open_regular(const fs::path& path) {
  Descriptor file(path, O_RDONLY | O_NONBLOCK);
  if (!S_ISREG(file.status().st_mode)) throw IoError(path.string() + ": not a regular file");
  return file;
}

Replacement::Replacement(const fs::path& target) : Replacement(open_folder_of(target), target.filename().string()) {}

Replacement::Replacement(Descriptor folder, std::string entry)
    : folder_(std::move(folder)), entry_(std::move(entry)), temporary_(temporary_name(entry_)) {
  // A rename would put a regular file in the place of a device, a pipe or a link.
  if (struct stat status{}; look(folder_, entry_, status) && !S_ISREG(status.st_mode))
    throw IoError(target().string() + ": refused: it exists and is not a regular file");
  file_ = Descriptor(folder_, temporary_, O_WRONLY | O_CREAT | O_EXCL);
}

Replacement::~Replacement() {
  if (!committed_) ::unlinkat(folder_.number(), temporary_.c_str(), 0);
}

void Replacement::write(const void* data, std::size_t bytes) {
  file_.write_at(written_, data, bytes);
  written_ += bytes;
}

void Replacement::commit() {
  file_.sync();
  const struct stat made = file_.status();
  file_.close();
  if (::rename((folder_.path() / temporary_).c_str(), target().c_str()) != 0) throw_errno(target(), "replace");
  committed_ = true;
  struct stat there {};
  if (!look(folder_, entry_, there) || there.st_ino != made.st_ino || there.st_dev != made.st_dev)
    throw IoError(target().string() + ": its folder was moved or exchanged while it was written");
  folder_.sync();
}

std::string target_of_temporary(std::string_view name) {
  constexpr std::string_view end = ".tmp";
  if (!name.starts_with('.') || !name.ends_with(end)) return "";
  name = name.substr(1, name.size() - 1 - end.size());
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.size() - dot - 1 != random_digits) return "";
  return name.find_first_not_of("0123456789abcdef", dot + 1) == std::string_view::npos
             ? std::string(name.substr(0, dot))
             : "";
}

void replace_file(const fs::path& target, std::string_view content) {
  Replacement file(target);
  file.write(content.data(), content.size());
  file.commit();
}

std::string read_file(const Descriptor& file, std::uint64_t max_bytes) {
  const std::uint64_t size = file.size();
  if (size > max_bytes)
    throw IoError(file.path().string() + ": has " + std::to_string(size) + " bytes; at most " +
                  std::to_string(max_bytes) + " make sense");
  std::string content(size, '\0');
  file.read_at(0, content.data(), size);
  return content;
}

std::string read_file(const fs::path& path, std::uint64_t max_bytes) {
  return read_file(open_regular(path), max_bytes);
}

void make_folder(const fs::path& folder) {
  std::error_code unreadable;
  if (fs::is_directory(folder, unreadable)) return;
  const fs::path plain = folder.has_filename() ? folder : folder.parent_path(), above = folder_of(plain);
  make_folder(above);
  if (::mkdir(plain.c_str(), 0777) != 0 && errno != EEXIST) throw_errno(folder, "make this folder");
  if (!fs::is_directory(folder, unreadable))
    throw IoError(folder.string() + ": cannot make this folder: a file is in the way");
  if (::access(above.c_str(), R_OK) != 0)
    return;  // a folder that takes entries and cannot be opened cannot be synced either
  Descriptor(above, O_RDONLY | O_DIRECTORY).sync();
}

}  // namespace engram::io
