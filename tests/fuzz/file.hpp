// Bytes as a file, for readers that take a path.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

struct MemoryFile {
  MemoryFile(const unsigned char* data, std::size_t size) : descriptor(memfd_create("fuzz", 0)) {
    if (descriptor < 0 || write(descriptor, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  MemoryFile(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor); }
  int descriptor;
};

/// A folder of this process, for readers that look for a file beside another one.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "engram-fuzz-XXXXXX").string();
    if (!mkdtemp(name.data())) std::abort();
    path_ = name;
  }
  Folder(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_.string(); }
  void write(const char* name, const unsigned char* data, std::size_t size) const {
    std::ofstream out(path_ / name, std::ios::binary);
    if (!out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size))) std::abort();
  }

 private:
  std::filesystem::path path_;
};
