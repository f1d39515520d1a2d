// NEF networks as kernels. Phases of few elements that follow each other are one launch, of a block a replica; where
// all are that, the launch goes through all steps of a call. Others are a launch each, with a thread an element.
#pragma once

#include <algorithm>

#include "kernels/core/kernel_backend.hpp"
#include "kernels/nef/phases.hpp"

namespace engram::kernels {

/// Adds the chunks of one row, of which there are so many that a thread alone would wait for memory: the block reads,
/// one thread adds in order.
struct AddManyChunks {
  static constexpr Index threads = 128, at_once = 4 * threads;
  struct Shared {
    real sum[at_once], any[at_once], total;
  };
  AddChunks of;
  ENGRAM_HD void operator()(const Block& block, std::size_t index, Shared& s) const {
    const auto row = static_cast<Index>(index % of.to.rows);
    const std::size_t replica = index / of.to.rows;
    real* const target = &of.to.of(static_cast<Index>(replica))(row);
    block.each([&](Index t) {
      if (t == 0) s.total = of.add ? *target : real(0);
    });
    for (Index first = 0; first < of.sums.chunks; first += at_once) {
      const Index n = of.sums.chunks - first < at_once ? of.sums.chunks - first : at_once;
      block.each([&](Index t) {
        for (Index k = t; k < n; k += threads) {
          const real* from = of.sums.at(replica, first + k, row);
          s.sum[k] = from[0];
          s.any[k] = from[1];
        }
      });
      block.each([&](Index t) {
        if (t != 0) return;
        real total = s.total;
#if defined(__CUDA_ARCH__)
#pragma unroll 8
#endif
        for (Index k = 0; k < n; ++k) total = s.any[k] != real(0) ? total + s.sum[k] : total;
        s.total = total;
      });
    }
    block.each([&](Index t) {
      if (t == 0) *target = s.total;
    });
  }
};

/// So many chunks of a row take a block; and so few elements a phase of a block. Estimates; not measured.
inline constexpr Index nef_many_chunks = 32, nef_block_elements = 4096;

/// Consecutive phases for one replica, through so many steps.
struct NefBlock {
  static constexpr Index threads = 512;
  struct Shared {};
  const NefPhase* phases;
  Index count;
  Tick first, steps;
  const Tick* clock;  ///< of a recorded step, which says which tick is `first`; null: `first` does

  ENGRAM_HD void operator()(const Block& block, std::size_t replica, Shared&) const {
    const Tick from = clock ? *clock : first;
    for (Tick tick = from; tick < from + steps; ++tick)
      for (Index k = 0; k < count; ++k)
        with_body(phases[k], [&](const auto& body) {
          block.each([&](Index t) {
            for (Index i = t; i < phases[k].count; i += threads) nef::bodies::take(body, i, replica, tick);
          });
        });
  }
};

/// A phase as a launch.
template <class Body>
struct NefElement {
  Body body;
  Tick tick;
  const Tick* clock;  ///< as NefBlock has it
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    nef::bodies::take(body, i, replica, clock ? *clock : tick);
  }
};

/// Operations as they are launched, in memory that outlives it.
struct NefProgram {
  std::vector<nef::Operation> operations;
  Index replicas;
  std::vector<NefPhase> phases;
  const NefPhase* on_device;
  std::uint64_t id;  ///< no other program has had it

  bool is(std::span<const nef::Operation> all, Index copies) const {
    return copies == replicas && std::equal(all.begin(), all.end(), operations.begin(), operations.end());
  }
  static bool small(const NefPhase& phase) { return phase.count <= nef_block_elements; }
  /// Whether a block takes a replica through all phases.
  bool fits_block() const { return std::all_of(phases.begin(), phases.end(), small); }
};

/// Launches one step, or where a block takes all phases so many. `clock`: see NefBlock.
template <class Launcher>
void run_tensors(Launcher& launch, const NefProgram& program, Tick first, Tick steps, const Tick* clock) {
  const Index replicas = program.replicas;
  for (std::size_t k = 0; k < program.phases.size();) {
    std::size_t end = k;
    while (end < program.phases.size() && NefProgram::small(program.phases[end])) ++end;
    if (end > k) {
      launch.blocks("run_nef", replicas,
                    NefBlock{program.on_device + k, static_cast<Index>(end - k), first, steps, clock});
      k = end;
      continue;
    }
    const NefPhase& phase = program.phases[k++];
    with_body(phase, [&]<class Body>(const Body& body) {
      launch.items(phase.name, phase.count, replicas, NefElement<Body>{body, first, clock});
    });
    // What is added up of a long row follows in a launch of its own, though its rows are few.
    if (const auto* chunks = std::get_if<ProductChunk>(&phase.body); chunks && chunks->sums.chunks >= nef_many_chunks) {
      const NefPhase& rows = program.phases[k++];
      launch.blocks(rows.name, std::size_t{rows.count} * replicas, AddManyChunks{std::get<AddChunks>(rows.body)});
    }
  }
}

}  // namespace engram::kernels
