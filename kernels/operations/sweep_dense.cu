#include "kernels/operations/sweep_dense.hpp"

#include "kernels/core/cuda_launcher.hpp"

namespace engram::kernels {
template void sweep_dense(CudaLauncher&, const DenseView&, const Sweep&);
}
