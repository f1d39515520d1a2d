// The orders in which the host runs the threads and blocks of a kernel.
#pragma once

namespace engram::testing_kernels {

/// real_threads: items of a launch, and threads of a block within a phase, run at once; blocks follow each other.
/// real_blocks: items, and whole blocks, run at once.
/// whole_threads: likewise items; each thread of a block is one of the host that runs the whole kernel, so that a
/// thread sanitizer sees what lies between two phases, too. Slow: for few blocks and steps.
enum class Order { ascending, descending, shuffled, real_threads, real_blocks, whole_threads };

inline const char* name_of(Order order) {
  constexpr const char* names[] = {"ascending",    "descending",  "shuffled",
                                   "real_threads", "real_blocks", "whole_threads"};
  return names[static_cast<int>(order)];
}

}  // namespace engram::testing_kernels
