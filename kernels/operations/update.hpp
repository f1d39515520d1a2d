// Unit rules as kernels: a thread a unit, or one block a batch where units follow each other.
#pragma once

#include "kernels/core/block.hpp"
#include "kernels/core/launch.hpp"
#include "kernels/operations/units.hpp"

namespace engram::kernels {

using namespace bodies;

template <class Rule>
struct UpdateUnit {
  Rule rule;
  RuleColumns<Rule> columns;
  LayerValues layers;

  ENGRAM_HD void operator()(Index i, std::size_t batch) const {
    const auto b = static_cast<Index>(batch);
    update_unit(rule, columns_of(columns, b), i, shared_values<Rule>() ? layers.of_unit(b, i) : nullptr);
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
  RuleColumns<Rule> columns;
  LayerValues layer;
  DenseView w;
  Batch<const Index> order;
  Index group;

  ENGRAM_HD void operator()(const Block& block, std::size_t batch, Shared& memory) const {
    const auto b = static_cast<Index>(batch);
    const UnitPointers<Rule> p = columns_of(columns, b);
    const Index units = columns.at[0].units;
    for (Index k = 0; k < units; ++k) {
      const Index i = order.at(b)[k];
      block.each([&](Index t) {
        if (t != 0) return;
        const real before = p.at[0][i];
        update_unit(rule, p, i, layer.at(b, 0));
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
void update(Launcher& launch, const UnitRule& rule, UnitColumns columns, const Segments& segments,
            Batch<const real> shared) {
  std::visit(
      [&](const auto& r) {
        using Rule = std::decay_t<decltype(r)>;
        const RuleColumns<Rule> own = columns_for<Rule>(columns);
        launch.items("update", own.at[0].units, own.at[0].batches,
                     UpdateUnit<Rule>{r, own, layer_values(r, shared, segments)});
      },
      rule);
}

template <class Launcher>
void update_in_order(Launcher& launch, const UnitRule& rule, UnitColumns columns, Batch<const real> shared,
                     const DenseView& w, Batch<const Index> order, Index group) {
  std::visit(
      [&](const auto& r) {
        using Rule = std::decay_t<decltype(r)>;
        if constexpr (!has_drive<Rule>) {
          refuse_order(Rule::name);
        } else {
          const RuleColumns<Rule> own = columns_for<Rule>(columns);
          launch.blocks("update_in_order", own.at[0].batches,
                        UpdateInOrder<Rule>{r, own, layer_values(r, shared, {}), w, order, group});
        }
      },
      rule);
}

}  // namespace engram::kernels
