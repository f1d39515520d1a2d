#include "engine/models/calculus/brain/lazy.hpp"

#include <algorithm>
#include <cmath>

#include "engine/models/calculus/brain/packing.hpp"

namespace engram::calculus {

std::uint32_t Draws::word() {
  const Words x = Random{seed_, Stream::calculus_lazy, position_ / 4, 0}.words(0);
  return x.w[position_++ % 4];
}

double Draws::uniform() { return (static_cast<double>(word()) + 0.5) * 0x1p-32; }

double Draws::normal() {
  const double radius = math::square_root(-2.0 * math::log(uniform()));
  double sine, cosine;
  math::sincos_turns(uniform(), sine, cosine);
  return radius * cosine;
}

std::uint64_t Draws::below(std::uint64_t n) {
  const std::uint64_t high = word(), bits = (high << 32) | word();
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits) * n) >> 64);
}

Index binomial(Draws& draws, const SkipTable& table, Index n) {
  Index count = 0;
  bernoulli_each(draws, table, 0, n, [&](Index) { ++count; });
  return count;
}

LazyThreshold lazy_threshold(std::uint64_t n, std::uint64_t w, std::uint64_t k, std::uint64_t total_k, double p) {
  if (w > n || n - w <= k) throw Error("the lazy scheme needs more than k neurons that never fired");
  LazyThreshold t;
  const auto unknown = static_cast<double>(n - w), sources = static_cast<double>(total_k);
  t.quantile = (unknown - static_cast<double>(k)) / unknown;
  t.mean = sources * p;
  t.sd = math::square_root(sources * p * (1 - p));
  // Probabilities relative to that of the mode, which cannot underflow as a whole; then their sum is 1.
  const auto mode = static_cast<std::uint64_t>(std::floor((sources + 1) * p));
  const double odds = p / (1 - p);
  std::vector<double> below, above{1};
  for (std::uint64_t m = std::min(mode, total_k); m > 0; --m) {
    const double next =
        (below.empty() ? 1 : below.back()) * static_cast<double>(m) / (static_cast<double>(total_k - m + 1) * odds);
    if (next < 1e-40) break;
    below.push_back(next);
  }
  for (std::uint64_t m = std::min(mode, total_k); m < total_k; ++m) {
    const double next = above.back() * static_cast<double>(total_k - m) * odds / static_cast<double>(m + 1);
    if (next < 1e-40) break;
    above.push_back(next);
  }
  double total = 0;
  for (const double x : below) total += x;
  for (const double x : above) total += x;
  t.alpha = static_cast<double>(std::min(mode, total_k) - below.size());
  // The upper tail is added up from its far end: near 1 the distribution function itself has no digits left.
  const double tail = (1 - t.quantile) * total;
  std::vector<double> all(below.rbegin(), below.rend());
  all.insert(all.end(), above.begin(), above.end());
  double beyond = 0;  // probability of values above the one looked at
  std::size_t last = all.size();
  while (last > 0 && beyond <= tail) beyond += all[--last];
  t.alpha += static_cast<double>(last);
  t.cut = t.sd > 0 ? (t.alpha - t.mean) / t.sd : 0;
  return t;
}

std::vector<float> sample_candidates(Draws& draws, Index count, const LazyThreshold& threshold, double total_k) {
  std::vector<float> values(count);
  const double a = threshold.cut;
  for (float& value : values) {
    double z;
    if (a <= 0) {
      do z = draws.normal();
      while (z < a);
    } else {  // Robert 1995, "Simulation of truncated normal variables", by an exponential
      const double rate = (a + math::square_root(a * a + 4)) / 2;
      do z = a - math::log(draws.uniform()) / rate;
      while (draws.uniform() > math::exp(-(z - rate) * (z - rate) / 2));
    }
    value = static_cast<float>(std::min(std::floor(threshold.mean + threshold.sd * z + 0.5), total_k));
  }
  std::sort(values.begin(), values.end(), std::greater<>());
  return values;
}

LazyFibres::LazyFibres(double p, Index n_pre, Index n_post, Draws& draws) : table_(p), n_post_(n_post), rows_(n_pre) {
  for (Index j = 0; j < n_pre; ++j) draw_outputs(draws, j, n_post);
}

void LazyFibres::join(std::span<const Index> pre, Index post) {
  for (const Index j : pre) rows_[j].push_back({post, 1});
}

void LazyFibres::draw_inputs(Draws& draws, Index post, Index begin, Index end, std::span<const Index> except) {
  bernoulli_each(draws, table_, begin, end, [&](Index j) {
    if (!std::binary_search(except.begin(), except.end(), j)) rows_[j].push_back({post, 1});
  });
}

void LazyFibres::draw_outputs(Draws& draws, Index pre, Index n_post) {
  bernoulli_each(draws, table_, 0, n_post, [&](Index i) { rows_[pre].push_back({i, 1}); });
}

void LazyFibres::add_input(const Firing& sources, Span<real> input) {
  for (const Index j : sources.ranked)
    for (const Entry& e : rows_[j]) input[e.post] = static_cast<real>(static_cast<float>(input[e.post]) + e.weight);
}

void LazyFibres::learn(const Firing& sources, const Firing& targets, const Potentiation& rule) {
  marks_.resize(std::max<std::size_t>(marks_.size(), n_post_));
  for (const Index i : targets.sorted) marks_[i] = 1;
  for (const Index j : sources.ranked)
    for (Entry& e : rows_[j])
      if (marks_[e.post]) e.weight = rule(e.weight);
  for (const Index i : targets.sorted) marks_[i] = 0;
}

Brain::Connection LazyFibres::connection(const std::vector<Index>& pre, const std::vector<Index>& post) {
  Brain::Connection sum;
  for (const Index j : pre)
    for (const Entry& e : rows_[j])
      if (std::binary_search(post.begin(), post.end(), e.post)) {
        sum.synapses += 1;
        sum.weight += static_cast<double>(e.weight);
      }
  return sum;
}

std::size_t LazyFibres::bytes() const {
  std::size_t bytes = rows_.capacity() * sizeof(rows_[0]) + marks_.capacity();
  for (const auto& row : rows_) bytes += row.capacity() * sizeof(Entry);
  return bytes;
}

void LazyFibres::grow(Index n_pre, Index n_post) {
  rows_.resize(std::max<std::size_t>(rows_.size(), n_pre));
  n_post_ = std::max(n_post_, n_post);
}

nlohmann::json LazyFibres::state() const {
  std::vector<Index> length, post;
  std::vector<float> weight;
  for (const auto& row : rows_) {
    length.push_back(static_cast<Index>(row.size()));
    for (const Entry& e : row) {
      post.push_back(e.post);
      weight.push_back(e.weight);
    }
  }
  return {{"n_post", n_post_}, {"length", pack(length)}, {"post", pack(post)}, {"weight", pack(weight)}};
}

void LazyFibres::set_state(const StateReader& state) {
  const auto length = unpack(state["length"]), post = unpack(state["post"]);
  const auto weight = unpack_reals(state["weight"]);
  n_post_ = static_cast<Index>(state["n_post"].whole(std::numeric_limits<Index>::max()));
  std::size_t at = 0, total = 0;
  for (const Index l : length) total += l;
  if (total != post.size() || total != weight.size()) state["length"].fail("rows do not fit their lengths");
  rows_.assign(length.size(), {});
  for (std::size_t j = 0; j < length.size(); ++j)
    for (Index e = 0; e < length[j]; ++e, ++at) {
      if (post[at] >= n_post_) state["post"].fail("a synapse ends outside its area");
      rows_[j].push_back({post[at], weight[at]});
    }
}

void LazyFibres::look_inside(StateVisitor& visitor, const std::string& name) const {
  std::vector<float> weight;
  for (const auto& row : rows_)
    for (const Entry& e : row) weight.push_back(e.weight);
  visitor.inside(name + ", weight", std::span<const float>(weight));
}

LazyStimulus::LazyStimulus(double p, Index size, Index n_post, Draws& draws) : table_(p), size_(size) {
  draw_weights(draws, n_post);
}

void LazyStimulus::draw_weights(Draws& draws, Index n_post) {
  while (weight_.size() < n_post) weight_.push_back(static_cast<float>(binomial(draws, table_, size_)));
}

void LazyStimulus::add_input(const Firing&, Span<real> input) {
  for (std::size_t i = 0; i < weight_.size(); ++i)
    input[i] = static_cast<real>(static_cast<float>(input[i]) + weight_[i]);
}

void LazyStimulus::learn(const Firing&, const Firing& targets, const Potentiation& rule) {
  for (const Index i : targets.sorted) weight_[i] = rule(weight_[i]);
}

Brain::Connection LazyStimulus::connection(const std::vector<Index>&, const std::vector<Index>&) {
  throw Error("single synapses of a stimulus are not known: it always fires as a whole");
}

nlohmann::json LazyStimulus::state() const { return {{"weights", pack(weight_)}}; }
void LazyStimulus::set_state(const StateReader& state) { weight_ = unpack_reals(state["weights"]); }
void LazyStimulus::look_inside(StateVisitor& visitor, const std::string& name) const {
  visitor.inside(name + ", weight", std::span<const float>(weight_));
}

}  // namespace engram::calculus
