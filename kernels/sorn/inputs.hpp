// Input synapses of SORN: `Width` neighbouring rows of one slice at a time, 16 on the CPU, one a thread on the GPU. A
// component of the input acts between the activity of before and the activity that it helps to make.
#pragma once

#include "kernels/operations/incoming_slots.hpp"
#include "kernels/sorn/rows.hpp"

namespace engram::bodies {

/// drive[l] = sum over the row of weight times input, in ascending order of components.
template <int Width>
ENGRAM_HD void sum_input(const IncomingView& rows, const Slice& slice, Index lane, const real* input, real* drive) {
  for (int l = 0; l < Width; ++l) drive[l] = 0;
  for_slots(rows, slice, lane, [&](const Index* pre, const real* weight) {
    for (int l = 0; l < Width; ++l) drive[l] += weight[l] * input[pre[l]];
  });
}

/// STDP of input synapses, w + eta u (x' - x) with u = 1 where the input is above 0, then scaling as of the others.
/// `post` holds two bits a lane, as activity does; without `input` all is silent.
template <int Width>
ENGRAM_HD void learn_input(const sorn::Rules& rules, const IncomingView& rows, const Slice& slice, Index lane,
                           const real* input, std::uint32_t post) {
  const Stdp rule = rules.input;
  real total[Width] = {};
  for_slots(rows, slice, lane, [&](const Index* pre, real* weight) {
    for (int l = 0; l < Width; ++l) {
      const real u = input && input[pre[l]] > real(0) ? real(1) : real(0);
      const real now = (post >> (2 * l)) & 1u ? real(1) : real(0), before = (post >> (2 * l)) & 2u ? real(1) : real(0);
      if (rules.learn_input) weight[l] = rule.learned(weight[l], u, u, now, before);
      total[l] += weight[l];
    }
  });
  if (!rules.normalize) return;
  for_slots(rows, slice, lane, [&](const Index*, real* weight) {
    for (int l = 0; l < Width; ++l) weight[l] = weight[l] / (total[l] != real(0) ? total[l] : real(1));
  });
}

}  // namespace engram::bodies
