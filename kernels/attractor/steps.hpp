// Runs of attractor networks: one launch, or two a step.
#pragma once

#include "engram/attractor/steps.hpp"
#include "kernels/attractor/attractor.hpp"
#include "kernels/core/kernel_backend.hpp"

namespace engram::kernels {

template <class Launcher>
class AttractorSteps final : public attractor::Steps {
 public:
  explicit AttractorSteps(KernelOperations<Launcher>& backend) : backend_(backend) {}
  /// All but units that follow each other.
  bool takes(const attractor::View&, const attractor::Run& run) const override { return !run.order; }
  void run(const attractor::View& net, const attractor::Run& run) override {
    backend_.settle();
    run_attractor(backend_.launcher(), net, run);
  }

 private:
  KernelOperations<Launcher>& backend_;
};

}  // namespace engram::kernels
