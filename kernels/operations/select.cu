#include "kernels/core/cuda_launcher.hpp"
#include "kernels/operations/top_k.hpp"

namespace engram::kernels {
template void select_top_k(CudaLauncher&, Batch<const real>, Index, const Active&);
template void collect(CudaLauncher&, Batch<const real>, real, const Active&);
}  // namespace engram::kernels
