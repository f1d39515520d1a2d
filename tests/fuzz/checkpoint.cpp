// Any bytes as a checkpoint, as they are and with the checksum of the header set right, so that what stands behind it
// is reached: every tensor can be read, or an IoError says why not.
#include <cstring>
#include <vector>

#include "engine/io/checksum.hpp"
#include "engine/io/safetensors.hpp"
#include "engram/core/error.hpp"
#include "tests/fuzz/file.hpp"

namespace {

void read(const unsigned char* data, std::size_t size) {
  const MemoryFile file(data, size);
  try {
    const engram::io::SafetensorsFile checkpoint(file.path());
    for (const std::string& name : checkpoint.names())
      if (checkpoint.read(name).bytes.size() > size) std::abort();
  } catch (const engram::Error&) {
  }
}

/// Bytes of a header whose length and place of the checksum can be found; otherwise none.
std::vector<unsigned char> sealed(const unsigned char* data, std::size_t size) {
  std::uint64_t length = 0;
  if (size < sizeof length) return {};
  std::memcpy(&length, data, sizeof length);
  if (length > size - sizeof length) return {};
  std::string header(reinterpret_cast<const char*>(data) + sizeof length, length);
  const std::string lead = "\"xxh3 header\":\"";
  const auto at = header.find(lead);
  if (at == std::string::npos || header.size() - at - lead.size() < 16) return {};
  header.replace(at + lead.size(), 16, std::string(16, '0'));
  header.replace(at + lead.size(), 16, engram::io::checksum(header.data(), header.size()));
  std::vector<unsigned char> all(data, data + size);
  std::memcpy(all.data() + sizeof length, header.data(), header.size());
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  read(data, size);
  if (const auto all = sealed(data, size); !all.empty()) read(all.data(), all.size());
  return 0;
}
