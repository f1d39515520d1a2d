// Decoders: weights X that make activities A, one row an evaluation point, give targets Y. Least squares in its several
// regularised forms.
#pragma once

#include <span>
#include <tuple>
#include <variant>
#include <vector>

#include "engram/core/field_kinds.hpp"

namespace engram::nef {

class Draws;

/// On the squared weights.
struct Penalty {
  double reg = 0.1;
  static constexpr auto fields =
      std::tuple{Field{"reg", &Penalty::reg, "noise of the activities, of their maximum", 0.0, 1e6}};
};
struct LstsqL2 : Penalty {
  static constexpr const char* name = "l2";
  static constexpr const char* help = "least squares with a penalty on the squared weights";
};
struct LstsqL2nz : Penalty {
  static constexpr const char* name = "l2_nonzero";
  static constexpr const char* help = "the same, each neuron's penalty by how often it is active";
};
struct Lstsq {
  static constexpr const char* name = "least_squares";
  static constexpr const char* help = "least squares by singular values";
  double rcond = 0.01;
  static constexpr auto fields =
      std::tuple{Field{"rcond", &Lstsq::rcond, "singular values below this part of the largest count as 0", 0.0, 1.0}};
};
struct LstsqNoise {
  static constexpr const char* name = "noise";
  static constexpr const char* help = "least squares on activities with noise";
  double noise = 0.1;
  static constexpr auto fields =
      std::tuple{Field{"noise", &LstsqNoise::noise, "standard deviation, of the largest activity", 1e-12, 1e6}};
};
struct LstsqMultNoise {
  static constexpr const char* name = "multiplicative_noise";
  static constexpr const char* help = "least squares on activities with noise in proportion to them";
  double noise = 0.1;
  static constexpr auto fields =
      std::tuple{Field{"noise", &LstsqMultNoise::noise, "standard deviation, of each activity", 1e-12, 1e6}};
};
struct LstsqL1 {
  static constexpr const char* name = "l1";
  static constexpr const char* help =
      "penalties on the sum of weights and of their squares (elastic net): sparse weights";
  double l1 = 1e-4, l2 = 1e-6;
  int max_rounds = 1000;
  static constexpr auto fields =
      std::tuple{Field{"l1", &LstsqL1::l1, "penalty on the sum, of the largest activity", 0.0, 1e6},
                 Field{"l2", &LstsqL1::l2, "penalty on the sum of squares, of the largest activity squared", 0.0, 1e6},
                 Field{"max_rounds", &LstsqL1::max_rounds, "rounds of coordinate descent at most", 1, 1e7}};
};
struct LstsqDrop {
  static constexpr const char* name = "drop";
  static constexpr const char* help = "solves, drops the smallest weights, solves again for the others";
  double drop = 0.25, reg_first = 0.001, reg = 0.1;
  static constexpr auto fields =
      std::tuple{Field{"drop", &LstsqDrop::drop, "part of the weights that become 0", 0.0, 1.0},
                 Field{"reg_first", &LstsqDrop::reg_first, "regularisation of the first solution", 0.0, 1e6},
                 Field{"reg", &LstsqDrop::reg, "of the second one", 0.0, 1e6}};
};
struct Nnls {
  static constexpr const char* name = "non_negative";
  static constexpr const char* help = "least squares without negative weights";
  static constexpr auto fields = std::tuple{};
};
struct NnlsL2 : Penalty {
  static constexpr const char* name = "non_negative_l2";
  static constexpr const char* help = "the same with a penalty on the squared weights";
};
struct NnlsL2nz : Penalty {
  static constexpr const char* name = "non_negative_l2_nonzero";
  static constexpr const char* help = "the same, each neuron's penalty by how often it is active";
};
/// Solves nothing: decoders are given, or zero.
struct NoSolver {
  static constexpr const char* name = "given";
  static constexpr const char* help = "no solution: these decoders, or zeros";
  std::vector<double> values;
  static constexpr auto fields = std::tuple{
      Field{"values", &NoSolver::values, "a row of decoders for each neuron, one behind the other; default 0"}};
};

using SolverType = std::variant<LstsqL2, LstsqL2nz, Lstsq, LstsqNoise, LstsqMultNoise, LstsqL1, LstsqDrop, Nnls, NnlsL2,
                                NnlsL2nz, NoSolver>;

struct Solver {
  SolverType type = LstsqL2{};
  bool weights = false;
  static constexpr auto fields =
      std::tuple{Field{"method", &Solver::type, "how decoders are found"},
                 Field{"weights", &Solver::weights,
                       "between ensembles: one matrix from neurons to neurons in the place of decoders and encoders"}};
};

/// `samples` rows of activities of `neurons` neurons, and as many rows of targets; returns [neurons][targets]. Noise is
/// drawn in rows. Throws Error where all activities are zero.
std::vector<double> solve(const SolverType&, std::span<const double> activities, std::size_t neurons,
                          std::span<const double> targets, std::size_t samples, Draws&);

/// Root of the mean squared error of each target.
std::vector<double> solution_errors(std::span<const double> activities, std::size_t neurons,
                                    std::span<const double> targets, std::size_t samples,
                                    std::span<const double> decoders);

}  // namespace engram::nef
