#include "file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engram/error.hpp"

namespace engram::io {

namespace {

[[noreturn]] void fail(const fs::path& path, const std::string& act) {
  throw IoError(path.string() + ": cannot " + act + ": " + std::strerror(errno));
}

std::string hex(std::uint64_t x) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(x));
  return text;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// The name of a temporary file beside the target, which must be absent or a regular file.
fs::path temporary_for(const fs::path& target) {
  struct stat status {};
  if (::lstat(target.c_str(), &status) == 0) {
    // A rename would put a regular file in the place of a device, a pipe or a link.
    if (!S_ISREG(status.st_mode)) throw IoError(target.string() + ": refused: it exists and is not a regular file");
  } else if (errno != ENOENT || !fs::is_directory(folder_of(target))) {
    fail(target, "write");
  }
  std::random_device random;
  return folder_of(target) / ("." + target.filename().string() + "." + hex((std::uint64_t{random()} << 32) | random()).substr(4) + ".tmp");
}

}  // namespace

Descriptor::Descriptor(const fs::path& path, int flags, unsigned mode) : path_(path) {
  const bool reads = (flags & O_ACCMODE) == O_RDONLY;
  number_ = ::open(path.c_str(), flags | O_CLOEXEC | (reads ? 0 : O_NOFOLLOW), mode);
  if (number_ < 0) fail(path, reads ? "open" : "open for writing");
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

std::uint64_t Descriptor::size() const {
  struct stat status {};
  if (::fstat(number_, &status) != 0) fail(path_, "look at");
  return static_cast<std::uint64_t>(status.st_size);
}

void Descriptor::write_at(std::uint64_t offset, const void* data, std::size_t bytes) {
  const char* from = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t wrote = ::pwrite(number_, from, bytes, static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) fail(path_, "write");
    from += wrote;
    offset += static_cast<std::uint64_t>(wrote);
    bytes -= static_cast<std::size_t>(wrote);
  }
}

void Descriptor::read_at(std::uint64_t offset, void* data, std::size_t bytes) const {
  char* to = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = ::pread(number_, to, bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path_, "read");
    if (got == 0) throw IoError(path_.string() + ": ends too early");
    to += got;
    offset += static_cast<std::uint64_t>(got);
    bytes -= static_cast<std::size_t>(got);
  }
}

void Descriptor::truncate(std::uint64_t bytes) {
  if (::ftruncate(number_, static_cast<off_t>(bytes)) != 0) fail(path_, "truncate");
}

void Descriptor::sync() {
  if (::fsync(number_) != 0) fail(path_, "sync");
}

void Descriptor::close() {
  const int number = std::exchange(number_, -1);
  if (number >= 0 && ::close(number) != 0) fail(path_, "close");
}

Descriptor open_regular(const fs::path& path) {
  Descriptor file(path, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) fail(path, "look at");
  if (!S_ISREG(status.st_mode)) throw IoError(path.string() + ": not a regular file");
  return file;
}

Replacement::Replacement(fs::path target)
    : target_(std::move(target)), temporary_(temporary_for(target_)), file_(temporary_, O_WRONLY | O_CREAT | O_EXCL) {}

Replacement::~Replacement() {
  if (!committed_) ::unlink(temporary_.c_str());
}

void Replacement::write(const void* data, std::size_t bytes) {
  file_.write_at(written_, data, bytes);
  written_ += bytes;
}

void Replacement::commit() {
  file_.sync();
  file_.close();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(target_, "replace");
  committed_ = true;
  sync_folder(folder_of(target_));
}

void replace_file(const fs::path& target, std::string_view content) {
  Replacement file(target);
  file.write(content.data(), content.size());
  file.commit();
}

std::string read_file(const fs::path& path, std::uint64_t most_bytes) {
  const Descriptor file = open_regular(path);
  const std::uint64_t size = file.size();
  if (size > most_bytes) throw IoError(path.string() + ": has " + std::to_string(size) + " bytes; at most " + std::to_string(most_bytes) + " make sense");
  std::string content(size, '\0');
  file.read_at(0, content.data(), size);
  return content;
}

void sync_folder(const fs::path& folder) {
  Descriptor opened(folder, O_RDONLY | O_DIRECTORY);
  opened.sync();
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder)) throw IoError(folder.string() + ": cannot make this folder: " + (error ? error.message() : "a file is in the way"));
}

FolderLock::FolderLock(const fs::path& folder) : file_(folder / ".lock", O_RDWR | O_CREAT) {
  if (::flock(file_.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) fail(file_.path(), "lock");
    std::string holder(std::min<std::uint64_t>(file_.size(), 20), '\0');
    file_.read_at(0, holder.data(), holder.size());
    throw IoError(folder.string() + ": in use by process " + (holder.empty() ? "(starting)" : holder));
  }
  const std::string me = std::to_string(::getpid());
  file_.truncate(0);
  file_.write_at(0, me.data(), me.size());
}

std::string checksum(const void* data, std::size_t bytes) { return hex(XXH3_64bits(data, bytes)); }

std::string checksum_of_file(const fs::path& path) {
  const Descriptor file = open_regular(path);
  XXH3_state_t* state = XXH3_createState();
  if (!state) throw std::bad_alloc();
  struct Freer {
    XXH3_state_t* state;
    ~Freer() { XXH3_freeState(state); }
  } freer{state};
  XXH3_64bits_reset(state);
  std::string buffer(std::size_t{1} << 20, '\0');
  const std::uint64_t size = file.size();
  for (std::uint64_t at = 0; at < size;) {
    const std::size_t part = std::min<std::uint64_t>(buffer.size(), size - at);
    file.read_at(at, buffer.data(), part);
    XXH3_64bits_update(state, buffer.data(), part);
    at += part;
  }
  return hex(XXH3_64bits_digest(state));
}

}  // namespace engram::io
