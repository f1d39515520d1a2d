// Unit rules: all units at once in tiles, or one after the other.
#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/parallel.hpp"
#include "kernels/operations/bodies.hpp"

namespace engram::cpu {

using namespace bodies;

namespace {

template <class Rule>
ENGRAM_CLONES void update_range(const Rule& rule, const UnitPointers& columns, Index begin, Index end,
                                const real* shared) {
#pragma GCC ivdep  // columns are distinct arrays
  for (Index i = begin; i < end; ++i) update_unit(rule, columns, i, shared);
}

ENGRAM_CLONES void add_row(real* drive, const real* row, real change, Index units) {
#pragma GCC ivdep
  for (Index i = 0; i < units; ++i) drive[i] += row[i] * change;
}

/// About the operations that one unit costs: a sample takes two exponentials, a logarithm and some divisions.
constexpr std::size_t unit_work = 64;

}  // namespace

void CpuBackend::update(const UnitRule& rule, const UnitColumns& columns, Batch<const real> shared) {
  const Index units = columns.at[0].units, batches = columns.at[0].batches;
  std::visit(
      [&](const auto& r) {
        parallel_for(info_.threads, std::size_t{units} * batches, std::size_t{units} * batches * unit_work,
                     [&](std::size_t begin, std::size_t end, int) {
                       while (begin < end) {
                         const auto b = static_cast<Index>(begin / units), first = static_cast<Index>(begin % units);
                         const auto last = static_cast<Index>(std::min<std::size_t>(units, first + (end - begin)));
                         update_range(r, columns_of(columns, b), first, last, shared ? shared.at(b) : nullptr);
                         begin += last - first;
                       }
                     });
      },
      rule);
}

void CpuBackend::update_in_order(const UnitRule& rule, const UnitColumns& columns, Batch<const real> shared,
                                 const DenseView& w, Batch<const Index> order, Index group) {
  const Index units = columns.at[0].units, batches = columns.at[0].batches;
  std::visit(
      [&](const auto& r) {
        parallel_for(info_.threads, batches, std::size_t{batches} * units * units,
                     [&](std::size_t begin, std::size_t end, int) {
                       for (auto b = static_cast<Index>(begin); b < end; ++b) {
                         const UnitPointers p = columns_of(columns, b);
                         for (Index k = 0; k < units; ++k) {
                           const Index i = order.at(b)[k];
                           const real before = p.at[0][i];
                           update_unit(r, p, i, shared ? shared.at(b) : nullptr);
                           add_row(p.at[1], w.row(b / group, i), p.at[0][i] - before, units);
                         }
                       }
                     });
      },
      rule);
}

}  // namespace engram::cpu
