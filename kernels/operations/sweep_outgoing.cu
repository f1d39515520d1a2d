#include "kernels/core/cuda_launcher.hpp"
#include "kernels/operations/sweep_outgoing.hpp"

namespace engram::kernels {
template void sweep_outgoing(CudaLauncher&, const OutgoingView&, const Sweep&);
}
