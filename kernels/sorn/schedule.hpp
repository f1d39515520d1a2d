// The order of a step of SORN networks, once for every machine: threads of a CPU (engine/models/sorn/cpu/step.cpp), one
// block that keeps a network (block.hpp), a launch a part (sorn.hpp). Each says how it takes the parts.
#pragma once

#include "engram/core/portable.hpp"

namespace engram::kernels {

/// A step of networks, its first half or its second, which alone computes the drives that the first step meets.
#if defined(__CUDACC__)
#pragma nv_exec_check_disable  // parts that are launches are taken by the host alone
#endif
template <class Parts>
ENGRAM_HD void take_sorn_step(Parts&& parts, bool units, bool rows) {
  if (units) {
    parts.meet_input();  // and counters are recorded as they are before the rules
    parts.excite();      // excitatory units fire and adapt
    parts.learn_input();
    parts.drive_inhibitory(true);  // networks of fast inhibition meet the new activity, the others in the next step
    parts.inhibit();
  }
  if (rows) {
    parts.choose_synapses();
    parts.walk_rows();  // synapses appear, learn, vanish and are scaled; the drives of excitatory units
    parts.drive_inhibitory(false);
  }
}

}  // namespace engram::kernels
