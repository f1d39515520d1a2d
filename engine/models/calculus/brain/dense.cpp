#include <algorithm>

#include "engine/models/calculus/brain/fibres.hpp"
#include "engine/models/calculus/brain/packing.hpp"

namespace engram::calculus {

DenseFibres::DenseFibres(Graph graph, bool fill) : AreaFibres(std::move(graph)) {
  if (!fill) return;
  std::vector<float> weights(checked_product(graph_.n_pre(), n_post()));
  const Fibre fibre = graph_.host_fibre();
  for (Index j = 0; j < graph_.n_pre(); ++j)
    for_each_target(fibre, j, [&](Index i) { weights[static_cast<std::size_t>(j) * n_post() + i] = 1; });
  weight_ = Array<float>(graph_.backend(), weights);
}

void DenseFibres::add_raw(const Firing& sources, Span<real> input) {
  const Array<Index> ranked(graph_.backend(), sources.ranked);
  graph_.connections().add_rows(view(), ranked.view(), input);
}

void DenseFibres::learn(const Firing& sources, const Firing& targets, const Potentiation& rule) {
  graph_.connections().learn_rows(view(), sources.sorted_device.view(), targets.sorted_device.view(), rule);
}

void DenseFibres::for_each_weight(const std::vector<Index>& pre, const std::vector<Index>& post, const Visit& f) {
  const auto all = weight_.download();
  for (const Index j : pre)
    for (const Index i : post)
      if (const float w = all[static_cast<std::size_t>(j) * n_post() + i]; w != 0) f(i, static_cast<double>(w));
}

std::vector<double> DenseFibres::incoming() {
  const auto all = weight_.download();
  std::vector<double> sums(n_post());
  for (std::size_t at = 0; at < all.size(); ++at) sums[at % n_post()] += static_cast<double>(all[at]);
  return sums;
}

std::unique_ptr<Fibres> DenseFibres::clone() const {
  auto copy = std::make_unique<DenseFibres>(graph_, false);
  copy->weight_ = copy_of(graph_.backend(), weight_);
  copy->copy_factor(*this);
  return copy;
}

std::vector<float> DenseFibres::weights() const {
  std::vector<float> all = weight_.download();
  if (const std::vector<float> factor = factors(); !factor.empty())
    for (std::size_t at = 0; at < all.size(); ++at) all[at] *= factor[at % n_post()];
  return all;
}

void DenseFibres::set_weights(std::span<const float> weights) {
  if (weights.size() != checked_product(graph_.n_pre(), n_post()))
    throw Error("a matrix of " + std::to_string(weights.size()) + " weights was given for " +
                std::to_string(graph_.n_pre()) + " x " + std::to_string(n_post()) + " neurons");
  weight_.upload(weights);
  drop_factor();
}

nlohmann::json DenseFibres::state() const {
  return {{"weights", pack(weight_.download())}, {"factor", factor_state()}};
}
void DenseFibres::set_state(const StateReader& state) {
  const auto weights = unpack_reals(state["weights"]);
  if (weights.size() != weight_.size()) state["weights"].fail("its size is not that of the areas");
  set_weights(weights);
  set_factor_state(state["factor"]);
}
void DenseFibres::look_inside(StateVisitor& visitor, const std::string& name) const {
  look_at(visitor, name + ", weight", graph_.backend(), weight_);
  look_at_factor(visitor, name);
}

StimulusFibres::StimulusFibres(Backend& backend, Array<float> weights)
    : backend_(&backend), connections_(&backend.need_extension<Connections>()), weight_(std::move(weights)) {}

StimulusFibres::StimulusFibres(const Graph& graph) : backend_(&graph.backend()), connections_(&graph.connections()) {
  const std::vector<Index> degrees = graph.in_degrees().download();
  std::vector<float> weights(degrees.size());
  std::transform(degrees.begin(), degrees.end(), weights.begin(), [](Index d) { return static_cast<float>(d); });
  weight_ = Array<float>(*backend_, weights);
}

void StimulusFibres::add_input(const Firing&, Span<real> input) { connections_->add(weight_.view(), input); }

void StimulusFibres::learn(const Firing&, const Firing& targets, const Potentiation& rule) {
  connections_->learn(weight_.view(), targets.sorted_device.view(), rule);
}

Brain::Connection StimulusFibres::connection(const std::vector<Index>&, const std::vector<Index>&) {
  throw Error("single synapses of a stimulus are not known: it always fires as a whole");
}

std::unique_ptr<Fibres> StimulusFibres::clone() const {
  return std::unique_ptr<Fibres>(new StimulusFibres(*backend_, copy_of(*backend_, weight_)));
}

void StimulusFibres::set_weights(std::span<const float> weights) {
  if (weights.size() != weight_.size())
    throw Error(std::to_string(weights.size()) + " stimulus weights were given for " + std::to_string(weight_.size()) +
                " neurons");
  weight_.upload(weights);
}

nlohmann::json StimulusFibres::state() const { return {{"weights", pack(weight_.download())}}; }
void StimulusFibres::set_state(const StateReader& state) {
  const auto weights = unpack_reals(state["weights"]);
  if (weights.size() != weight_.size()) state["weights"].fail("its size is not that of the area");
  set_weights(weights);
}
void StimulusFibres::look_inside(StateVisitor& visitor, const std::string& name) const {
  look_at(visitor, name + ", weight", *backend_, weight_);
}

}  // namespace engram::calculus
