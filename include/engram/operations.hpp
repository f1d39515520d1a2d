// What the operations of a backend work on: lists of active units, columns of values, one walk over a projection.
#pragma once

#include <optional>
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

/// Normalisation that leaves the weights alone: the effective weight is scale[post] * weight. `sum` is the running
/// incoming sum of the raw weights; being made of integers it equals a fresh sum exactly, so normalising reads no
/// weight.
struct Scaling {
  Batch<real> scale = {};
  Batch<fixed> sum = {};
  bool recount = false;  ///< sum the weights anew first: once, after they were set from outside
};

/// One walk over a projection. What is unset is skipped; what is set happens in this order.
struct Sweep {
  // 1. Plasticity. Lists of active units may stand in for columns where the rule changes nothing else.
  const SynapseRule* learn = nullptr;
  Units pre = {}, post = {};
  Batch<const real> shared = {};  ///< values of the whole layer, if the rule reads any
  bool keep_diagonal = false;     ///< the synapse of a unit onto itself does not learn
  // 2. Incoming weights of each unit are divided by their sum and multiplied by this; an empty row stays.
  std::optional<real> normalize_to = {};
  // 3. drive[post] += gain * sum of weight * source, with the weights that 1 and 2 left.
  Units source = {};
  real gain = 1;
  Batch<real> drive = {};

  Scaling scaling = {};  ///< set: scaled normalisation (Dense and Outgoing)
  Index group = 1;       ///< batches of state that share one replica of weights; learning needs 1
};

/// The per-unit values a unit rule reads and writes; batches of stride 0 are shared and may only be read.
inline constexpr int max_unit_columns = 8;
struct UnitColumns {
  Batch<real> at[max_unit_columns];
};

/// How `sample` draws.
struct Uniform {
  real low = 0, high = 1;
};
struct Normal {
  real mean = 0, sd = 1;
};
using Distribution = std::variant<Uniform, Normal>;

}  // namespace engram
