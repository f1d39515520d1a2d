// The bodies of what is done to units, compiled by both compilers: the columns of a rule, and the values of its layer.
#pragma once

#include "engram/backend.hpp"

namespace engram::bodies {

/// The values of layers that a rule reads: those of one segment of one batch.
struct LayerValues {
  Batch<const real> value = {};  ///< [batch][segment][value]
  Segments segments = {};
  Index of_segment = 0;  ///< values of one

  ENGRAM_HD const real* at(Index batch, Index segment) const {
    return value ? value.at(batch) + std::size_t{segment} * of_segment : nullptr;
  }
  ENGRAM_HD const real* of_unit(Index batch, Index unit) const { return at(batch, segments.of(unit)); }
};

/// Throws where a rule reads more values of a layer than there are.
template <class Rule>
LayerValues layer_values(const Rule&, Batch<const real> shared, const Segments& segments) {
  const Index values = segments.count ? shared.units / segments.count : 0;
  constexpr int wanted = shared_values<Rule>();
  if (wanted > 0 && (!shared || values < Index{wanted} || values * segments.count != shared.units))
    throw Error(std::string("rule ") + Rule::name + " reads " + std::to_string(wanted) +
                " values of each layer; shared has " + std::to_string(shared ? shared.units : 0) + " for " +
                std::to_string(segments.count) + (segments.count == 1 ? " layer" : " layers"));
  return {shared, segments, values};
}

/// Calls f(segment, first, last) for the segments that units [first, last) belong to.
template <class F>
ENGRAM_HD void for_segments(const Segments& segments, Index first, Index last, F f) {
  for (Index s = segments.of(first); first < last; ++s) {
    const Index end = segments.start && s + 1 < segments.count ? segments.start[s + 1] : last;
    const Index stop = end < last ? end : last;
    if (first < stop) f(s, first, stop);
    first = first < stop ? stop : first;
  }
}

/// The columns of a unit rule.
template <class Rule>
struct RuleColumns {
  static_assert(Rule::n_columns <= max_unit_columns);
  Batch<real> at[Rule::n_columns];
};
template <class Rule>
RuleColumns<Rule> columns_for(UnitColumns columns) {
  if (columns.size() < Rule::n_columns)
    throw Error(std::string("rule ") + Rule::name + " needs " + std::to_string(Rule::n_columns) + " columns; found " +
                std::to_string(columns.size()));
  RuleColumns<Rule> own;
  for (std::size_t c = 0; c < Rule::n_columns; ++c) own.at[c] = columns[c];
  return own;
}

/// The same, resolved to one batch.
template <class Rule>
struct UnitPointers {
  real* at[Rule::n_columns];
};
template <class Rule>
ENGRAM_HD UnitPointers<Rule> columns_of(const RuleColumns<Rule>& columns, Index batch) {
  UnitPointers<Rule> p;
  for (int c = 0; c < Rule::n_columns; ++c) p.at[c] = columns.at[c] ? columns.at[c].at(batch) : nullptr;
  return p;
}

template <class Rule>
ENGRAM_HD void update_unit(const Rule& rule, const UnitPointers<Rule>& columns, Index i, const real* shared) {
  real value[Rule::n_columns];
  for (int c = 0; c < Rule::n_columns; ++c) value[c] = columns.at[c][i];
  rule(value, shared);
  for (int c = 0; c < Rule::n_written; ++c) columns.at[c][i] = value[c];
}

/// Rules that update_in_order serves: changes of the first column go into the second.
template <class Rule>
inline constexpr bool has_drive = Rule::n_columns >= 2;
[[noreturn]] inline void refuse_order(const char* rule) {
  throw Error(std::string("rule ") + rule +
              " has no drive in its second column, so its units cannot follow each other");
}

}  // namespace engram::bodies
