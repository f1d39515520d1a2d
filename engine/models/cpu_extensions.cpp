#include "engine/models/cpu_extensions.hpp"

#include "engram/calculus/connections.hpp"
#include "engram/nef/tensors.hpp"
#include "engram/sorn/steps.hpp"

namespace engram::cpu {

ExtensionTable extensions() {
  static constexpr ExtensionMaker all[] = {{calculus::Connections::id, calculus_connections},
                                           {nef::Tensors::id, nef_tensors},
                                           {sorn::Steps::id, sorn_steps}};
  return all;
}

}  // namespace engram::cpu
