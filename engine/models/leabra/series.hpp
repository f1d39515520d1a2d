// What Leabra experiments can write down.
#pragma once

#include "engram/run/series.hpp"

namespace engram::leabra::recordable {

inline constexpr Series loss{"loss", "mean squared error of outputs, of which those below a half count as none",
                             "train|test"};
inline constexpr Series squared_error{"squared error", "mean of all outputs", "train|test"};
inline constexpr Series accuracy{"accuracy", "share of patterns whose largest output is one that was wanted",
                                 "train|test"};
inline constexpr Series converged{"converged", "1 where the phase stopped before its last epoch", "train"};
inline constexpr Series epochs{"epochs", "in which a replica learned", "train"};
inline constexpr Series outputs{"<evaluation>/outputs",
                                "of all predictions, where a phase records them: time, replica, pattern, act",
                                "train|test"};
inline constexpr Series logs{"<log>",
                             "what layers and projections log: NAME/epoch, NAME/epoch_units, "
                             "NAME/epoch_connections, and so on for cycle, trial and batch"};
inline constexpr Series weights{"weights/<projection>", "at the end, [post][pre]"};
inline constexpr Series linear_weights{"linear_weights/<projection>", "the same before the contrast of weights"};
inline constexpr Series bias{"bias/<layer>", "at the end, of layers that have bias weights"};

inline constexpr Series all[] = {loss,    squared_error, accuracy, converged,      epochs,
                                 outputs, logs,          weights,  linear_weights, bias};

}  // namespace engram::leabra::recordable
