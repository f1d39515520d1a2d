// Weights in the JSON files of the field's production system (emergent): by receiving layer, sending layer and
// receiver, the effective weights of those pairs that are connected.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/io/file.hpp"
#include "engine/models/leabra/parts.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::leabra {

namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t max_bytes = std::size_t{1} << 30;

/// The linear weight whose effective one is w.
double linear_of(const ProjectionSpec& spec, double w) {
  if (w <= 0) return 0;
  if (w >= 1) return 1;
  return spec.sig_offset / (spec.sig_offset + std::pow((1 - w) / w, 1 / spec.sig_gain));
}

/// Of a pair that is connected; others stay so.
void set_weight(Rows& rows, std::size_t receiver, std::uint64_t sender, real weight) {
  const auto first = rows.pre.begin() + static_cast<std::ptrdiff_t>(rows.start[receiver]),
             last = rows.pre.begin() + static_cast<std::ptrdiff_t>(rows.start[receiver + 1]);
  const auto found = std::lower_bound(first, last, sender);
  if (found != last && *found == sender) rows.weight[static_cast<std::size_t>(found - rows.pre.begin())] = weight;
}

}  // namespace

void Net::write_weights(const std::string& file, Index replica) const {
  if (replica >= replicas()) throw ConfigError("replica", "there are " + std::to_string(replicas()));
  Json layers = Json::array();
  for (const auto& l : layers_) {
    Json own{{"Layer", l->name}, {"MetaData", nullptr}, {"Units", nullptr}, {"Prjns", Json::array()}};
    const std::size_t state = std::size_t{replica} * copies_;
    if (l->spec.scale_by_act != ActScale::current)
      own["MetaData"] = {{"ActPAvg", shown(layer_values(*l, layer_value::act_p_avg)[state])}};
    if (l->spec.bias) {
      const std::vector<real> all = unit_values(*l, unit_value::bias);
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(state * l->size);
      own["Units"] = {{"Bias", std::vector<real>(first, first + l->size)}};
    }
    for (const auto& p : projections_) {
      if (p->post != l->index) continue;
      const Rows all = p->synapses.rows(0)[replica];
      Json rows = Json::array();
      for (std::size_t i = 0; i < l->size; ++i) {
        const auto first = static_cast<std::ptrdiff_t>(all.start[i]),
                   last = static_cast<std::ptrdiff_t>(all.start[i + 1]);
        const std::vector<Index> senders(all.pre.begin() + first, all.pre.begin() + last);
        const std::vector<real> values(all.weight.begin() + first, all.weight.begin() + last);
        rows.push_back({{"Ri", i}, {"N", senders.size()}, {"Si", senders}, {"Wt", values}});
      }
      own["Prjns"].push_back(
          {{"From", layers_[p->pre]->name}, {"MetaData", nullptr}, {"MetaVals", nullptr}, {"Rs", rows}});
    }
    layers.push_back(std::move(own));
  }
  io::replace_file(file, Json{{"Network", "engram"}, {"MetaData", nullptr}, {"Layers", layers}}.dump(1, '\t') + "\n");
}

/// What a file says of a layer itself, for those that have it: bias weights, and the activity to be expected. Into
/// `read`, for nothing changes before the whole file is known to fit.
void Net::read_layer(const ConfigReader& given, const std::string& name, std::vector<LayerValues>& read) const {
  const auto found = std::find_if(layers_.begin(), layers_.end(), [&](const auto& l) { return l->name == name; });
  if (found == layers_.end()) return;
  const Layer& l = **found;
  const auto put = [&](const char* attribute, const std::vector<double>& values) {
    std::vector<real> all;
    for (std::size_t s = 0; s < states(); ++s) all.insert(all.end(), values.begin(), values.end());
    read.push_back({name, attribute, std::move(all)});
  };
  const ConfigReader units = given.member("Units"), data = given.member("MetaData");
  if (l.spec.bias && units.is_object() && units.has("Bias")) {
    const auto biases = units.get<std::vector<double>>("Bias", {-largest, largest});
    if (biases.size() != l.size)
      units.problem("Bias",
                    "found " + std::to_string(biases.size()) + " weights of " + std::to_string(l.size) + " units");
    else
      put("unit_bias", biases);
  }
  if (l.spec.scale_by_act == ActScale::running && data.is_object() && data.has("ActPAvg")) {
    const auto text = data.get<std::string>("ActPAvg");
    double expected = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), expected);
    if (error != std::errc() || end != text.data() + text.size() || !(expected >= 0 && expected <= 1))
      data.problem("ActPAvg", "found \"" + text + "\"; expected is a number from 0 to 1, as a string");
    else
      put("act_p_avg", {expected});
  }
}

void Net::read_weights(const std::string& file) {
  const ConfigReader reader(parse_config(io::read_file(file, max_bytes), file, max_bytes));
  std::vector<std::vector<Rows>> linear;
  std::vector<LayerValues> values;
  for (const auto& p : projections_) linear.push_back(p->synapses.rows(1));
  for (const ConfigReader& l : reader.list("Layers").items()) {
    const auto receiver = l.get<std::string>("Layer");
    read_layer(l, receiver, values);
    std::map<std::string, std::size_t> met;  // projections of one sender, in the order in which they were made
    for (const ConfigReader& given : l.member("Prjns").exists() && l.member("Prjns").is_array()
                                         ? l.list("Prjns").items()
                                         : std::vector<ConfigReader>()) {
      const auto sender = given.get<std::string>("From");
      std::size_t number = met[sender]++, at = 0;
      while (at < projections_.size() && (layers_[projections_[at]->pre]->name != sender ||
                                          layers_[projections_[at]->post]->name != receiver || number-- > 0))
        ++at;
      if (at == projections_.size()) {
        given.problem("the network has no such projection from \"" + sender + "\" to \"" + receiver + "\"");
        continue;
      }
      const Projection& p = *projections_[at];
      const std::size_t pre = layers_[p.pre]->size, post = layers_[p.post]->size;
      for (const ConfigReader& row : given.list("Rs").items()) {
        const auto i = row.get<std::uint64_t>("Ri", {0, static_cast<double>(post - 1)});
        const auto senders = row.get<std::vector<std::uint64_t>>("Si", {0, static_cast<double>(pre - 1)});
        const auto weights = row.get<std::vector<double>>("Wt", {0, 1});
        if (senders.size() != weights.size())
          row.problem("Wt", "found " + std::to_string(weights.size()) + " weights of " +
                                std::to_string(senders.size()) + " senders");
        for (std::size_t k = 0; reader.ok() && k < senders.size(); ++k)
          for (Rows& own : linear[at]) set_weight(own, i, senders[k], static_cast<real>(linear_of(p.spec, weights[k])));
      }
    }
  }
  if (!reader.ok()) reader.json(), reader.finish();
  for (const LayerValues& of : values) set_values(of.layer, of.attribute, of.all);
  for (std::size_t at = 0; at < projections_.size(); ++at) set_linear(*projections_[at], weights_of(linear[at]));
}

}  // namespace engram::leabra
