#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "tests/oracle/parts.hpp"

namespace engram::oracle {

using namespace conformance;

namespace {

/// Whether synapses have a memory, to which all batches propose together.
template <class Rule>
inline constexpr bool remembers = requires(Rule rule, real* s) {
  rule.apply(s, real(0), real(0), s);
};

void learn(const SweepInputs& p, std::vector<real>& weight) {
  const bool only_active = p.pre.form == Population::Form::lists;
  std::visit(
      [&](const auto& rule) {
        using Rule = std::decay_t<decltype(rule)>;
        for (Index r = 0; r < p.replicas; ++r)
          for (Index i = 0; i < p.n_post; ++i)
            for (Index j = 0; j < p.n_pre; ++j) {
              if (!p.has(r, j, i) || (p.keep_diagonal && i == j)) continue;
              real s[Rule::n_values] = {}, before[Rule::n_values] = {};
              double change[Rule::n_values] = {};
              const real scale = p.scaled ? p.scale[std::size_t{r} * p.n_post + i] : real(1);
              for (Index v = 0; v < p.planes; ++v) s[v] = before[v] = weight[p.at(r, v, j, i)] * (v ? real(1) : scale);
              bool any = false;
              double proposed = 0, rate = 0;
              real receiver[Rule::n_post + 1] = {};
              for (Index b = r * p.group; b < (r + 1) * p.group; ++b) {
                real own[Rule::n_values] = {}, x[Rule::n_pre + 1] = {}, o[Rule::n_post + 1] = {};
                for (Index v = 0; v < p.planes; ++v) own[v] = before[v];
                for (std::size_t c = 0; c < Rule::n_pre; ++c) x[c] = p.pre.at(b, j, c);
                for (std::size_t c = 0; c < Rule::n_post; ++c) o[c] = p.post.at(b, i, c);
                if (only_active && (x[0] == real(0) || o[0] == real(0))) continue;
                const real* const layer =
                    p.shared.data() + (b * p.layers() + layer_of(p.segments, i)) * SweepInputs::shared_values;
                if constexpr (remembers<Rule>) {
                  proposed += static_cast<double>(rule.direction(x, o, layer));
                  rate += static_cast<double>(rule.rate_of(layer));
                  if (!any) std::copy(o, o + Rule::n_post, receiver);
                }
                any = true;
                rule(own, x, o, layer);
                for (Index v = 0; v < p.planes; ++v) {
                  change[v] += static_cast<double>(own[v]) - static_cast<double>(before[v]);
                  s[v] = own[v];
                }
              }
              if (!any) continue;
              if constexpr (remembers<Rule>) {
                std::copy(before, before + Rule::n_values, s);
                rule.apply(s, static_cast<real>(proposed), static_cast<real>(rate / p.group), receiver);
              } else if (p.group > 1) {
                for (Index v = 0; v < p.planes; ++v)
                  s[v] = static_cast<real>(static_cast<double>(before[v]) + change[v]);
                if constexpr (requires { rule.settle(before, s); }) rule.settle(before, s);
              }
              s[0] = s[0] / scale;
              for (Index v = 0; v < p.planes; ++v) weight[p.at(r, v, j, i)] = s[v];
            }
      },
      *p.learn);
}

/// Values as they should be, and how far each may be off.
struct Within {
  std::vector<double> value, tolerance;
  explicit Within(const std::vector<real>& values) : value(values.begin(), values.end()), tolerance(values.size()) {}
  Within() = default;
};

/// Relative, of n terms of one sign and a division.
double sum_error(const SweepInputs& p) { return (p.n_pre + 4) * epsilon; }

void normalize(const SweepInputs& p, Within& weight, Within& scale) {
  for (Index r = 0; r < p.replicas; ++r)
    for (Index i = 0; i < p.n_post; ++i) {
      double total = 0;
      for (Index j = 0; j < p.n_pre; ++j)
        if (p.has(r, j, i)) total += weight.value[p.at(r, 0, j, i)];
      if (total == 0) {
        if (p.scaled) scale.value[std::size_t{r} * p.n_post + i] = 1;
        continue;
      }
      const double error =
          sum_error(p) + (p.storage == Storage::outgoing || p.scaled ? p.n_pre * fixed_step / total : 0.0);
      if (p.scaled) {
        const double s = *p.normalize_to / total;
        scale.value[std::size_t{r} * p.n_post + i] = s;
        scale.tolerance[std::size_t{r} * p.n_post + i] = std::abs(s) * error;
        continue;
      }
      for (Index j = 0; j < p.n_pre; ++j)
        if (p.has(r, j, i)) {
          double& w = weight.value[p.at(r, 0, j, i)];
          w = w / total * *p.normalize_to;
          weight.tolerance[p.at(r, 0, j, i)] = std::abs(w) * error;
        }
    }
}

Within drives(const SweepInputs& p, const Within& weight, const Within& scale) {
  Within drive;
  for (Index b = 0; b < p.replicas * p.group; ++b)
    for (Index i = 0; i < p.n_post; ++i) {
      const Index r = b / p.group;
      const double s = p.scaled ? scale.value[std::size_t{r} * p.n_post + i] : 1.0;
      double total = 0, magnitude = 0;
      for (Index j = 0; j < p.n_pre; ++j) {
        if (!p.has(r, j, i)) continue;
        double term = weight.value[p.at(r, 0, j, i)] * p.source.at(b, j);
        magnitude += std::abs(term);
        if (p.storage == Storage::outgoing) term = std::clamp(term, -fixed_limit, fixed_limit);
        total += term;
      }
      const double before = p.drive[std::size_t{b} * p.n_post + i];
      drive.value.push_back(before + p.gain * s * total);
      drive.tolerance.push_back(
          std::abs(before) * 2 * epsilon + std::abs(p.gain * s) * magnitude * 4 * sum_error(p) +
          (p.storage == Storage::outgoing ? std::abs(p.gain * s) * p.n_pre * fixed_step : 0) +
          (p.scaled ? std::abs(p.gain * magnitude) * scale.tolerance[std::size_t{r} * p.n_post + i] : 0) +
          (p.normalize_to ? std::abs(p.gain * s) * p.n_pre * fixed_step * (1 + magnitude) : 0));
    }
  return drive;
}

/// Of the synapses of a receiver that are as strong as that.
Within means(const SweepInputs& p, const Within& weight) {
  Within mean;
  for (Index r = 0; r < p.replicas; ++r)
    for (Index i = 0; i < p.n_post; ++i) {
      long double total = 0;
      std::size_t count = 0;
      for (Index j = 0; j < p.n_pre; ++j)
        if (const double w = weight.value[p.at(r, 0, j, i)];
            p.has(r, j, i) && w != 0 && w >= static_cast<double>(*p.strong)) {
          total += w;
          ++count;
        }
      mean.value.push_back(count ? static_cast<double>(total / static_cast<long double>(count)) : 0);
      mean.tolerance.push_back(2 * epsilon + p.n_pre * 0x1p-64);
    }
  return mean;
}

/// Of existing synapses only, by outgoing rows or by incoming ones, where 0 is none unless they are fixed.
Within existing(const SweepInputs& p, const Within& weight) {
  Within kept;
  const bool by_post = p.storage != Storage::outgoing;
  for (Index v = 0; v < p.planes; ++v)
    for (Index r = 0; r < p.replicas; ++r)
      for (Index a = 0; a < (by_post ? p.n_post : p.n_pre); ++a)
        for (Index b = 0; b < (by_post ? p.n_pre : p.n_post); ++b) {
          const Index j = by_post ? b : a, i = by_post ? a : b;
          const std::size_t at = p.at(r, v, j, i);
          if (!p.has(r, j, i) || (p.storage == Storage::incoming && weight.value[at] == 0)) continue;
          kept.value.push_back(weight.value[at]);
          kept.tolerance.push_back(weight.tolerance[at]);
        }
  return kept;
}

std::vector<Expected> solve_sweep(const SweepInputs& inputs) {
  SweepInputs p = inputs;
  if (p.learn) learn(p, p.weight);
  Within weight(p.weight), scale(p.scale), drive, mean;
  const std::vector<fixed> sum = p.scaled ? p.sums() : std::vector<fixed>{};
  if (p.normalize_to) normalize(p, weight, scale);
  if (p.source.form != Population::Form::none) drive = drives(p, weight, scale);
  if (p.strong) mean = means(p, weight);
  if (p.sparse()) weight = existing(p, weight);
  std::vector<Expected> all{{"weight", weight.value, weight.tolerance}};
  if (!p.drive.empty()) all.push_back({"drive", drive.value, drive.tolerance});
  if (p.scaled) {
    all.push_back({"scale", scale.value, scale.tolerance});
    all.push_back({"sum", {sum.begin(), sum.end()}, std::vector<double>(sum.size())});
  }
  if (p.strong) all.push_back({"mean", mean.value, mean.tolerance});
  return all;
}

std::vector<Expected> solve_top_k(const TopKInputs& p) {
  std::vector<double> winners;
  for (Index b = 0; b < p.batches; ++b) {
    const real* score = p.score.data() + std::size_t{b} * p.units;
    std::vector<Index> order(p.units);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](Index i, Index j) {
      if (std::isnan(score[i]) != std::isnan(score[j])) return std::isnan(score[j]);
      if (!std::isnan(score[i]) && score[i] != score[j]) return score[i] > score[j];
      return i < j;
    });
    std::sort(order.begin(), order.begin() + p.k);
    winners.insert(winners.end(), order.begin(), order.begin() + p.k);
  }
  return {exact("index", winners), exact("count", std::vector<double>(p.batches, p.k))};
}

std::vector<Expected> solve_collect(const CollectInputs& p) {
  std::vector<double> index, value, count;
  for (Index b = 0; b < p.batches; ++b) {
    Index found = 0;
    for (Index i = 0; i < p.units; ++i)
      if (const real x = p.x[std::size_t{b} * p.units + i]; x > p.above && found < p.room) {
        index.push_back(i);
        value.push_back(x);
        ++found;
      }
    count.push_back(found);
  }
  std::vector<Expected> all{exact("index", index), exact("count", count)};
  if (p.with_values) all.push_back(exact("value", value));
  return all;
}

/// Philox4x32-10 from its published round function.
void philox(std::uint32_t (&x)[4], std::uint64_t seed) {
  auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xd2511f53} * x[0], b = std::uint64_t{0xcd9e8d57} * x[2];
    const std::uint32_t next[4] = {static_cast<std::uint32_t>(b >> 32) ^ x[1] ^ key0, static_cast<std::uint32_t>(b),
                                   static_cast<std::uint32_t>(a >> 32) ^ x[3] ^ key1, static_cast<std::uint32_t>(a)};
    std::copy_n(next, 4, x);
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
}

std::vector<Expected> solve_sample(const SampleInputs& p) {
  const bool wide = sizeof(real) == 8;  // a float takes the leading 24 bits of a word
  const auto fraction = [&](std::uint32_t word) { return wide ? word / 4294967296.0 : (word >> 8) / 16777216.0; };
  const double half = wide ? 0.5 / 4294967296.0 : 0.5 / 16777216.0;
  Expected out{"out", {}, {}};
  for (const std::uint64_t seed : p.seeds)
    for (Index unit = 0; unit < p.units; ++unit) {
      std::uint32_t x[4] = {unit / 4, static_cast<std::uint32_t>(p.stream), static_cast<std::uint32_t>(p.tick),
                            static_cast<std::uint32_t>(p.tick >> 32)};
      philox(x, seed);
      const Index lane = unit % 4;
      if (const auto* uniform = std::get_if<Uniform>(&p.distribution)) {
        const double low = uniform->low, high = uniform->high;
        out.value.push_back(low + (high - low) * fraction(x[lane]));
        out.tolerance.push_back(2 * epsilon * (std::abs(low) + std::abs(high)));
      } else {
        const auto& normal = std::get<Normal>(p.distribution);
        const double radius = std::sqrt(-2 * std::log(fraction(x[lane & 2]) + half));
        const double angle = 2 * std::numbers::pi * fraction(x[(lane & 2) + 1]);
        out.value.push_back(normal.mean + normal.sd * radius * (lane % 2 ? std::sin(angle) : std::cos(angle)));
        // Near 1 a float has no room for the half: there the radius, sqrt(-2 log u), is known to epsilon / radius only.
        const double blur = std::min(std::sqrt(2 * epsilon), epsilon / (radius + epsilon));
        out.tolerance.push_back(8 * epsilon * std::abs(static_cast<double>(normal.mean)) +
                                normal.sd * (8 * epsilon * (1 + radius) + blur));
      }
    }
  return {out};
}

}  // namespace

std::vector<Expected> solve(const Inputs& inputs) {
  struct {
    std::vector<Expected> operator()(const SweepInputs& p) const { return solve_sweep(p); }
    std::vector<Expected> operator()(const TopKInputs& p) const { return solve_top_k(p); }
    std::vector<Expected> operator()(const CollectInputs& p) const { return solve_collect(p); }
    std::vector<Expected> operator()(const SampleInputs& p) const { return solve_sample(p); }
    std::vector<Expected> operator()(const UpdateInputs& p) const { return solve_update(p); }
    std::vector<Expected> operator()(const SummaryInputs& p) const { return solve_summary(p); }
    std::vector<Expected> operator()(const GatherInputs& p) const { return solve_gather(p); }
    std::vector<Expected> operator()(const ProductInputs& p) const { return solve_product(p); }
  } by_hand;
  return std::visit(by_hand, inputs);
}

}  // namespace engram::oracle
