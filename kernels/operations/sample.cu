#include "kernels/core/cuda_launcher.hpp"
#include "kernels/operations/sample.hpp"

namespace engram::kernels {
template void sample(CudaLauncher&, const Distribution&, const std::uint64_t*, Stream, TickSource, Batch<real>);
}
