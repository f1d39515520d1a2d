// The bodies of SORN's units: 16 units, one word of activity, at a time.
#pragma once

#include "engram/core/random.hpp"
#include "engram/sorn/steps.hpp"

namespace engram::bodies {

/// The even bits of a word of activity: who is active now.
inline constexpr std::uint32_t now_bits = 0x55555555u;

/// What one unit does: fires or not, and whether it would have without the input. Association as in the reference.
template <bool adapt>
ENGRAM_HD bool step_unit(const sorn::Rules& rules, real drive, real noise, real input, real& threshold, real target,
                         bool& recurrent) {
  const real noisy = drive + noise;
  const bool fires = rules.threshold((noisy + input) - threshold);
  recurrent = rules.threshold(noisy - threshold);
  if constexpr (adapt) threshold = rules.ip(threshold, fires ? real(1) : real(0), target);
  return fires;
}

/// The next word of activity: what was now becomes before.
ENGRAM_HD std::uint32_t next_word(std::uint32_t word, std::uint32_t fires) { return fires | ((word & now_bits) << 1); }

/// The word of 16 units of which four bytes hold four each.
ENGRAM_HD std::uint32_t word_of(const std::uint8_t* four) {
  return four[0] | static_cast<std::uint32_t>(four[1]) << 8 | static_cast<std::uint32_t>(four[2]) << 16 |
         static_cast<std::uint32_t>(four[3]) << 24;
}

/// 16 excitatory units; `input` holds 16 values or is null. Returns who fires, in even bits.
template <int Width, bool adapt>
ENGRAM_HD std::uint32_t step_excitatory(const sorn::Rules& rules, int lanes, const real* drive, const real* noise,
                                        const real* input, real* threshold, const real* target,
                                        std::uint32_t& recurrent) {
  std::uint32_t fires = 0;
  recurrent = 0;
  for (int l = 0; l < (Width > 0 ? Width : lanes); ++l) {
    bool alone = false;
    const bool f = step_unit<adapt>(rules, drive[l], noise ? noise[l] : real(0), input ? input[l] : real(0),
                                    threshold[l], target[l], alone);
    fires |= (f ? 1u : 0u) << (2 * l);
    recurrent |= (alone ? 1u : 0u) << (2 * l);
  }
  return fires;
}

ENGRAM_HD bool step_inhibitory_unit(const sorn::Rules& rules, real drive, real noise, real threshold) {
  return rules.threshold((drive + noise) - threshold);
}
template <int Width>
ENGRAM_HD std::uint32_t step_inhibitory(const sorn::Rules& rules, int lanes, const real* drive, const real* noise,
                                        const real* threshold) {
  std::uint32_t fires = 0;
  for (int l = 0; l < (Width > 0 ? Width : lanes); ++l)
    fires |= (step_inhibitory_unit(rules, drive[l], noise ? noise[l] : real(0), threshold[l]) ? 1u : 0u) << (2 * l);
  return fires;
}

/// What k winners are chosen by: the excess of a unit over its threshold, associated as in step_unit.
ENGRAM_HD real score_unit(real drive, real noise, const real* input, real threshold) {
  const real noisy = drive + noise;
  return (input ? noisy + *input : noisy) - threshold;
}

/// Spikes of noise: without bound is the noise of a unit that must fire. Four units of one block, as normal_block has
/// them, whose numbers are the block's second draw.
ENGRAM_HD void add_spikes(double probability, std::uint64_t seed, Stream stream, Tick tick, std::uint32_t block,
                          real* four) {
  const Words x = Random{seed, stream, tick, block}.words(1);
  for (int i = 0; i < 4; ++i)
    if (static_cast<double>(x.w[i]) < probability * 4294967296.0) four[i] = static_cast<real>(no_limit);
}

}  // namespace engram::bodies
