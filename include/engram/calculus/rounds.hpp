// Rounds of the assembly calculus that a machine takes one after the other without the host: who won, what is found and
// what is learned stay on the device. For machines that would otherwise wait for the host between two rounds; elsewhere
// Brain takes rounds one by one, with the same bits.
#pragma once

#include <vector>

#include "engram/calculus/connections.hpp"

namespace engram {

/// Fills lists that are shorter than their room; it is above every unit, so such a list is still ascending.
inline constexpr Index no_unit = ~Index{0};

/// Learned synapses with room for more. The layout is that of OverlayView, which is defined by what was learned alone,
/// so a round that adds synapses leaves the same arrays on every machine.
struct GrowingOverlay {
  Index* unit = nullptr;    ///< [row_room]
  Index* start = nullptr;   ///< [row_room + 1]
  Index* pre = nullptr;     ///< [entry_room]
  float* weight = nullptr;  ///< [entry_room]
  Index* size = nullptr;    ///< [2]: rows, entries
  Index row_room = 0, entry_room = 0;

  ENGRAM_HD OverlayView view() const { return {unit, start, pre, weight, size[0]}; }
};

/// What many equal rounds work on; all memory is on the device. One round, of all areas at once:
///  1. the input of each area that selects: its stimuli in the order of the list, then its fibres in that order;
///  2. its k winners; equal inputs: lower index first;
///  3. where something is learned: synapses between firing sources and winners are looked for and kept, and
///  potentiated;
///  4. the winners become those that fire.
struct RoundsView {
  struct Area {
    Index n = 0, k = 0;
    bool selects = false;           ///< false: fires as it did, all along
    Span<Index> winners = {};       ///< ascending; k of them where the area selects
    Span<real> input = {};          ///< [n]; where it selects, as the next two
    Span<float> value = {};         ///< [k] input of each winner in the last round
    Span<std::uint32_t> ever = {};  ///< who ever won, as bits
  };
  struct Stimulus {
    std::size_t target = 0;  ///< an area of the list
    Span<float> weight = {};
    Potentiation rule = {};  ///< factor 1 learns nothing
  };
  struct Fibres {
    std::size_t source = 0, target = 0;  ///< areas of the list
    Fibre fibre;
    Span<Index> counts = {};   ///< [n_post] synapses from `counted`; of no account where the target does not select
    Span<Index> counted = {};  ///< ascending, padded with no_unit; room for the winners of the source
    GrowingOverlay overlay = {};
    Span<const float> factor = {};  ///< of each target, or null
    Potentiation rule = {};
    /// All synapses between these two lists are in the overlay; padded, with room for the winners of source and target.
    Span<Index> known_sources = {}, known_targets = {};
  };
  std::vector<Area> areas;
  std::vector<Stimulus> stimuli;
  std::vector<Fibres> fibres;
  Span<Index> newcomers = {};  ///< [rounds][areas], zero at first: winners that had never won
};

namespace calculus {

class Rounds : public Extension {
 public:
  static constexpr ExtensionId id = "calculus.rounds/1";
  /// Does `rounds` rounds, or fewer where learned synapses no longer fit; returns how many. A round that does not fit
  /// changes nothing but counts and `counted`, which stay what they are said to be.
  virtual Index run(const RoundsView&, Index rounds) = 0;
};

}  // namespace calculus

}  // namespace engram
