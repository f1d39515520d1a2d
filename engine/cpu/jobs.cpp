// Independent jobs side by side, a thread each; networks of the attractor family as such jobs.
#include <exception>

#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/parallel.hpp"

namespace engram::cpu {

void CpuBackend::jobs(std::size_t count, std::size_t work, const std::function<void(Backend&, std::size_t)>& job) {
  if (info_.threads == 1 || count == 1) return Backend::jobs(count, work, job);
  std::vector<std::exception_ptr> failed(static_cast<std::size_t>(info_.threads));
  parallel_for(info_.threads, count, work, [&](std::size_t begin, std::size_t end, int thread) {
    try {
      CpuBackend one(info_);
      for (std::size_t i = begin; i < end; ++i) job(one, i);
    } catch (...) {  // none may leave the team
      failed[static_cast<std::size_t>(thread)] = std::current_exception();
    }
  });
  for (const std::exception_ptr& error : failed)
    if (error) std::rethrow_exception(error);
}

void CpuBackend::run_attractor(const AttractorView& net, const AttractorRun& run) {
  const auto threads = static_cast<std::size_t>(info_.threads);
  const std::size_t networks = net.networks(), synapses = std::size_t{net.weights.n_post} * net.weights.n_pre;
  // Whole networks for each thread, unless that leaves some idle for long.
  const bool even = networks % threads == 0 || networks >= 8 * threads || synapses < parallel_threshold / 8;
  if (networks < 2 || !even) return Backend::run_attractor(net, run);
  jobs(networks, networks * net.states * synapses * run.steps, [&](Backend& backend, std::size_t r) {
    backend.run_attractor(net.network(static_cast<Index>(r)), run.network(net, static_cast<Index>(r)));
  });
}

}  // namespace engram::cpu
