// The phases that look at a network and leave it as it is: its fixed points, what it restores, what it retains.
#include <algorithm>
#include <cmath>

#include "engine/models/attractor/config.hpp"
#include "engine/models/attractor/series.hpp"
#include "engine/run/results.hpp"

namespace engram::attractor {

namespace {

/// What is added to the names where there are several noise levels.
std::string level_suffix(const Phase& phase, double noise) {
  char level[32] = "";
  if (phase.noise.size() > 1) std::snprintf(level, sizeof level, ", noise %g", noise);
  return level;
}

// A correlation exists only where neither side is the same everywhere: a state that has gone to zero has none. The mean
// is that of those which exist, and how many do not is counted.
double mean_of(const Moments& defined) { return defined.count > 0 ? defined.mean : NAN; }
double missing(const Moments& defined, std::size_t all) { return static_cast<double>(all) - defined.count; }

Measurements attractors(Network& one, const Config& config, const Phase& phase, const NetworkAt& at) {
  const std::size_t n = config.units();
  if (phase.weights == "symmetric") one.set_weights(to_real(symmetric_part(to_double(one.weights()), n)));
  std::vector<double> scaled = config.patterns;
  for (double& v : scaled) v *= at.evidence;
  RelaxOptions options;
  options.max_steps = static_cast<Index>(phase.max_steps);
  options.tolerance = phase.tolerance;
  Measurements all;
  for (const double noise : phase.noise) {
    const std::string level = level_suffix(phase, noise);
    const auto found = relax(one, cues_of(scaled, n, noise, part_seed(at.seed, Stream::attractor_measure, at.tick)),
                             std::vector<real>(n), static_cast<real>(phase.inverse_temperature.value_or(1)), options);
    std::vector<double> rows, resting, own;
    std::size_t cycles = 0, failed = 0, steps = 0;
    for (std::size_t k = 0; k < found.size(); ++k) {
      rows.insert(rows.end(), found[k].state.begin(), found[k].state.end());
      if (found[k].status == RelaxationStatus::fixed_point)
        resting.insert(resting.end(), found[k].state.begin(), found[k].state.end());
      cycles += found[k].status == RelaxationStatus::two_cycle;
      failed += found[k].status == RelaxationStatus::not_converged;
      steps = std::max<std::size_t>(steps, found[k].steps);
      own.push_back(correlation(to_double(found[k].state), config.pattern(k)));
    }
    all.rows.insert(all.rows.end(), rows.begin(), rows.end());
    const auto note = [&](const Series& one, double value) { all.note(one.of(level), value); };
    note(recordable::distinct, static_cast<double>(distinct_rows(resting, n)));
    note(recordable::cycles, static_cast<double>(cycles));
    note(recordable::unrested, static_cast<double>(failed));
    note(recordable::most_steps, static_cast<double>(steps));
    const Moments defined = moments_of(own);
    note(recordable::own_pattern, mean_of(defined));
    note(recordable::undefined_rest, missing(defined, own.size()));
    note(recordable::attractor_angle, orthogonality(angles(resting, n)).kept);
    const Orthogonality data = orthogonality(angles(config.patterns, n));
    note(recordable::pattern_angle, data.off_diagonal);
    note(recordable::pattern_angle_all, data.with_diagonal);
    if (found.size() == 2)
      note(recordable::attractor_correlation,
           correlation(std::span<const double>(rows).first(n), std::span<const double>(rows).last(n)));
  }
  return all;
}

Measurements reconstruction(const Network& one, const Config& config, const Phase& phase, const NetworkAt& at) {
  const std::size_t n = config.units();
  const std::vector<double>& pool = phase.from == "test" ? config.test : config.patterns;
  std::vector<double> shown;
  for (std::uint64_t k = 0; k < phase.trials; ++k) {
    const std::size_t row =
        phase.from == "test"
            ? Random{at.seed, Stream::attractor_row, at.tick, static_cast<std::uint32_t>(k)}.below(pool.size() / n)
            : k % config.count();
    for (std::size_t i = 0; i < n; ++i) shown.push_back(at.evidence * pool[row * n + i]);
  }
  ReconstructionOptions options;
  options.steps = static_cast<Index>(phase.steps);
  options.signal = phase.signal;
  options.snr = phase.snr;
  options.start_at_cue = phase.start == "cue";
  options.inverse_temperature = static_cast<real>(phase.inverse_temperature.value_or(1));
  const auto trials = reconstruct(one, shown, options, part_seed(at.seed, Stream::attractor_measure, at.tick));
  std::vector<double> input, output;
  std::vector<Reconstruction> defined;
  for (const Reconstruction& trial : trials) {
    input.push_back(trial.input);
    output.push_back(trial.output);
    if (std::isfinite(trial.input) && std::isfinite(trial.output)) defined.push_back(trial);
  }
  Measurements found;
  found.note(recordable::gain.name, defined.empty() ? NAN : median_gain(defined));
  found.note(recordable::cue.name, mean_of(moments_of(input)));
  found.note(recordable::reconstruction.name, mean_of(moments_of(output)));
  found.note(recordable::undefined_trial.name, missing(moments_of(output), output.size()));
  return found;
}

/// Correlation of each pattern with where it goes when it is left alone.
Measurements retention(const Network& one, const Config& config, const Phase& phase, const NetworkAt& at) {
  const std::size_t n = config.units(), patterns = config.count();
  const std::vector<std::uint64_t> seeds(patterns, at.seed);
  Network all = one.on_same_weights(static_cast<Index>(patterns), seeds);
  std::vector<real> start = to_real(config.patterns);
  for (real& s : start) s = std::clamp(s, real(-1), real(1));
  all.set_state(start);
  all.set_deterministic(true);
  all.set_inverse_temperature(std::vector<real>{static_cast<real>(phase.inverse_temperature.value_or(1))});
  all.run(0, phase.steps);
  const std::vector<double> end = to_double(all.state());
  std::vector<double> kept;
  for (std::size_t k = 0; k < patterns; ++k)
    kept.push_back(correlation(std::span(end).subspan(k * n, n), config.pattern(k)));
  const Moments defined = moments_of(kept);
  Measurements found;
  found.note(recordable::retention.name, mean_of(defined));
  found.note(recordable::undefined_pattern.name, missing(defined, kept.size()));
  return found;
}

}  // namespace

std::vector<std::string> names_of_measurements(const Phase& phase) {
  std::vector<std::string> levels;
  for (const double noise : phase.noise) levels.push_back(level_suffix(phase, noise));
  return names_of(recordable::measurements, {{{"noise", levels}}, {{phase.action, phase.label}}});
}

Measurements measure(Network& one, const Config& config, const Phase& phase, const NetworkAt& at) {
  if (phase.action == "attractors") return attractors(one, config, phase, at);
  return phase.action == "reconstruct" ? reconstruction(one, config, phase, at) : retention(one, config, phase, at);
}

}  // namespace engram::attractor
