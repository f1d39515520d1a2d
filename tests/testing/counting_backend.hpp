// A backend that counts what the host moves, and products of matrices.
#pragma once

#include "tests/testing/forwarding_backend.hpp"

namespace engram::test {

class CountingBackend final : public ForwardingBackend {
 public:
  using ForwardingBackend::ForwardingBackend;
  std::size_t uploads = 0, downloads = 0, products = 0;

  void upload(void* to, const void* from, std::size_t bytes) override {
    ++uploads;
    ForwardingBackend::upload(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    ++downloads;
    ForwardingBackend::download(to, from, bytes);
  }
  void multiply(const DenseView& weights, Batch<const real> x, Index group, Batch<real> out) override {
    products += x.data != nullptr;  // without numbers it is asked whether there is a library
    ForwardingBackend::multiply(weights, x, group, out);
  }
};

}  // namespace engram::test
