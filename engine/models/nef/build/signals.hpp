// Random periodic signals.
#pragma once

#include "engram/nef/nodes.hpp"

namespace engram::nef {

std::size_t signal_steps(const WhiteSignal&, double dt);
/// How many the period holds; from 1 to half its steps.
std::size_t signal_frequencies(const WhiteSignal&, double dt);
/// [step][number]: a sum of sines of all frequencies that the period holds up to the limit, with normal coefficients.
std::vector<double> white_signal(const WhiteSignal&, double dt, std::uint64_t seed);

}  // namespace engram::nef
