#include "kernels/operations/sample.hpp"

#include "kernels/core/cuda_launcher.hpp"

namespace engram::kernels {
template void sample(CudaLauncher&, const Distribution&, const std::uint64_t*, Stream, TickSource, Batch<real>);
}
