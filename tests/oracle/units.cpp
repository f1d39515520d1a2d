// Unit rules, summaries and gathering, the plain way.
#include <algorithm>
#include <cmath>

#include "tests/oracle/parts.hpp"

namespace engram::oracle {

using namespace conformance;

namespace {

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
  if (solve_leabra(any, c, shared, tolerance)) return;
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
        } else if constexpr (std::is_same_v<Rule, LangevinSample> || std::is_same_v<Rule, LangevinMean>) {
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

}  // namespace

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

std::vector<Expected> solve_product(const ProductInputs& p) {
  Expected out{"exact", {}, {}};
  for (std::size_t b = 0; b < std::size_t{p.replicas} * p.group; ++b)
    for (std::size_t i = 0; i < p.n_post; ++i) {
      double sum = 0, magnitudes = 0;
      for (std::size_t j = 0; j < p.n_pre; ++j) {
        const double term = static_cast<double>(p.weight[(b / p.group * p.n_pre + j) * p.n_post + i]) *
                            static_cast<double>(p.x[b * p.n_pre + j]);
        sum += term;
        magnitudes += std::abs(term);
      }
      out.value.push_back(sum);
      out.tolerance.push_back(2 * error_of_sum(p.n_pre) * magnitudes);  // of both, in double
    }
  return {out};
}

}  // namespace engram::oracle
