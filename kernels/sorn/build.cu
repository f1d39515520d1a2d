#include "kernels/core/cuda_launcher.hpp"
#include "kernels/sorn/build.hpp"

namespace engram::kernels {
template class SornBuild<CudaLauncher>;
}  // namespace engram::kernels
