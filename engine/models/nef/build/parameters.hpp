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

/// What building a replica takes on the host, beside the parameters.
std::size_t memory_to_build(const Network&);

}  // namespace engram::nef
