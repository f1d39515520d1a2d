// Brains that go on from the state of another run.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/models/calculus/brain/packing.hpp"
#include "engine/models/calculus/script/read_script.hpp"
#include "engram/run/state_reader.hpp"

namespace engram::calculus {

namespace {

BrainConfig config_before(const ModelState& begun) { return read_brain(ConfigReader(begun.model())); }

template <class T>
const T* named(const Named<T>& list, const std::string& name) {
  for (const auto& [own, value] : list)
    if (own == name) return &value;
  return nullptr;
}

const FibreConfig* fibre_of(const BrainConfig& config, const FibreConfig& like) {
  for (const FibreConfig& one : config.fibres)
    if (one.from == like.from && one.to == like.to) return &one;
  return nullptr;
}

/// What in `now` makes other synapses than those of the run before; "" if nothing does. Where synapses are follows from
/// these values in every round, not only at the start.
std::string other_synapses(const BrainConfig& now, const BrainConfig& before) {
  if (now.p != before.p) return "p";
  if (now.exact_bits != before.exact_bits) return "exact_bits";
  if (now.connectome != before.connectome) return "connectome";
  for (const auto& [name, area] : now.areas) {
    const AreaOptions* then = named(before.areas, name);
    if (!then) continue;
    if (area.n != then->n) return "areas/" + name + "/n";
    if (area.p_inner != then->p_inner || area.p_in != then->p_in || area.p_out != then->p_out ||
        area.explicit_area != then->explicit_area)
      return "areas/" + name;
  }
  for (const auto& [name, stimulus] : now.stimuli)
    if (const StimulusConfig* then = named(before.stimuli, name); then && then->size != stimulus.size)
      return "stimuli/" + name + "/size";
  for (const FibreConfig& fibre : now.fibres)
    if (const FibreConfig* then = fibre_of(before, fibre); fibre.p && (!then || then->p != fibre.p)) return "fibres";
  return "";
}

}  // namespace

void check_begun(const ConfigReader& experiment, const ModelState& begun, const BrainConfig& config) {
  const ConfigReader model = experiment.optional_object("model");
  if (!begun.shape("replica 0/data") || !begun.json_state("replica 0").is_object())
    return model.problem("state", begun.path() + ": holds no brain of the calculus");
  if (begun.seeds() != list_of_seeds(experiment))
    return model.problem("state",
                         begun.path() + ": synapses follow from the seeds, which must be the same there and here");
  if (begun.model().is_null()) return;
  const BrainConfig before = config_before(begun);
  if (const std::string key = other_synapses(config, before); !key.empty())
    model.problem_at(key, "is not what it was in the run that left " + begun.path() +
                              ", whose synapses follow from it; give the same value");
  for (const auto& [name, area] : before.areas)
    if (!named(config.areas, name))
      model.problem("areas", "area \"" + name + "\" is missing, which the run that left " + begun.path() + " had");
}

Inherited take_up(Brain& brain, const ModelState& begun, std::size_t replica, const BrainConfig& config) {
  Inherited inherited{.any = true};
  Index most = 0;
  for (const std::string& area : brain.areas()) most = std::max(most, brain.size(area));
  begun.restore([&](StateVisitor& visitor) {
    visit_packed(
        visitor, "replica " + std::to_string(replica), [] { return nlohmann::json::object(); },
        [&](const StateReader& state) {
          brain.set_state(state["brain"]);
          for (const auto& [name, members] : state["assemblies"].members())
            inherited.assemblies[name] = unpack_neurons(members, most);
        });
  });
  if (begun.model().is_null()) return inherited;
  const BrainConfig before = config_before(begun);
  for (const FibreConfig& fibre : config.fibres)
    if (const FibreConfig* then = fibre_of(before, fibre); fibre.beta && (!then || then->beta != fibre.beta))
      brain.set_beta(fibre.from, fibre.to, *fibre.beta);
  for (const auto& [name, area] : config.areas)
    if (const AreaOptions* then = named(before.areas, name);
        then && then->inhibition_strength != area.inhibition_strength)
      brain.set_inhibition(name, area.inhibition_strength);
  return inherited;
}

}  // namespace engram::calculus
