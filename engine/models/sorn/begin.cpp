// Networks that go on from the state of another run: what of an experiment acts on them, and what comes too late.
#include <algorithm>
#include <span>

#include "engine/models/sorn/config.hpp"
#include "engram/run/read_fields.hpp"

namespace engram::sorn {

namespace {

using Shape = std::vector<std::uint64_t>;

std::string text_of(const Shape& excitatory, const Shape& inhibitory) {
  return std::to_string(excitatory.at(0)) + " networks of " + std::to_string(excitatory.at(1)) + " excitatory and " +
         std::to_string(inhibitory.at(1)) + " inhibitory units";
}

/// The run that left the state, as its own file had it.
Parameters parameters_before(const ModelState& begun) { return read_parameters(ConfigReader(begun.model())); }

/// Keys that a new network is drawn by, and nothing else.
std::vector<std::string_view> keys_of_new_networks(const Parameters& p) {
  std::vector<std::string_view> keys{"lambda_ee",       "lambda_ei",          "lambda_ie",       "lambda_eu",
                                     "network_type_ee", "network_type_ei",    "network_type_ie", "ti_min",
                                     "ti_max",          "initial_thresholds", "repair"};
  if (!p.clamp_te) keys.insert(keys.end(), {"te_min", "te_max"});  // else they bound thresholds in every step
  if (p.plastic_inputs()) keys.push_back("nu");
  return keys;
}

/// Keys that target rates are drawn by.
constexpr std::string_view keys_of_target_rates[] = {"h_ip", "sigma_ip", "h_ip_distribution"};

/// Those of `keys` whose values differ.
std::vector<std::string> different(const Parameters& now, const Parameters& before,
                                   std::span<const std::string_view> keys) {
  std::vector<std::string> found;
  for_each_field<Parameters>([&](const auto& field) {
    if (std::find(keys.begin(), keys.end(), std::string_view(field.name)) != keys.end() &&
        !(now.*field.member == before.*field.member))
      found.emplace_back(field.name);
  });
  return found;
}

/// Whether the experiment names a preset, and another one than the run that left the state.
bool names_another_preset(const ConfigReader& model, const ModelState& begun) {
  return model.has("preset") && model.member("preset").json() != begun.model().value("preset", "package");
}

/// Reports a preset that sets other values than the run before had of what only shapes new networks.
void refuse_preset(const ConfigReader& model, const ModelState& begun, const Parameters& now, const Parameters& before,
                   const std::vector<std::string_view>& keys) {
  std::string other;
  for (const std::string& key : different(now, before, keys))
    if (!model.has(key)) other += (other.empty() ? "" : ", ") + key;
  if (!other.empty())
    model.problem("preset", "sets " + other + ", which shape new networks, otherwise than in the run that left " +
                                begun.path() + "; leave it out, and give what acts in a step by its own key");
}

}  // namespace

std::vector<std::string> shaped_otherwise(const Parameters& now, const Parameters& before) {
  return different(now, before, keys_of_new_networks(now));
}

bool rated_otherwise(const Parameters& now, const Parameters& before) {
  return !different(now, before, keys_of_target_rates).empty();
}

void check_begun(const ConfigReader& experiment, Config& config) {
  const ConfigReader model = experiment.optional_object("model");
  const ModelState& begun = *config.begun;
  const Parameters& p = config.parameters;
  const auto e = begun.shape("te"), i = begun.shape("ti");
  if (!e || !i || e->size() != 2 || i->size() != 2)
    return model.problem("state", begun.path() + ": holds no SORN network");
  const std::uint64_t networks = seeds_of(experiment);
  const Shape wanted_e{networks, p.ne}, wanted_i{networks, p.ni()};
  if (*e != wanted_e || *i != wanted_i)
    return model.problem(
        "state", begun.path() + ": holds " + text_of(*e, *i) + "; the experiment has " + text_of(wanted_e, wanted_i));
  const bool plastic = begun.shape("weu/weight").has_value();
  if (plastic != p.plastic_inputs())
    return model.problem("state", begun.path() + ": its networks have " + (plastic ? "plastic" : "direct") +
                                      " input weights; /model/input_weights says \"" + p.input_weights + "\"");
  if (begun.model().is_null()) return;
  const Parameters before = parameters_before(begun);
  begun.refuse_other_shapes(model, p, before, keys_of_new_networks(p));
  const bool other_preset = names_another_preset(model, begun);
  if (other_preset) refuse_preset(model, begun, p, before, keys_of_new_networks(p));
  for (const std::string& key : different(p, before, keys_of_target_rates))
    config.new_target_rates = config.new_target_rates || other_preset || model.has(key);
}

void begin_networks(Network& net, const Config& config) {
  if (config.begun) {
    const std::vector<real> rates = net.target_rates();
    config.begun->restore([&](StateVisitor& visitor) { net.visit(visitor); });
    if (config.new_target_rates)
      for (Index r = 0; r < net.replicas(); ++r)
        net.set_target_rates(r, std::span(rates).subspan(std::size_t{r} * config.parameters.ne, config.parameters.ne));
  }
  for (Index r = 0; r < net.replicas() && !config.target_rates.empty(); ++r)
    net.set_target_rates(r, config.target_rates);
}

}  // namespace engram::sorn
