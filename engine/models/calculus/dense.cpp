#include <algorithm>

#include "fibres.hpp"
#include "packing.hpp"

namespace engram::calculus {

DenseFibres::DenseFibres(const Graph& graph) : DenseFibres(graph.backend(), graph.n_pre(), graph.fibre().n_post) {
  std::vector<float> weights(checked_product(n_pre_, n_post_));
  const Fibre fibre = graph.host_fibre();
  for (Index j = 0; j < n_pre_; ++j)
    for_each_target(fibre, j, [&](Index i) { weights[static_cast<std::size_t>(j) * n_post_ + i] = 1; });
  weight_ = Array<float>(*backend_, weights);
}

void DenseFibres::add_input(const Firing& sources, Span<real> input) {
  backend_->fibres().add_rows(view(), sources.ranked_device.view(), input);
}

void DenseFibres::learn(const Firing& sources, const Firing& targets, const Potentiation& rule) {
  backend_->fibres().learn_rows(view(), sources.sorted_device.view(), targets.sorted_device.view(), rule);
}

Brain::Connection DenseFibres::connection(const std::vector<Index>& pre, const std::vector<Index>& post) {
  const auto all = weight_.download();
  Brain::Connection sum;
  for (const Index j : pre)
    for (const Index i : post) {
      const float w = all[static_cast<std::size_t>(j) * n_post_ + i];
      sum.synapses += w != 0;
      sum.weight += static_cast<double>(w);
    }
  return sum;
}

std::unique_ptr<Fibres> DenseFibres::clone() const {
  auto copy = std::make_unique<DenseFibres>(*backend_, n_pre_, n_post_);
  copy->weight_ = Array<float>(*backend_, weight_.download());
  return copy;
}

void DenseFibres::set_weights(std::span<const float> weights) {
  if (weights.size() != checked_product(n_pre_, n_post_))
    throw Error("a matrix of " + std::to_string(weights.size()) + " weights was given for " + std::to_string(n_pre_) + " x " +
                std::to_string(n_post_) + " neurons");
  weight_ = Array<float>(*backend_, weights);
}

nlohmann::json DenseFibres::state() const { return {{"weights", pack(weight_.download())}}; }
void DenseFibres::set_state(const nlohmann::json& state) { set_weights(unpack<float>(state.at("weights"))); }

StimulusFibres::StimulusFibres(const Graph& graph) : backend_(&graph.backend()) {
  const std::vector<Index> degrees = graph.in_degrees().download();
  std::vector<float> weights(degrees.size());
  std::transform(degrees.begin(), degrees.end(), weights.begin(), [](Index d) { return static_cast<float>(d); });
  weight_ = Array<float>(*backend_, weights);
}

void StimulusFibres::add_input(const Firing&, Span<real> input) { backend_->fibres().add(weight_.view(), input); }

void StimulusFibres::learn(const Firing&, const Firing& targets, const Potentiation& rule) {
  backend_->fibres().learn(weight_.view(), targets.sorted_device.view(), rule);
}

Brain::Connection StimulusFibres::connection(const std::vector<Index>&, const std::vector<Index>&) {
  throw Error("single synapses of a stimulus are not known: it always fires as a whole");
}

std::unique_ptr<Fibres> StimulusFibres::clone() const { return std::make_unique<StimulusFibres>(*backend_, weight_.download()); }

void StimulusFibres::set_weights(std::span<const float> weights) {
  if (weight_.size() && weights.size() != weight_.size())
    throw Error(std::to_string(weights.size()) + " stimulus weights were given for " + std::to_string(weight_.size()) + " neurons");
  weight_ = Array<float>(*backend_, weights);
}

nlohmann::json StimulusFibres::state() const { return {{"weights", pack(weight_.download())}}; }
void StimulusFibres::set_state(const nlohmann::json& state) { set_weights(unpack<float>(state.at("weights"))); }

}  // namespace engram::calculus
