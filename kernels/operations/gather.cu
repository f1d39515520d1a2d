#include "kernels/core/cuda_launcher.hpp"
#include "kernels/operations/gather.hpp"

namespace engram::kernels {
template void gather(CudaLauncher&, Batch<const real>, Span<const Index>, Batch<real>);
}
