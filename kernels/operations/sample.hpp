// Random numbers as kernels: a thread makes the four of one Philox call.
#pragma once

#include "engram/backend.hpp"
#include "kernels/core/launch.hpp"

namespace engram::kernels {

/// A tick as a kernel reads it: in a recorded step from device memory, so that the record serves all ticks.
struct TickSource {
  const Tick* step = nullptr;
  Tick offset = 0;  ///< from the tick of the step, or the tick itself

  ENGRAM_HD Tick get() const { return (step ? *step : 0) + offset; }
};

struct SetTick {
  Tick* word;
  Tick tick;
  ENGRAM_HD void operator()(Index, std::size_t) const { *word = tick; }
};

/// x is a block of four units, y the batch.
struct DrawUniform {
  const std::uint64_t* seeds;
  Stream stream;
  TickSource tick;
  real low, width;
  Batch<real> out;

  ENGRAM_HD void operator()(Index block, std::size_t batch) const {
    const Words x = Random{seeds[batch], stream, tick.get(), block}.words(0);
    real* to = out.at(static_cast<Index>(batch)) + std::size_t{block} * 4;
    for (Index i = 0; i < 4; ++i)
      if (i < out.units - block * 4) to[i] = low + width * uniform_of(x.w[i]);
  }
};

struct DrawNormal {
  const std::uint64_t* seeds;
  Stream stream;
  TickSource tick;
  real mean, sd;
  Batch<real> out;

  ENGRAM_HD void operator()(Index block, std::size_t batch) const {
    real four[4];
    normal_block(seeds[batch], stream, tick.get(), block, four);
    real* to = out.at(static_cast<Index>(batch)) + std::size_t{block} * 4;
    for (Index i = 0; i < 4; ++i)
      if (i < out.units - block * 4) to[i] = mean + sd * four[i];
  }
};

template <class Launcher>
void sample(Launcher& launch, const Distribution& distribution, const std::uint64_t* seeds, Stream stream,
            TickSource tick, Batch<real> out) {
  const Index blocks = out.units / 4 + (out.units % 4 != 0);
  if (const auto* uniform = std::get_if<Uniform>(&distribution))
    return launch.items("sample", blocks, out.batches,
                        DrawUniform{seeds, stream, tick, uniform->low, uniform->high - uniform->low, out});
  const auto& normal = std::get<Normal>(distribution);
  launch.items("sample", blocks, out.batches, DrawNormal{seeds, stream, tick, normal.mean, normal.sd, out});
}

}  // namespace engram::kernels
