// The series of a SORN experiment: what the reference's callbacks collect, by the same names.
#pragma once

#include "engine/models/sorn/config.hpp"
#include "engram/run/task.hpp"

namespace engram::sorn {

/// Appends what the experiment wants of step t, of which `now` is the record: spikes as step, replica and unit,
/// synapses with their ends and weights, thresholds a row a network, counts as metrics. What never changes is written
/// once.
void record_sorn(const Config&, const Network& net, Tick t, const Network::Recorded& now, Recorder&);

}  // namespace engram::sorn
