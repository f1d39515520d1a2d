// The replicas of a calculus run, side by side.
#pragma once

#include "engram/backend.hpp"

namespace engram::calculus {

/// Calls f(backend, replica) for every replica, in parallel where the backend can. A brain that was made before goes on
/// with the backend it was made with: what it uses of the CPU keeps nothing between calls.
template <class F>
void for_replicas(Backend& backend, std::size_t replicas, F&& f) {
  constexpr std::size_t elementary_operations = std::size_t{1} << 20;  // of one replica: always worth a thread
  backend.split(replicas, replicas * elementary_operations, f);
}

}  // namespace engram::calculus
