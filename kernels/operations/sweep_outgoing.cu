#include "kernels/core/cuda_launcher.hpp"
#include "kernels/operations/joined_sweeps.hpp"

namespace engram::kernels {
template class JoinedSweeps<CudaLauncher>;
}
