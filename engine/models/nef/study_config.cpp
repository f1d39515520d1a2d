// Studies of a memory as JSON, and what keeps one from going on with the memories of another run.
#include "engine/models/nef/build/builder.hpp"
#include "engine/models/nef/config.hpp"
#include "engine/models/nef/study.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/schema.hpp"

namespace engram::nef {

namespace {

/// What acts in a step, or on cues; all else shapes new memories, or says when a pair is shown.
bool acts_later(std::string_view key) { return key == "voja" || key == "pes" || key == "speed" || key == "cue_noise"; }

void check_begun(const ConfigReader& experiment, const StudyConfig& config) {
  const ConfigReader model = experiment.optional_object("model");
  const ModelState& begun = *config.begun;
  const auto refuse = [&](const std::string& text) { model.problem("state", begun.path() + ": " + text); };
  const auto seeds = list_of_seeds(experiment);
  if (!begun.shape(name_of_memory(0) + "step")) return refuse("holds no memory of the family nef_memory");
  if (begun.seeds() != seeds)
    return refuse("pairs and neurons follow from the seeds, which must be the same there and here");
  if (!begun.model().is_null()) {
    Study before;
    read_fields(ConfigReader(begun.model()), before);
    for_each_field<Study>([&](const auto& field) {
      if (!acts_later(field.name) && !(config.study.*field.member == before.*field.member))
        begun.report_other(model, field.name);
    });
  }
  if (!experiment.ok()) return;
  if (begun.time() % config.study.steps_of_round())
    return refuse("was left within a round, after " + std::to_string(begun.time()) + " steps of rounds of " +
                  std::to_string(config.study.steps_of_round()) + "; name the state of a run that is complete");
  const Schedule schedule = build(outline(config.study), {}, 1).schedule;
  for (std::size_t r = 0; r < seeds.size(); ++r)
    if (const std::string fault = unlike(begun, schedule, 1, name_of_memory(r)); !fault.empty()) return refuse(fault);
}

}  // namespace

std::string name_of_memory(std::size_t replica) { return "memory" + std::to_string(replica) + "/"; }

StudyConfig read_study(ConfigReader& experiment) {
  StudyConfig config;
  const ConfigReader model = experiment.object("model");
  model.member("type");
  read_fields(model, config.study);
  const ConfigReader run = experiment.optional_object("run");
  read_fields(run, config.run);
  if (experiment.ok() && config.run.rounds > max_steps / config.study.steps_of_round())
    run.problem("rounds", "the run would be longer than " + shown(static_cast<double>(max_steps)) + " steps");
  if (model.member("state").exists()) config.begun = ModelState::read(model);
  if (config.begun && experiment.ok()) check_begun(experiment, config);
  return config;
}

nlohmann::ordered_json schema_of_study() {
  using namespace schema;
  Json model{{"type", {{"const", "nef_memory"}}}};
  model.update(properties_of<Study>());
  model["state"] = {
      {"type", "string"},
      {"description", "state.safetensors of another run with this model and these seeds: its memories go on here"}};
  return {{"model", object(model, {"type"})}, {"run", object_of<StudyRun>()}};
}

}  // namespace engram::nef
