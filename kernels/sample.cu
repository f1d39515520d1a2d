#include "kernels/sample.hpp"

#include "kernels/cuda_launcher.hpp"

namespace engram::kernels {
template void sample(CudaLauncher&, const Distribution&, const std::uint64_t*, Stream, TickSource, Batch<real>);
}
