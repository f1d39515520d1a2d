// Any bytes as an NPY file: an array whose bytes fit its shape, or an IoError.
#include "engine/io/npy.hpp"

#include "tests/fuzz/file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const MemoryFile file(data, size);
  try {
    const auto array = engram::io::read_npy(file.path());
    if (array.bytes.size() > size) std::abort();
  } catch (const engram::Error&) {
  }
  return 0;
}
