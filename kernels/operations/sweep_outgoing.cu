#include "kernels/operations/sweep_outgoing.hpp"

#include "kernels/core/cuda_launcher.hpp"

namespace engram::kernels {
template void sweep_outgoing(CudaLauncher&, const OutgoingView&, const Sweep&);
}
