// planted_faults FAULT: one faulty kernel on the host. Tests of the builds with sanitizers, and of valgrind in those
// without, expect their report.
#include <cstdio>
#include <numeric>

#include "tests/planted/kernels.hpp"
#include "tests/testing/emulated_backend.hpp"
#include "tests/testing/host_launcher.hpp"

int main(int argc, char** argv) {
  using namespace engram;
  constexpr Index n = 1000;
  testing_kernels::EmulatedBackend emulated;
  Backend& backend = emulated;
  // An Array would be zero at first.
  auto* data = static_cast<Index*>(backend.allocate(n * sizeof(Index)));
  auto* never_written = static_cast<Index*>(backend.allocate(n * sizeof(Index)));
  const std::string fault = argc == 2 ? argv[1] : "";
  using testing_kernels::Order;
  testing_kernels::HostLauncher launcher(fault == "between_phases" ? Order::whole_threads : Order::real_threads, false);
  const bool known = planted::plant(launcher, fault, data, never_written, n);
  // Read, as a test would: undefined values that are only passed on are no fault yet.
  const Index left = known ? std::accumulate(data, data + 64, Index{0}) : 0;
  backend.release(data);
  backend.release(never_written);
  if (!known) {
    std::fprintf(stderr, "usage: planted_faults %s\n", planted::usage);
    return 2;
  }
  std::printf("not found: %s (%u)\n", fault.c_str(), left);
  return 0;
}
