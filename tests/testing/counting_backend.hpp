// A backend that counts what the host moves.
#pragma once

#include "tests/testing/forwarding_backend.hpp"

namespace engram::test {

class CountingBackend final : public ForwardingBackend {
 public:
  using ForwardingBackend::ForwardingBackend;
  std::size_t uploads = 0, downloads = 0;

  void upload(void* to, const void* from, std::size_t bytes) override {
    ++uploads;
    ForwardingBackend::upload(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    ++downloads;
    ForwardingBackend::download(to, from, bytes);
  }
};

}  // namespace engram::test
