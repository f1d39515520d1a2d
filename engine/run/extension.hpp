// A run that is complete, made longer.
#pragma once

#include <string>
#include <vector>

#include "engram/run/experiment.hpp"

namespace engram {

/// The experiment with these settings, if it does the same up to the end of `before`: its last phase may be longer, and
/// further phases may follow. Throws ConfigError where it is none such.
Experiment longer_experiment(const Experiment& before, const std::vector<std::string>& settings);

}  // namespace engram
