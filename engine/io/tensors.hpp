// Tensors of safetensors files that other programs wrote: without our checksums, in any order, of any type.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/io/file.hpp"

namespace engram::io {

struct ForeignTensor {
  std::string type;  ///< of an NPY file, without its order of bytes: "f4"; "bf" for the float that NPY does not have
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;  ///< in the file
};

/// Of a value of such a type.
std::uint64_t bytes_of_type(const std::string& type);
/// The tensor of this name, or the only one where the name is "". Throws MalformedFile, and TableError for a
/// name that is not there, with those that are.
ForeignTensor find_tensor(const Descriptor& file, const std::string& name);

}  // namespace engram::io
