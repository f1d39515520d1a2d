// What one asks a trained attractor network: its fixed points, how orthogonal they are, how well it restores noisy
// input. Matrices and rows are row-major; sums run in index order in double precision, whatever `real` is.
#pragma once

#include <optional>

#include "engram/attractor/attractor.hpp"

namespace engram::attractor {

/// (J + J^T) / 2, (J - J^T) / 2; [n][n].
std::vector<double> symmetric_part(std::span<const double> weights, std::size_t n);
std::vector<double> antisymmetric_part(std::span<const double> weights, std::size_t n);
/// Square root of the sum of squares.
double norm(std::span<const double> values);
/// |J - J^T| / |J|, from 0 (symmetric) to 2 (antisymmetric); NaN for J = 0.
double asymmetry(std::span<const double> weights, std::size_t n);
/// Pearson's r; NaN where one of the two is constant.
double correlation(std::span<const double> a, std::span<const double> b);

/// Angles in degrees between every pair of rows, 0 on the diagonal; [rows][rows]. NaN for a row of zeros.
std::vector<double> angles(std::span<const double> rows, std::size_t n);
/// Mean absolute deviation of the angles from 90 degrees, in the conventions in use. NaN where no angle counts.
struct Orthogonality {
  double with_diagonal = 0;  ///< the zero diagonal counts as deviations of 90: the reference's value for data
  double off_diagonal = 0;   ///< each pair once
  double kept = 0;           ///< without angles <= 1 and >= 179 and the diagonal: the reference's value for attractors
  std::size_t kept_angles = 0;
};
Orthogonality orthogonality(std::span<const double> angles);
/// Number of different rows after rounding to `decimals`, ties to even.
std::size_t distinct_rows(std::span<const double> rows, std::size_t n, int decimals = 2);

/// Each row squared if asked, minus its mean, divided by its population standard deviation. A constant row becomes 0
/// and is listed in `constant_rows` if given.
std::vector<double> standardize(std::span<const double> rows, std::size_t n, bool square,
                                std::vector<std::size_t>* constant_rows = nullptr);

struct RelaxOptions {
  Index max_steps = 1000;
  double tolerance = 1e-6;  ///< of the change of the VFE in one step; never below the rounding of `real` (see relax)
  bool deterministic = true;
};

/// How a relaxation ended. The synchronous update can alternate between two states of equal VFE, which the VFE
/// criterion alone takes for a fixed point.
enum class RelaxationStatus { fixed_point, two_cycle, not_converged };
const char* to_string(RelaxationStatus);

struct Relaxation {
  std::vector<real> state;  ///< the last one, also where it did not converge
  Index steps = 0;
  double vfe = 0;
  RelaxationStatus status = RelaxationStatus::not_converged;
};

/// Updates copies of `cues` ([batch][unit]) without learning until |VFE(k) - VFE(k-1)| < tolerance; the network itself
/// stays as it is. `bias` ([unit] or [batch][unit], default that of the network's first batch) and one inverse
/// temperature for all. All cues relax on network `0..networks-1` in equal shares. In float the tolerance is at least
/// 6e-8 |VFE|, for below that differences are rounding.
std::vector<Relaxation> relax(const Network&, std::span<const real> cues, std::optional<std::vector<real>> bias,
                              real inverse_temperature, const RelaxOptions&, std::uint64_t seed = 0);

/// Cues L(0.1 pattern + 0.1 noise sd(pattern) N(0, 1)) of each pattern; normal deviates from (seed, attractor_noise).
std::vector<real> cues_of(std::span<const double> patterns, std::size_t n, double noise, std::uint64_t seed);

/// Restoring noisy input: target = pattern * signal, cue = target + N(0, sd(target) / snr) is the bias for `steps`
/// stochastic updates without learning; correlations of cue and mean state with it.
struct ReconstructionOptions {
  Index steps = 100;
  double signal = 0.1, snr = 1;
  real inverse_temperature = 1;
  bool start_at_cue =
      false;  ///< clipped to [-1, 1]; otherwise the state carries over, from the network's to trial to trial
};
struct Reconstruction {
  double input = 0, output = 0;  ///< correlations with the target, of the cue and of the mean state
};
/// One trial a row of `patterns`, on the weights of a single network, which does not change. `noise` are standard
/// normal deviates
/// ([trial][unit]); empty: from (seed, attractor_noise).
std::vector<Reconstruction> reconstruct(const Network&, std::span<const double> patterns, const ReconstructionOptions&,
                                        std::uint64_t seed, std::span<const double> noise = {});
/// Median of output^2 - input^2, each square rounded to three decimals as the reference does.
double median_gain(std::span<const Reconstruction>);

/// sum of psi(theta) - theta x, the monitor of the later upstream variant.
double free_energy_proxy(std::span<const double> log_odds, std::span<const real> state);

std::vector<double> to_double(std::span<const real>);
std::vector<real> to_real(std::span<const double>);

}  // namespace engram::attractor
