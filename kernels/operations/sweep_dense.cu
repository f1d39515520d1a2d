#include "kernels/core/cuda_launcher.hpp"
#include "kernels/operations/sweep_dense.hpp"

namespace engram::kernels {
template void sweep_dense(CudaLauncher&, const DenseView&, const Sweep&);
template OpenDrive begin_sweep_dense(CudaLauncher&, const DenseView&, const Sweep&);
template void end_sweep_dense(CudaLauncher&, const DenseView&, const Sweep&, const OpenDrive&);
}  // namespace engram::kernels
