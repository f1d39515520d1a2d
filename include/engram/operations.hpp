// What the operations of a backend work on: lists of active units, columns of values, segments of units, one walk
// over a projection.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <variant>

#include "engram/core/array.hpp"
#include "engram/rules/registry.hpp"
#include "engram/synapses/synapses.hpp"

namespace engram {

/// Which units are active, ascending, one list a batch; `count` lives on the device. Without `value` each counts 1.
struct Active {
  Index* index = nullptr;  ///< [batch][stride]
  Index* count = nullptr;  ///< [batch]
  real* value = nullptr;   ///< [batch][stride], or null
  std::size_t stride = 0;  ///< room for a list; 0: all batches read one list
  Index units = 0, batches = 1;
};

inline constexpr int max_columns = 4;
/// The per-unit values a rule reads: now, previous, trace, ...
struct Columns {
  Batch<const real> at[max_columns];
};

/// A population as a rule or a drive sees it.
using Units = std::variant<std::monostate, Columns, Active>;

/// Neighbouring units in groups, such as the layers of a network that are one population: segment s holds the units
/// from start[s] up to, but not, start[s + 1].
struct Segments {
  const Index* start = nullptr;  ///< [count + 1], on the device, ascending from 0 to the units; null: one segment
  Index count = 1;

  /// The segment that a unit belongs to.
  ENGRAM_HD Index of(Index unit) const {
    Index first = 0, end = count;
    while (start && end - first > 1) {
      const Index middle = first + (end - first) / 2;
      (start[middle] <= unit ? first : end) = middle;
    }
    return first;
  }
  /// Where segment s begins among `units` units; that of s = count is their end.
  ENGRAM_HD Index begin(Index s, Index units) const { return start ? start[s] : (s == 0 ? 0 : units); }
};

/// Normalisation that leaves the weights alone: the effective weight is scale[post] * weight. `sum` is the running
/// incoming sum of the raw weights; being made of integers it equals a fresh sum exactly, so normalising reads no
/// weight.
struct Scaling {
  Batch<real> scale = {};
  Batch<fixed> sum = {};
  bool recount = false;  ///< sum the weights anew first: once, after they were set from outside
};

/// The mean of the incoming weights of each unit that are at least so large and not 0, of a unit without any 0. Made of
/// integers like those of `summarize`, so no order of threads changes a bit.
struct MeanOfStrong {
  real least = 0;
  Batch<real> mean = {};  ///< [replica][post]
};

/// One walk over a projection. What is unset is skipped; what is set happens in this order.
struct Sweep {
  // 1. Plasticity, from columns of both ends or from lists of active units of both ends, one a batch. Lists may stand
  // in for columns where a rule changes nothing unless both ends are active; an active unit without a value counts 1.
  // Sparse rows take rules with one value a synapse that create none; their synapses all exist already.
  const SynapseRule* learn = nullptr;
  Units pre = {}, post = {};
  Batch<const real> shared = {};  ///< what the rule reads of a whole layer, [batch][segment][value]
  Segments segments = {};         ///< of the postsynaptic units; each synapse reads the values of its target's segment
  bool keep_diagonal = false;     ///< the synapse of a unit onto itself does not learn
  // 2. Incoming weights of each unit are divided by their sum and multiplied by this; an empty row stays.
  std::optional<real> normalize_to = {};
  // 3. drive[post] += gain * sum of weight * source, with the weights that 1 and 2 left.
  Units source = {};
  real gain = 1;
  Batch<real> drive = {};

  MeanOfStrong strong = {};  ///< 4. of the raw weights; rows by presynaptic unit have none

  Scaling scaling = {};  ///< set: scaled normalisation
  /// Batches of state that share one replica of weights: batch b reads, and teaches, replica b / group. Above 1, each
  /// batch of a replica proposes the change that it alone would make to the weights before the sweep. The changes are
  /// added in double, in the order of the batches, to the weight; a rule with bounds (`settle`) then applies them to
  /// the result. A rule whose synapses have a memory (`apply`) is told what all batches propose together, added in
  /// double in their order, and the mean of their rates: what it remembers is of all of them, and it reads of the
  /// receiver what the first batch has. With 1 the rule writes the weight itself.
  Index group = 1;
};

/// The per-unit values a unit rule reads and writes: as many columns as it asks for, or more. The first one says how
/// many units and batches there are. Batches of stride 0 are shared and may only be read.
using UnitColumns = std::span<const Batch<real>>;
inline constexpr int max_unit_columns = 16;  ///< no rule may ask for more

/// What `summarize` makes of the values x of a segment. Sums are those of integers, as if x had been rounded to a
/// multiple of 2^-64 between +-2^19, so no order of threads changes a bit. Of an empty segment a sum or mean is 0, a
/// maximum -infinity.
struct Sum {};
struct Mean {};
struct Max {};  ///< NaN counts lowest, -0 as 0
/// The k-th largest value, and the mean of the k largest; k is at least 1 and at most the units of the segment, and
/// values outside count as the nearest of these. NaN counts lowest; a mean that takes one is NaN.
struct KthLargest {
  const Index* k = nullptr;  ///< [segment], on the device
};
struct MeanOfLargest {
  const Index* k = nullptr;  ///< [segment], on the device
};
/// The sum of x * with.
struct Dot {
  Batch<const real> with;
};
using Summary = std::variant<Sum, Mean, Max, KthLargest, MeanOfLargest, Dot>;

/// In what order the terms of a sum are added.
enum class Sums {
  exact,  ///< in the one that gives the same bits everywhere
  fast    ///< where many states read one matrix and nothing learns, in that of a library: Backend::multiply
};
/// How far a sum of so many products may be from the true one, whatever the order of its terms and whether products are
/// fused with sums, as a share of the sum of their magnitudes: gamma_n of Higham, "Accuracy and Stability of Numerical
/// Algorithms", section 3.1.
constexpr double error_of_sum(Index terms) {
  const double rounding = terms * static_cast<double>(std::numeric_limits<real>::epsilon()) / 2;
  return rounding / (1 - rounding);
}

/// How `sample` draws.
struct Uniform {
  real low = 0, high = 1;
};
struct Normal {
  real mean = 0, sd = 1;
};
using Distribution = std::variant<Uniform, Normal>;

}  // namespace engram
