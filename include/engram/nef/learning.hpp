// Local learning rules of the Neural Engineering Framework: what one synapse or encoder coordinate changes by in a
// step. a: filtered activity of the presynaptic neuron, b: of the postsynaptic one, f: rate times the step and the
// gates.
#pragma once

#include "engram/core/portable.hpp"

namespace engram::nef::learning {

/// Prescribed error sensitivity (MacNeil and Eliasmith 2011) with f e = -rate dt / n times the error; recursive least
/// squares with the error times the gain, and q in the place of the activity.
ENGRAM_HD real outer(real f_error, real activity) { return f_error * activity; }

/// Bienenstock, Cooper and Munro (1982), as a factor of the presynaptic activity.
ENGRAM_HD real bcm(real f, real b, real theta) { return f * (b * (b - theta)); }

/// Oja (1982).
ENGRAM_HD real oja(real f, real beta, real b, real a, real weight) { return f * (b * a) - f * beta * (b * b) * weight; }

/// Vector Oja (Voelker, Crawford and Eliasmith 2014): moves the encoders of active neurons towards the input x; scale
/// is gain / radius.
ENGRAM_HD real voja(real f_b, real scale, real x, real encoder) { return f_b * (scale * x - encoder); }

}  // namespace engram::nef::learning
