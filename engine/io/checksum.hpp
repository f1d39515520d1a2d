// Checksums of what is saved. They detect accidents, not attacks.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace engram::io {

class Descriptor;

/// XXH3-64 of bytes that come in pieces.
class Checksum {
 public:
  Checksum();
  void add(const void* data, std::size_t bytes);
  /// Of what was added since the last call, in 16 hexadecimal digits.
  std::string take();

 private:
  struct State;
  struct Freer {
    void operator()(State*) const;
  };
  std::unique_ptr<State, Freer> state_;
};

std::string checksum(const void* data, std::size_t bytes);
std::string checksum_of_file(const Descriptor& file);

}  // namespace engram::io
