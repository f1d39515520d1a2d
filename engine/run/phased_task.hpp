// A task whose configuration is a protocol: phases, one after the other.
#pragma once

#include <memory>

#include "engine/run/timeline.hpp"
#include "engram/run/task.hpp"

namespace engram {

/// `Config` has the phases as `protocol`, each with a label, and their `timeline`.
template <class Config>
class PhasedTask : public Task {
 public:
  explicit PhasedTask(std::shared_ptr<const Config> config) : plan_(std::move(config)), config_(*plan_) {}
  Tick ticks() const final { return config_.timeline.ticks(); }
  Tick origin() const final { return origin_; }
  PhaseSpan phase_at(Tick t) const final {
    const Timeline::Place at = config_.timeline.at(t);
    return {config_.protocol[at.phase].label, at.begin, at.end};
  }

 private:
  std::shared_ptr<const Config> plan_;

 protected:
  const Config& config_;
  Tick origin_ = 0;  ///< ticks that the networks had behind them where this run began: their draws go on
};

}  // namespace engram
