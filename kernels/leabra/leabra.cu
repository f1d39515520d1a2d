#include "kernels/core/cuda_launcher.hpp"
#include "kernels/leabra/leabra.hpp"

namespace engram::kernels {
template void run_leabra(CudaLauncher&, const LeabraScratch&, const leabra::View&,
                         const std::vector<leabra::ProjectionView>&, const leabra::Run&);
}  // namespace engram::kernels
