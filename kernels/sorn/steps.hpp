// Runs of SORN networks: small ones in one launch, large ones as a graph a step.
#pragma once

#include "engram/sorn/steps.hpp"
#include "kernels/core/kernel_backend.hpp"
#include "kernels/sorn/sorn.hpp"

namespace engram::kernels {

template <class Launcher>
class SornSteps final : public sorn::Steps {
 public:
  explicit SornSteps(KernelOperations<Launcher>& backend)
      : backend_(backend), launch_(backend.launcher()), scratch_(new_sorn_scratch(launch_)) {}

  /// Many steps in a call, so never part of a recorded one; those of large networks are recorded themselves.
  void run(const sorn::View& net, const sorn::Run& run) override {
    if (const SharedLayout room = cluster_layout(launch_, net, run); room.ee > 0) {
      backend_.settle();
      return run_sorn_clusters(launch_, net, run, room);
    }
    const std::optional<sorn::Run> one = repeated_step(net, run);
    if (!one || backend_.step_word()) {
      backend_.settle();
      return run_sorn(launch_, scratch_, net, run);
    }
    for (Index s = 0; s < run.steps; ++s) {
      backend_.begin_step(reinterpret_cast<std::uintptr_t>(net.x), run.first + s);
      backend_.operation(
          "sorn_step",
          [this, step = SornStep{net, *one, 0, backend_.step_word()}] {
            launch_sorn_step(launch_, scratch_, step, 0, true, true);
          },
          net, *one);
      backend_.end_step();
    }
  }
  void units(const sorn::View& net, const sorn::Run& run) override {
    backend_.settle();
    launch_sorn_step(launch_, scratch_, SornStep{net, run}, 0, true, false);
  }
  void rows(const sorn::View& net, const sorn::Run& run) override {
    backend_.settle();
    launch_sorn_step(launch_, scratch_, SornStep{net, run}, 0, false, true);
  }

 private:
  KernelOperations<Launcher>& backend_;
  Launcher& launch_;
  SornScratch scratch_;
};

}  // namespace engram::kernels
