#include "kernels/core/cuda_launcher.hpp"
#include "kernels/operations/sweep_incoming.hpp"

namespace engram::kernels {
template void sweep_incoming(CudaLauncher&, const IncomingView&, const Sweep&);
}
