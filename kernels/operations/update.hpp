// Unit rules as kernels: a thread a unit, or one block a batch where units follow each other.
#pragma once

#include "kernels/core/block.hpp"
#include "kernels/core/launch.hpp"
#include "kernels/operations/bodies.hpp"

namespace engram::kernels {

using namespace bodies;

template <class Rule>
struct UpdateUnit {
  Rule rule;
  UnitColumns columns;
  Batch<const real> shared;

  ENGRAM_HD void operator()(Index i, std::size_t batch) const {
    const auto b = static_cast<Index>(batch);
    update_unit(rule, columns_of(columns, b), i, shared ? shared.at(b) : nullptr);
  }
};

/// One thread updates the unit whose turn it is, all add its change to the drives.
template <class Rule>
struct UpdateInOrder {
  static constexpr Index threads = 256;
  struct Shared {
    real change;
  };
  Rule rule;
  UnitColumns columns;
  Batch<const real> shared;
  DenseView w;
  Batch<const Index> order;
  Index group;

  ENGRAM_HD void operator()(const Block& block, std::size_t batch, Shared& memory) const {
    const auto b = static_cast<Index>(batch);
    const UnitPointers p = columns_of(columns, b);
    const Index units = columns.at[0].units;
    for (Index k = 0; k < units; ++k) {
      const Index i = order.at(b)[k];
      block.each([&](Index t) {
        if (t != 0) return;
        const real before = p.at[0][i];
        update_unit(rule, p, i, shared ? shared.at(b) : nullptr);
        memory.change = p.at[0][i] - before;
      });
      block.each([&](Index t) {
        const real* row = w.row(b / group, i);
        for (Index l = t; l < units; l += threads) p.at[1][l] += row[l] * memory.change;
      });
    }
  }
};

template <class Launcher>
void update(Launcher& launch, const UnitRule& rule, const UnitColumns& columns, Batch<const real> shared) {
  std::visit(
      [&](const auto& r) {
        using Rule = std::decay_t<decltype(r)>;
        launch.items("update", columns.at[0].units, columns.at[0].batches, UpdateUnit<Rule>{r, columns, shared});
      },
      rule);
}

template <class Launcher>
void update_in_order(Launcher& launch, const UnitRule& rule, const UnitColumns& columns, Batch<const real> shared,
                     const DenseView& w, Batch<const Index> order, Index group) {
  std::visit(
      [&](const auto& r) {
        using Rule = std::decay_t<decltype(r)>;
        launch.blocks("update_in_order", columns.at[0].batches,
                      UpdateInOrder<Rule>{r, columns, shared, w, order, group});
      },
      rule);
}

}  // namespace engram::kernels
