// What the parts of the oracle share, one file for synapses and lists, one for units.
#pragma once

#include <limits>

#include "tests/oracle/oracle.hpp"

namespace engram::oracle {

inline constexpr double epsilon = std::numeric_limits<real>::epsilon();
inline constexpr double fixed_step = 1.0 / 4294967296.0;
inline constexpr double fixed_limit = 2251799813685247.0 / 4294967296.0;

/// The layer that a unit belongs to.
inline std::size_t layer_of(const std::vector<Index>& segments, std::size_t unit) {
  std::size_t layer = 0;
  while (layer + 2 < segments.size() && segments[layer + 1] <= unit) ++layer;
  return layer;
}

/// Nothing but this is correct.
inline Expected exact(const char* name, std::vector<double> value) {
  std::vector<double> none(value.size());
  return {name, std::move(value), std::move(none)};
}

/// Whether it is a rule of the Leabra family; then its columns after it, and how far a correct result may be from them.
bool solve_leabra(const UnitRule&, long double* c, const real* shared, double* tolerance);
std::vector<Expected> solve_update(const conformance::UpdateInputs&);
std::vector<Expected> solve_summary(const conformance::SummaryInputs&);
std::vector<Expected> solve_gather(const conformance::GatherInputs&);
std::vector<Expected> solve_product(const conformance::ProductInputs&);

}  // namespace engram::oracle
