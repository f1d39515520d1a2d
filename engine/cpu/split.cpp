// Independent jobs in parallel, a thread each.
#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/parallel.hpp"

namespace engram::cpu {

void CpuBackend::split(std::size_t count, std::size_t cost, const std::function<void(Backend&, std::size_t)>& job) {
  if (info_.threads == 1 || count == 1) return Backend::split(count, cost, job);
  parallel_for_each(info_.threads, count, cost, [&](std::size_t i, int) {
    CpuBackend one(info_, table_);
    job(one, i);
  });
}

}  // namespace engram::cpu
