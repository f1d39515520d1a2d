// Networks that go on from the state of another run, or begin with weights of a file.
#include <algorithm>
#include <iterator>
#include <string_view>

#include "engine/models/leabra/config.hpp"
#include "engine/models/leabra/synapses.hpp"
#include "engram/run/write_fields.hpp"

namespace engram::leabra {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view keys_of_new_weights[] = {
    "projn_type", "pre_mask", "post_mask", "sparsity", "initial_contrast", "dist", "value", "low",
    "high",       "mean",     "var",       "rate"};

/// Reports parameters that a new projection is drawn by, and nothing else.
void refuse_other_shapes(const ConfigReader& model, const Config& config) {
  const ModelState& begun = *config.begun;
  if (begun.model().is_null()) return;
  const ConfigReader other(begun.model());
  Config before;
  read_network(other, before);
  const auto refuse_of = [&](const char* kind, const auto& now, const auto& then, const auto& shapes) {
    const Json said = begun.model().value(kind, Json::object());
    for (const auto& [name, own] : now) {
      const auto old =
          std::find_if(then.begin(), then.end(), [&, n = name](const auto& object) { return object.first == n; });
      if (old == then.end()) continue;
      const ConfigReader given = model.object(kind).object(name);
      const Json fields = written_fields(own.spec), old_fields = written_fields(old->second.spec);
      for (const auto& [key, value] : fields.items()) {
        const bool as_said =
            said.contains(name) && said[name].contains(key) && said[name][key] == given.member(key).as_written();
        if (shapes(own.spec, key) && given.has(key) && !as_said &&
            (!old_fields.contains(key) || old_fields[key] != value))
          begun.report_other(given, key);
      }
    }
  };
  refuse_of("projections", config.projections, before.projections, [](const ProjectionSpec&, const std::string& key) {
    return std::find(std::begin(keys_of_new_weights), std::end(keys_of_new_weights), key) !=
           std::end(keys_of_new_weights);
  });
  refuse_of("layers", config.layers, before.layers, [](const LayerSpec& spec, const std::string& key) {
    return key == "bias_init" || (key == "act_p_avg_init" && spec.scale_by_act != ActScale::fixed);
  });
}

}  // namespace

void check_begun(const ConfigReader& experiment, const Config& config) {
  const ConfigReader model = experiment.optional_object("model");
  const ModelState& begun = *config.begun;
  const auto refuse = [&](const std::string& text) { model.problem("state", begun.path() + ": " + text); };
  if (!begun.shape("units") || !begun.shape("layers")) return refuse("holds no Leabra network");
  if (begun.shape("layers")->back() != config.groups())
    return refuse("its networks have " + std::to_string(begun.shape("layers")->back()) +
                  " layers and pools, those of the experiment " + std::to_string(config.groups()));
  const std::uint64_t networks = seeds_of(experiment);
  for (const auto& [name, projection] : config.projections) {
    const std::string column = "weights " + name;
    if (!begun.shape(column)) return refuse("holds no projection " + name);
    const auto pre = config.layer(projection.pre).size, post = config.layer(projection.post).size;
    const std::vector<std::uint64_t> starts{networks * post + 1};
    const bool sparse = is_sparse(projection.spec, static_cast<Index>(pre), static_cast<Index>(post));
    if (const auto rows = begun.shape("starts " + name); rows.has_value() != sparse)
      return refuse(name + (sparse ? " is stored as a matrix there" : " is stored as rows there") +
                    "; set its storage to \"" + (sparse ? "dense" : "sparse") + "\"");
    else if (sparse && *rows != starts)
      return refuse(name + " has " + std::to_string(rows->front() - 1) + " rows of receivers, the experiment has " +
                    std::to_string(starts.front() - 1));
    if (!sparse)
      if (const std::string fault = begun.fault_of(column, {networks, pre, post}, "networks, senders, receivers");
          !fault.empty())
        return refuse(fault);
    if ((projection.spec.learning == Learning::momentum) != begun.shape("momenta " + name).has_value())
      return refuse(name +
                    (projection.spec.learning == Learning::momentum ? " has no momenta there" : " has momenta there") +
                    "; learning has to be \"momentum\" in both runs or in none");
    if (projection.spec.balance_weights != begun.shape("balances " + name).has_value())
      return refuse(name + "; balance_weights has to be the same in both runs");
  }
  if (const std::uint64_t states = begun.shape("units")->front(); states != checked_product(networks, config.copies))
    return refuse("holds " + std::to_string(states / networks) + " states of each network; /model/copies is " +
                  std::to_string(config.copies));
  ModelState::refuse_weights(model);
  refuse_other_shapes(model, config);
}

void begin_networks(Net& net, const Config& config) {
  for (const auto& [projection, weights] : config.weights) net.set_weights(projection, weights);
  if (!config.begun) return;
  config.begun->restore(
      [&](StateVisitor& visitor) { net.visit(visitor); },
      // Logs are of a run alone.
      [&](std::string_view name, auto) { return config.begun->shape(std::string(name)).has_value(); });
}

}  // namespace engram::leabra
