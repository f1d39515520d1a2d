#include "tests/oracle/oracle.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace engram::oracle {

using namespace conformance;

namespace {

constexpr double epsilon = std::numeric_limits<real>::epsilon();
constexpr double fixed_step = 1.0 / 4294967296.0;
constexpr double fixed_limit = 2251799813685247.0 / 4294967296.0;

/// The layer that a unit belongs to.
std::size_t layer_of(const std::vector<Index>& segments, std::size_t unit) {
  std::size_t layer = 0;
  while (layer + 2 < segments.size() && segments[layer + 1] <= unit) ++layer;
  return layer;
}

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
              for (Index b = r * p.group; b < (r + 1) * p.group; ++b) {
                real own[Rule::n_values] = {}, x[Rule::n_pre + 1] = {}, o[Rule::n_post + 1] = {};
                for (Index v = 0; v < p.planes; ++v) own[v] = before[v];
                for (std::size_t c = 0; c < Rule::n_pre; ++c) x[c] = p.pre.at(b, j, c);
                for (std::size_t c = 0; c < Rule::n_post; ++c) o[c] = p.post.at(b, i, c);
                if (only_active && (x[0] == real(0) || o[0] == real(0))) continue;
                any = true;
                rule(own, x, o,
                     p.shared.data() + (b * p.layers() + layer_of(p.segments, i)) * SweepInputs::shared_values);
                for (Index v = 0; v < p.planes; ++v) {
                  change[v] += static_cast<double>(own[v]) - static_cast<double>(before[v]);
                  s[v] = own[v];
                }
              }
              if (!any) continue;
              for (Index v = 0; p.group > 1 && v < p.planes; ++v)
                s[v] = static_cast<real>(static_cast<double>(before[v]) + change[v]);
              if constexpr (requires { rule.settle(before, s); })
                if (p.group > 1) rule.settle(before, s);
              s[0] = s[0] / scale;
              for (Index v = 0; v < p.planes; ++v) weight[p.at(r, v, j, i)] = s[v];
            }
      },
      *p.learn);
}

std::vector<Expected> solve_sweep(const SweepInputs& inputs) {
  SweepInputs p = inputs;
  if (p.learn) learn(p, p.weight);
  std::vector<double> weight(p.weight.begin(), p.weight.end()), weight_tolerance(weight.size());
  std::vector<double> scale(p.scale.begin(), p.scale.end()), scale_tolerance(scale.size());
  const std::vector<fixed> sum = p.scaled ? p.sums() : std::vector<fixed>{};
  const double sum_error = (p.n_pre + 4) * epsilon;  // relative, of n terms of one sign and a division

  if (p.normalize_to)
    for (Index r = 0; r < p.replicas; ++r)
      for (Index i = 0; i < p.n_post; ++i) {
        double total = 0;
        for (Index j = 0; j < p.n_pre; ++j)
          if (p.has(r, j, i)) total += weight[p.at(r, 0, j, i)];
        if (total == 0) {
          if (p.scaled) scale[std::size_t{r} * p.n_post + i] = 1;
          continue;
        }
        const double error =
            sum_error + (p.storage == Storage::outgoing || p.scaled ? p.n_pre * fixed_step / total : 0.0);
        if (p.scaled) {
          const double s = *p.normalize_to / total;
          scale[std::size_t{r} * p.n_post + i] = s;
          scale_tolerance[std::size_t{r} * p.n_post + i] = std::abs(s) * error;
          continue;
        }
        for (Index j = 0; j < p.n_pre; ++j)
          if (p.has(r, j, i)) {
            double& w = weight[p.at(r, 0, j, i)];
            w = w / total * *p.normalize_to;
            weight_tolerance[p.at(r, 0, j, i)] = std::abs(w) * error;
          }
      }

  std::vector<Expected> all;
  std::vector<double> drive, drive_tolerance;
  if (p.source.form != Population::Form::none) {
    for (Index b = 0; b < p.replicas * p.group; ++b)
      for (Index i = 0; i < p.n_post; ++i) {
        const Index r = b / p.group;
        const double s = p.scaled ? scale[std::size_t{r} * p.n_post + i] : 1.0;
        double total = 0, magnitude = 0;
        for (Index j = 0; j < p.n_pre; ++j) {
          if (!p.has(r, j, i)) continue;
          double term = weight[p.at(r, 0, j, i)] * p.source.at(b, j);
          magnitude += std::abs(term);
          if (p.storage == Storage::outgoing) term = std::clamp(term, -fixed_limit, fixed_limit);
          total += term;
        }
        const double before = p.drive[std::size_t{b} * p.n_post + i];
        drive.push_back(before + p.gain * s * total);
        drive_tolerance.push_back(
            std::abs(before) * 2 * epsilon + std::abs(p.gain * s) * magnitude * 4 * sum_error +
            (p.storage == Storage::outgoing ? std::abs(p.gain * s) * p.n_pre * fixed_step : 0) +
            (p.scaled ? std::abs(p.gain * magnitude) * scale_tolerance[std::size_t{r} * p.n_post + i] : 0) +
            (p.normalize_to ? std::abs(p.gain * s) * p.n_pre * fixed_step * (1 + magnitude) : 0));
      }
  }

  if (p.sparse()) {  // existing synapses only, by outgoing rows or by incoming ones, where 0 is none
    std::vector<double> kept, kept_tolerance;
    const bool by_post = p.storage == Storage::incoming;
    for (Index r = 0; r < p.replicas; ++r)
      for (Index a = 0; a < (by_post ? p.n_post : p.n_pre); ++a)
        for (Index b = 0; b < (by_post ? p.n_pre : p.n_post); ++b) {
          const Index j = by_post ? b : a, i = by_post ? a : b;
          const std::size_t at = p.at(r, 0, j, i);
          if (!p.has(r, j, i) || (by_post && weight[at] == 0)) continue;
          kept.push_back(weight[at]);
          kept_tolerance.push_back(weight_tolerance[at]);
        }
    weight = kept;
    weight_tolerance = kept_tolerance;
  }
  all.push_back({"weight", weight, weight_tolerance});
  if (!p.drive.empty()) all.push_back({"drive", drive, drive_tolerance});
  if (p.scaled) {
    all.push_back({"scale", scale, scale_tolerance});
    all.push_back({"sum", {sum.begin(), sum.end()}, std::vector<double>(sum.size())});
  }
  return all;
}

Expected exact(const char* name, std::vector<double> value) {
  std::vector<double> none(value.size());
  return {name, std::move(value), std::move(none)};
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

// The continuous Bernoulli unit in the textbook's forms, in long double.

long double langevin_mean(long double x) {
  if (std::abs(x) < 1e-3L) return x / 3 - x * x * x / 45;
  return 1 / std::tanh(x) - 1 / x;
}
long double langevin_variance(long double x) {
  if (std::abs(x) < 1e-2L) return 1 / 3.0L - x * x / 15 + 2 * x * x * x * x / 189;
  if (std::abs(x) > 1000) return 1 / (x * x);
  return 1 / (x * x) - 1 / (std::sinh(x) * std::sinh(x));
}
long double bernoulli_sample(long double b, long double u) {
  if (std::abs(b) < 1e-9L) return 2 * u - 1 + 2 * b * u * (1 - u);
  if (std::abs(b) > 0.1L)
    return b > 0 ? 1 + std::log(u + (1 - u) * std::exp(-2 * b)) / b : -1 + std::log((1 - u) + u * std::exp(2 * b)) / b;
  // The same without the cancellation that would cost 1 / b of the digits.
  return b > 0 ? 1 + std::log1p((1 - u) * std::expm1(-2 * b)) / b : -1 + std::log1p(u * std::expm1(2 * b)) / b;
}

/// One unit: its columns after the rule, and how far a correct result may be from them.
void solve_unit(const UnitRule& any, long double* c, const real* shared, double* tolerance) {
  std::visit(
      [&](const auto& rule) {
        using Rule = std::decay_t<decltype(rule)>;
        if constexpr (std::is_same_v<Rule, SubtractiveInhibition>) {
          const long double less = static_cast<long double>(rule.strength) * shared[0];
          tolerance[0] = static_cast<double>(std::abs(c[0]) + std::abs(less)) * 2 * epsilon;
          c[0] = std::max(c[0] - less, 0.0L);
        } else if constexpr (std::is_same_v<Rule, LangevinPrecision>) {
          c[0] = 1 / std::max<long double>(langevin_variance(c[2] * c[1]), 1e-8L);
          tolerance[0] = static_cast<double>(c[0]) * 128 * epsilon;
        } else {
          using namespace langevin_column;
          const long double theta = c[inverse_temperature] * (c[bias] + c[drive]);
          long double s;
          if constexpr (Rule::n_columns > uniform) {
            const long double margin = rule.uniform_margin, u = margin + (1 - 2 * margin) * c[uniform];
            const long double clipped = std::clamp(theta, -500.0L, 500.0L);
            s = std::abs(theta) <= rule.uniform_below ? 2 * u - 1 : bernoulli_sample(clipped, u);
          } else {
            s = langevin_mean(theta);
          }
          s = std::clamp<long double>(s, -rule.bound, rule.bound);
          const long double gain = rule.predict_inverse_temperature > real(0) ? c[inverse_temperature] : 1;
          c[error] = c[precision] * (s - langevin_mean(gain * (c[drive] + rule.predict_bias * c[bias])));
          c[state] = s;
          c[drive] = 0;
          tolerance[state] = 64 * epsilon;
          tolerance[error] = static_cast<double>(c[precision]) * 128 * epsilon;
        }
      },
      any);
}

std::vector<Expected> solve_update(const UpdateInputs& p) {
  const std::size_t n = p.units, all = n * p.batches, width = p.columns.size();
  std::vector<std::vector<long double>> value;
  for (const auto& column : p.columns) value.emplace_back(column.begin(), column.end());
  std::vector<std::vector<double>> tolerance(width, std::vector<double>(all));
  for (std::size_t b = 0; b < p.batches; ++b)
    for (std::size_t k = 0; k < n; ++k) {
      const std::size_t i = p.order.empty() ? k : p.order[b * n + k], at = b * n + i;
      long double c[max_unit_columns];
      double slack[max_unit_columns] = {};
      for (std::size_t v = 0; v < width; ++v) c[v] = value[v][v + 1 == width && p.shared_last ? i : at];
      const long double before = c[0];
      const std::size_t layers = p.segments.empty() ? 1 : p.segments.size() - 1;
      solve_unit(p.rule, c,
                 p.shared.data() + p.shared.size() / p.batches / layers * (b * layers + layer_of(p.segments, i)),
                 slack);
      const auto written = std::visit([](const auto& rule) { return std::decay_t<decltype(rule)>::n_written; }, p.rule);
      for (std::size_t v = 0; v < static_cast<std::size_t>(written); ++v) {
        value[v][at] = c[v];
        // Of what follows in an order, drives carry the errors of all before.
        tolerance[v][at] = p.order.empty() ? slack[v] : 40 * static_cast<double>(n) * epsilon;
      }
      for (std::size_t l = 0; !p.order.empty() && l < n; ++l)
        value[1][b * n + l] += p.weight[(b / p.group * n + i) * n + l] * (c[0] - before);
    }
  std::vector<Expected> out;
  for (std::size_t v = 0; v < width; ++v)
    out.push_back({"column_" + std::to_string(v), {value[v].begin(), value[v].end()}, tolerance[v]});
  return out;
}

/// A value of one segment, and how far a correct one may be from it.
std::pair<double, double> solve_segment(const SummaryInputs& p, std::size_t b, Index s, Index first, Index last) {
  constexpr double lowest = -INFINITY;
  long double sum = 0, magnitude = 0;
  std::vector<double> sorted;
  for (std::size_t at = b * p.units + first; at < b * p.units + last; ++at) {
    const double x = p.x[at];
    const double term = std::clamp(p.with.empty() ? x : x * static_cast<double>(p.with[at]), -fixed_limit, fixed_limit);
    sum += term;
    magnitude += std::isnan(term) ? 0.0 : std::abs(term);
    sorted.push_back(x);
  }
  const auto after = [](double a, double c) { return std::isnan(c) ? !std::isnan(a) : a > c; };
  std::sort(sorted.begin(), sorted.end(), after);
  const std::size_t n = sorted.size();
  const double slack = static_cast<double>(n) * (fixed_step * fixed_step + (magnitude > 1e5L ? fixed_step : 0));
  const auto near = [&](long double value) {
    return std::pair(static_cast<double>(value),
                     static_cast<double>(std::abs(value)) * epsilon + slack + static_cast<double>(magnitude) * 0x1p-52);
  };
  const Summary kinds[] = {Sum{}, Mean{}, Max{}, KthLargest{}, MeanOfLargest{}, Dot{}};
  if (std::holds_alternative<Sum>(kinds[p.kind]) || std::holds_alternative<Dot>(kinds[p.kind])) return near(sum);
  if (std::holds_alternative<Mean>(kinds[p.kind])) return near(n ? sum / static_cast<long double>(n) : 0);
  if (std::holds_alternative<Max>(kinds[p.kind])) return {n ? sorted[0] : lowest, 0};
  const std::size_t k = std::min<std::size_t>(std::max<Index>(p.k[s], 1), n);
  if (std::holds_alternative<KthLargest>(kinds[p.kind])) return {k ? sorted[k - 1] : lowest, 0};
  long double largest = 0;
  for (std::size_t i = 0; i < k; ++i)
    largest += std::isnan(sorted[i]) ? sorted[i] : std::clamp(sorted[i], -fixed_limit, fixed_limit);
  return near(k ? largest / static_cast<long double>(k) : 0);
}

std::vector<Expected> solve_summary(const SummaryInputs& p) {
  Expected out{"out", {}, {}};
  for (std::size_t b = 0; b < p.batches; ++b)
    for (Index s = 0; s < p.count(); ++s) {
      const bool one = p.segments.empty();
      const auto [value, tolerance] =
          solve_segment(p, b, s, one ? 0 : p.segments[s], one ? p.units : p.segments[s + 1]);
      out.value.push_back(value);
      out.tolerance.push_back(tolerance);
    }
  return {out};
}

std::vector<Expected> solve_gather(const GatherInputs& p) {
  std::vector<double> to;
  for (std::size_t b = 0; b < p.batches; ++b)
    for (const Index unit : p.at) to.push_back(p.from[(p.one_for_all ? 0 : b * p.units) + unit]);
  return {exact("to", to)};
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
  } by_hand;
  return std::visit(by_hand, inputs);
}

}  // namespace engram::oracle
