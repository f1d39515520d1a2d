// What families offer on a device beyond the general operations, and the backend that has it all.
#pragma once

#include "kernels/assembly/build.hpp"
#include "kernels/attractor/steps.hpp"
#include "kernels/calculus/fibres.hpp"
#include "kernels/calculus/rounds.hpp"
#include "kernels/core/kernel_backend.hpp"
#include "kernels/leabra/steps.hpp"
#include "kernels/nef/steps.hpp"
#include "kernels/sorn/build.hpp"
#include "kernels/sorn/steps.hpp"

namespace engram::kernels {

template <class Launcher>
using DeviceBackend = KernelBackend<Launcher, SornSteps, SornBuild, AssemblyBuild, AttractorSteps, KernelFibres,
                                    KernelRounds, LeabraCycles, NefTensors>;

}  // namespace engram::kernels
