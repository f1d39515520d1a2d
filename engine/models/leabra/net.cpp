// Layers and projections by name.
#include "engram/leabra/net.hpp"

#include <algorithm>

#include "engine/models/leabra/parts.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::leabra {

namespace {

/// Factors of decreases, which are 1 before the first look at the weights.
Array<real> unbalanced(Backend& backend, std::size_t states, std::size_t receivers) {
  return Array<real>(backend, std::vector<real>(checked_product(states, receivers), real(1)));
}

template <class Objects>
auto& find(const Objects& objects, const std::string& name, const char* kind) {
  for (const auto& object : objects)
    if (object->name == name) return *object;
  std::vector<std::string> names;
  for (const auto& object : objects) names.push_back(object->name);
  const std::string near = nearest(name, names);
  throw ConfigError(name, std::string("there is no ") + kind + " of this name" +
                              (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

}  // namespace

Net::Net(Backend& backend, std::span<const std::uint64_t> seeds, Index copies)
    : backend_(&backend),
      fused_(backend.extension<Cycles>()),
      seeds_(seeds.begin(), seeds.end()),
      copies_(copies),
      rate_factors_(seeds.size(), real(1)),
      trained_(seeds.size()) {
  if (seeds.empty()) throw ConfigError("seeds", "found no seed; a network needs one");
  if (copies < 1) throw ConfigError("copies", "found 0; a network has at least one state");
}
Net::Net(Net&&) noexcept = default;
Net& Net::operator=(Net&&) noexcept = default;
Net::~Net() = default;

const Net::Layer& Net::layer(const std::string& name) const { return find(layers_, name, "layer"); }
Net::Layer& Net::layer(const std::string& name) { return find(layers_, name, "layer"); }
const Net::Projection& Net::projection(const std::string& name) const { return find(projections_, name, "projection"); }
Net::Projection& Net::projection(const std::string& name) { return find(projections_, name, "projection"); }

void Net::check_name(const std::string& name) const {
  const auto taken = [&](const auto& object) { return object->name == name; };
  if (name.empty()) throw ConfigError("name", "a layer or projection needs a name");
  if (std::any_of(layers_.begin(), layers_.end(), taken) ||
      std::any_of(projections_.begin(), projections_.end(), taken))
    throw ConfigError(name, "this name is taken by another layer or projection");
}

template <class Spec>
void Net::check_spec(const std::string& name, const Spec& spec) const {
  std::vector<Problem> problems = problems_of(spec);
  for (Problem& p : problems) p.path = name + "/" + p.path;
  if (!problems.empty()) throw ConfigError(std::move(problems));
}

void Net::new_layer(const std::string& name, Index size, const LayerSpec& spec) {
  check_name(name);
  if (size < 1) throw ConfigError(name + "/size", "found 0; a layer needs at least one unit");
  check_spec(name, spec);
  if (size % spec.pools != 0)
    throw ConfigError(name + "/pools", "found " + std::to_string(spec.pools) + "; the " + std::to_string(size) +
                                           " units must be a multiple of it");
  if (units_ + std::uint64_t{size} > 0x7fffffffu) throw MemoryError(name + ": more units than a network can have");
  layers_.push_back(std::make_unique<Layer>(Layer{name, size, spec, static_cast<Index>(layers_.size()), units_}));
  units_ += size;
}

void Net::new_projection(const std::string& name, const std::string& pre, const std::string& post,
                         const ProjectionSpec& spec) {
  check_name(name);
  check_spec(name, spec);
  const Layer &from = layer(pre), &to = layer(post);
  const std::uint64_t number = projections_.size();
  Array<real> balance;
  if (spec.balance_weights) balance = unbalanced(*backend_, states(), to.size);
  std::vector<Rows> rows;
  for (const std::uint64_t seed : seeds_) rows.push_back(draw_rows(spec, from.size, to.size, seed, number));
  projections_.push_back(std::make_unique<Projection>(
      Projection{name, from.index, to.index, spec,
                 ProjectionSynapses(*backend_, std::move(rows), planes_of(spec), is_sparse(spec, from.size, to.size),
                                    initial_effective(spec)),
                 Array<real>(*backend_, checked_product(states(), to.size)),
                 Array<real>(*backend_, checked_product(states(), to.size)),
                 Array<real>(*backend_, std::vector<real>(3 * std::size_t{states()}, real(1))),
                 Array<Index>(*backend_, 2), std::move(balance)}));
  Projection& made = *projections_.back();
  made.plateaus.resize(seeds_.size());
  sends_current_ = rates_current_ = false;
  count_connections(made);
}

const LayerSpec& Net::layer_spec(const std::string& name) const { return layer(name).spec; }
void Net::set_layer_spec(const std::string& name, const LayerSpec& spec) {
  Layer& own = layer(name);
  check_spec(name, spec);
  if (spec.pools != own.spec.pools) throw ConfigError(name + "/pools", "is fixed once a layer is made");
  own.spec = spec;
  constants_.clear();
  constants_current_ = false;
}
const ProjectionSpec& Net::projection_spec(const std::string& name) const { return projection(name).spec; }
void Net::set_projection_spec(const std::string& name, const ProjectionSpec& spec) {
  Projection& own = projection(name);
  check_spec(name, spec);
  if (spec.learning == Learning::momentum && own.synapses.planes() < XcalMomentum::n_values)
    throw ConfigError(name + "/learning", "a projection that was made without momentum has no room for it");
  if (spec.balance_weights && own.balance.size() == 0)
    own.balance = unbalanced(*backend_, states(), layers_[own.post]->size);
  own.spec = spec;
  rates_current_ = false;
}

double Net::relative_scale(const std::string& name) const { return layer(name).relative; }
bool Net::clamped(const std::string& name) const { return layer(name).clamped; }
bool Net::hidden(const std::string& name) const { return layer(name).hidden; }
Index Net::size(const std::string& name) const { return layer(name).size; }

std::vector<std::string> Net::layers() const {
  std::vector<std::string> names;
  for (const auto& l : layers_) names.push_back(l->name);
  return names;
}
std::vector<std::string> Net::projections() const {
  std::vector<std::string> names;
  for (const auto& p : projections_) names.push_back(p->name);
  return names;
}

}  // namespace engram::leabra
