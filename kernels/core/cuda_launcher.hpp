// Every launch of the CUDA backend. Kernels run in one stream, in the order of the calls; ENGRAM_CUDA_SYNC=1 waits
// after each and so names the one that failed (graphs are then off).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <unordered_set>
#include <vector>

#include "engram/synapses/synapses.hpp"
#include "kernels/core/block.hpp"
#include "kernels/core/check.hpp"
#include "kernels/core/entries.hpp"
#include "kernels/core/launch.hpp"

namespace engram::kernels {

class Cublas;

class CudaLauncher {
 public:
  explicit CudaLauncher(int device) : device_(device) {
    const char* wait = std::getenv("ENGRAM_CUDA_SYNC");
    wait_ = wait && *wait && std::string(wait) != "0";
    select();
    keep_memory();
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "stream", device_);
  }
  CudaLauncher(const CudaLauncher&) = delete;
  ~CudaLauncher() {
    static_cast<void>(cudaSetDevice(device_));
    products_.reset();
    for (const Memory& memory : scratch_) release(memory.data);
    static_cast<void>(cudaStreamSynchronize(stream_));
    static_cast<void>(cudaStreamDestroy(stream_));
  }

  int device() const { return device_; }
  cudaStream_t stream() const { return stream_; }
  /// The device of this thread's calls; other backends of the process may have chosen another.
  void select() const { check(cudaSetDevice(device_), "select", device_); }
  void synchronize(const char* operation) const { check(cudaStreamSynchronize(stream_), operation, device_); }

  /// Memory in the order of the stream: a pair of calls takes 0.7 us, where cudaMalloc and cudaFree take 64 us on an
  /// H200 and wait for all kernels.
  void* allocate(const char* operation, std::size_t bytes) const {
    select();
    void* p = nullptr;
    cudaError_t status = cudaMallocAsync(&p, bytes, stream_);
    if (status == cudaErrorMemoryAllocation) {  // other backends of the device may hold memory that they do not use
      static_cast<void>(cudaGetLastError());
      check(cudaStreamSynchronize(stream_), operation, device_);
      check(cudaMemPoolTrimTo(pool_, 0), operation, device_);
      status = cudaMallocAsync(&p, bytes, stream_);
    }
    check(status, operation, device_, bytes);
    return p;
  }
  /// Kernels that still use it come first.
  void release(void* p) const noexcept {
    if (p) static_cast<void>(cudaFreeAsync(p, stream_));
  }

#if defined(__CUDACC__)
  template <class F>
  void items(const char* operation, Index nx, std::size_t ny, const F& f) {
    if (nx == 0 || ny == 0) return;
    select();
    const Index wide = std::min(item_threads, ceil_div<Index>(nx, 32) * 32), high = item_threads / wide;
    const dim3 block(wide, high);
    const dim3 grid(nx / wide + (nx % wide != 0),
                    static_cast<unsigned>(std::min<std::size_t>(ceil_div<std::size_t>(ny, high), 65535)));
    run_items<<<grid, block, 0, stream_>>>(nx, ny, f);
    launched(operation);
  }

  template <class F>
  void blocks(const char* operation, std::size_t count, const F& f) {
    if (count == 0) return;
    if (count > 0x7fffffff)
      throw DeviceError(std::string("CUDA ") + operation + ": found " + std::to_string(count) +
                        " blocks; allowed are 2^31-1");
    select();
    if constexpr (requires { f.shared_bytes(); }) {
      const std::size_t bytes = f.shared_bytes();
      allow_shared_memory(operation, reinterpret_cast<const void*>(run_sized_blocks<F>));
      run_sized_blocks<<<static_cast<unsigned>(count), F::threads, bytes, stream_>>>(f);
    } else {
      run_blocks<<<static_cast<unsigned>(count), F::threads, 0, stream_>>>(f);
    }
    launched(operation);
  }

  template <class F>
  void grid(const char* operation, std::size_t count, const F& f) {
    if (count == 0) return;
    select();
    const std::size_t bytes = f.shared_bytes();
    const auto kernel = run_grid<F>;
    allow_shared_memory(operation, reinterpret_cast<const void*>(kernel));
    const auto blocks = static_cast<unsigned>(count);
    if (f.apart()) {
      kernel<<<blocks, F::threads, bytes, stream_>>>(f);
    } else {
      void* arguments[] = {const_cast<F*>(&f)};
      check(cudaLaunchCooperativeKernel(reinterpret_cast<void*>(kernel), dim3(blocks), dim3(F::threads), arguments,
                                        bytes, stream_),
            operation, device_);
    }
    launched(operation);
  }

  /// Asked once for kernels whose blocks take all shared memory that is left.
  template <class F>
  Index clusters_at_once(Index blocks, const F& f) {
    select();
    const auto kernel = run_clusters<F>;
    const auto [known, is_new] = clusters_.try_emplace({reinterpret_cast<const void*>(kernel), blocks}, 0);
    if (!is_new) return known->second;
    int has = 0, together = 0;
    check(cudaDeviceGetAttribute(&has, cudaDevAttrClusterLaunch, device_), "ask for clusters", device_);
    cudaFuncAttributes made{};
    check(cudaFuncGetAttributes(&made, kernel), "ask for clusters", device_);
    // Blocks of a kernel that was compiled for older cards would not wait for each other.
    if (!has || made.ptxVersion < 90) return 0;
    allow_shared_memory("ask for clusters", reinterpret_cast<const void*>(kernel));
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1), "ask for clusters", device_);
    cudaLaunchAttribute attribute;
    const cudaLaunchConfig_t config = cluster_config(1, blocks, F::threads, f.shared_bytes(), attribute);
    if (cudaOccupancyMaxActiveClusters(&together, kernel, &config) != cudaSuccess) {
      static_cast<void>(cudaGetLastError());
      together = 0;
    }
    return known->second = static_cast<Index>(together);
  }
  template <class F>
  void clusters(const char* operation, std::size_t count, Index blocks, const F& f) {
    if (count == 0) return;
    select();
    cudaLaunchAttribute attribute;
    const cudaLaunchConfig_t config = cluster_config(count, blocks, F::threads, f.shared_bytes(), attribute);
    check(cudaLaunchKernelEx(&config, run_clusters<F>, blocks, f), operation, device_);
    launched(operation);
  }
#endif

  Index processors() const {
    int together = 0, count = 0;
    check(cudaDeviceGetAttribute(&together, cudaDevAttrCooperativeLaunch, device_), "ask for processors", device_);
    check(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device_), "ask for processors", device_);
    return together ? static_cast<Index>(count) : 0;
  }
  SharedMemory shared_memory() const {
    const auto bytes = [this](cudaDeviceAttr which) {
      int value = 0;
      check(cudaDeviceGetAttribute(&value, which, device_), "ask for shared memory", device_);
      return static_cast<std::size_t>(value);
    };
    return {bytes(cudaDevAttrMaxSharedMemoryPerMultiprocessor), bytes(cudaDevAttrReservedSharedMemoryPerBlock),
            bytes(cudaDevAttrMaxSharedMemoryPerBlockOptin)};
  }

  void zero(void* to, std::size_t bytes) {
    if (bytes == 0) return;
    select();
    check(cudaMemsetAsync(to, 0, bytes, stream_), "zero", device_, bytes);
    launched("zero");
  }
  void copy(void* to, const void* from, std::size_t bytes) {
    if (bytes == 0) return;
    select();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_), "copy", device_, bytes);
    launched("copy");
  }
  void multiply(const DenseView& weights, Batch<const real> x, Index group, Batch<real> out);  // cublas.cu
  void running_sums(const Index* from, std::uint64_t* to, std::size_t count);                  // primitives.cu
  void sort_by_key(Index* keys, Index* values, std::size_t count);

  /// `count` values that no other use shares. Grows, never shrinks; a larger one moves and is zero anew.
  template <class T>
  T* scratch(Scratch which, std::size_t count) {
    Memory& memory = scratch_[static_cast<std::size_t>(which)];
    const std::size_t bytes = count * sizeof(T);
    if (memory.bytes < bytes) grow(memory, bytes);
    return static_cast<T*>(memory.data);
  }
  Scratch new_scratch() {
    scratch_.emplace_back();
    return static_cast<Scratch>(scratch_.size() - 1);
  }
  std::function<void()> before_scratch_moves;

  // A step as a graph.
  class Graph {
   public:
    explicit Graph(cudaGraphExec_t graph) : graph_(graph) {}
    Graph(Graph&& other) noexcept : graph_(std::exchange(other.graph_, nullptr)) {}
    Graph& operator=(Graph&& other) noexcept {
      std::swap(graph_, other.graph_);
      return *this;
    }
    ~Graph() {
      if (graph_) static_cast<void>(cudaGraphExecDestroy(graph_));
    }
    cudaGraphExec_t get() const { return graph_; }

   private:
    cudaGraphExec_t graph_;
  };
  bool graphs() const { return !wait_; }

  Graph capture(const std::vector<std::function<void()>>& calls) {
    select();
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "record step", device_);
    cudaGraph_t graph = nullptr;
    try {
      for (const auto& call : calls) call();
    } catch (...) {  // the stream must leave the capture before it can be used again
      static_cast<void>(cudaStreamEndCapture(stream_, &graph));
      if (graph) static_cast<void>(cudaGraphDestroy(graph));
      throw;
    }
    check(cudaStreamEndCapture(stream_, &graph), "record step", device_);
    cudaGraphExec_t executable = nullptr;
    const cudaError_t status = cudaGraphInstantiate(&executable, graph, 0);
    static_cast<void>(cudaGraphDestroy(graph));
    check(status, "instantiate step", device_);
    return Graph(executable);
  }
  void replay(Graph& graph) {
    select();
    check(cudaGraphLaunch(graph.get(), stream_), "launch step", device_);
  }

 private:
  struct Memory {
    void* data = nullptr;
    std::size_t bytes = 0;
  };

  /// Memory that is released stays with the process, for the next who asks.
  void keep_memory() {
    check(cudaDeviceGetDefaultMemPool(&pool_, device_), "memory pool", device_);
    std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
    check(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &all), "memory pool", device_);
  }
  cudaLaunchConfig_t cluster_config(std::size_t count, Index blocks, Index threads, std::size_t bytes,
                                    cudaLaunchAttribute& attribute) const {
    attribute.id = cudaLaunchAttributeClusterDimension;
    attribute.val.clusterDim = {blocks, 1, 1};
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(static_cast<unsigned>(count * blocks));
    config.blockDim = dim3(threads);
    config.dynamicSmemBytes = bytes;
    config.stream = stream_;
    config.attrs = &attribute;
    config.numAttrs = 1;
    return config;
  }
  /// All that a block may have, once a kernel: graphs hold launches of one kernel with different sizes, and a limit
  /// that another launch lowers would refuse them.
  void allow_shared_memory(const char* operation, const void* kernel) {
    if (!allowed_.insert(kernel).second) return;
    cudaFuncAttributes attributes{};
    check(cudaFuncGetAttributes(&attributes, kernel), operation, device_);
    const std::size_t most = shared_memory().of_one_block - attributes.sharedSizeBytes;
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(most)), operation,
          device_, most);
  }
  void launched(const char* operation) const {
    check(cudaGetLastError(), operation, device_);
    if (wait_) synchronize(operation);
  }
  void grow(Memory& memory, std::size_t bytes) {
    select();
    if (before_scratch_moves) before_scratch_moves();
    release(memory.data);
    memory = {};
    memory = {allocate("allocate scratch", bytes), bytes};
    check(cudaMemsetAsync(memory.data, 0, bytes, stream_), "zero scratch", device_, bytes);
  }

  int device_;
  bool wait_ = false;
  cudaMemPool_t pool_ = nullptr;
  std::unordered_set<const void*> allowed_;                  ///< kernels whose blocks may have all shared memory
  std::map<std::pair<const void*, Index>, Index> clusters_;  ///< of a kernel in so many blocks, how many run at once
  cudaStream_t stream_ = nullptr;
  std::shared_ptr<Cublas> products_;  ///< null until something is multiplied
  std::vector<Memory> scratch_ = std::vector<Memory>(static_cast<std::size_t>(Scratch::count_));
};

}  // namespace engram::kernels
