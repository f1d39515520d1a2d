#include "engram/sorn/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engram/core/random.hpp"
#include "engram/sorn/steps.hpp"

namespace engram::sorn {

Raster raster_of(std::span<const std::uint32_t> recorded, std::size_t words, std::size_t units, std::size_t replica,
                 std::size_t replicas) {
  Raster raster;
  raster.units = units;
  raster.steps = words == 0 ? 0 : recorded.size() / (words * replicas);
  raster.active.resize(raster.steps * units);
  for (std::size_t t = 0; t < raster.steps; ++t) {
    const std::uint32_t* row = recorded.data() + (t * replicas + replica) * words;
    for (std::size_t i = 0; i < units; ++i)
      raster.active[t * units + i] = (row[i / units_per_word] >> (i % units_per_word * 2)) & 1u;
  }
  return raster;
}

namespace analysis {

namespace {

void check_unit(const Raster& r, std::size_t unit) {
  if (unit >= r.units)
    throw Error("unit " + std::to_string(unit) + " of a recording of " + std::to_string(r.units) + " units", 2);
}

double mean_of(std::span<const double> x) {
  return x.empty() ? 0 : std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double variance_of(std::span<const double> x) {
  const double m = mean_of(x);
  double sum = 0;
  for (const double v : x) sum += (v - m) * (v - m);
  return x.empty() ? 0 : sum / static_cast<double>(x.size());
}

std::vector<double> differences(std::span<const double> x) {
  std::vector<double> d;
  for (std::size_t i = 1; i < x.size(); ++i) d.push_back(x[i] - x[i - 1]);
  return d;
}

double pearson(std::span<const double> a, std::span<const double> b) {
  const double ma = mean_of(a), mb = mean_of(b);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

}  // namespace

double spikes_per_bin(const Raster& r, std::size_t unit, std::size_t bin) {
  return static_cast<double>(spike_times(r, unit).size() * bin) / static_cast<double>(r.steps);
}

std::vector<double> network_rate(const Raster& r) {
  std::vector<double> rate(r.steps);
  for (std::size_t t = 0; t < r.steps; ++t)
    for (std::size_t i = 0; i < r.units; ++i) rate[t] += r.at(t, i);
  return rate;
}

double smoothness(std::span<const double> series) { return std::sqrt(variance_of(differences(series))); }

double relative_smoothness(std::span<const double> series) {
  return smoothness(series) / std::abs(mean_of(differences(series)));
}

double autocorrelation(std::span<const double> series, std::size_t lag) {
  if (lag >= series.size())
    throw Error("lag " + std::to_string(lag) + " of a series of " + std::to_string(series.size()), 2);
  return pearson(series.first(series.size() - lag), series.subspan(lag));
}

Correlation correlation(const Raster& r) {
  Correlation c;
  c.units = r.units;
  c.matrix.assign(r.units * r.units, 0);
  // Of 0 and 1 all sums are counts: exact, and pairs need only count the steps in which both fire.
  std::vector<std::vector<std::uint64_t>> train(r.units, std::vector<std::uint64_t>((r.steps + 63) / 64));
  std::vector<double> count(r.units);
  for (std::size_t t = 0; t < r.steps; ++t)
    for (std::size_t i = 0; i < r.units; ++i)
      if (r.at(t, i)) {
        train[i][t / 64] |= std::uint64_t{1} << (t % 64);
        ++count[i];
      }
  const double n = static_cast<double>(r.steps);
  for (std::size_t i = 0; i < r.units; ++i) {
    if (count[i] == 0 || count[i] == n) {
      ++c.silent;
      continue;
    }
    for (std::size_t j = 0; j <= i; ++j) {
      if (count[j] == 0 || count[j] == n) continue;
      double both = 0;
      for (std::size_t w = 0; w < train[i].size(); ++w) both += __builtin_popcountll(train[i][w] & train[j][w]);
      c.matrix[i * r.units + j] = c.matrix[j * r.units + i] =
          (n * both - count[i] * count[j]) / std::sqrt(count[i] * (n - count[i]) * (count[j] * (n - count[j])));
    }
  }
  return c;
}

double Correlation::mean() const { return mean_of(matrix); }

double Correlation::pair_mean() const {
  double sum = 0;
  for (std::size_t i = 0; i < units; ++i)
    for (std::size_t j = 0; j < units; ++j) sum += i == j ? 0 : matrix[i * units + j];
  return units > 1 ? sum / static_cast<double>(units * (units - 1)) : 0;
}

std::vector<std::size_t> spike_times(const Raster& r, std::size_t unit) {
  check_unit(r, unit);
  std::vector<std::size_t> times;
  for (std::size_t t = 0; t < r.steps; ++t)
    if (r.at(t, unit)) times.push_back(t);
  return times;
}

std::vector<std::size_t> intervals(const Raster& r, std::size_t unit) {
  const std::vector<std::size_t> times = spike_times(r, unit);
  std::vector<std::size_t> gaps;
  for (std::size_t k = 1; k < times.size(); ++k) gaps.push_back(times[k] - times[k - 1]);
  return gaps;
}

std::vector<std::size_t> hamming(const Raster& a, const Raster& b) {
  if (a.steps != b.steps || a.units != b.units)
    throw Error("recordings of " + std::to_string(a.steps) + " x " + std::to_string(a.units) + " and " +
                    std::to_string(b.steps) + " x " + std::to_string(b.units) + " cannot be compared",
                2);
  std::vector<std::size_t> distance(a.steps);
  for (std::size_t t = 0; t < a.steps; ++t)
    for (std::size_t i = 0; i < a.units; ++i) distance[t] += a.at(t, i) != b.at(t, i);
  return distance;
}

Fano fano_factor(const Raster& r, std::size_t unit, std::size_t windows) {
  check_unit(r, unit);
  if (windows == 0 || r.steps % windows != 0)
    throw Error(
        std::to_string(windows) + " equal windows do not fit a recording of " + std::to_string(r.steps) + " steps", 2);
  std::vector<double> counts(windows);
  for (const std::size_t t : spike_times(r, unit)) ++counts[t / (r.steps / windows)];
  Fano f{mean_of(counts), variance_of(counts), 0};
  if (f.mean > 0) f.factor = f.variance / f.mean;
  return f;
}

double source_entropy(const Raster& r) {
  std::vector<double> spikes(r.units);
  for (std::size_t t = 0; t < r.steps; ++t)
    for (std::size_t i = 0; i < r.units; ++i) spikes[i] += r.at(t, i);
  const double total = std::accumulate(spikes.begin(), spikes.end(), 0.0);
  double entropy = 0;
  for (const double s : spikes)
    if (s > 0) entropy -= s / total * std::log(s / total);
  return r.units > 1 ? entropy / std::log(static_cast<double>(r.units)) : 0;
}

double LogNormal::mode() const { return std::exp(mu - sigma * sigma); }
double LogNormal::median() const { return std::exp(mu); }
double LogNormal::mean() const { return std::exp(mu + sigma * sigma / 2); }
double LogNormal::density(double w) const {
  const double z = (std::log(w) - mu) / sigma;
  return std::exp(-z * z / 2) / (w * sigma * std::sqrt(2 * M_PI));
}

LogNormal fit_lognormal(std::span<const double> weights, double threshold) {
  std::vector<double> logs;
  for (const double w : weights)
    if (w >= threshold && w > 0) logs.push_back(std::log(w));
  return {mean_of(logs), std::sqrt(variance_of(logs)), logs.size()};
}

double distance_to_normal(std::vector<double> values) {
  const double mean = mean_of(values), sd = std::sqrt(variance_of(values));
  std::sort(values.begin(), values.end());
  double distance = 0;
  const double n = static_cast<double>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double normal = 0.5 * std::erfc(-(values[i] - mean) / (sd * std::sqrt(2.0)));
    distance = std::max(
        {distance, std::abs(normal - static_cast<double>(i) / n), std::abs(normal - static_cast<double>(i + 1) / n)});
  }
  return distance;
}

Histogram histogram(std::span<const double> values, std::size_t bins) {
  Histogram h;
  h.counts.resize(bins);
  const double low = values.empty() ? 0 : *std::min_element(values.begin(), values.end());
  const double high = values.empty() ? 1 : *std::max_element(values.begin(), values.end());
  const double width = high > low ? (high - low) / static_cast<double>(bins) : 1;
  for (std::size_t b = 0; b <= bins; ++b)
    h.edges.push_back(b == bins ? std::max(high, low + width) : low + static_cast<double>(b) * width);
  for (const double v : values) {
    auto b = std::min(bins - 1, static_cast<std::size_t>((v - low) / width));
    if (b > 0 && v < h.edges[b]) --b;  // rounding of the quotient
    if (b + 1 < bins && v >= h.edges[b + 1]) ++b;
    ++h.counts[b];
  }
  return h;
}

Avalanches avalanches(std::span<const double> rate, double threshold) {
  Avalanches a;
  double size = 0;
  std::size_t duration = 0;
  bool complete = false;  // the first one may have begun before the record
  for (const double active : rate) {
    if (active > threshold) {
      size += active - threshold;
      ++duration;
    } else {
      if (duration > 0 && complete) {
        a.size.push_back(static_cast<std::size_t>(std::llround(size)));
        a.duration.push_back(duration);
      }
      size = 0;
      duration = 0;
      complete = true;
    }
  }
  return a;
}

double power_law_exponent(std::span<const std::size_t> values, std::size_t low, std::size_t high) {
  double log_sum = 0, n = 0;
  for (const std::size_t v : values)
    if (v >= low && v <= high) {
      log_sum += std::log(static_cast<double>(v));
      ++n;
    }
  if (n < 2) return std::nan("");
  // The likelihood is concave in the exponent: golden section.
  const auto loss = [&](double exponent) {
    double norm = 0;
    for (std::size_t v = low; v <= high; ++v) norm += std::pow(static_cast<double>(v), -exponent);
    return exponent * log_sum + n * std::log(norm);
  };
  double a = 0, b = 6;
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  for (int i = 0; i < 60; ++i) {
    const double c = b - ratio * (b - a), d = a + ratio * (b - a);
    (loss(c) < loss(d) ? b : a) = loss(c) < loss(d) ? d : c;
  }
  return (a + b) / 2;
}

std::vector<std::vector<Index>> incoming(const Rows& rows) {
  std::vector<std::vector<Index>> units(rows.n_post());
  for (Index i = 0; i < rows.n_post(); ++i)
    for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s)
      if (rows.weight[s] != real(0)) units[i].push_back(rows.pre[s]);
  return units;
}

std::vector<std::vector<Index>> outgoing(const Rows& rows) {
  std::vector<std::vector<Index>> units(rows.n_pre);
  for (Index i = 0; i < rows.n_post(); ++i)
    for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s)
      if (rows.weight[s] != real(0)) units[rows.pre[s]].push_back(i);
  return units;
}

std::vector<std::size_t> in_degrees(const Rows& rows) {
  std::vector<std::size_t> degrees;
  for (const auto& units : incoming(rows)) degrees.push_back(units.size());
  return degrees;
}

std::vector<std::size_t> out_degrees(const Rows& rows) {
  std::vector<std::size_t> degrees;
  for (const auto& units : outgoing(rows)) degrees.push_back(units.size());
  return degrees;
}

}  // namespace analysis

OneHot multi_one_hot(std::size_t units, std::size_t labels, std::span<const std::vector<Index>> samples) {
  OneHot code{units, labels, std::vector<double>(units * labels), std::vector<std::vector<Index>>(labels)};
  for (const auto& sample : samples) {
    if (sample.size() != labels)
      throw Error("a sample of " + std::to_string(sample.size()) + " units for " + std::to_string(labels) + " labels",
                  2);
    for (std::size_t k = 0; k < labels; ++k) {
      if (sample[k] >= units) throw Error("unit " + std::to_string(sample[k]) + " of " + std::to_string(units), 2);
      code.matrix[sample[k] * labels + k] = 1;
      code.units_of[k].push_back(sample[k]);
    }
  }
  return code;
}

OneHot multi_one_hot(std::size_t units, std::size_t labels, std::size_t samples, std::uint64_t seed) {
  if (labels > units)
    throw Error(std::to_string(labels) + " labels need as many units, there are " + std::to_string(units), 2);
  std::vector<std::vector<Index>> drawn(samples);
  for (std::size_t s = 0; s < samples; ++s) {
    std::vector<Index> order(units);
    std::iota(order.begin(), order.end(), Index{0});
    const Random random{seed, Stream::sorn_labels, s, 0};
    for (std::size_t k = 0; k < labels; ++k)
      std::swap(order[k], order[k + random.below(units - k, static_cast<std::uint32_t>(k))]);
    drawn[s].assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(labels));
  }
  return multi_one_hot(units, labels, drawn);
}

std::vector<double> strong_one_hot(std::size_t length, std::size_t units, std::uint64_t seed) {
  if (length > units)
    throw Error(std::to_string(length) + " places for strong input, but " + std::to_string(units) + " units", 2);
  std::vector<double> input(units);
  if (length == 0) return input;
  const Random random{seed, Stream::sorn_strong_input, 0, 0};
  const std::uint64_t draws = random.below(units, 0);
  for (std::uint64_t d = 0; d < draws; ++d) input[random.below(length, static_cast<std::uint32_t>(d + 1))] = 1e4;
  return input;
}

}  // namespace engram::sorn
