// The phases that look at a network and leave it as it is: its fixed points, what it restores, what it retains.
#include <algorithm>
#include <cmath>

#include "engine/models/attractor/config.hpp"

namespace engram::attractor {

namespace {

Findings attractors(Network& one, const Config& config, const Phase& phase, const Looked& at) {
  const std::size_t n = config.units();
  if (phase.weights == "symmetric") one.set_weights(to_real(symmetric_part(to_double(one.weights()), n)));
  std::vector<double> scaled = config.patterns;
  for (double& v : scaled) v *= at.evidence;
  RelaxOptions options;
  options.max_steps = static_cast<Index>(phase.max_steps);
  options.tolerance = phase.tolerance;
  Findings all;
  for (const double noise : phase.noise) {
    char level[32] = "";
    if (phase.noise.size() > 1) std::snprintf(level, sizeof level, ", noise %g", noise);
    const auto found = relax(one, cues_of(scaled, n, noise, part_seed(at.seed, Stream::attractor_measure, at.tick)),
                             std::vector<real>(n), static_cast<real>(phase.inverse_temperature.value_or(1)), options);
    std::vector<double> rows, resting;
    std::size_t cycles = 0, failed = 0, steps = 0;
    double own = 0;
    for (std::size_t k = 0; k < found.size(); ++k) {
      rows.insert(rows.end(), found[k].state.begin(), found[k].state.end());
      if (found[k].status == Relaxed::fixed_point)
        resting.insert(resting.end(), found[k].state.begin(), found[k].state.end());
      cycles += found[k].status == Relaxed::two_cycle;
      failed += found[k].status == Relaxed::not_converged;
      steps = std::max<std::size_t>(steps, found[k].steps);
      own += correlation(to_double(found[k].state), config.pattern(k)) / static_cast<double>(found.size());
    }
    all.rows.insert(all.rows.end(), rows.begin(), rows.end());
    const auto note = [&](const char* name, double value) { all.note(name + std::string(level), value); };
    note("distinct attractors", static_cast<double>(distinct_rows(resting, n)));
    note("cues in a two-cycle", static_cast<double>(cycles));
    note("cues not converged", static_cast<double>(failed));
    note("most steps", static_cast<double>(steps));
    note("correlation with own pattern", own);
    note("attractor deviation from 90 degrees", orthogonality(angles(resting, n)).kept);
    const Orthogonality data = orthogonality(angles(config.patterns, n));
    note("pattern deviation from 90 degrees", data.off_diagonal);
    note("pattern deviation from 90 degrees, with diagonal", data.with_diagonal);
    if (found.size() == 2)
      note("attractor correlation",
           correlation(std::span<const double>(rows).first(n), std::span<const double>(rows).last(n)));
  }
  return all;
}

Findings reconstruction(const Network& one, const Config& config, const Phase& phase, const Looked& at) {
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
  double input = 0, output = 0;
  for (const Reconstruction& trial : trials) {
    input += trial.input / static_cast<double>(trials.size());
    output += trial.output / static_cast<double>(trials.size());
  }
  Findings found;
  found.note("median gain of R2", median_gain(trials));
  found.note("mean correlation of cue", input);
  found.note("mean correlation of reconstruction", output);
  return found;
}

/// Correlation of each pattern with where it goes when it is left alone.
Findings retention(const Network& one, const Config& config, const Phase& phase, const Looked& at) {
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
  double mean = 0;
  for (std::size_t k = 0; k < patterns; ++k)
    mean += correlation(std::span(end).subspan(k * n, n), config.pattern(k)) / static_cast<double>(patterns);
  Findings found;
  found.note("retention", mean);
  return found;
}

}  // namespace

Findings look_at(Network& one, const Config& config, const Phase& phase, const Looked& at) {
  if (phase.action == "attractors") return attractors(one, config, phase, at);
  return phase.action == "reconstruct" ? reconstruction(one, config, phase, at) : retention(one, config, phase, at);
}

}  // namespace engram::attractor
