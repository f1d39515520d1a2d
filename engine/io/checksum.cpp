#include "engine/io/checksum.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engine/io/file.hpp"

namespace engram::io {

namespace {

std::string hex(std::uint64_t x) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(x));
  return text;
}

}  // namespace

struct Checksum::State {
  XXH3_state_t hash;  // aligned to a line of the cache
};

void Checksum::Freer::operator()(State* state) const { delete state; }

Checksum::Checksum() : state_(new State) { XXH3_64bits_reset(&state_->hash); }

void Checksum::add(const void* data, std::size_t bytes) { XXH3_64bits_update(&state_->hash, data, bytes); }

std::string Checksum::take() {
  const std::string digest = hex(XXH3_64bits_digest(&state_->hash));
  XXH3_64bits_reset(&state_->hash);
  return digest;
}

std::string checksum(const void* data, std::size_t bytes) { return hex(XXH3_64bits(data, bytes)); }

std::string checksum_of_file(const Descriptor& file) {
  Checksum sum;
  std::string buffer(std::size_t{1} << 20, '\0');
  const std::uint64_t size = file.size();
  for (std::uint64_t at = 0; at < size;) {
    const std::size_t part = std::min<std::uint64_t>(buffer.size(), size - at);
    file.read_at(at, buffer.data(), part);
    sum.add(buffer.data(), part);
    at += part;
  }
  return sum.take();
}

}  // namespace engram::io
