// Any bytes as a trace of `engram check`: read whole, or an IoError.
#include "engine/trace_backend.hpp"
#include "file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const MemoryFile file(data, size);
  try {
    engram::TraceFile::read(file.path());
  } catch (const engram::Error&) {
  }
  return 0;
}
