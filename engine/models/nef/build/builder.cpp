#include "engine/models/nef/build/builder.hpp"

#include "engine/models/nef/build/draft.hpp"

namespace engram::nef {

Built build(const Network& network, std::span<Parameters> parameters, Index replicas, std::size_t probe_bytes) {
  Draft draft(network, parameters, replicas, probe_bytes);
  Schedule::ArrayInfo step;
  step.name = "step";
  step.integer = true;
  const ArrayId steps = draft.built.schedule.add(std::move(step)), time = draft.array("time", 1).array;
  draft.add.clock(steps, time, network.dt);
  for (const auto& [name, node] : network.nodes) declare(draft, name, node);
  for (const auto& [name, ensemble] : network.ensembles) declare(draft, name, ensemble);
  for (const auto& [name, connection] : network.connections) declare(draft, name, connection);
  for (const auto& [name, connection] : network.connections) learn(draft, name, connection);
  for (const auto& [name, node] : network.nodes) emit(draft, name, node);
  for (const auto& [name, ensemble] : network.ensembles) emit(draft, name, ensemble);
  for (const auto& [name, connection] : network.connections) emit(draft, name, connection);
  for (const auto& [name, probe] : network.probes) emit(draft, name, probe);
  draft.built.schedule.order();
  return std::move(draft.built);
}

}  // namespace engram::nef
