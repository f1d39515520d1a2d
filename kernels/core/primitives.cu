// What a CUDA device does with many integers at once, by Thrust. Sums of integers and a stable sort have one result.
#define THRUST_FORCE_64_BIT_OFFSET_TYPE  // one kernel for lists of all lengths
#include <thrust/execution_policy.h>
#include <thrust/iterator/transform_iterator.h>
#include <thrust/scan.h>
#include <thrust/sort.h>

#include "kernels/core/cuda_launcher.hpp"

namespace engram::kernels {

namespace {

/// Memory of the launcher, in the order of its stream.
struct StreamMemory {
  using value_type = char;
  const CudaLauncher* launcher;
  const char* operation;
  char* allocate(std::ptrdiff_t bytes) const {
    return static_cast<char*>(launcher->allocate(operation, static_cast<std::size_t>(bytes)));
  }
  void deallocate(char* p, std::size_t) const { launcher->release(p); }
};

struct Wide {
  __host__ __device__ std::uint64_t operator()(Index x) const { return x; }
};

/// Calls f(policy); what Thrust throws is a fault of the device.
template <class F>
void by_thrust(const CudaLauncher& launcher, const char* operation, F&& f) {
  launcher.select();
  StreamMemory memory{&launcher, operation};
  try {
    f(thrust::cuda::par_nosync(memory).on(launcher.stream()));
  } catch (const thrust::system_error& fault) {
    throw DeviceError(std::string("CUDA ") + operation + ": " + fault.what());
  }
}

}  // namespace

void CudaLauncher::running_sums(const Index* from, std::uint64_t* to, std::size_t count) {
  zero(to, sizeof *to);
  if (count == 0) return;
  by_thrust(*this, "running_sums", [&](const auto& policy) {
    const auto wide = thrust::make_transform_iterator(from, Wide{});
    thrust::inclusive_scan(policy, wide, wide + static_cast<std::ptrdiff_t>(count), to + 1);
  });
  launched("running_sums");
}

void CudaLauncher::sort_by_key(Index* keys, Index* values, std::size_t count) {
  if (count == 0) return;
  by_thrust(*this, "sort_by_key",
            [&](const auto& policy) { thrust::stable_sort_by_key(policy, keys, keys + count, values); });
  launched("sort_by_key");
}

}  // namespace engram::kernels
