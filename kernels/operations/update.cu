#include "kernels/core/cuda_launcher.hpp"
#include "kernels/operations/update.hpp"

namespace engram::kernels {
template void update(CudaLauncher&, const UnitRule&, UnitColumns, const Segments&, Batch<const real>);
template void update_in_order(CudaLauncher&, const UnitRule&, UnitColumns, Batch<const real>, const DenseView&,
                              Batch<const Index>, Index);
}  // namespace engram::kernels
