#include "kernels/core/cuda_launcher.hpp"
#include "kernels/operations/summarize.hpp"

namespace engram::kernels {
template void summarize(CudaLauncher&, Batch<const real>, const Segments&, const Summary&, Batch<real>);
}
