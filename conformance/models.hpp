// Small models that run on any backend, one or more for each family: checked step by step, operation by operation.
#pragma once

#include <vector>

#include "conformance/cases.hpp"

namespace engram::conformance {

struct Model {
  const char* name;  ///< such as "assembly/dense"
  /// Builds the model, runs `steps` steps and returns its final state. Each step stands between begin_step and end_step
  /// with one key, as in a real run: there a device may replay it as a graph.
  Result (*run)(Backend&, Tick steps);
  bool recorded = true;  ///< false: a step asks the host, or is one operation of its own, so there is nothing to replay
};

/// All models. A family adds its own here: its functions are declared beside the list in models.cpp.
std::span<const Model> models();

}  // namespace engram::conformance
