#include "kernels/assembly/build.hpp"
#include "kernels/core/cuda_launcher.hpp"

namespace engram::kernels {
template class AssemblyBuild<CudaLauncher>;
}  // namespace engram::kernels
