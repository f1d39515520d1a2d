// Steps of NEF networks on a device.
#pragma once

#include "kernels/core/kernel_backend.hpp"
#include "kernels/nef/tensors.hpp"

namespace engram::kernels {

template <class Launcher>
class NefTensors final : public nef::Tensors {
 public:
  explicit NefTensors(KernelOperations<Launcher>& backend)
      : backend_(backend), scratch_(backend.launcher().new_scratch()) {}
  void run(std::span<const nef::Operation> operations, Index replicas, Tick first, Tick steps) override {
    backend_.settle();
    run_tensors(backend_.launcher(), scratch_, operations, replicas, first, steps);
  }
  Extension* traced(Tracer& tracer) override { return tracer.keep(nef::traced_tensors(*this, tracer)); }

 private:
  KernelOperations<Launcher>& backend_;
  Scratch scratch_;
};

}  // namespace engram::kernels
