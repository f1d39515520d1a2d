// Plastic sparse projections: synapses stored with their postsynaptic unit, in rows that grow and shrink in place.
#pragma once

#include <vector>

#include "engram/core/array.hpp"

namespace engram {

inline constexpr Index slice_lanes = 16;  ///< rows interleaved: one vector on the CPU, half a warp on the GPU
inline constexpr Index block_slots = 4;   ///< slots a row gains at a time
inline constexpr Index block_size = slice_lanes * block_slots;
inline constexpr Index no_block = 0xffffffffu;
inline constexpr Index no_pre = 0xffffffffu;
/// Rows may stand by length, longest first, within windows of so many slices: 16 rows of nearly the same length share a
/// slice, and little of it is padding. A window's units are near in memory.
inline constexpr Index window_slices = 16;

/// 16 neighbouring rows. Their slots lie in a chain of blocks, lane by lane, so that slot k of all 16 is one line.
struct Slice {
  Index first_block;
  Index used;  ///< slots of the longest row
};

/// Incoming rows in slices. A row is sorted by presynaptic unit; a slot of weight 0 holds no synapse and changes no
/// sum, so pruning writes a 0 and padding needs no test. Sums: ordered, plain left to right over the row.
struct IncomingView {
  Index* pre = nullptr;    ///< [block][slot][lane]
  real* weight = nullptr;  ///< likewise
  Index* next = nullptr;   ///< [block]: the block after it in its slice
  Slice* slice = nullptr;  ///< [replica][slice]
  Index* unit = nullptr;   ///< [replica][slice][lane]: whose row it is; null: slice * 16 + lane
  Index* place = nullptr;  ///< [replica][unit]: the slice * 16 + lane of its row, likewise
  Index* taken = nullptr;  ///< blocks in use; slices take free ones from here
  Index blocks = 0;        ///< blocks there are
  Index n_pre = 0, n_post = 0, replicas = 1;
  Index in_use = 0;  ///< blocks taken when the host last looked
  Index planes = 1;  ///< values of a synapse, of which the first one transmits
  /// Rows of FixedRows: a slot without a synapse names no_pre, one of weight 0 may hold one, and sums go in the chunks
  /// of a dense row.
  bool fixed = false;

  /// Distance of two values of a synapse.
  ENGRAM_HD std::size_t plane_stride() const { return std::size_t{blocks} * block_size; }
  ENGRAM_HD bool holds(const Index* pre_of_slot, const real* weight_of_slot) const {
    return fixed ? *pre_of_slot != no_pre : *weight_of_slot != real(0);
  }
  ENGRAM_HD Index slices() const { return ceil_div(n_post, slice_lanes); }
  ENGRAM_HD Slice& at(Index replica, Index s) const { return slice[static_cast<std::size_t>(replica) * slices() + s]; }
  ENGRAM_HD Index* units(Index replica, Index s) const {
    return unit + (static_cast<std::size_t>(replica) * slices() + s) * slice_lanes;
  }
  ENGRAM_HD Index& place_of(Index replica, Index post) const {
    return place[static_cast<std::size_t>(replica) * slices() * slice_lanes + post];
  }
};

/// The same rows of one replica on the host: row i is entries start[i] .. start[i+1], pre ascending.
struct Rows {
  Index n_pre = 0;
  std::vector<std::uint64_t> start{0};
  std::vector<Index> pre;
  std::vector<real> weight;

  Index n_post() const { return static_cast<Index>(start.size() - 1); }
};

class Incoming {
 public:
  /// One entry of `rows` a replica, of equal n_pre and n_post; throws Error where rows are not sorted or out of range.
  /// `by_length` arranges them within windows; bodies::tidy keeps them so while they change.
  Incoming(Backend& backend, std::span<const Rows> rows, bool by_length = false);
  /// Of one replica that was sliced where it lies: arrays as IncomingView says, unit and place empty unless by_length.
  struct Parts {
    Array<Index> pre, next, unit, place;
    Array<real> weight;
    Array<Slice> slice;
  };
  Incoming(Backend& backend, Index n_pre, Index n_post, Parts parts);
  IncomingView view() const;
  /// Makes sure that `blocks` blocks are free; called between steps, so that no step has to ask for memory.
  void reserve(Index blocks);
  /// Those of replicas [first, first + count).
  std::vector<Rows> download(Index first, Index count) const;
  void upload(std::span<const Rows> rows);
  std::size_t bytes() const;

 private:
  Backend* backend_;
  Index n_pre_, n_post_, replicas_;
  Index in_use_ = 0;
  std::size_t may_be_taken_ = 0;  ///< blocks, had every promise been used up since the host last looked
  bool by_length_;
  Array<Index> pre_, next_, taken_, unit_, place_;
  Array<real> weight_;
  Array<Slice> slice_;
};

}  // namespace engram
