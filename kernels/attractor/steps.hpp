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
  bool takes(const AttractorView& net, const AttractorRun& run) const override {
    return fits_block(net, run, backend_.launcher().shared_memory());
  }
  void run(const AttractorView& net, const AttractorRun& run) override {
    backend_.settle();
    run_attractor(backend_.launcher(), net, run);
  }

 private:
  KernelOperations<Launcher>& backend_;
};

}  // namespace engram::kernels
