// Any bytes as a checkpoint: every tensor can be read, or an IoError says why not.
#include "engine/io/safetensors.hpp"
#include "file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const MemoryFile file(data, size);
  try {
    const engram::io::SafetensorsFile checkpoint(file.path());
    for (const std::string& name : checkpoint.names())
      if (checkpoint.read(name).bytes.size() > size) std::abort();
  } catch (const engram::Error&) {
  }
  return 0;
}
