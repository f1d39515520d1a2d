#include "tests/testing/test_backend.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "tests/testing/emulated_backend.hpp"
#include "tests/testing/guarded.hpp"

namespace engram::test {

std::unique_ptr<Backend> test_backend(const BackendOptions& options) {
  const char* chosen = std::getenv("ENGRAM_TEST_BACKEND");
  const std::string name = chosen ? chosen : "cpu";
  if (name == "emulated") return testing_kernels::make_emulated().backend;
  if (name == "guarded") return guarded_device();
  if (name != "cpu" && name != "cuda")
    throw std::runtime_error("ENGRAM_TEST_BACKEND is \"" + name + "\"; allowed are cpu, cuda, emulated, guarded");
  return make_backend(name, options);
}

std::unique_ptr<Backend> guarded_device() {
  using namespace testing_kernels;
  return make_emulated(Order::ascending, true, Memory::guarded).backend;
}

}  // namespace engram::test
