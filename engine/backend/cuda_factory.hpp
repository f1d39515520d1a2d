// Where a device comes from: kernels/core/cuda_backend.cu, kernels/core/no_cuda.cpp in a build without CUDA, or a
// program that brings its own (tests/testing/factory.cpp).
#pragma once

#include <memory>
#include <string>

#include "engram/backend.hpp"

namespace engram {

std::unique_ptr<Backend> make_cuda_backend(int device);  ///< throws DeviceError
std::string cuda_status();                               ///< empty where a device works

}  // namespace engram
