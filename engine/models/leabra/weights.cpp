// Weights as users see them, [replica][receiver][sender], and as they are stored, by sender.
#include <cmath>

#include "engine/models/leabra/parts.hpp"
#include "engram/leabra/net.hpp"

namespace engram::leabra {

namespace {

/// [replica][receiver][sender] as [replica][sender][receiver], or back with the sizes swapped.
template <class T>
std::vector<T> transposed(const std::vector<T>& values, std::size_t rows, std::size_t columns) {
  std::vector<T> turned(values.size());
  const std::size_t all = rows * columns;
  for (std::size_t r = 0; all && r < values.size() / all; ++r)
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) turned[r * all + j * rows + i] = values[r * all + i * columns + j];
  return turned;
}

}  // namespace

void Net::set_weights(const std::string& name, std::span<const real> given, const std::vector<bool>& connected) {
  Projection& p = projection(name);
  const Index pre = layers_[p.pre]->size, post = layers_[p.post]->size;
  const std::size_t one = std::size_t{pre} * post, all = one * seeds_.size();
  const auto fits = [&](std::size_t found, const char* what) {
    if (found != one && found != all)
      throw ConfigError(name, "found " + std::to_string(found) + " " + what + "; " + std::to_string(post) +
                                  " receivers of " + std::to_string(pre) + " senders need " + std::to_string(one) +
                                  ", or " + std::to_string(all) + " for " + std::to_string(seeds_.size()) +
                                  " replicas");
  };
  fits(given.size(), "weights");
  if (!connected.empty()) fits(connected.size(), "connections");
  const std::vector<bool> before = connected.empty() ? connections(name) : std::vector<bool>();
  std::vector<real> linear(all), effective(all);
  for (std::size_t at = 0; at < all; ++at) {
    const bool here = connected.empty() ? before[at] : connected[at % connected.size()];
    const real w = given[at % given.size()];
    if (!std::isfinite(w)) throw ConfigError(name, "weight " + std::to_string(at) + " is not a finite number");
    linear[at] = here ? w : contrast::absent;
    effective[at] = here ? (p.spec.initial_contrast ? effective_weight(p.spec, w) : w) : real(0);
  }
  p.weights.upload(transposed(effective, post, pre), 0);
  p.weights.upload(transposed(linear, post, pre), 1);
  count_connections(p);
}

/// Linear weights of pairs that are connected, [replica][receiver][sender]; the effective ones follow.
void Net::set_linear(Projection& p, const std::vector<real>& linear) {
  const std::vector<bool> here = connections(p.name);
  std::vector<real> own(linear.size()), effective(linear.size());
  for (std::size_t at = 0; at < linear.size(); ++at) {
    own[at] = here[at] ? linear[at] : contrast::absent;
    effective[at] = here[at] ? effective_weight(p.spec, linear[at]) : real(0);
  }
  const std::size_t pre = layers_[p.pre]->size, post = layers_[p.post]->size;
  p.weights.upload(transposed(effective, post, pre), 0);
  p.weights.upload(transposed(own, post, pre), 1);
}

std::vector<real> Net::stored_linear_weights(const std::string& name) const {
  return projection(name).weights.download(1);
}

void Net::linear_weights_written(const std::string& name, const std::vector<real>& before) {
  Projection& p = projection(name);
  std::vector<real> linear = p.weights.download(1), effective = p.weights.download(0);
  for (std::size_t at = 0; at < linear.size(); ++at) {
    if (linear[at] == before[at]) continue;
    const bool here = before[at] != contrast::absent;
    linear[at] = here ? linear[at] : contrast::absent;
    if (here) effective[at] = effective_weight(p.spec, linear[at]);
  }
  p.weights.upload(effective, 0);
  p.weights.upload(linear, 1);
}

void Net::count_connections(Projection& p) {
  const std::size_t pre = layers_[p.pre]->size, post = layers_[p.post]->size;
  const std::vector<real> linear = p.weights.download(1);
  std::vector<real> count(seeds_.size() * post);
  for (std::size_t at = 0; at < linear.size(); ++at)
    count[at / (pre * post) * post + at % post] += real(linear[at] != contrast::absent);
  std::vector<real> of_states;
  for (std::size_t s = 0; s < states(); ++s) {
    const auto own = count.begin() + static_cast<std::ptrdiff_t>(s / copies_ * post);
    of_states.insert(of_states.end(), own, own + static_cast<std::ptrdiff_t>(post));
  }
  p.connections.upload(of_states);
}

std::vector<real> Net::weights(const std::string& name) const {
  const Projection& p = projection(name);
  return transposed(p.weights.download(0), layers_[p.pre]->size, layers_[p.post]->size);
}
std::vector<real> Net::linear_weights(const std::string& name) const {
  const Projection& p = projection(name);
  std::vector<real> linear = transposed(p.weights.download(1), layers_[p.pre]->size, layers_[p.post]->size);
  for (real& w : linear) w = w == contrast::absent ? real(0) : w;
  return linear;
}
std::vector<bool> Net::connections(const std::string& name) const {
  const Projection& p = projection(name);
  const std::vector<real> linear = transposed(p.weights.download(1), layers_[p.pre]->size, layers_[p.post]->size);
  std::vector<bool> connected;
  for (const real w : linear) connected.push_back(w != contrast::absent);
  return connected;
}

}  // namespace engram::leabra
