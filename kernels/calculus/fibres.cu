#include "kernels/core/cuda_launcher.hpp"
#include "kernels/calculus/fibres.hpp"

namespace engram::kernels {
template class KernelFibres<CudaLauncher>;
}
