// The backend that golden data and scenarios run on: $ENGRAM_TEST_BACKEND is cpu (if unset), cuda, emulated, which is
// the kernels of the CUDA backend executed by the host, or guarded, which is the same with memory that the host cannot
// touch.
#pragma once

#include <memory>

#include "engram/backend.hpp"

namespace engram::test {

std::unique_ptr<Backend> test_backend(const BackendOptions& options = {});

}  // namespace engram::test
