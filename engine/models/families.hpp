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
namespace leabra {
Family family();
}

namespace nef {
Family family();
Family study_family();
}  // namespace nef

namespace calculus {
Family family();
Family parser_family();
}  // namespace calculus

/// Family::read from the parts of a family: Config read_config(ConfigReader&), a task that is made of a
/// shared_ptr<const Config> and a TaskContext, and std::size_t memory_of(const Config&, std::size_t replicas). A Config
/// may have largest_array(), series(), phase_labels(), swept() and max_units(), which are what Plan says of them.
template <class TaskOfFamily, auto read_config, auto memory_of>
std::unique_ptr<Plan> read_plan(ConfigReader& experiment) {
  using Config = decltype(read_config(experiment));
  struct PlanOfFamily final : Plan {
    std::shared_ptr<const Config> config;
    explicit PlanOfFamily(Config read) : config(std::make_shared<const Config>(std::move(read))) {}
    std::size_t memory(std::size_t replicas) const override { return memory_of(*config, replicas); }
    std::string largest_array() const override {
      if constexpr (requires { config->largest_array(); }) return config->largest_array();
      return {};
    }
    std::vector<std::string> series() const override {
      if constexpr (requires { config->series(); }) return config->series();
      return {};
    }
    std::vector<std::string> phases() const override {
      if constexpr (requires { config->phase_labels(); }) return config->phase_labels();
      return {};
    }
    std::vector<Swept> swept(std::size_t seeds) const override {
      if constexpr (requires { config->swept(seeds); }) return config->swept(seeds);
      return static_cast<void>(seeds), std::vector<Swept>{};
    }
    std::unique_ptr<Task> build(const TaskContext& context) const override {
      return std::make_unique<TaskOfFamily>(config, context);
    }
    std::size_t max_units() const override {
      if constexpr (requires { config->max_units(); }) return config->max_units();
      return 0;
    }
  };
  Config config = read_config(experiment);
  return experiment.ok() ? std::make_unique<PlanOfFamily>(std::move(config)) : nullptr;
}

}  // namespace engram
