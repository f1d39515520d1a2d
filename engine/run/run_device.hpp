// What a run computes with: the backend that was asked for, or the one that "auto" chose by the size of the model.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/run/forecast.hpp"
#include "engram/run/experiment.hpp"

namespace engram {

struct RunDevice {
  /// `asked`: the name of a backend, "auto" among them.
  RunDevice(const Experiment& experiment, const std::string& asked, int threads);

  /// Throws MemoryError, with a remedy, if the run needs more than there is; says what it needs, and why this backend
  /// was chosen.
  void refuse_beyond_memory(const Experiment& experiment, const std::function<void(const std::string&)>& log) const;
  nlohmann::ordered_json description() const;

  std::size_t need;  ///< bytes
  int threads;       ///< of the CPU, for building too; 0: all
  std::unique_ptr<Backend> backend;
  std::string why;  ///< this backend; empty if it was asked for by name
};

}  // namespace engram
