#include "kernels/attractor.hpp"

#include "kernels/cuda_launcher.hpp"

namespace engram::kernels {
template void run_attractor(CudaLauncher&, const AttractorView&, const AttractorRun&);
}
