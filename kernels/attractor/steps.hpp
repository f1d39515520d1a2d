// Runs of small attractor networks in one launch.
#pragma once

#include "engram/attractor/steps.hpp"
#include "kernels/attractor/attractor.hpp"
#include "kernels/core/kernel_backend.hpp"

namespace engram::kernels {

template <class Launcher>
class AttractorSteps final : public attractor::Steps {
 public:
  explicit AttractorSteps(KernelOperations<Launcher>& backend) : backend_(backend) {}
  bool takes(const attractor::View& net, const attractor::Run& run) const override {
    return fits_block(net, run, backend_.launcher().shared_memory());
  }
  void run(const attractor::View& net, const attractor::Run& run) override {
    backend_.settle();
    run_attractor(backend_.launcher(), net, run);
  }

 private:
  KernelOperations<Launcher>& backend_;
};

}  // namespace engram::kernels
