#include "kernels/core/cuda_launcher.hpp"
#include "kernels/nef/tensors.hpp"

namespace engram::kernels {
template void run_tensors(CudaLauncher&, const NefProgram&, Tick, Tick, const Tick*);
}
