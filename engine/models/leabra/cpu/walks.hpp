// The hot loops of a cycle on the CPU: over units of one layer, and over the weights of one projection.
#pragma once

#include "engram/leabra/cycles.hpp"
#include "kernels/operations/summary.hpp"

namespace engram::leabra {

/// Where the values of one replica stand.
struct UnitRows {
  real* first;       ///< of value 0, unit 0
  std::size_t room;  ///< distance of two values
  real* at(int value) const { return first + static_cast<std::size_t>(value) * room; }
};

/// Net input of units [first, last), and the sum of it.
void walk_net(const UnitRows&, Index first, Index last, const real* layer, bodies::Seen& seen);
/// Membrane, activation and averages under the inhibition gc_i, and the sum of activations.
void walk_units(const UnitRows&, Index first, Index last, const real* layer, real gc_i, const real* table,
                bodies::Seen& seen);
/// The averages alone, of clamped units.
void walk_averages(const UnitRows&, Index first, Index last, const real* layer);
/// The sum of a value.
void walk_sum(const real* x, Index first, Index last, bodies::Seen& seen);
/// How receivers [first, last) scale what they receive from a layer of this mean activation.
void walk_scale(const LeabraScale&, Index first, Index last, const real* connections, real mean, real* scale);
/// Sums of weight times source for `lanes` receivers from `first` on, in the order of dense_drive; silent senders are
/// passed over, which changes no bit. `total` has room for a whole line more.
void walk_weights(const DenseView&, Index replica, Index first, int lanes, const real* source, real* total);
/// The same over rows; `first` is the first one of a slice.
void walk_rows(const IncomingView&, Index replica, Index first, int lanes, const real* source, real* total);

}  // namespace engram::leabra
