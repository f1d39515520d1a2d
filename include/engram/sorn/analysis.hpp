// What the `sorn` package measures on spikes and weights, its errors corrected (docs/families/sorn.md has the list).
// Computed on the host, in double, from recorded activity.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engram/synapses/incoming.hpp"

namespace engram::sorn {

/// Activity, [step][unit], 0 or 1.
struct Raster {
  std::size_t steps = 0, units = 0;
  std::vector<std::uint8_t> active;

  bool at(std::size_t step, std::size_t unit) const { return active[step * units + unit] != 0; }
};

/// Steps of one network out of recorded words (two bits a unit, `words` a network, `replicas` networks a step).
Raster raster_of(std::span<const std::uint32_t> recorded, std::size_t words, std::size_t units, std::size_t replica = 0,
                 std::size_t replicas = 1);

namespace analysis {

/// Spikes of a unit in a bin of `bin` steps, on average. Throws Error for an unknown unit.
double spikes_per_bin(const Raster&, std::size_t unit, std::size_t bin);
/// Active units of each step.
std::vector<double> network_rate(const Raster&);
/// Standard deviation of the first differences of a series; and that over their absolute mean (infinite where it is 0).
double smoothness(std::span<const double> series);
double relative_smoothness(std::span<const double> series);
/// Pearson correlation of series[0, n - lag) and series[lag, n); 0 where one of them is constant.
double autocorrelation(std::span<const double> series, std::size_t lag);

struct Correlation {
  std::size_t units = 0,
              silent = 0;      ///< units that never change: their correlations count as 0, with themselves as well
  std::vector<double> matrix;  ///< [unit][unit]
  double mean() const;         ///< over all entries
  double pair_mean() const;    ///< over pairs of different units
};
Correlation correlation(const Raster&);

std::vector<std::size_t> spike_times(const Raster&, std::size_t unit);
/// Steps between spikes of one unit.
std::vector<std::size_t> intervals(const Raster&, std::size_t unit);
/// Units that differ, each step. Throws Error where the sizes do.
std::vector<std::size_t> hamming(const Raster&, const Raster&);
struct Fano {
  double mean = 0, variance = 0, factor = 0;  ///< of spike counts; population variance; factor 0 for a silent unit
};
/// Of `windows` equal parts of the train. Throws Error where they do not divide it.
Fano fano_factor(const Raster&, std::size_t unit, std::size_t windows);
/// Entropy of "which unit fired" over log(units), 0 to 1; units that never fire add nothing.
double source_entropy(const Raster&);

struct LogNormal {
  double mu = 0, sigma = 0;  ///< mean and population standard deviation of log w
  std::size_t n = 0;
  double mode() const;
  double median() const;
  double mean() const;
  double density(double w) const;
};
/// Of the weights that are at least `threshold`.
LogNormal fit_lognormal(std::span<const double> weights, double threshold);
/// Kolmogorov-Smirnov distance of the logarithms (or of the values themselves) to a normal distribution fitted to them.
double distance_to_normal(std::vector<double> values);

struct Histogram {
  std::vector<std::size_t> counts;
  std::vector<double> edges;
};
/// Equal bins from the least to the largest value, the last one closed.
Histogram histogram(std::span<const double> values, std::size_t bins);

/// Sizes and durations of runs of steps with more than `threshold` active units; the size counts units above it.
struct Avalanches {
  std::vector<std::size_t> size, duration;
};
Avalanches avalanches(std::span<const double> network_rate, double threshold);
/// Exponent of a discrete power law between `low` and `high`, by maximum likelihood; NaN with fewer than two values.
double power_law_exponent(std::span<const std::size_t> values, std::size_t low, std::size_t high);

std::vector<std::size_t> in_degrees(const Rows&);
std::vector<std::size_t> out_degrees(const Rows&);
/// Presynaptic units of each unit, or postsynaptic ones, ascending.
std::vector<std::vector<Index>> incoming(const Rows&);
std::vector<std::vector<Index>> outgoing(const Rows&);

}  // namespace analysis

/// One-hot code of several units a label: sample s gives its element k to label k. [unit][label], 0 or 1.
struct OneHot {
  std::size_t units = 0, labels = 0;
  std::vector<double> matrix;
  std::vector<std::vector<Index>> units_of;  ///< [label][sample]
};
/// From given draws: each sample names one unit a label. Throws Error where a unit is out of range.
OneHot multi_one_hot(std::size_t units, std::size_t labels, std::span<const std::vector<Index>> samples);
/// From a seed: each of `samples` draws is a set of distinct units.
OneHot multi_one_hot(std::size_t units, std::size_t labels, std::size_t samples, std::uint64_t seed);

/// Strong input of the package: `units` values, all 0 but for a random number of draws, with replacement, among the
/// first `length`, which are 10,000. Throws Error where `length` is beyond the units.
std::vector<double> strong_one_hot(std::size_t length, std::size_t units, std::uint64_t seed);

}  // namespace engram::sorn
