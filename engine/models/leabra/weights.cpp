// Weights as users see them, [replica][receiver][sender], whatever stores them.
#include <cmath>

#include "engine/models/leabra/parts.hpp"
#include "engram/leabra/net.hpp"

namespace engram::leabra {

ProjectionSynapses::Effective initial_effective(const ProjectionSpec& spec) {
  return [&spec](real w) { return spec.initial_contrast ? effective_weight(spec, w) : w; };
}

namespace {

/// The pairs that a matrix [receiver][sender] connects, from place `first` of it on.
void connect(Rows& rows, std::size_t post, const std::vector<bool>& connected, std::size_t first) {
  rows.pre.clear();
  rows.start.assign(1, 0);
  for (std::size_t i = 0; i < post; ++i) {
    for (Index j = 0; j < rows.n_pre; ++j)
      if (connected[first + i * rows.n_pre + j]) rows.pre.push_back(j);
    rows.start.push_back(rows.pre.size());
  }
  rows.weight.assign(rows.pre.size(), real(0));
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
  for (std::size_t at = 0; at < given.size(); ++at)
    if (!std::isfinite(given[at])) throw ConfigError(name, "weight " + std::to_string(at) + " is not a finite number");
  std::vector<Rows> rows = p.synapses.rows(1);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::size_t first = given.size() == one ? 0 : r * one;
    if (!connected.empty()) connect(rows[r], post, connected, connected.size() == one ? 0 : r * one);
    for (std::size_t i = 0; i < post; ++i)
      for (std::uint64_t s = rows[r].start[i]; s < rows[r].start[i + 1]; ++s)
        rows[r].weight[s] = given[first + i * pre + rows[r].pre[s]];
  }
  if (connected.empty()) return p.synapses.set_linear(weights_of(rows), initial_effective(p.spec));
  p.synapses.connect(std::move(rows), initial_effective(p.spec));
  sends_current_ = false;
  count_connections(p);
}

/// Linear weights of the pairs that are connected, in the order of the rows; the effective ones follow.
void Net::set_linear(Projection& p, const std::vector<real>& linear) {
  p.synapses.set_linear(linear, [&p](real w) { return effective_weight(p.spec, w); });
}

std::vector<real> Net::stored_linear_weights(const std::string& name) const {
  const Dense* const matrix = projection(name).synapses.matrix();
  return matrix ? matrix->download(1) : std::vector<real>{};
}

void Net::linear_weights_written(const std::string& name, const std::vector<real>& before) {
  Projection& p = projection(name);
  Dense* const matrix = p.synapses.matrix();
  if (!matrix) return;
  std::vector<real> linear = matrix->download(1), effective = matrix->download(0);
  for (std::size_t at = 0; at < linear.size(); ++at) {
    if (linear[at] == before[at]) continue;
    const bool here = before[at] != contrast::absent;
    linear[at] = here ? linear[at] : contrast::absent;
    if (here) effective[at] = effective_weight(p.spec, linear[at]);
  }
  matrix->upload(effective, 0);
  matrix->upload(linear, 1);
}

/// Says how many connections each receiver has in each state.
void Net::count_connections(Projection& p) {
  const std::vector<real> count = p.synapses.counts();
  const std::size_t post = layers_[p.post]->size;
  std::vector<real> of_states;
  for (std::size_t s = 0; s < states(); ++s) {
    const auto own = count.begin() + static_cast<std::ptrdiff_t>(s / copies_ * post);
    of_states.insert(of_states.end(), own, own + static_cast<std::ptrdiff_t>(post));
  }
  p.connections.upload(of_states);
}

void Net::each_row(const std::string& name, bool linear, const std::function<void(std::span<const real>)>& take) const {
  const Projection& p = projection(name);
  std::vector<real> row;
  for (const Rows& r : p.synapses.rows(linear ? 1 : 0))
    for (std::size_t i = 0; i < r.n_post(); ++i) {
      row.assign(r.n_pre, real(0));
      for (std::uint64_t s = r.start[i]; s < r.start[i + 1]; ++s) row[r.pre[s]] = r.weight[s];
      take(row);
    }
}

namespace {

std::vector<real> matrix_of(const Net& net, const std::string& projection, bool linear) {
  std::vector<real> all;
  net.each_row(projection, linear, [&](std::span<const real> row) { all.insert(all.end(), row.begin(), row.end()); });
  return all;
}

}  // namespace

std::vector<real> Net::weights(const std::string& name) const { return matrix_of(*this, name, false); }
std::vector<real> Net::linear_weights(const std::string& name) const { return matrix_of(*this, name, true); }
std::vector<bool> Net::connections(const std::string& name) const {
  const Projection& p = projection(name);
  const std::size_t pre = layers_[p.pre]->size, post = layers_[p.post]->size;
  std::vector<bool> connected(seeds_.size() * pre * post);
  std::size_t first = 0;
  for (const Rows& r : p.synapses.rows(0))
    for (std::size_t i = 0; i < post; ++i, first += pre)
      for (std::uint64_t s = r.start[i]; s < r.start[i + 1]; ++s) connected[first + r.pre[s]] = true;
  return connected;
}

}  // namespace engram::leabra
