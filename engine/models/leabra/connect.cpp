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

std::size_t count_taken(const std::vector<bool>& mask, std::size_t units) {
  if (mask.empty()) return 0;
  const auto within = [&](std::size_t first) {
    return static_cast<std::size_t>(std::count(mask.begin(), mask.begin() + static_cast<std::ptrdiff_t>(first), true));
  };
  return units / mask.size() * within(mask.size()) + within(units % mask.size());
}

std::vector<std::size_t> all_taken(const std::vector<bool>& mask, std::size_t units) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < units; ++i)
    if (taken(mask, i)) all.push_back(i);
  return all;
}

}  // namespace

void check_pattern(const ProjectionSpec& spec, Index pre, Index post) {
  if (spec.projn_type == Pattern::full) return;
  const std::size_t senders = count_taken(spec.pre_mask, pre), receivers = count_taken(spec.post_mask, post);
  if (senders != receivers)
    throw ConfigError("projn_type", "one_to_one connects as many senders as receivers; " + std::to_string(senders) +
                                        " senders of " + std::to_string(pre) + " and " + std::to_string(receivers) +
                                        " receivers of " + std::to_string(post) +
                                        " take part; set pre_mask and post_mask");
}

std::size_t kept_of(double sparsity, std::size_t n) {
  return static_cast<std::size_t>(std::floor(sparsity * static_cast<double>(n)));
}

namespace {

/// The pairs of units that a projection may connect, by receiver, senders ascending.
class Pairs {
 public:
  Pairs(const ProjectionSpec& spec, Index pre, Index post)
      : full_(spec.projn_type == Pattern::full),
        senders_(all_taken(spec.pre_mask, pre)),
        receivers_(all_taken(spec.post_mask, post)) {
    check_pattern(spec, pre, post);
  }
  std::size_t count() const { return full_ ? checked_product(senders_.size(), receivers_.size()) : senders_.size(); }
  /// Calls f(receiver, sender, number of the pair).
  template <class F>
  void each(F&& f) const {
    std::size_t number = 0;
    for (std::size_t k = 0; k < receivers_.size(); ++k)
      for (std::size_t j = full_ ? 0 : k; j < (full_ ? senders_.size() : k + 1); ++j)
        f(receivers_[k], senders_[j], number++);
  }

 private:
  bool full_;
  std::vector<std::size_t> senders_, receivers_;
};

/// Which pairs of a projection stay: those with the smallest keys, equal ones by number. Keys are made again where they
/// are asked for, since a list of them would take more memory than the synapses.
class Thinned {
 public:
  Thinned(std::size_t pairs, double sparsity, std::uint64_t seed, std::uint64_t projection)
      : seed_(seed), projection_(projection), kept_(kept_of(sparsity, pairs)), all_(kept_ >= pairs) {
    if (all_ || kept_ == 0) return;
    constexpr int parts = 16;  // leading bits of a key
    std::vector<std::size_t> count(std::size_t{1} << parts);
    for (std::size_t k = 0; k < pairs; ++k) ++count[key(k) >> (64 - parts)];
    std::size_t below = 0, part = 0;
    while (below + count[part] <= kept_) below += count[part++];
    std::vector<Place> here;
    for (std::size_t k = 0; k < pairs; ++k)
      if (const std::uint64_t own = key(k); own >> (64 - parts) == part) here.emplace_back(own, k);
    const auto limit = here.begin() + static_cast<std::ptrdiff_t>(kept_ - below);
    std::nth_element(here.begin(), limit, here.end());
    limit_ = *limit;
  }
  std::size_t kept() const { return kept_; }
  bool operator()(std::size_t pair) const { return all_ || (kept_ > 0 && Place(key(pair), pair) < limit_); }

 private:
  using Place = std::pair<std::uint64_t, std::size_t>;
  std::uint64_t key(std::size_t pair) const {
    const Words x = Random{seed_, Stream::leabra_connect, projection_, static_cast<std::uint32_t>(pair)}.words(0);
    return (std::uint64_t{x.w[0]} << 32) | x.w[1];
  }

  std::uint64_t seed_, projection_;
  std::size_t kept_;
  bool all_;
  Place limit_{0, 0};  ///< the first one that goes
};

}  // namespace

std::size_t connections_of(const ProjectionSpec& spec, Index pre, Index post) {
  const std::size_t senders = count_taken(spec.pre_mask, pre), receivers = count_taken(spec.post_mask, post);
  return kept_of(spec.sparsity, spec.projn_type == Pattern::full ? checked_product(senders, receivers) : senders);
}

Rows draw_rows(const ProjectionSpec& spec, Index pre, Index post, std::uint64_t seed, std::uint64_t projection) {
  const Pairs pairs(spec, pre, post);
  const Thinned stays(pairs.count(), spec.sparsity, seed, projection);
  Rows rows;
  rows.n_pre = pre;
  rows.start.assign(std::size_t{post} + 1, 0);
  rows.pre.reserve(stays.kept());
  rows.weight.reserve(stays.kept());
  pairs.each([&](std::size_t receiver, std::size_t sender, std::size_t number) {
    if (!stays(number)) return;
    const ConnectionDraws draws{
        Random{seed, Stream::leabra_weight, projection, static_cast<std::uint32_t>(rows.pre.size())}.words(0)};
    rows.pre.push_back(static_cast<Index>(sender));
    rows.weight.push_back(static_cast<real>(std::visit(Drawn{draws}, spec.dist)));
    ++rows.start[receiver + 1];
  });
  for (std::size_t i = 0; i < post; ++i) rows.start[i + 1] += rows.start[i];
  return rows;
}

}  // namespace engram::leabra
