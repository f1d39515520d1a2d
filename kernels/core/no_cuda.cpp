// What stands in the place of cuda_backend.cu in a build without CUDA.
#include "engine/backend/cuda_factory.hpp"

namespace engram {

std::unique_ptr<Backend> make_cuda_backend(int) { throw DeviceError(cuda_status()); }
std::string cuda_status() {
  return "this engram was built without CUDA; configure with -DENGRAM_CUDA=ON where nvcc is installed";
}

}  // namespace engram
