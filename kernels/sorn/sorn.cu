#include "kernels/core/cuda_launcher.hpp"
#include "kernels/sorn/sorn.hpp"

namespace engram::kernels {
extern template void select_top_k(CudaLauncher&, Batch<const real>, Index, const Active&);  // select.cu
template SharedLayout cluster_layout(CudaLauncher&, const sorn::View&, const sorn::Run&);
template void run_sorn_clusters(CudaLauncher&, const sorn::View&, const sorn::Run&, const SharedLayout&);
template void run_sorn(CudaLauncher&, const SornScratch&, const sorn::View&, const sorn::Run&);
template void launch_sorn_step(CudaLauncher&, const SornScratch&, const SornStep&, Index, bool, bool);
}  // namespace engram::kernels
