#include "kernels/sweep_dense.hpp"

#include "kernels/cuda_launcher.hpp"

namespace engram::kernels {
template void sweep_dense(CudaLauncher&, const DenseView&, const Sweep&);
}
