// The CUDA backend with the host in place of the device: same operations, same kernels, same recorded steps; only the
// launch differs. The kernels are compiled once for all tests, so this header names none of them.
#pragma once

#include <memory>

#include "engram/backend.hpp"
#include "tests/testing/memory.hpp"
#include "tests/testing/order.hpp"

namespace engram::testing_kernels {

/// What the launcher of an emulated backend did, and the processor that it stands for.
struct Emulation {
  virtual ~Emulation() = default;
  virtual int captures() const = 0;
  virtual int replays() const = 0;
  /// Launches of clusters.
  virtual int clusters_run() const = 0;
  /// From now on the emulated processor shares so much among its blocks.
  virtual void set_shared_memory(std::size_t bytes) = 0;
  /// From now on a cluster has at most so many blocks.
  virtual void set_cluster_blocks(Index blocks) = 0;
};

/// A backend, and the emulation that belongs to it.
struct EmulatedParts {
  std::unique_ptr<Backend> backend;
  Emulation* emulation;
};
/// Without `graphs` every step is launched anew. A guarded one passes for a CUDA device as far as a model can see.
EmulatedParts make_emulated(Order = Order::ascending, bool graphs = true, Memory = Memory::heap);

class EmulatedBackend {
 public:
  explicit EmulatedBackend(Order order = Order::ascending, bool graphs = true, Memory memory = Memory::heap)
      : parts_(make_emulated(order, graphs, memory)) {}
  operator Backend&() { return *parts_.backend; }
  Backend* operator->() { return parts_.backend.get(); }
  int captures() const { return parts_.emulation->captures(); }
  int replays() const { return parts_.emulation->replays(); }
  int clusters_run() const { return parts_.emulation->clusters_run(); }
  void set_shared_memory(std::size_t bytes) { parts_.emulation->set_shared_memory(bytes); }
  void set_cluster_blocks(Index blocks) { parts_.emulation->set_cluster_blocks(blocks); }

 private:
  EmulatedParts parts_;
};

}  // namespace engram::testing_kernels
