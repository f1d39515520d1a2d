// Checkpoints in the safetensors layout: 8 bytes of header length, a JSON header, raw tensors. Here every tensor has an
// XXH3 checksum and so has the header, in its __metadata__. The reader rejects, it never repairs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/io/checksum.hpp"
#include "engine/io/file.hpp"

namespace engram::io {

struct TensorLayout {
  std::string name;
  std::string type;  ///< "F32", "F64", "U32", "I64", "U64"
  std::vector<std::uint64_t> shape;
};
/// "3 x 20"; "one value" for a shape without dimensions.
std::string words_of_shape(const std::vector<std::uint64_t>&);
struct Tensor : TensorLayout {
  std::string bytes;
};

/// What replaces a file. All tensors are named first, then their bytes come, in that order and in pieces of any size.
class SafetensorsWriter {
 public:
  /// Metadata are strings, as the format has it.
  SafetensorsWriter(Replacement& file, std::vector<TensorLayout> tensors, std::map<std::string, std::string> metadata);
  void write(const void* data, std::size_t bytes);
  /// Throws Error if there came fewer bytes than the shapes say.
  void commit();

 private:
  std::string header() const;
  void close_full();

  Replacement& file_;
  std::vector<TensorLayout> tensors_;
  std::map<std::string, std::string> metadata_;
  std::vector<std::string> checksums_;  // of the tensors that are complete
  std::vector<std::uint64_t> ends_;
  Checksum running_;
  std::uint64_t written_ = 0;
};

/// Checks the header when opened and a tensor when it is read. Throws IoError with the reason.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(Descriptor file);
  explicit SafetensorsFile(const std::filesystem::path& path) : SafetensorsFile(open_regular(path)) {}
  const std::filesystem::path& path() const { return file_.path(); }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  std::vector<std::string> names() const;
  bool holds(const std::string& name) const { return entries_.contains(name); }
  const TensorLayout& layout(const std::string& name) const { return entry(name).layout; }
  /// As many bytes as the shape says.
  void read(const std::string& name, void* to) const;
  Tensor read(const std::string& name) const;

 private:
  struct Entry {
    TensorLayout layout;
    std::string checksum;
    std::uint64_t begin, end;
  };
  const Entry& entry(const std::string& name) const;

  Descriptor file_;
  std::uint64_t data_start_ = 0;
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace engram::io
