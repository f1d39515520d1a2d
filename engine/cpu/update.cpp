// Unit rules: all units at once in tiles, or one after the other.
#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/parallel.hpp"
#include "kernels/operations/units.hpp"

namespace engram::cpu {

using namespace bodies;

namespace {

template <class Rule>
ENGRAM_HD void walk_units(const Rule& rule, const UnitPointers<Rule>& columns, Index begin, Index end,
                          const real* shared) {
#pragma GCC ivdep  // columns are distinct arrays
  for (Index i = begin; i < end; ++i) update_unit(rule, columns, i, shared);
}

/// A copy of the rule stays in registers. Where it keeps no error, that is known when its loop is compiled: a branch
/// within would compute both sides.
template <class Rule>
ENGRAM_CLONES void update_range(const Rule& rule, const UnitPointers<Rule>& columns, Index begin, Index end,
                                const real* shared) {
  Rule own = rule;
  if constexpr (requires { own.keep_error; }) {
    if (own.keep_error == real(0)) {
      own.keep_error = 0;
      return walk_units(own, columns, begin, end, shared);
    }
    own.keep_error = 1;
  }
  walk_units(own, columns, begin, end, shared);
}

ENGRAM_CLONES void add_row(real* drive, const real* row, real change, Index units) {
#pragma GCC ivdep
  for (Index i = 0; i < units; ++i) drive[i] += row[i] * change;
}

/// About the operations that one unit costs: a sample takes two exponentials, a logarithm and some divisions.
constexpr std::size_t unit_work = 64;

}  // namespace

void CpuBackend::update(const UnitRule& rule, UnitColumns columns, const Segments& segments, Batch<const real> shared) {
  std::visit(
      [&](const auto& r) {
        using Rule = std::decay_t<decltype(r)>;
        const RuleColumns<Rule> own = columns_for<Rule>(columns);
        const LayerValues layers = layer_values(r, shared, segments);
        const Index units = own.at[0].units, batches = own.at[0].batches;
        const std::size_t all = std::size_t{units} * batches;
        parallel_for(info_.threads, all, all * unit_work, [&](std::size_t begin, std::size_t end, int) {
          while (begin < end) {
            const auto b = static_cast<Index>(begin / units), first = static_cast<Index>(begin % units);
            const auto last = static_cast<Index>(std::min<std::size_t>(units, first + (end - begin)));
            const UnitPointers<Rule> p = columns_of(own, b);
            for_segments(segments, first, last, [&](Index segment, Index from, Index to) {
              update_range(r, p, from, to, layers.at(b, segment));
            });
            begin += last - first;
          }
        });
      },
      rule);
}

void CpuBackend::update_in_order(const UnitRule& rule, UnitColumns columns, Batch<const real> shared,
                                 const DenseView& w, Batch<const Index> order, Index group) {
  std::visit(
      [&](const auto& r) {
        using Rule = std::decay_t<decltype(r)>;
        if constexpr (!has_drive<Rule>) {
          refuse_order(Rule::name);
        } else {
          const RuleColumns<Rule> own = columns_for<Rule>(columns);
          const LayerValues layer = layer_values(r, shared, {});
          const Index units = own.at[0].units, batches = own.at[0].batches;
          parallel_for(info_.threads, batches, std::size_t{batches} * units * units,
                       [&](std::size_t begin, std::size_t end, int) {
                         for (auto b = static_cast<Index>(begin); b < end; ++b) {
                           const UnitPointers<Rule> p = columns_of(own, b);
                           for (Index k = 0; k < units; ++k) {
                             const Index i = order.at(b)[k];
                             const real before = p.at[0][i];
                             update_unit(r, p, i, layer.at(b, 0));
                             add_row(p.at[1], w.row(b / group, i), p.at[0][i] - before, units);
                           }
                         }
                       });
        }
      },
      rule);
}

}  // namespace engram::cpu
