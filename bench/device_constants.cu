// What the predictions of docs/performance.md assume of a device, measured in some ten seconds: "name value unit" a
// line.
#include <cooperative_groups.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace {

using Wide = unsigned long long;  // what atomics of CUDA take

void check(cudaError_t status, const char* operation) {
  if (status == cudaSuccess) return;
  std::printf("FAILED %s: %s\n", operation, cudaGetErrorString(status));
  std::exit(1);
}
#define CHECK(call) check(call, #call)

/// Each line at once: a device that hangs later takes none of them.
void say(const std::string& name, double value, const char* unit) {
  std::printf("%-46s %12.4g %s\n", name.c_str(), value, unit);
  std::fflush(stdout);
}

cudaStream_t stream;

template <class T>
class Memory {
 public:
  explicit Memory(std::size_t n) {
    CHECK(cudaMalloc(&data_, n * sizeof(T)));
    CHECK(cudaMemset(data_, 0, n * sizeof(T)));
  }
  explicit Memory(const std::vector<T>& values) : Memory(values.size()) {
    CHECK(cudaMemcpy(data_, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
  }
  Memory(const Memory&) = delete;
  ~Memory() { CHECK(cudaFree(data_)); }
  T* get() const { return static_cast<T*>(data_); }
  template <class U>
  U* as() const {
    return static_cast<U*>(data_);
  }

 private:
  void* data_ = nullptr;
};

template <class Time>
double median_of_seven(Time time) {
  std::vector<double> times;
  time();  // the first is not counted
  for (int i = 0; i < 7; ++i) times.push_back(time());
  std::sort(times.begin(), times.end());
  return times[3];
}

double device_seconds(const std::function<void()>& work) {
  cudaEvent_t begin, end;
  CHECK(cudaEventCreate(&begin));
  CHECK(cudaEventCreate(&end));
  const double seconds = median_of_seven([&] {
    CHECK(cudaEventRecord(begin, stream));
    work();
    CHECK(cudaEventRecord(end, stream));
    CHECK(cudaEventSynchronize(end));
    float milliseconds = 0;
    CHECK(cudaEventElapsedTime(&milliseconds, begin, end));
    return 1e-3 * milliseconds;
  });
  CHECK(cudaGetLastError());
  CHECK(cudaEventDestroy(begin));
  CHECK(cudaEventDestroy(end));
  return seconds;
}

double host_seconds(const std::function<void()>& work) {
  return median_of_seven([&] {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  });
}

__device__ unsigned item() { return blockIdx.x * blockDim.x + threadIdx.x; }
__global__ void nothing() {}
__global__ void touch(int* cells) { atomicAdd(cells + blockIdx.x, 1); }
__global__ void synchronize_grid(int times) {
  const auto grid = cooperative_groups::this_grid();
  for (int i = 0; i < times; ++i) grid.sync();
}
template <class T>
__global__ void add_at_one_address(T* sum, unsigned n) {
  if (item() < n) atomicAdd(sum, T{(item() & 31) + 1});
}
__global__ void add_once_a_warp(Wide* sum, unsigned n) {
  const unsigned value = __reduce_add_sync(0xffffffffu, item() < n ? (item() & 31) + 1 : 0);
  if ((threadIdx.x & 31) == 0) atomicAdd(sum, Wide{value});
}
template <class T>
__global__ void add_at_many_addresses(T* sums, const unsigned* where, unsigned n) {
  if (item() < n) atomicAdd(sums + where[item()], T{item() & 7});
}
template <class T>
__global__ void add_in_shared_memory(T* out, long long* cycles, int times) {
  __shared__ T sum;
  if (threadIdx.x == 0) sum = 0;
  __syncthreads();
  const long long begin = clock64();
  for (int i = 0; i < times; ++i) {
    atomicAdd(&sum, static_cast<T>(threadIdx.x + i));
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    *cycles = clock64() - begin;
    *out = sum;
  }
}
__global__ void chase(const unsigned* next, int hops, unsigned* out, long long* cycles) {
  unsigned at = 0;
  const long long begin = clock64();
  for (int i = 0; i < hops; ++i) at = next[at];
  *cycles = clock64() - begin;
  *out = at;
}
__device__ void scale(float& x) { x *= 1.0001f; }
__device__ void scale(float4& x) { scale(x.x), scale(x.y), scale(x.z), scale(x.w); }
template <class V>
__global__ void scale_in_place(V* values, std::size_t n) {
  for (std::size_t i = item(); i < n; i += std::size_t{gridDim.x} * blockDim.x) {
    V value = values[i];
    scale(value);
    values[i] = value;
  }
}

constexpr unsigned block = 128;
unsigned blocks_of(unsigned n) { return (n + block - 1) / block; }

template <class V>
void measure_in_place(void* data, std::size_t megabytes, int processors) {
  const std::size_t bytes = megabytes << 20;
  const double seconds = device_seconds(
      [&] { scale_in_place<<<processors * 16, 256, 0, stream>>>(static_cast<V*>(data), bytes / sizeof(V)); });
  say("in place, " + std::to_string(megabytes) + " MB, " + std::to_string(sizeof(V)) + " B a thread",
      2e-9 * static_cast<double>(bytes) / seconds, "GB/s");
}

void measure_bandwidth(int processors) {
  const std::size_t bytes = std::size_t{2} << 30;
  const Memory<char> a(bytes), b(bytes);
  say("copy, read and written", 2e-9 * static_cast<double>(bytes) / device_seconds([&] {
                                  CHECK(cudaMemcpyAsync(b.get(), a.get(), bytes, cudaMemcpyDeviceToDevice, stream));
                                }),
      "GB/s");
  for (const std::size_t megabytes : {32, 134, 2048}) {
    measure_in_place<float>(a.get(), megabytes, processors);
    measure_in_place<float4>(a.get(), megabytes, processors);
  }
}

void measure_graph(int nodes, int blocks, int* cells) {
  cudaGraph_t graph;
  cudaGraphExec_t instance;
  CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  for (int i = 0; i < nodes; ++i) touch<<<blocks, block, 0, stream>>>(cells);
  CHECK(cudaStreamEndCapture(stream, &graph));
  const std::string of = std::to_string(nodes) + " nodes of " + std::to_string(blocks) + " blocks";
  say("instantiate " + of, 1e6 * host_seconds([&] {
                             CHECK(cudaGraphInstantiate(&instance, graph, 0));
                             CHECK(cudaGraphExecDestroy(instance));
                           }),
      "us");
  CHECK(cudaGraphInstantiate(&instance, graph, 0));
  constexpr int times = 100;
  const auto launch = [&] {
    for (int i = 0; i < times; ++i) CHECK(cudaGraphLaunch(instance, stream));
  };
  say("a node of a graph of " + of, 1e6 / (times * nodes) * device_seconds(launch), "us");
  say("host time to launch " + of, 1e6 / times * host_seconds(launch), "us");
  CHECK(cudaStreamSynchronize(stream));
  CHECK(cudaGraphExecDestroy(instance));
  CHECK(cudaGraphDestroy(graph));
}

void measure_launches(int processors) {
  const Memory<int> cells(100000);
  say("launch of nothing", 1e6 / 1000 * device_seconds([] {
                             for (int i = 0; i < 1000; ++i) nothing<<<1, block, 0, stream>>>();
                           }),
      "us");
  for (const int blocks : {1, 8 * processors})
    for (const int nodes : {10, 40}) measure_graph(nodes, blocks, cells.get());
  int times = 1000;
  void* arguments[] = {&times};
  say("barrier of a grid, a block of 256 a processor",
      1e6 / times * device_seconds([&] {
        CHECK(cudaLaunchCooperativeKernel(reinterpret_cast<void*>(synchronize_grid), dim3(processors), dim3(256),
                                          arguments, 0, stream));
      }),
      "us");
}

template <class T>
void measure_spread(const char* name, T* sums, unsigned operations, unsigned range) {
  std::mt19937 dice(1);
  std::vector<unsigned> where(operations);
  for (unsigned& w : where) w = static_cast<unsigned>(dice() % range);
  const Memory<unsigned> there(where);
  const double seconds = device_seconds(
      [&] { add_at_many_addresses<<<blocks_of(operations), block, 0, stream>>>(sums, there.get(), operations); });
  say(name, 1e-9 * operations / seconds, "G/s");
}

void measure_atomics() {
  const Memory<Wide> sums(1 << 24);
  constexpr unsigned n = 1000000;
  say("a million 64-bit atomics, one address",
      1e6 * device_seconds([&] { add_at_one_address<<<blocks_of(n), block, 0, stream>>>(sums.get(), n); }), "us");
  say("the same, 32-bit",
      1e6 * device_seconds([&] { add_at_one_address<<<blocks_of(n), block, 0, stream>>>(sums.as<unsigned>(), n); }),
      "us");
  say("the same, one a warp",
      1e6 * device_seconds([&] { add_once_a_warp<<<blocks_of(n), block, 0, stream>>>(sums.get(), n); }), "us");
  measure_spread("64-bit atomics over 200,000 addresses", sums.get(), 2000000, 200000);
  measure_spread("32-bit atomics over 1e6 addresses", sums.as<unsigned>(), 10000000, 1000000);
  measure_spread("32-bit atomics over 1e7 addresses", sums.as<unsigned>(), 32000000, 10000000);
}

/// Cycles that a kernel counted, for each of `rounds`.
void say_cycles(const std::string& name, const Memory<long long>& counted, int rounds) {
  long long cycles = 0;
  CHECK(cudaStreamSynchronize(stream));
  CHECK(cudaMemcpy(&cycles, counted.get(), sizeof cycles, cudaMemcpyDeviceToHost));
  say(name, static_cast<double>(cycles) / rounds, "cycles");
}

void measure_latencies() {
  const Memory<Wide> out(1);
  const Memory<long long> cycles(1);
  constexpr int times = 200;
  add_in_shared_memory<<<1, block, 0, stream>>>(out.get(), cycles.get(), times);
  say_cycles("128 threads, 64-bit, one shared address", cycles, times);
  add_in_shared_memory<<<1, block, 0, stream>>>(out.as<unsigned>(), cycles.get(), times);
  say_cycles("128 threads, 32-bit, one shared address", cycles, times);
  for (const std::size_t kilobytes : {64, 16384, 1048576}) {  // L1, L2, memory
    constexpr std::size_t step = 32;
    std::vector<unsigned> next(kilobytes * 256), order(next.size() / step);
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), std::mt19937(2));
    for (std::size_t i = 0; i < order.size(); ++i) next[order[i] * step] = order[(i + 1) % order.size()] * step;
    const Memory<unsigned> there(next);
    const int hops = static_cast<int>(std::min<std::size_t>(order.size(), 20000));
    for (int i = 0; i < 2; ++i) chase<<<1, 1, 0, stream>>>(there.get(), hops, out.as<unsigned>(), cycles.get());
    say_cycles("latency of a load, ring of " + std::to_string(kilobytes) + " kB", cycles, hops);
  }
}

void measure_memory(std::size_t bytes) {
  const std::string of = ", " + std::to_string(bytes) + " B";
  void* data = nullptr;
  say("cudaMalloc and cudaFree" + of, 1e6 * host_seconds([&] {
                                        CHECK(cudaMalloc(&data, bytes));
                                        CHECK(cudaFree(data));
                                      }),
      "us");
  say("the same in order of the stream" + of, 1e6 * host_seconds([&] {
                                                CHECK(cudaMallocAsync(&data, bytes, stream));
                                                CHECK(cudaFreeAsync(data, stream));
                                              }),
      "us");
  CHECK(cudaStreamSynchronize(stream));
  std::vector<char> host(bytes);
  const Memory<char> there(bytes);
  const auto transfer = [&](void* to, const void* from, cudaMemcpyKind kind) {
    return 1e6 * host_seconds([&] {
             CHECK(cudaMemcpyAsync(to, from, bytes, kind, stream));
             CHECK(cudaStreamSynchronize(stream));
           });
  };
  say("download, pageable" + of, transfer(host.data(), there.get(), cudaMemcpyDeviceToHost), "us");
  say("upload, pageable" + of, transfer(there.get(), host.data(), cudaMemcpyHostToDevice), "us");
}

}  // namespace

int main() {
  cudaDeviceProp device{};
  CHECK(cudaGetDeviceProperties(&device, 0));
  std::printf("%s, %d processors, L2 %.0f MB, shared memory %zu B a processor, %zu B a block\n", device.name,
              device.multiProcessorCount, device.l2CacheSize * 1e-6, device.sharedMemPerMultiprocessor,
              device.sharedMemPerBlockOptin);
  CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  measure_bandwidth(device.multiProcessorCount);
  measure_launches(device.multiProcessorCount);
  measure_atomics();
  measure_latencies();
  cudaMemPool_t pool;
  Wide keep_all = ~Wide{0};
  CHECK(cudaDeviceGetDefaultMemPool(&pool, 0));
  CHECK(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep_all));
  for (const std::size_t bytes : {std::size_t{4096}, std::size_t{40000000}}) measure_memory(bytes);
  std::printf("done\n");
}
