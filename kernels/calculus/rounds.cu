#include "kernels/calculus/rounds.hpp"
#include "kernels/core/cuda_launcher.hpp"

namespace engram::kernels {
extern template void select_top_k(CudaLauncher&, Batch<const real>, Index, const Active&);
template Index run_rounds(Backend&, CudaLauncher&, const RoundsView&, Index);
}  // namespace engram::kernels
