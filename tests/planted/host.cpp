// planted_faults FAULT: one faulty kernel on the host. Tests of the builds with sanitizers expect their report.
#include <cstdio>
#include <vector>

#include "tests/kernels/emulated_backend.hpp"
#include "tests/planted/kernels.hpp"

int main(int argc, char** argv) {
  using namespace engram;
  constexpr Index n = 1000;
  std::vector<Index> data(n), other(n);
  testing_kernels::HostLauncher launcher(testing_kernels::Order::real_threads, false);
  if (argc != 2 || !planted::plant(launcher, argv[1], data.data(), other.data(), n)) {
    std::fprintf(stderr, "usage: planted_faults out_of_bounds | race | uninitialised\n");
    return 2;
  }
  std::printf("not found: %s\n", argv[1]);
  return 0;
}
