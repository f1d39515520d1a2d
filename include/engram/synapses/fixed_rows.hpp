// Sparse projections whose pairs stay as they are: incoming rows with several values a synapse, and the sums of a dense
// matrix that has 0 where no pair is joined.
#pragma once

#include <vector>

#include "engram/synapses/incoming.hpp"

namespace engram {

class FixedRows {
 public:
  /// One entry of `rows` a replica, of equal n_pre and n_post; throws Error where rows are not sorted or out of range.
  /// Their weights become value 0 of each synapse, the other `planes` - 1 are 0.
  FixedRows(Backend& backend, std::span<const Rows> rows, Index planes = 1);
  IncomingView view() const;
  /// One value of all synapses: replica by replica, row by row.
  void upload(std::span<const real> values, Index plane);
  std::vector<real> download(Index plane) const;
  /// The rows with one value of each synapse.
  std::vector<Rows> rows(Index plane) const;

  /// Whether the rows of all replicas have these starts and presynaptic units.
  bool joins(std::span<const std::uint64_t> start, std::span<const Index> pre) const;

  std::size_t synapses() const { return static_cast<std::size_t>(start_.back()); }
  /// Where the rows of all replicas begin among the synapses, [replica * n_post + row], and their end.
  const std::vector<std::uint64_t>& start() const { return start_; }
  std::size_t bytes() const;
  /// The same for rows of a mean length whose members are drawn; 16 neighbours take as much as the longest.
  static std::size_t bytes(double mean_row, Index n_post, Index replicas, Index planes);

 private:
  /// Calls f(synapse, slot) for all of them.
  template <class F>
  void each(F&& f) const;
  std::size_t slots() const { return pre_.size(); }

  Index n_pre_, n_post_, replicas_, planes_;
  std::vector<std::uint64_t> start_;
  std::vector<Index> first_block_;  ///< [replica][slice]
  Array<Index> pre_, next_, taken_;
  Array<real> weight_;
  Array<Slice> slice_;
};

}  // namespace engram
