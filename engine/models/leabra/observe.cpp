// What can be seen of a network: one table of attributes, for observation, logs and recorded series.
#include "engine/models/leabra/observe.hpp"

#include <algorithm>
#include <numeric>

#include "engine/models/leabra/parts.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::leabra {

namespace {

struct Attribute {
  const char* name;
  enum class Of { unit, layer, mean, of_its_layer, zero } of;
  int value;
};

constexpr Attribute attributes[] = {
    {"avg_act", Attribute::Of::mean, unit_value::act},
    {"avg_net", Attribute::Of::mean, unit_value::net},
    {"fbi", Attribute::Of::layer, layer_value::fbi},
    {"gc_i", Attribute::Of::layer, layer_value::gc_i},
    {"cos_diff", Attribute::Of::layer, layer_value::cos_diff},
    {"cos_diff_avg", Attribute::Of::layer, layer_value::cos_diff_avg},
    {"act_p_avg", Attribute::Of::layer, layer_value::act_p_avg},
    {"unit_net", Attribute::Of::unit, unit_value::net},
    {"unit_net_raw", Attribute::Of::zero, 0},  // the reference clears it before anybody can look
    {"unit_gc_i", Attribute::Of::of_its_layer, layer_value::gc_i},
    {"unit_act", Attribute::Of::unit, unit_value::act},
    {"unit_i_net", Attribute::Of::unit, unit_value::i_net},
    {"unit_i_net_r", Attribute::Of::unit, unit_value::i_net_r},
    {"unit_v_m", Attribute::Of::unit, unit_value::v_m},
    {"unit_v_m_eq", Attribute::Of::unit, unit_value::v_m_eq},
    {"unit_adapt", Attribute::Of::unit, unit_value::adapt},
    {"unit_spike", Attribute::Of::unit, unit_value::spike},
    {"unit_act_nd", Attribute::Of::unit, unit_value::act_nd},
    {"unit_avg_ss", Attribute::Of::unit, unit_value::avg_ss},
    {"unit_avg_s", Attribute::Of::unit, unit_value::avg_s},
    {"unit_avg_m", Attribute::Of::unit, unit_value::avg_m},
    {"unit_avg_l", Attribute::Of::unit, unit_value::avg_l},
    {"unit_acts_m", Attribute::Of::unit, unit_value::acts_m},
    {"unit_acts_p", Attribute::Of::unit, unit_value::acts_p},
    {"unit_input", Attribute::Of::unit, unit_value::input},
    {"unit_g_thr", Attribute::Of::unit, unit_value::g},
    {"unit_bias", Attribute::Of::unit, unit_value::bias},
};

[[noreturn]] void refuse(const std::string& object, const std::string& attribute, const char* known) {
  const std::string near = nearest(attribute, split_choices(known));
  throw ConfigError(
      object, "has no attribute \"" + attribute + "\"" +
                  (near.empty() ? "; there are " + listed(split_choices(known)) : "; did you mean \"" + near + "\"?"));
}

const Attribute& attribute_of(const std::string& layer, const std::string& name) {
  for (const Attribute& a : attributes)
    if (name == a.name) return a;
  refuse(layer, name, layer_attributes);
}

}  // namespace

bool is_part(const std::string& attribute) { return attribute.starts_with("unit_") || attribute.starts_with("conn_"); }

std::string column_name(const std::string& attribute) {
  return attribute.starts_with("unit_") ? attribute.substr(5) : attribute;
}

std::vector<double> Table::column(const std::string& name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw Error("a table has no column \"" + name + "\"; there are " + listed(names));
  std::vector<double> all;
  for (auto at = static_cast<std::size_t>(found - names.begin()); at < values.size(); at += names.size())
    all.push_back(values[at]);
  return all;
}

std::vector<real> Net::unit_values(const Layer& l, int value) const {
  std::vector<real> all(std::size_t{l.size} * states());
  if (l.index >= built_layers_) return all;
  for (std::size_t r = 0; r < states(); ++r)
    backend_->download(all.data() + r * l.size,
                       view_.unit + (r * unit_value::count + static_cast<std::size_t>(value)) * view_.room + l.first,
                       l.size * sizeof(real));
  return all;
}

std::vector<real> Net::layer_values(const Layer& l, int value) const { return group_values(l, value, l.index, 1); }

/// Values of groups of a layer, [state][group].
std::vector<real> Net::group_values(const Layer& l, int value, Index first, Index count) const {
  std::vector<real> all(std::size_t{count} * states());
  if (l.index >= built_layers_) return all;
  for (std::size_t r = 0; r < states(); ++r)
    backend_->download(
        all.data() + r * count,
        view_.layer + (r * layer_value::count + static_cast<std::size_t>(value)) * view_.groups() + first,
        count * sizeof(real));
  return all;
}

std::vector<real> Net::values(const std::string& name, const std::string& attribute) const {
  const Layer& l = layer(name);
  const Attribute& a = attribute_of(name, attribute);
  switch (a.of) {
    case Attribute::Of::unit:
      return unit_values(l, a.value);
    case Attribute::Of::layer:
      return layer_values(l, a.value);
    case Attribute::Of::zero:
      return std::vector<real>(std::size_t{l.size} * states());
    case Attribute::Of::of_its_layer: {
      std::vector<real> all;
      const auto pools = static_cast<Index>(l.spec.pools);
      const Index first = pools > 1 ? built_layers_ + l.first_pool : l.index;
      const std::vector<real> groups = group_values(l, a.value, first, pools);
      for (const real x : groups) all.insert(all.end(), l.size / pools, x);
      return all;
    }
    case Attribute::Of::mean:
      break;
  }
  const std::vector<real> each = unit_values(l, a.value);
  std::vector<real> means;
  for (std::size_t r = 0; r < states(); ++r) {
    const auto first = each.begin() + static_cast<std::ptrdiff_t>(r * l.size);
    means.push_back(static_cast<real>(std::accumulate(first, first + l.size, 0.0) / l.size));
  }
  return means;
}

void Net::set_values(const std::string& name, const std::string& attribute, std::span<const real> given) {
  const Layer& l = layer(name);
  const Attribute& a = attribute_of(name, attribute);
  const bool of_unit = a.of == Attribute::Of::unit;
  if (!of_unit && a.of != Attribute::Of::layer) throw ConfigError(name, attribute + " follows from other values");
  const std::size_t each = of_unit ? l.size : 1;
  if (given.size() != each * states())
    throw ConfigError(name, "found " + std::to_string(given.size()) + " values of " + attribute + "; needed are " +
                                std::to_string(each * states()));
  make_ready();
  Array<real>& to = of_unit ? unit_ : layer_;
  const std::size_t row = of_unit ? view_.room : view_.groups(),
                    rows = of_unit ? +unit_value::count : +layer_value::count;
  for (std::size_t r = 0; r < states(); ++r)
    to.upload(given.subspan(r * each, each),
              (r * rows + static_cast<std::size_t>(a.value)) * row + (of_unit ? l.first : l.index));
}

std::vector<Place> Net::places() {
  make_ready();
  std::vector<Place> all;
  for (const auto& l : layers_)
    for (const Attribute& a : attributes) {
      const std::string name = l->name + "/" + a.name;
      const auto value = static_cast<std::size_t>(a.value);
      if (a.of == Attribute::Of::unit)
        all.push_back({name,
                       unit_.view().data + value * view_.room + l->first,
                       {states(), l->size},
                       {std::size_t{unit_value::count} * view_.room, 1}});
      if (a.of == Attribute::Of::layer)
        all.push_back({name,
                       layer_.view().data + value * view_.groups() + l->index,
                       {states()},
                       {std::size_t{layer_value::count} * view_.groups()}});
    }
  for (const auto& p : projections_) {
    const Dense* const matrix = p->synapses.matrix();
    if (!matrix) continue;
    const DenseView w = matrix->view();
    const std::vector<std::size_t> shape{replicas(), w.n_post, w.n_pre},
        strides{w.planes * w.plane_stride(), 1, w.pitch};
    all.push_back({p->name + "/weights", w.weight, shape, strides, false});
    all.push_back({p->name + "/linear_weights", w.weight + w.plane_stride(), shape, strides});
  }
  return all;
}

void add_rows(Table& table, const std::vector<std::vector<double>>& columns) {
  for (std::size_t row = 0; row < columns[0].size(); ++row)
    for (const auto& column : columns) table.values.push_back(column[row]);
}

std::vector<double> Net::numbers(const Layer& l, const std::string& attribute) const {
  const std::vector<real> all = values(l.name, attribute);
  return {all.begin(), all.end()};
}

Net::Parts Net::connection_parts(const Projection& p, const std::vector<std::string>& wanted) const {
  Parts parts;
  parts.of_states = false;
  parts.columns.resize(2 + wanted.size());
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    if (wanted[k] != "conn_wt" && wanted[k] != "conn_fwt") refuse(p.name, wanted[k], projection_attributes);
    const std::vector<Rows> all = p.synapses.rows(wanted[k] == "conn_wt" ? 0 : 1);
    for (std::size_t r = 0; r < all.size(); ++r) {
      parts.columns[2 + k].insert(parts.columns[2 + k].end(), all[r].weight.begin(), all[r].weight.end());
      if (k > 0) continue;
      parts.seen_in.insert(parts.seen_in.end(), all[r].pre.size(), r);
      parts.columns[0].insert(parts.columns[0].end(), all[r].pre.begin(), all[r].pre.end());
      for (std::size_t i = 0; i < all[r].n_post(); ++i)
        parts.columns[1].insert(parts.columns[1].end(), all[r].start[i + 1] - all[r].start[i], static_cast<double>(i));
    }
  }
  return parts;
}

/// A row a state, of attributes of the whole layer.
Net::Parts Net::whole_parts(const Layer& l, const std::vector<std::string>& wanted) const {
  Parts parts;
  for (std::size_t s = 0; s < states(); ++s) parts.seen_in.push_back(s);
  for (const std::string& name : wanted) parts.columns.push_back(numbers(l, name));
  return parts;
}

/// Rows of nothing, one a replica.
Net::Parts Net::replica_parts() const {
  Parts parts;
  parts.of_states = false;
  for (std::size_t r = 0; r < seeds_.size(); ++r) parts.seen_in.push_back(r);
  return parts;
}

/// Names of the columns that say where rows were seen.
std::vector<std::string> Net::origin_names(bool of_states) const {
  std::vector<std::string> names;
  if (seeds_.size() > 1) names.emplace_back("replica");
  if (of_states && copies_ > 1) names.emplace_back("copy");
  return names;
}

void Net::add_origin(Parts& parts) const {
  const std::size_t copies = parts.of_states ? copies_ : 1;
  for (const std::string& name : origin_names(parts.of_states)) {
    std::vector<double>& column = parts.columns.emplace_back();
    for (const std::size_t at : parts.seen_in)
      column.push_back(static_cast<double>(name == "copy" ? at % copies : at / copies));
  }
}

Net::Parts Net::unit_parts(const Layer& l, const std::vector<std::string>& wanted) const {
  Parts parts;
  parts.columns.emplace_back();
  for (std::size_t at = 0; at < std::size_t{l.size} * states(); ++at) {
    parts.seen_in.push_back(at / l.size);
    parts.columns[0].push_back(static_cast<double>(at % l.size));
  }
  for (const std::string& name : wanted) parts.columns.push_back(numbers(l, name));
  return parts;
}

Table Net::observe(const std::string& name, const std::string& attribute) const {
  Table table;
  Parts parts;
  const auto is_it = [&](const auto& p) { return p->name == name; };
  const auto found = std::find_if(projections_.begin(), projections_.end(), is_it);
  if (found != projections_.end()) {
    table.names = {"pre_unit", "post_unit", attribute};
    parts = connection_parts(**found, {attribute});
  } else if (is_part(attribute)) {
    table.names = {"unit", column_name(attribute)};
    parts = unit_parts(layer(name), {attribute});
  } else {
    table.names = {attribute};
    parts = whole_parts(layer(name), {attribute});
  }
  for (const std::string& origin : origin_names(parts.of_states)) table.names.push_back(origin);
  add_origin(parts);
  add_rows(table, parts.columns);
  return table;
}

}  // namespace engram::leabra
