#pragma once

#include <exception>
#include <vector>

#include "engine/cpu/parallel.hpp"
#include "engram/backend.hpp"

namespace engram::calculus {

/// Calls f(replica) for all replicas: side by side on a CPU, where each then runs on one thread; else in turn.
template <class F>
void for_replicas(Backend& backend, std::size_t replicas, F&& f) {
  std::vector<std::exception_ptr> failed(replicas);
  const int threads = backend.info().kind == "cpu" ? backend.info().threads : 1;
  cpu::parallel_for(threads, replicas, replicas * cpu::parallel_threshold,
                    [&](std::size_t begin, std::size_t end, int) {
                      for (std::size_t r = begin; r < end; ++r) try {
                          f(r);
                        } catch (...) {
                          failed[r] = std::current_exception();  // nothing may leave a thread
                        }
                    });
  for (const auto& error : failed)
    if (error) std::rethrow_exception(error);
}

}  // namespace engram::calculus
