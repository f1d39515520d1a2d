// Which units a projection connects, and its initial weights. Draws depend on the seed, the projection and the
// connection alone, in double precision, so both precisions of the program begin with the same network.
#include <algorithm>
#include <cmath>

#include "engine/models/leabra/parts.hpp"

namespace engram::leabra {

namespace {

/// [0, 1) with 53 bits.
double fraction(std::uint32_t high, std::uint32_t low) {
  return static_cast<double>((std::uint64_t{high} << 21) | (low >> 11)) * 0x1p-53;
}

struct ConnectionDraws {
  Words words;
  double uniform() const { return fraction(words.w[0], words.w[1]); }
  /// (0, 1]: a logarithm of it is finite.
  double above_zero() const { return 1 - uniform(); }
  double normal() const {
    double sine, cosine;
    math::sincos_turns(fraction(words.w[2], words.w[3]), sine, cosine);
    return std::sqrt(-2 * math::log(above_zero())) * cosine;
  }
};

struct Drawn {
  const ConnectionDraws& draws;
  double operator()(const Scalar& d) const { return d.value; }
  double operator()(const UniformWeights& d) const {
    const double w = d.low + (d.high - d.low) * draws.uniform();
    return w < d.high ? w : d.low;  // half open, whatever was rounded
  }
  double operator()(const GaussianWeights& d) const { return d.mean + std::sqrt(d.var) * draws.normal(); }
  double operator()(const LogNormalWeights& d) const { return math::exp(d.mean + std::sqrt(d.var) * draws.normal()); }
  double operator()(const ExponentialWeights& d) const { return -math::log(draws.above_zero()) / d.rate; }
};

bool taken(const std::vector<bool>& mask, std::size_t unit) { return !mask.empty() && mask[unit % mask.size()]; }

std::vector<std::size_t> all_taken(const std::vector<bool>& mask, std::size_t units) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < units; ++i)
    if (taken(mask, i)) all.push_back(i);
  return all;
}

}  // namespace

void check_pattern(const ProjectionSpec& spec, Index pre, Index post) {
  if (spec.projn_type == Pattern::full) return;
  const std::size_t senders = all_taken(spec.pre_mask, pre).size(), receivers = all_taken(spec.post_mask, post).size();
  if (senders != receivers)
    throw ConfigError("projn_type", "one_to_one connects as many senders as receivers; " + std::to_string(senders) +
                                        " senders of " + std::to_string(pre) + " and " + std::to_string(receivers) +
                                        " receivers of " + std::to_string(post) +
                                        " take part; set pre_mask and post_mask");
}

std::vector<char> pattern_of(const ProjectionSpec& spec, Index pre, Index post) {
  check_pattern(spec, pre, post);
  std::vector<char> connected(std::size_t{pre} * post);
  const std::vector<std::size_t> senders = all_taken(spec.pre_mask, pre), receivers = all_taken(spec.post_mask, post);
  if (spec.projn_type == Pattern::full) {
    for (const std::size_t i : receivers)
      for (const std::size_t j : senders) connected[i * pre + j] = 1;
  } else {
    for (std::size_t k = 0; k < senders.size(); ++k) connected[receivers[k] * pre + senders[k]] = 1;
  }
  return connected;
}

std::size_t kept_of(double sparsity, std::size_t n) {
  return static_cast<std::size_t>(std::floor(sparsity * static_cast<double>(n)));
}

void thin(std::vector<char>& connected, double sparsity, std::uint64_t seed, std::uint64_t projection) {
  std::vector<std::pair<std::uint64_t, std::size_t>> order;  // the smallest keys stay
  for (std::size_t at = 0; at < connected.size(); ++at)
    if (connected[at]) {
      const auto k = static_cast<std::uint32_t>(order.size());
      const Words x = Random{seed, Stream::leabra_connect, projection, k}.words(0);
      order.emplace_back((std::uint64_t{x.w[0]} << 32) | x.w[1], at);
    }
  const std::size_t kept = kept_of(sparsity, order.size());
  if (kept >= order.size()) return;
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end());
  for (std::size_t k = kept; k < order.size(); ++k) connected[order[k].second] = 0;
}

std::vector<double> draw_weights(const std::vector<char>& connected, const WeightDistribution& distribution,
                                 std::uint64_t seed, std::uint64_t projection) {
  std::vector<double> weights(connected.size());
  std::uint32_t k = 0;
  for (std::size_t at = 0; at < connected.size(); ++at) {
    if (!connected[at]) continue;
    const ConnectionDraws draws{Random{seed, Stream::leabra_weight, projection, k++}.words(0)};
    weights[at] = std::visit(Drawn{draws}, distribution);
  }
  return weights;
}

}  // namespace engram::leabra
