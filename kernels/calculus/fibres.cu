#include "kernels/calculus/fibres.hpp"
#include "kernels/core/cuda_launcher.hpp"

namespace engram::kernels {
template class KernelFibres<CudaLauncher>;
}
