// A unit of an attractor network through one step, as every kernel of these takes it.
#pragma once

#include "engram/attractor/steps.hpp"
#include "kernels/operations/bodies.hpp"

namespace engram::kernels {

using namespace bodies;

template <class Rule>
struct AttractorUnit {
  attractor::View net;
  attractor::Run run;
  Rule rule;

  ENGRAM_HD real draw(std::size_t batch, Tick step, Index i) const {
    if (run.uniform) return run.uniform[step * run.stride + batch * net.state.units + i];
    return uniform_of(Random{net.seed[batch], Stream::attractor_sample, run.first + step, i / 4}.words(0).w[i % 4]);
  }

  struct Outcome {
    real state, error;
  };
  /// Its draw, the precision of its error, its new state, from the drive it meets.
  ENGRAM_HD Outcome update(std::size_t batch, Tick step, Index i, real met) const {
    using namespace langevin_column;
    const auto b = static_cast<Index>(batch);
    real c[Rule::n_columns];
    c[state] = 0;
    c[error] = 0;
    c[drive] = met;
    c[bias] = net.bias.at(b)[i];
    c[inverse_temperature] = net.inverse_temperature.at(b)[i];
    if (run.precision_weighted && rule.keep_error != real(0)) {
      real weighed[LangevinPrecision::n_columns] = {0, met, c[inverse_temperature]};
      LangevinPrecision{}(weighed, nullptr);
      net.precision.at(b)[i] = weighed[0];
    }
    c[precision] = net.precision.at(b)[i];
    if constexpr (Rule::n_columns > uniform) c[uniform] = draw(batch, step, i);
    rule(c, nullptr);
    return {c[state], c[error]};
  }
};

}  // namespace engram::kernels
