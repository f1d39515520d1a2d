#include "kernels/sorn.hpp"

#include "kernels/cuda_launcher.hpp"

namespace engram::kernels {
template void run_sorn(CudaLauncher&, const SornView&, const SornRun&);
}
