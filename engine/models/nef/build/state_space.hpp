// Transfer functions as discrete state spaces.
#pragma once

#include <complex>

#include "engram/nef/synapses.hpp"

namespace engram::nef {

/// Without leading zeros, which say nothing.
std::vector<double> trimmed(const std::vector<double>& polynomial);

/// Throws Error for more than max_filter_order states.
StateSpace state_space_of(const LinearFilter&, double dt);

/// (z - A)^-1 B: the states that an input z^k leads to, at k = 0.
std::vector<std::complex<double>> answer(const StateSpace&, std::complex<double> z);
/// Whether a constant input leads to constant states.
bool answers_constants(const StateSpace&);

}  // namespace engram::nef
