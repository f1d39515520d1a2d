// The numbers of a network that are drawn or solved: those of one replica.
#pragma once

#include <map>

#include "engram/nef/network.hpp"

namespace engram::nef {

/// By the name of the array of the schedule, such as "memory.gain"; matrices by rows. What is missing is 0.
struct Parameters {
  std::map<std::string, std::vector<double>> values;
  std::map<std::string, std::int64_t> seeds;
};

Parameters draw_parameters(const Network&, std::uint64_t seed);

/// Whether the decoders of a connection are all 0, so that nothing is solved.
bool is_zero(const Connection&);

/// What drawing the parameters of some replicas and building their schedule take on the host.
std::size_t memory_to_build(const Network&, std::size_t replicas);

}  // namespace engram::nef
