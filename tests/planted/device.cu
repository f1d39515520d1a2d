// planted_faults_cuda FAULT: one faulty kernel on the device, for compute-sanitizer (tools/gpu_slot.sh).
#include <cstdio>

#include "kernels/core/cuda_launcher.hpp"
#include "tests/planted/kernels.hpp"

int main(int argc, char** argv) {
  using namespace engram;
  constexpr Index n = 1000;
  kernels::CudaLauncher launcher(0);
  Index *data = nullptr, *never_written = nullptr;
  kernels::check(cudaMalloc(&data, n * sizeof(Index)), "allocate", 0);
  kernels::check(cudaMalloc(&never_written, n * sizeof(Index)), "allocate", 0);
  if (argc != 2 || !planted::plant(launcher, argv[1], data, never_written, n)) {
    std::fprintf(stderr, "usage: planted_faults_cuda %s\n", planted::usage);
    return 2;
  }
  launcher.synchronize("planted");
  std::printf("not found: %s\n", argv[1]);
  return 0;
}
