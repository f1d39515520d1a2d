// Checkpoints in the safetensors layout: 8 bytes of header length, a JSON header, raw tensors. Here every tensor has an
// XXH3 checksum and so has the header, in its __metadata__. The reader rejects, it never repairs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/io/file.hpp"

namespace engram::io {

struct Tensor {
  std::string name;
  std::string type;  ///< "F32", "F64", "U32", "I64", "U64"
  std::vector<std::uint64_t> shape;
  std::string bytes;
};

/// Replaces a file safely. Metadata are strings, as the format has it.
void write_safetensors(Replacement&& file, const std::vector<Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata);
void write_safetensors(const std::filesystem::path& path, const std::vector<Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata);

/// Checks the header when opened and a tensor when it is read. Throws IoError with the reason.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(Descriptor file);
  explicit SafetensorsFile(const std::filesystem::path& path) : SafetensorsFile(open_regular(path)) {}
  const std::filesystem::path& path() const { return file_.path(); }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  std::vector<std::string> names() const;
  Tensor read(const std::string& name) const;

 private:
  struct Entry {
    std::string type, checksum;
    std::vector<std::uint64_t> shape;
    std::uint64_t begin, end;
  };
  Descriptor file_;
  std::uint64_t data_start_ = 0;
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace engram::io
