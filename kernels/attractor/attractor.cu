#include "kernels/attractor/attractor.hpp"
#include "kernels/core/cuda_launcher.hpp"

namespace engram::kernels {
extern template OpenDrive begin_sweep_dense(CudaLauncher&, const DenseView&, const Sweep&);  // sweep_dense.cu
extern template void end_sweep_dense(CudaLauncher&, const DenseView&, const Sweep&, const OpenDrive&);
template void run_attractor(CudaLauncher&, const attractor::View&, const attractor::Run&);
}  // namespace engram::kernels
