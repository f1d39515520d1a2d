// Relaxation and reconstruction: many states on the weights of one network, which learn nothing and change nothing.
#include <algorithm>
#include <cmath>

#include "engram/attractor/analysis.hpp"

namespace engram::attractor {

namespace {

/// One seed a trial, none like the network's own.
std::vector<std::uint64_t> seeds_of(std::uint64_t seed, std::size_t count) {
  std::vector<std::uint64_t> seeds(count);
  for (std::size_t i = 0; i < count; ++i) seeds[i] = part_seed(seed, Stream::attractor_trial, i);
  return seeds;
}

/// Standard normal deviates, [row][unit], as Backend::sample draws them.
std::vector<double> normals(std::uint64_t seed, std::size_t rows, std::size_t n) {
  std::vector<double> out(rows * n);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t block = 0; block * 4 < n; ++block) {
      real four[4];
      normal_block(seed, Stream::attractor_noise, r, static_cast<std::uint32_t>(block), four);
      for (std::size_t i = 0; i < 4 && block * 4 + i < n; ++i) out[r * n + block * 4 + i] = four[i];
    }
  return out;
}

double deviation(std::span<const double> row) {
  double mean = 0, squares = 0;
  for (const double v : row) mean += v / static_cast<double>(row.size());
  for (const double v : row) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / static_cast<double>(row.size()));
}

real distance(std::span<const real> a, std::span<const real> b) {
  real most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

/// A step that still moves by more than this is no rest; the VFE of a resting state changes by far less than its
/// tolerance.
constexpr real moving = static_cast<real>(1e-2);

/// `last` are the three newest states, the newest at 0.
RelaxationStatus status_of(const std::span<const real> (&last)[3], Index steps) {
  const real one = distance(last[0], last[1]);
  if (one <= moving) return RelaxationStatus::fixed_point;
  if (steps >= 2 && distance(last[0], last[2]) < one / 10) return RelaxationStatus::two_cycle;
  return RelaxationStatus::not_converged;
}

}  // namespace

const char* to_string(RelaxationStatus r) {
  return r == RelaxationStatus::fixed_point ? "fixed_point"
         : r == RelaxationStatus::two_cycle ? "two_cycle"
                                            : "not_converged";
}

std::vector<Relaxation> relax(const Network& network, std::span<const real> cues, std::optional<std::vector<real>> bias,
                              real inverse_temperature, const RelaxOptions& options, std::uint64_t seed) {
  const std::size_t n = network.options().units, networks = network.options().networks;
  if (cues.empty() || cues.size() % (n * networks))
    throw Error("cues: found " + std::to_string(cues.size()) + " values; wanted are rows of " + std::to_string(n) +
                " for each network");
  if (options.max_steps < 1) throw ConfigError("max_steps", "found 0; allowed are 1 and more");
  if (!(options.tolerance > 0)) throw ConfigError("tolerance", "must be positive");
  const std::size_t rows = cues.size() / n;
  Network copy = network.on_same_weights(static_cast<Index>(rows / networks), seeds_of(seed, rows));
  copy.set_deterministic(options.deterministic);
  copy.set_state(cues);
  copy.set_inverse_temperature(std::vector<real>{inverse_temperature});
  if (bias && bias->size() != n && bias->size() != cues.size())
    throw Error("bias: found " + std::to_string(bias->size()) + " values; wanted are " + std::to_string(n) +
                ", or as many as the cues have");
  std::vector<real> all = bias ? *bias : network.bias();
  if (!bias) all.resize(n);
  while (all.size() < cues.size()) all.insert(all.end(), all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n));
  copy.set_bias(all);

  std::vector<Relaxation> result(rows);
  std::vector<FreeEnergy> energy = copy.free_energy();
  std::vector<real> history[3] = {{cues.begin(), cues.end()}, {}, {}};
  std::size_t unfinished = rows;
  for (Index k = 1; k <= options.max_steps && unfinished > 0; ++k) {
    copy.step(k);
    std::rotate(history, history + 2, history + 3);
    history[0] = copy.state();
    const std::vector<FreeEnergy> now = copy.free_energy();
    for (std::size_t r = 0; r < rows; ++r) {
      Relaxation& one = result[r];
      if (one.steps != 0) continue;
      const double tolerance = std::max(options.tolerance, sizeof(real) == 4 ? 6e-8 * std::abs(now[r].vfe()) : 0.0);
      const bool settled = std::abs(now[r].vfe() - energy[r].vfe()) < tolerance;
      if (!settled && k < options.max_steps) continue;
      const auto row = [&](int age) {
        return history[age].empty() ? std::span<const real>() : std::span<const real>(history[age]).subspan(r * n, n);
      };
      const std::span<const real> last[3] = {row(0), row(1), row(2)};
      one = {{last[0].begin(), last[0].end()},
             k,
             now[r].vfe(),
             settled ? status_of(last, k) : RelaxationStatus::not_converged};
      --unfinished;
    }
    energy = now;
  }
  return result;
}

std::vector<real> cues_of(std::span<const double> patterns, std::size_t n, double noise, std::uint64_t seed) {
  const std::vector<double> deviates = normals(seed, patterns.size() / n, n);
  std::vector<real> cues(patterns.size());
  for (std::size_t i = 0; i < cues.size(); ++i) {
    const double sd = noise > 0 ? deviation(patterns.subspan(i / n * n, n)) : 0;
    cues[i] = static_cast<real>(langevin::mean(0.1 * patterns[i] + 0.1 * noise * sd * deviates[i]));
  }
  return cues;
}

std::vector<Reconstruction> reconstruct(const Network& network, std::span<const double> patterns,
                                        const ReconstructionOptions& options, std::uint64_t seed,
                                        std::span<const double> noise) {
  const std::size_t n = network.options().units, trials = patterns.size() / n;
  if (network.options().networks != 1 || network.options().states != 1)
    throw Error("reconstruction needs one network with one state");
  if (trials == 0 || patterns.size() % n)
    throw Error("patterns: wanted are whole rows of " + std::to_string(n) + " values");
  if (options.steps < 1 || !(options.snr > 0)) throw ConfigError("reconstruction", "steps and snr must be positive");
  const std::vector<double> drawn =
      noise.empty() ? normals(seed, trials, n) : std::vector<double>(noise.begin(), noise.end());
  std::vector<double> target(patterns.begin(), patterns.end()), cue(target.size());
  for (double& v : target) v *= options.signal;
  for (std::size_t i = 0; i < cue.size(); ++i)
    cue[i] = target[i] + drawn[i] * deviation(std::span<const double>(target).subspan(i / n * n, n)) / options.snr;

  // From the cue trials are independent and run at once; from the state they follow each other, as the reference runs
  // them: where attractors are deep, what a trial restores depends on where the last one ended.
  const std::size_t at_once = options.start_at_cue ? trials : 1;
  Network copy = network.on_same_weights(static_cast<Index>(at_once), seeds_of(seed, at_once));
  if (!options.start_at_cue) copy.set_state(network.state());
  copy.set_inverse_temperature(std::vector<real>{options.inverse_temperature});
  copy.set_deterministic(false);
  std::vector<double> mean(cue.size());
  Tick tick = 0;
  for (std::size_t first = 0; first < trials; first += at_once) {
    const std::span<const double> shown(cue.data() + first * n, at_once * n);
    copy.set_bias(to_real(shown));
    if (options.start_at_cue) {
      std::vector<real> start(shown.size());
      for (std::size_t i = 0; i < start.size(); ++i) start[i] = static_cast<real>(std::clamp(shown[i], -1.0, 1.0));
      copy.set_state(start);
    }
    const std::size_t piece = std::max<std::size_t>(1, (std::size_t{1} << 20) / shown.size());  // bounds what is kept
    for (std::size_t done = 0; done < options.steps; done += piece) {
      const std::size_t steps = std::min<std::size_t>(piece, options.steps - done);
      const std::vector<real> states = copy.run_and_record(tick, steps);
      tick += steps;
      for (std::size_t k = 0; k < states.size(); ++k)
        mean[first * n + k % shown.size()] += static_cast<double>(states[k]) / options.steps;
    }
  }
  std::vector<Reconstruction> result(trials);
  for (std::size_t t = 0; t < trials; ++t) {
    const auto row = [&](const std::vector<double>& rows) { return std::span<const double>(rows).subspan(t * n, n); };
    result[t] = {correlation(row(cue), row(target)), correlation(row(mean), row(target))};
  }
  return result;
}

double median_gain(std::span<const Reconstruction> trials) {
  const auto rounded = [](double r) { return std::nearbyint(r * r * 1000) / 1000; };
  std::vector<double> gain;
  for (const Reconstruction& t : trials) gain.push_back(rounded(t.output) - rounded(t.input));
  if (gain.empty()) return NAN;
  std::sort(gain.begin(), gain.end());
  return (gain[(gain.size() - 1) / 2] + gain[gain.size() / 2]) / 2;
}

}  // namespace engram::attractor
