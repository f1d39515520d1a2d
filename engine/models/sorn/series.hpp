// The series of a SORN experiment: what the reference's callbacks collect, by the same names.
#pragma once

#include "engine/run/recording.hpp"
#include "engram/sorn/sorn.hpp"

namespace engram::sorn {

/// What one network of a run shows at a step.
struct Seen {
  Tick t;
  Index replica;
  const Network& net;
  const Network::Recorded& now;  ///< of this step
  std::vector<State>& states;    ///< of all networks; none before somebody asked

  const State& state() const {
    if (states.empty()) states = net.states(0, net.replicas());
    return states[replica];
  }
};

// Written without being asked for.
namespace recordable {
inline constexpr Series rate{"rate", "share of excitatory units that fire"};
inline constexpr Series hamming{"hamming", "excitatory units that differ between a network and its twin", "perturb"};
inline constexpr Series score{"score", "steps that the pole of an episode stood", "cart_pole"};

}  // namespace recordable

/// These and the next ones.
std::vector<Series> all_series();
/// What /callbacks/series may list: the package's callbacks, and WEU for plastic input weights. Spikes have step,
/// replica and unit; synapses their ends and weights; thresholds are a row a network; counts are metrics.
Recording<Seen>::Table series_table();

/// Records step t, of which `now` is the record.
void record_series(const Recording<Seen>&, const Network&, Tick t, const Network::Recorded& now, Recorder&);

}  // namespace engram::sorn
