#include "engine/models/cpu_extensions.hpp"

#include "engram/calculus/connections.hpp"
#include "engram/leabra/cycles.hpp"
#include "engram/nef/tensors.hpp"
#include "engram/sorn/steps.hpp"

namespace engram::cpu {

ExtensionTable extensions() {
  static constexpr ExtensionMaker all[] = {{calculus::Connections::id, calculus_connections},
                                           {sorn::Steps::id, sorn_steps},
                                           {leabra::Cycles::id, leabra_cycles},
                                           {nef::Tensors::id, nef_tensors}};
  return all;
}

}  // namespace engram::cpu
