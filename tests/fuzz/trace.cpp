// Any bytes as a trace of `engram check`: read whole, or an IoError.
#include "engine/backend/trace_backend.hpp"
#include "tests/fuzz/file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const MemoryFile file(data, size);
  try {
    engram::TraceFile::read(file.path());
  } catch (const engram::Error&) {
  }
  return 0;
}
