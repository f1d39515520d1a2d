// The parts of a network as its own sources see them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/models/leabra/synapses.hpp"
#include "engram/leabra/net.hpp"

namespace engram {
class StateReader;
}

namespace engram::leabra {

/// What one object has logged at one frequency.
struct Log {
  std::vector<std::string> wanted;  ///< attributes
  std::vector<double> whole, parts;
};

struct Net::Layer {
  std::string name;
  Index size;
  LayerSpec spec;
  Index index, first;  ///< place among the layers, first unit
  bool clamped = false, hidden = true;
  double relative = 0;  ///< sum of the relative scales of the last flush
  bool driven = false;  ///< softly clamped
  Index first_pool = 0;
  Log log[4] = {};
};

struct Net::Projection {
  std::string name;
  Index pre, post;
  ProjectionSpec spec;
  ProjectionSynapses synapses;
  Array<real> connections, scale, signals;  ///< [replica][receiver] twice, [replica][3]
  Array<Index> signals_at;                  ///< where the values of the receiving layer stand that learning reads
  Array<real> balance;                      ///< [state][receiver] factor of decreases, where weights are balanced
  std::uint64_t updates = 0;                ///< since the weights were looked at
  std::vector<Plateau> plateaus = {};       ///< [replica]
  Array<real> rates = {};                   ///< [state] what learning rates are multiplied by
  bool on = true;
  Log log[4] = {};
};

/// The attributes that a layer or projection logs.
template <class Spec>
const std::vector<std::string>& logged_of(const Spec& spec, Frequency f) {
  const std::vector<std::string>* all[] = {&spec.log_on_cycle, &spec.log_on_trial, &spec.log_on_epoch,
                                           &spec.log_on_batch};
  return *all[static_cast<std::size_t>(f)];
}

/// What is so of a layer at the moment.
struct LayerNow {
  bool clamped = false, driven = false;
  double relative = 0;   ///< sum of relative scales
  bool averages = true;  ///< running averages move
  Index table = 0;       ///< number of the activation function among those of the network
};
/// Constants of a layer for its units and its inhibition, leabra_layer::count of them.
void put_constants(const LayerSpec&, Index size, const LayerNow&, real* to);
/// The part of them that is about inhibition, of a layer or pool of so many units.
void put_inhibition(const InhibitionSpec&, Index size, real* to);
/// Units that win.
Index winners_of(const InhibitionSpec&, Index size);
bool is_ranked(const InhibitionSpec&);
/// Values that the synapses of a projection keep.
Index planes_of(const ProjectionSpec&);

/// Throws ConfigError where a projection cannot connect such layers; takes no memory for it.
void check_pattern(const ProjectionSpec&, Index pre, Index post);
/// How many of `n` connections a sparsity keeps.
std::size_t kept_of(double sparsity, std::size_t n);
/// Connections of a projection in one network.
std::size_t connections_of(const ProjectionSpec&, Index pre, Index post);
/// The connections of the `projection`-th one in the network of a seed, and their initial linear weights: rows by
/// receiver.
Rows draw_rows(const ProjectionSpec&, Index pre, Index post, std::uint64_t seed, std::uint64_t projection);

nlohmann::json saved(const Plateau&);
Plateau restored_plateau(const StateReader&);

/// The plasticity of a projection whose receiving layer is hidden or not.
SynapseRule plasticity_of(const ProjectionSpec&, bool hidden);
/// The effective weight of a linear one that was learned.
real effective_weight(const ProjectionSpec&, real linear);
/// What transmits of a weight that is set or drawn.
ProjectionSynapses::Effective initial_effective(const ProjectionSpec&);

}  // namespace engram::leabra
