// The synapses of one projection in all replicas: a matrix of all pairs, or, where few are connected, rows of those
// that are. What is computed with them has the same bits.
#pragma once

#include <functional>
#include <variant>
#include <vector>

#include "engram/leabra/cycles.hpp"
#include "engram/leabra/specs.hpp"
#include "engram/synapses/fixed_rows.hpp"

namespace engram {
class StateVisitor;
}

namespace engram::leabra {

/// Whether a projection is stored as rows.
bool is_sparse(const ProjectionSpec&, Index pre, Index post);
/// Bytes on the device of so many replicas.
std::size_t bytes_of_synapses(const ProjectionSpec&, Index pre, Index post, Index replicas);

/// The weights of all rows, one after the other.
std::vector<real> weights_of(std::span<const Rows>);

class ProjectionSynapses {
 public:
  /// One entry of `rows` a replica; their weights are linear ones, of which `effective` makes those that transmit.
  using Effective = std::function<real(real)>;
  ProjectionSynapses(Backend&, std::vector<Rows> rows, Index planes, bool sparse, const Effective&);

  /// The pairs that are connected from now on, and their linear weights; other values become 0.
  void connect(std::vector<Rows> rows, const Effective&);
  /// New linear weights of the pairs that are connected, in the order of the rows.
  void set_linear(std::span<const real> linear, const Effective&);
  /// The connected pairs with one of their values.
  std::vector<Rows> rows(Index plane) const;
  /// How many connections each receiver has, [replica * post].
  std::vector<real> counts() const;

  Synapses view() const;
  /// Of all pairs; null where only those that are connected are stored.
  Dense* matrix() { return std::get_if<Dense>(&stored_); }
  const Dense* matrix() const { return std::get_if<Dense>(&stored_); }
  /// Says of a projection where its synapses are.
  void put(ProjectionView&) const;
  Index planes() const { return planes_; }
  std::size_t bytes() const;

  /// The values of one replica, and the same put back.
  std::vector<real> values_of(Index replica) const;
  void put_values(Index replica, const std::vector<real>&);
  /// Shows all that there is under the name of the projection.
  /// `restored` is called once connections came from there.
  void visit(StateVisitor&, const std::string& name, const std::function<void()>& restored);

 private:
  std::size_t pairs() const { return std::size_t{pre_} * post_; }
  void visit_dense(StateVisitor&, const std::string& name, const std::function<void()>& restored);
  void visit_rows(StateVisitor&, const std::string& name, const std::function<void()>& restored);

  Backend* backend_;
  Index pre_, post_, replicas_, planes_;
  std::variant<Dense, FixedRows> stored_;
  std::vector<std::uint64_t> restored_starts_;  ///< until the senders of a checkpoint follow
};

}  // namespace engram::leabra
