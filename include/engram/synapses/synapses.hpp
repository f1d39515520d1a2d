// The projections: who connects to whom, with what weight. Owners hold memory of a backend; views are what operations
// see.
#pragma once

#include <variant>

#include "engram/core/array.hpp"
#include "engram/synapses/incoming.hpp"

namespace engram {

inline constexpr Index dense_chunk = 64;  ///< presynaptic units a partial sum of a dense row covers

/// All pairs, stored [replica][plane][pre][post]: lanes are postsynaptic units, and walking only the active presynaptic
/// ones reads whole lines. A synapse has `planes` values; the first one transmits. A 0 may mean "absent" to a rule.
/// Sums: ordered, in chunks of 64 presynaptic units.
struct DenseView {
  real* weight = nullptr;
  Index n_pre = 0, n_post = 0, replicas = 1, planes = 1;
  std::size_t pitch = 0;  ///< distance of two presynaptic rows

  ENGRAM_HD std::size_t plane_stride() const { return pitch * n_pre; }
  ENGRAM_HD real* row(Index replica, Index pre) const {
    return weight + (static_cast<std::size_t>(replica) * planes * n_pre + pre) * pitch;
  }
};

/// Existing pairs by presynaptic unit, targets ascending; for sparse activity, where only the rows of active units are
/// walked. Rows of replica r begin at row_start[r * n_pre]. Sums: `fixed`, in any order.
struct OutgoingView {
  const std::uint64_t* row_start = nullptr;  ///< [replicas * n_pre + 1]
  const Index* target = nullptr;
  real* weight = nullptr;
  Index n_pre = 0, n_post = 0, replicas = 1;

  ENGRAM_HD std::size_t row(Index replica, Index pre) const { return static_cast<std::size_t>(replica) * n_pre + pre; }
};

using Synapses = std::variant<DenseView, OutgoingView, IncomingView>;

class Dense {
 public:
  Dense(Backend& backend, Index n_pre, Index n_post, Index replicas = 1, Index planes = 1);
  DenseView view() const;
  /// Values as [replica][pre][post] without padding; `plane` 0 transmits.
  void upload(std::span<const real> values, Index plane = 0);
  std::vector<real> download(Index plane = 0) const;
  static std::size_t bytes(Index n_pre, Index n_post, Index replicas, Index planes = 1);

 private:
  /// Calls f(first row without padding, rows, where they begin in weight_) for some of a plane's rows after the other.
  template <class F>
  void each_piece(Index plane, F&& f) const;

  Index n_pre_, n_post_, replicas_, planes_;
  std::size_t pitch_;
  Array<real> weight_;
};

/// Outgoing rows: `row_start` has replicas * n_pre + 1 entries.
class Outgoing {
 public:
  Outgoing(Backend& backend, Index n_pre, Index n_post, Index replicas, std::span<const std::uint64_t> row_start,
           std::span<const Index> target, std::span<const real> weight);
  /// Of rows that lie on the device.
  Outgoing(Index n_pre, Index n_post, Index replicas, Array<std::uint64_t> row_start, Array<Index> target,
           Array<real> weight);
  OutgoingView view() const;
  std::vector<std::uint64_t> row_start() const { return row_start_.download(); }
  std::vector<Index> target() const { return target_.download(); }
  std::vector<real> weight() const { return weight_.download(); }
  Array<real>& weights() { return weight_; }  ///< of all synapses, in the order of the rows
  std::size_t synapses() const { return weight_.size(); }
  static std::size_t bytes(std::size_t synapses, Index n_pre, Index replicas);

 private:
  Index n_pre_, n_post_, replicas_;
  Array<std::uint64_t> row_start_;
  Array<Index> target_;
  Array<real> weight_;
};

}  // namespace engram
