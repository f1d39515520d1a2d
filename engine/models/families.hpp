// One maker a family; engine/models/registry.cpp lists them.
#pragma once

#include <utility>

#include "engram/run/config_reader.hpp"
#include "engram/run/task.hpp"

namespace engram {

namespace assembly {
Family family();
}
namespace sorn {
Family family();
}
namespace attractor {
Family family();
}

namespace calculus {
Family family();
Family parser_family();
}  // namespace calculus

/// The plan of a family whose checked configuration is a Config.
template <class Config, class TaskOfFamily, auto memory_of>
class PlanOf final : public Plan {
 public:
  explicit PlanOf(Config config) : config_(std::make_shared<const Config>(std::move(config))) {}
  std::size_t memory(std::size_t replicas) const override { return memory_of(*config_, replicas); }
  std::unique_ptr<Task> build(const TaskContext& context) const override {
    return std::make_unique<TaskOfFamily>(config_, context);
  }

 private:
  std::shared_ptr<const Config> config_;
};

/// Family::read from the parts of a family: Config read_config(ConfigReader&), a task that is made of a
/// shared_ptr<const Config> and a TaskContext, and std::size_t memory_of(const Config&, std::size_t replicas).
template <class TaskOfFamily, auto read_config, auto memory_of>
std::unique_ptr<Plan> read_plan(ConfigReader& experiment) {
  auto config = read_config(experiment);
  if (!experiment.ok()) return nullptr;
  return std::make_unique<PlanOf<decltype(config), TaskOfFamily, memory_of>>(std::move(config));
}

}  // namespace engram
