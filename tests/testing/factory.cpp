// Links the guarded device in the place of CUDA: programs and scripts can be tried to their end without a GPU.
#include "engine/backend/cuda_factory.hpp"
#include "tests/testing/guarded.hpp"

namespace engram {

std::string cuda_status() { return ""; }

std::unique_ptr<Backend> make_cuda_backend(int device) {
  if (device != 0)
    throw DeviceError("CUDA device " + std::to_string(device) +
                      " cannot be used: there are 1 devices, numbered from 0");
  return test::guarded_device();
}

}  // namespace engram
