#include "kernels/cuda_launcher.hpp"
#include "kernels/fibres.hpp"

namespace engram::kernels {
template class KernelFibres<CudaLauncher>;
}
