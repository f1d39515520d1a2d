#include "engine/io/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "engram/core/error.hpp"

namespace engram::io {

namespace {

/// The part of a name before the first "/", which is taken off.
std::string take_part(std::string_view& name) {
  const std::string part(name.substr(0, name.find('/')));
  name.remove_prefix(std::min(name.size(), part.size() + 1));
  return part;
}

std::string leaf_of(const std::string& name) { return name.substr(name.rfind('/') + 1); }

}  // namespace

bool is_beneath(std::string_view name) {
  if (name.empty() || name.back() == '/' || name.find('\0') != std::string_view::npos) return false;
  while (!name.empty()) {
    const std::string part = take_part(name);
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

std::string folder_of_name(const std::string& name) {
  const auto slash = name.rfind('/');
  return slash == std::string::npos ? "" : name.substr(0, slash);
}

Folder::Folder(const fs::path& path) : root_(path, O_RDONLY | O_DIRECTORY) {}

void Folder::check(const std::string& name) const {
  if (!is_beneath(name)) throw IoError(path().string() + ": the name \"" + name + "\" leads out of this folder");
}

Descriptor Folder::walk(const std::string& name, Missing missing) const {
  if (!name.empty()) check(name);
  Descriptor at = root_.copy();
  for (std::string_view rest = name; !rest.empty();) {
    const std::string part = take_part(rest);
    if (missing != Missing::fail && ::mkdirat(at.number(), part.c_str(), 0777) == 0) {
      if (missing == Missing::make_durable) at.sync();
    } else if (missing != Missing::fail && errno != EEXIST) {
      throw_errno(at.path() / part, "make this folder");
    }
    at = Descriptor(at, part, O_RDONLY | O_DIRECTORY);
  }
  return at;
}

Descriptor Folder::open(const std::string& name, int flags) const {
  check(name);
  const Descriptor folder = walk(folder_of_name(name));
  Descriptor file(folder, leaf_of(name), flags);
  const struct stat status = file.status();
  if (!S_ISREG(status.st_mode)) throw IoError(file.path().string() + ": not a regular file");
  if ((flags & O_ACCMODE) != O_RDONLY && status.st_nlink > 1)
    throw IoError(file.path().string() +
                  ": has a second name (a hard link), and what is written here would be written there too; put a copy "
                  "in its place");
  return file;
}

Replacement Folder::replace(const std::string& name) const {
  check(name);
  return {walk(folder_of_name(name), Missing::make_durable), leaf_of(name)};
}

void Folder::write_whole(const std::string& name, std::string_view content) const {
  Replacement file = replace(name);
  file.write(content.data(), content.size());
  file.commit();
}

bool Folder::look(const std::string& name, struct stat& status) const {
  check(name);
  if (::fstatat(root_.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR) throw_errno(path() / name, "look at");
  return false;
}

bool Folder::exists(const std::string& name) const {
  struct stat status {};
  return look(name, status);
}

bool Folder::holds(const std::string& name, const Descriptor& file) const {
  struct stat status {};
  const struct stat its = file.status();
  return look(name, status) && status.st_ino == its.st_ino && status.st_dev == its.st_dev;
}

std::vector<std::string> Folder::list(const std::string& name) const {
  struct Closer {
    void operator()(DIR* opened) const { ::closedir(opened); }
  };
  const Descriptor folder = walk(name);
  const int number = ::openat(folder.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // with a position of its own
  std::unique_ptr<DIR, Closer> opened(number < 0 ? nullptr : ::fdopendir(number));
  if (!opened) throw_errno(folder.path(), "look into this folder");
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(opened.get());
    if (!entry && errno != 0) throw_errno(folder.path(), "look into this folder");
    if (!entry) return names;
    const std::string found = entry->d_name;
    if (found != "." && found != "..") names.push_back(found);
  }
}

void Folder::make_folder(const std::string& name, bool durable) const {
  walk(name, durable ? Missing::make_durable : Missing::make);
}
void Folder::sync_folder(const std::string& name) const { walk(name).sync(); }

void Folder::remove(const std::string& name) const {
  struct stat status {};
  if (!look(name, status)) return;
  const Descriptor folder = walk(folder_of_name(name));
  const bool is_folder = S_ISDIR(status.st_mode);
  if (!is_folder && !S_ISREG(status.st_mode)) return;
  if (::unlinkat(folder.number(), leaf_of(name).c_str(), is_folder ? AT_REMOVEDIR : 0) == 0) return;
  const bool in_use = errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY;
  if (errno != ENOENT && !(is_folder && in_use)) throw_errno(path() / name, "remove");
}

bool FolderLock::is_lock(const Descriptor& file) {
  const std::uint64_t size = file.size();
  if (size > 20) return false;
  char text[20];
  const std::size_t got = file.read_up_to(0, text, size);  // another process may be about to write it
  return std::string_view(text, got).find_first_not_of("0123456789") == std::string_view::npos;
}

FolderLock::FolderLock(const Folder& folder) : folder_(folder) {
  // A refused run removes the file that it made; who waits for that very file has to look again.
  for (int tries = 0; !take(); ++tries)
    if (tries == 100) throw IoError(folder.path().string() + ": its .lock is made and removed without end");
}

bool FolderLock::take() {
  made_ = !folder_.exists(file_name);
  file_ = folder_.open(file_name, O_RDWR | O_CREAT);
  const auto holder = [&] {
    char text[20];
    const std::size_t got = file_.read_up_to(0, text, sizeof text);
    return got > 0 ? std::string(text, got) : "(starting)";
  };
  if (!is_lock(file_)) throw IoError(file_.path().string() + ": not of engram; move it away");
  if (::flock(file_.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw_errno(file_.path(), "lock");
    throw IoError(folder_.path().string() + ": in use by process " + holder());
  }
  if (!folder_.holds(file_name, file_)) return false;
  const std::string me = std::to_string(::getpid());
  try {
    file_.truncate(0);
    file_.write_at(0, me.data(), me.size());
  } catch (const IoError&) {  // a full disk
    undo();
    throw;
  }
  return true;
}

void FolderLock::undo() {
  if (made_) folder_.remove(file_name);
}

}  // namespace engram::io
