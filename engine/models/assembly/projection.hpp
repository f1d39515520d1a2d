// One weight matrix of an area: storage, initial graph, normalisation.
#pragma once

#include "engram/assembly/assembly.hpp"
#include "engram/run/state_visitor.hpp"

namespace engram::assembly {

struct Assembly::Projection {
  Projection(Backend&, const AreaSpec&, std::string name, const std::string& source, Index n_pre,
             std::span<const std::uint64_t> seeds);

  Synapses view() const;
  void drive(const Active& source, real gain, Index group, Batch<real> drive) const;
  void learn(const Active& pre, const Active& post);
  void normalize(bool recount = false);
  std::vector<real> matrix() const;                ///< effective, [replica][post][pre]
  void set_matrix(std::span<const real> weights);  ///< likewise; resets the scales
  Weighed weigh(std::size_t bins) const;
  void recount();            ///< sums of stored weights, after these were written; scales stay
  StateArray dense_state();  ///< of a dense matrix, unscaled: [replica][post][pre]
  static std::size_t memory(const AreaSpec&, Index n_pre, std::size_t replicas);

  Backend* backend;
  std::string name;
  Index n_pre, n_post, replicas;
  bool sparse, scaled, normalizes;
  SynapseRule rule;
  std::variant<std::monostate, Dense, Outgoing> storage;
  Array<real> scale;
  Array<fixed> sum;

 private:
  Scaling scaling() const;
  std::vector<real> dense() const;                ///< all of a dense matrix, unscaled: [replica][post][pre]
  void set_dense(std::span<const real> weights);  ///< likewise
  /// Rows [first, first + count) of a replica of a dense matrix; a row has the weights of a sender to all receivers,
  /// and what fills it up to the pitch. In place where the host can read them, else copied to `room`.
  const real* dense_rows(std::size_t replica, std::size_t first, std::size_t count, std::vector<real>& room) const;
  /// Calls f(replica, first sender, rows) for a few rows of a dense matrix after the other.
  template <class F>
  void each_dense_block(F&& f) const;
  /// Writes all of a dense matrix; f(replica, sender, weights to all receivers) changes what is 0 at first.
  template <class F>
  void write_dense_rows(F&& f);
};

/// "0.A." for area A of a stack that is stage 0, "1." for a stage of one area, "" for a network of one area.
std::string matrix_prefix(const Spec& spec, std::size_t stage, const std::string& area);

}  // namespace engram::assembly
