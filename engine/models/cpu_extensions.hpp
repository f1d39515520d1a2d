// The extensions of the CPU backend, all families' in one list.
#pragma once

#include "engine/cpu/cpu_backend.hpp"

namespace engram::cpu {

ExtensionTable extensions();

std::unique_ptr<Extension> calculus_connections(const CpuBackend&);
std::unique_ptr<Extension> leabra_cycles(const CpuBackend&);
std::unique_ptr<Extension> nef_tensors(const CpuBackend&);
std::unique_ptr<Extension> sorn_steps(const CpuBackend&);

}  // namespace engram::cpu
