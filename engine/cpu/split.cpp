// Independent jobs in parallel, a thread each.
#include <exception>

#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/parallel.hpp"

namespace engram::cpu {

void CpuBackend::split(std::size_t count, std::size_t cost, const std::function<void(Backend&, std::size_t)>& job) {
  if (info_.threads == 1 || count == 1) return Backend::split(count, cost, job);
  std::vector<std::exception_ptr> failed(static_cast<std::size_t>(info_.threads));
  parallel_for(info_.threads, count, cost, [&](std::size_t begin, std::size_t end, int thread) {
    try {
      CpuBackend one(info_, table_);
      for (std::size_t i = begin; i < end; ++i) job(one, i);
    } catch (...) {  // none may leave the team
      failed[static_cast<std::size_t>(thread)] = std::current_exception();
    }
  });
  for (const std::exception_ptr& error : failed)
    if (error) std::rethrow_exception(error);
}

}  // namespace engram::cpu
