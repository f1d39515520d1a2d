// What `engram bench --crossover` times: one small experiment of each family, in growing sizes, run as a user runs it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/run/crossover.hpp"
#include "engram/backend.hpp"
#include "engram/run/experiment.hpp"

namespace engram::bench {

struct GrowingExperiment {
  std::string family;
  std::vector<Index> sizes;                     ///< units of an area or network, growing
  nlohmann::ordered_json (*document)(Index n);  ///< the experiment, "schema" left out
};

/// One for each of families().
const std::vector<GrowingExperiment>& growing_experiments();

Experiment experiment_of(const GrowingExperiment&, Index n);

/// Seconds of all ticks of the experiment, without building it: the least of a few repetitions, of `min_time` seconds
/// in all but at least two. Nothing is recorded.
double seconds_of_ticks(const Experiment&, Backend&, double min_time);

/// All of `chosen` on both backends, and the rule that follows; each line of the table goes to `log` as it is there.
CrossoverRule measure_crossover(const std::vector<GrowingExperiment>& chosen, Backend& cpu, Backend& cuda,
                                double min_time, const std::function<void(const std::string&)>& log);

}  // namespace engram::bench
