// NEF networks that go on from the state of another run. A state holds what steps write: signals, voltages, and what
// learning changed. All else follows from the experiment and the seeds, so it has to be the same in both.
#include <algorithm>

#include "engine/models/nef/build/builder.hpp"
#include "engine/models/nef/config.hpp"

namespace engram::nef {

namespace {

using Json = nlohmann::ordered_json;

bool is_of_probe(std::string_view array) { return array.starts_with("probe "); }

/// A connection without the parameters of its rules, which act in a step.
Json drawn_part(Json connection) {
  if (connection.contains("learning"))
    for (Json& rule : connection["learning"])
      if (rule.is_object()) rule = rule.value("rule", "");
  return connection;
}

/// Reports what a network is drawn and solved from where it is not that of the other run.
void refuse_other_networks(const ConfigReader& model, const ModelState& begun) {
  if (begun.model().is_null()) return;
  const Json& now = model.as_written();
  const Json& then = begun.model();
  for (const char* key : {"dt", "seeding"})
    if (now.value(key, Json()) != then.value(key, Json())) begun.report_other(model, key);
  for (const char* kind : {"ensembles", "connections"}) {
    const Json old = then.value(kind, Json::object());
    const ConfigReader parts = model.optional_object(kind);
    for (const auto& [name, part] : parts.members()) {
      if (!old.contains(name))
        parts.problem(name, "those of " + begun.path() + " have none of this name; it cannot be added to them");
      else if (drawn_part(part.as_written()) != drawn_part(old[name]))
        begun.report_other(parts, name);
    }
  }
}

}  // namespace

void check_begun(const ConfigReader& experiment, const Config& config) {
  const ConfigReader model = experiment.optional_object("model");
  const ModelState& begun = *config.begun;
  const auto refuse = [&](const std::string& text) { model.problem("state", begun.path() + ": " + text); };
  if (!begun.shape("step") || !begun.shape("time")) return refuse("holds no NEF network");
  if (begun.seeds() != list_of_seeds(experiment))
    return refuse("neurons and their decoders follow from the seeds, which must be the same there and here");
  refuse_other_networks(model, begun);
  if (!experiment.ok()) return;
  const auto replicas = static_cast<Index>(begun.seeds().size());
  const std::string fault = unlike(begun, build(config.network, {}, replicas).schedule, replicas);
  if (!fault.empty()) refuse(fault);
}

std::string unlike(const ModelState& begun, const Schedule& schedule, std::size_t networks, const std::string& prefix) {
  for (ArrayId id = 0; id < schedule.arrays(); ++id) {
    const Schedule::ArrayInfo& array = schedule.array(id);
    if (!schedule.written(id) || is_of_probe(array.name)) continue;
    if (std::string fault =
            begun.fault_of(prefix + array.name, {networks, array.cols, array.rows}, "networks, columns, rows");
        !fault.empty())
      return fault;
  }
  return {};
}

std::string Config::largest_array() const {
  const Schedule schedule = build(network, {}, 1).schedule;
  const Schedule::ArrayInfo* largest = nullptr;
  for (ArrayId id = 0; id < schedule.arrays(); ++id)
    if (!largest || schedule.array(id).size() > largest->size()) largest = &schedule.array(id);
  // Drawn parameters stand there in double precision, and once more in the schedule; what is beyond is solved.
  if (memory_to_build(network, 1) > 3 * schedule.bytes(1)) return "the matrices that decoders are solved from";
  if (!largest) return {};
  return largest->name + ", " + std::to_string(largest->rows) + " x " + std::to_string(largest->cols);
}

void begin_networks(Simulator& simulator, const Config& config) {
  if (!config.begun) return;
  config.begun->restore([&](StateVisitor& visitor) { simulator.visit(visitor); },
                        // Probes of this run alone begin empty.
                        [&](std::string_view name, std::span<const std::size_t> shape) {
                          const auto there = config.begun->shape(std::string(name));
                          const bool same =
                              there && std::equal(there->begin(), there->end(), shape.begin(), shape.end());
                          return same || !is_of_probe(name);
                        });
}

}  // namespace engram::nef
