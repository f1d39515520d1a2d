#include "kernels/attractor/attractor.hpp"
#include "kernels/core/cuda_launcher.hpp"

namespace engram::kernels {
template void run_attractor(CudaLauncher&, const attractor::View&, const attractor::Run&);
}
