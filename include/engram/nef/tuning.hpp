// Tuning curves: from largest rates and intercepts to gains and biases, and back.
#pragma once

#include <string>
#include <vector>

#include "engram/nef/neurons.hpp"

namespace engram::nef {

/// One value a neuron. The current of a neuron is gain * (encoder . x) + bias.
struct GainBias {
  std::vector<double> gain, bias;
};
struct Tuning {
  std::vector<double> max_rates, intercepts;
};

/// The gain and bias with which a neuron begins to fire where its encoder's coordinate is its intercept, and fires at
/// its largest rate at 1. Throws Error, naming the neuron, where a rate or an intercept is out of reach; gains may come
/// out negative, for example of sigmoids that are to fire at less than half their limit.
GainBias gain_bias(const NeuronType&, const Tuning&);
Tuning tuning_of(const NeuronType&, const GainBias&);

/// Steady rates for these currents. Spiking types give those of their rate type, adaptive ones those without
/// adaptation; Izhikevich neurons are simulated for a second.
std::vector<double> steady_rates(const NeuronType&, const std::vector<double>& currents);

/// The largest rate of a type; infinite where there is none.
double rate_limit(const NeuronType&);
/// "lif" and the like.
std::string name_of(const NeuronType&);

}  // namespace engram::nef
