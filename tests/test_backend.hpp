// The backend that golden data and scenarios run on: $ENGRAM_TEST_BACKEND is cpu (if unset), cuda, emulated, which is the
// kernels of the CUDA backend executed by the host, or guarded, which is the same with memory that the host cannot touch.
#pragma once

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "engram/backend.hpp"
#include "tests/kernels/emulated_backend.hpp"

namespace engram::test {

inline std::unique_ptr<Backend> test_backend(const BackendOptions& options = {}) {
  const char* chosen = std::getenv("ENGRAM_TEST_BACKEND");
  const std::string name = chosen ? chosen : "cpu";
  if (name == "emulated") return std::make_unique<testing_kernels::EmulatedBackend>();
  if (name == "guarded") return testing_kernels::guarded_device();
  if (name != "cpu" && name != "cuda") throw std::runtime_error("ENGRAM_TEST_BACKEND is \"" + name + "\"; allowed are cpu, cuda, emulated, guarded");
  return make_backend(name, options);
}

}  // namespace engram::test
