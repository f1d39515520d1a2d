// Normalised columns: one factor a target, beside weights that stay as they were learned.
#include <algorithm>

#include "engine/models/calculus/brain/fibres.hpp"
#include "engine/models/calculus/brain/packing.hpp"

namespace engram::calculus {

std::vector<float> Fibres::weights() const { throw Error("all weights of a fibre are not stored by this connectome"); }
void Fibres::set_weights(std::span<const float>) { static_cast<void>(weights()); }

void AreaFibres::add_input(const Firing& sources, Span<real> input) {
  if (factor_.size() == 0) return add_raw(sources, input);
  if (raw_.size() == 0) raw_ = Array<real>(graph_.backend(), factor_.size());
  raw_.zero();
  add_raw(sources, raw_.view());
  graph_.connections().add_scaled(raw_.view(), factor_.view(), input);
}

void AreaFibres::normalise(double total) {
  if (total == 0) total = static_cast<double>(graph_.n_pre()) * graph_.p();
  const std::vector<double> sums = incoming();
  std::vector<float> factor(sums.size(), 1);  // who has no synapse has nothing to divide
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (sums[i] > 0) factor[i] = static_cast<float>(total / sums[i]);
  factor_ = Array<float>(graph_.backend(), factor);
}

Brain::Connection AreaFibres::connection(const std::vector<Index>& pre, const std::vector<Index>& post) {
  const std::vector<float> factor = factor_.download();
  Brain::Connection sum;
  for_each_weight(pre, post, [&](Index i, double weight) {
    sum.synapses += 1;
    sum.weight += factor.empty() ? weight : weight * static_cast<double>(factor[i]);
  });
  return sum;
}

void AreaFibres::copy_factor(const AreaFibres& other) { factor_ = copy_of(graph_.backend(), other.factor_); }

nlohmann::json AreaFibres::factor_state() const { return pack(factor_.download()); }

void AreaFibres::set_factor_state(const StateReader& state) {
  const auto factor = unpack_reals(state);
  if (!factor.empty() && factor.size() != graph_.fibre().n_post) state.fail("normalised columns do not fit the area");
  factor_ = Array<float>(graph_.backend(), factor);
}

void AreaFibres::look_at_factor(StateVisitor& visitor, const std::string& name) const {
  look_at(visitor, name + ", factor", graph_.backend(), factor_);
}

}  // namespace engram::calculus
