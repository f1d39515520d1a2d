// CudaBackend: memory of a device, and what CUDA says about itself. The operations stand in kernel_backend.hpp, what
// families offer beyond them in kernels/extensions.hpp.
#include "engine/backend/cuda_factory.hpp"
#include "kernels/core/cuda_launcher.hpp"
#include "kernels/extensions.hpp"

namespace engram {

namespace kernels {

// Compiled in the .cu file of their name, so that files build side by side. What stands within its class is compiled
// here in any case: a file of its own would only make its kernels twice.
extern template void sweep_dense(CudaLauncher&, const DenseView&, const Sweep&);
extern template class JoinedSweeps<CudaLauncher>;  // sweep_outgoing.cu
extern template void sweep_incoming(CudaLauncher&, const IncomingView&, const Sweep&);
extern template void update(CudaLauncher&, const UnitRule&, UnitColumns, const Segments&, Batch<const real>);
extern template void update_in_order(CudaLauncher&, const UnitRule&, UnitColumns, Batch<const real>, const DenseView&,
                                     Batch<const Index>, Index);
extern template void summarize(CudaLauncher&, Batch<const real>, const Segments&, const Summary&, Batch<real>);
extern template void gather(CudaLauncher&, Batch<const real>, Span<const Index>, Batch<real>);
extern template void select_top_k(CudaLauncher&, Batch<const real>, Index, const Active&);
extern template void collect(CudaLauncher&, Batch<const real>, real, const Active&);
extern template void run_attractor(CudaLauncher&, const attractor::View&, const attractor::Run&);
extern template void run_leabra(CudaLauncher&, const LeabraScratch&, const leabra::View&,
                                const std::vector<leabra::ProjectionView>&, const leabra::Run&);
extern template void run_tensors(CudaLauncher&, const NefProgram&, Tick, Tick, const Tick*);
extern template SharedLayout cluster_layout(CudaLauncher&, const sorn::View&, const sorn::Run&);
extern template void run_sorn_clusters(CudaLauncher&, const sorn::View&, const sorn::Run&, const SharedLayout&);
extern template void run_sorn(CudaLauncher&, const SornScratch&, const sorn::View&, const sorn::Run&);
extern template void launch_sorn_step(CudaLauncher&, const SornScratch&, const SornStep&, Index, bool, bool);
extern template Index run_rounds(Backend&, CudaLauncher&, const RoundsView&, Index);
extern template void sample(CudaLauncher&, const Distribution&, const std::uint64_t*, Stream, TickSource, Batch<real>);

class CudaBackend final : public DeviceBackend<CudaLauncher> {
 public:
  explicit CudaBackend(int device) : DeviceBackend<CudaLauncher>(device) {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, device), "properties", device);
    check(cudaMemGetInfo(&info_.memory_free, &info_.memory_total), "memory info", device);
    info_.kind = "cuda";
    info_.name = properties.name;
    info_.instruction_set = "sm_" + std::to_string(properties.major) + std::to_string(properties.minor);
    info_.threads = properties.multiProcessorCount * properties.maxThreadsPerMultiProcessor;
  }

  const DeviceInfo& info() const override { return info_; }

  void* allocate(std::size_t bytes) override { return launch_.allocate("allocate", bytes); }
  void release(void* p) noexcept override {
    try {
      settle();
      launch_.select();
    } catch (...) {  // the device has failed, and whoever uses it next is told
    }
    launch_.release(p);
  }
  void upload(void* to, const void* from, std::size_t bytes) override {
    settle();
    launch_.select();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, launch_.stream()), "upload", launch_.device(),
          bytes);
    launch_.synchronize("upload");  // `from` may be pinned memory, which is read later
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    settle();
    launch_.select();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, launch_.stream()), "download", launch_.device(),
          bytes);
    launch_.synchronize("download");
  }
  void synchronize() override {
    settle();
    launch_.select();
    launch_.synchronize("synchronize");
  }
  double time(const std::function<void()>& work) override {
    Event begin(launch_.device()), end(launch_.device());
    settle();
    launch_.select();
    check(cudaEventRecord(begin.event, launch_.stream()), "time", launch_.device());
    work();
    settle();
    check(cudaEventRecord(end.event, launch_.stream()), "time", launch_.device());
    check(cudaEventSynchronize(end.event), "time", launch_.device());
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin.event, end.event), "time", launch_.device());
    return 1e-3 * milliseconds;
  }

 private:
  struct Event {
    explicit Event(int device) { check(cudaEventCreate(&event), "time", device); }
    Event(const Event&) = delete;
    ~Event() { static_cast<void>(cudaEventDestroy(event)); }
    cudaEvent_t event = nullptr;
  };
  DeviceInfo info_;
};

namespace {

/// Empty where `device` works; loads one kernel, since a device may be too old for all that were compiled.
std::string why_not(int device) {
  int count = 0;
  cudaError_t status = cudaGetDeviceCount(&count);
  std::string reason;
  if (status == cudaSuccess && device >= count)
    reason = "there are " + std::to_string(count) + " devices, numbered from 0";
  if (status == cudaSuccess && reason.empty()) status = cudaSetDevice(device);
  cudaFuncAttributes attributes{};
  if (status == cudaSuccess && reason.empty()) status = cudaFuncGetAttributes(&attributes, run_items<SetTick>);
  if (status != cudaSuccess) reason = std::string(cudaGetErrorString(status)) + " (" + cudaGetErrorName(status) + ")";
  static_cast<void>(cudaGetLastError());
  return reason;
}

}  // namespace
}  // namespace kernels

std::string cuda_status() { return kernels::why_not(0); }

std::unique_ptr<Backend> make_cuda_backend(int device) {
  const std::string reason = kernels::why_not(device);
  if (!reason.empty()) throw DeviceError("CUDA device " + std::to_string(device) + " cannot be used: " + reason);
  return std::make_unique<kernels::CudaBackend>(device);
}

}  // namespace engram
