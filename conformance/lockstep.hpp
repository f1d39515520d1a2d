// Cases and models run under a trace, and traces compared: what `engram check` and the tests share.
#pragma once

#include <string>
#include <vector>

#include "conformance/cases.hpp"
#include "engine/backend/trace_backend.hpp"

namespace engram::conformance {

inline constexpr Tick default_steps = 200;  ///< of a model

/// A case, or a model as "model/<name>".
struct Checked {
  std::string name;
  bool model = false, recorded = false;
  std::function<Result(Backend&, Tick steps)> run;
};
std::vector<Checked> everything();

struct Traced {
  std::vector<TraceLine> lines;
  Result result;
};
Traced trace(Backend&, const Checked&, Tick steps);

/// "tick 3, operation sweep, array drive: ..." where two traces first differ, or an empty string.
std::string first_difference(const std::vector<TraceLine>& expected, const std::vector<TraceLine>& found);

}  // namespace engram::conformance
