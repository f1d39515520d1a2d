// Steps of NEF networks on a device: those of small networks in one launch, those of others as a graph each.
#pragma once

#include <memory>
#include <vector>

#include "kernels/core/kernel_backend.hpp"
#include "kernels/nef/tensors.hpp"

namespace engram::kernels {

template <class Launcher>
class NefTensors final : public nef::Tensors {
 public:
  explicit NefTensors(KernelOperations<Launcher>& backend) : backend_(backend) {}
  void run(std::span<const nef::Operation> operations, Index replicas, Tick first, Tick steps) override {
    if (operations.empty()) return;
    const std::shared_ptr<const NefProgram> program = program_of(operations, replicas);
    if (program->fits_block()) {
      backend_.settle();
      return run_tensors(backend_.launcher(), *program, first, steps, nullptr);
    }
    for (Tick t = first; t < first + steps; ++t) {
      backend_.begin_step(reinterpret_cast<std::uintptr_t>(this), t);
      backend_.operation(
          "nef_step",
          [this, program, clock = backend_.step_word()] { run_tensors(backend_.launcher(), *program, 0, 1, clock); },
          program->id);
      backend_.end_step();
    }
  }
  Extension* traced(Tracer& tracer) override { return tracer.keep(nef::traced_tensors(*this, tracer)); }

 private:
  /// A network has one list of operations. Networks that come and go share a few places in memory: a place that is
  /// taken anew has another id, so that no graph of its former program is used again.
  struct Place {
    Scratch sums, phases;
    std::shared_ptr<const NefProgram> program;
  };
  std::shared_ptr<const NefProgram> program_of(std::span<const nef::Operation> operations, Index replicas) {
    for (const Place& place : places_)
      if (place.program->is(operations, replicas)) return place.program;
    backend_.settle();
    constexpr std::size_t kept = 8;
    Launcher& launch = backend_.launcher();
    if (places_.size() < kept) places_.push_back({launch.new_scratch(), launch.new_scratch(), {}});
    Place& place = places_[made_ % kept];
    NefProgram program{{operations.begin(), operations.end()}, replicas, {}, nullptr, made_++};
    const std::size_t values = NefPhases(operations, replicas, nullptr).values;
    program.phases = NefPhases(operations, replicas, launch.template scratch<real>(place.sums, values)).all;
    auto* phases = launch.template scratch<NefPhase>(place.phases, program.phases.size());
    backend_.upload(phases, program.phases.data(), program.phases.size() * sizeof(NefPhase));
    program.on_device = phases;
    place.program = std::make_shared<const NefProgram>(std::move(program));
    return place.program;
  }

  KernelOperations<Launcher>& backend_;
  std::vector<Place> places_;
  std::uint64_t made_ = 0;
};

}  // namespace engram::kernels
