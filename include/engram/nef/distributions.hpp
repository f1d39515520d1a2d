// Distributions that encoders, evaluation points, intercepts, rates and initial states are drawn from, on the host.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engram/core/field_kinds.hpp"

namespace engram::nef {

class Draws;

struct Constant {
  static constexpr const char* name = "constant";
  static constexpr const char* help = "the same value everywhere";
  double value = 0;
  static constexpr auto fields = std::tuple{Field{"value", &Constant::value, "the value"}};
};
struct UniformDistribution {
  static constexpr const char* name = "uniform";
  static constexpr const char* help = "uniform between two values";
  double low = 0, high = 1;
  static constexpr auto fields = std::tuple{Field{"low", &UniformDistribution::low, "least value"},
                                            Field{"high", &UniformDistribution::high, "largest value, not reached"}};
};
struct Gaussian {
  static constexpr const char* name = "gaussian";
  static constexpr const char* help = "normal deviates";
  double mean = 0, std = 1;
  static constexpr auto fields = std::tuple{Field{"mean", &Gaussian::mean, "mean"},
                                            Field{"std", &Gaussian::std, "standard deviation", 0.0, no_limit}};
};
struct Exponential {
  static constexpr const char* name = "exponential";
  static constexpr const char* help = "exponential decay from `shift` on, cut off at `high`";
  double scale = 1, shift = 0, high = 1e300;
  static constexpr auto fields = std::tuple{Field{"scale", &Exponential::scale, "mean above the shift", 0.0, no_limit},
                                            Field{"shift", &Exponential::shift, "least value"},
                                            Field{"high", &Exponential::high, "largest value"}};
};
struct UniformHypersphere {
  static constexpr const char* name = "uniform_hypersphere";
  static constexpr const char* help = "uniform on the unit sphere or in the unit ball";
  bool surface = false;
  double min_magnitude = 0;
  static constexpr auto fields = std::tuple{
      Field{"surface", &UniformHypersphere::surface, "on the sphere, otherwise in the ball"},
      Field{"min_magnitude", &UniformHypersphere::min_magnitude, "in the ball: least length", 0.0, 0.999999}};
};
enum class SphereMethod { exact, number_theoretic };
struct ScatteredHypersphere {
  static constexpr const char* name = "scattered_hypersphere";
  static constexpr const char* help = "evenly scattered on the unit sphere or in the unit ball, turned at random";
  bool surface = false;
  double min_magnitude = 0;
  SphereMethod method = SphereMethod::exact;
  static constexpr auto fields = std::tuple{
      Field{"surface", &ScatteredHypersphere::surface, "on the sphere, otherwise in the ball"},
      Field{"min_magnitude", &ScatteredHypersphere::min_magnitude, "in the ball: least length", 0.0, 0.999999},
      Field{"method", &ScatteredHypersphere::method,
            "how points of a cube become points of a sphere: spherical coordinates, or Fang and Wang's (1994)", 0, 0,
            "exact|number_theoretic"}};
};
struct QuasirandomSequence {
  static constexpr const char* name = "quasirandom";
  static constexpr const char* help = "an additive recurrence that fills the unit cube evenly, shuffled";
  static constexpr auto fields = std::tuple{};
};
struct Choice {
  static constexpr const char* name = "choice";
  static constexpr const char* help = "one of the rows of `options`, by weights";
  std::vector<double> options, weights;
  static constexpr auto fields =
      std::tuple{required(Field{"options", &Choice::options, "rows one behind the other"}),
                 Field{"weights", &Choice::weights, "one a row; default: all alike", 0.0, no_limit}};
};
struct Samples {
  static constexpr const char* name = "samples";
  static constexpr const char* help = "exactly these";
  std::vector<double> values;
  static constexpr auto fields = std::tuple{required(Field{"values", &Samples::values, "rows one behind the other"})};
};
struct Pdf {
  static constexpr const char* name = "pdf";
  static constexpr const char* help = "a density given at some points";
  std::vector<double> x, p;
  static constexpr auto fields = std::tuple{required(Field{"x", &Pdf::x, "points, ascending"}),
                                            required(Field{"p", &Pdf::p, "density at these points", 0.0, no_limit})};
  void check_together(const Report& problem) const {
    if (x.size() != p.size() || x.empty())
      problem("p", "found " + std::to_string(p.size()) + " densities for " + std::to_string(x.size()) + " points");
  }
};
struct SqrtBeta {
  static constexpr const char* name = "sqrt_beta";
  static constexpr const char* help = "square root of a beta(m / 2, n / 2) variable";
  double n = 1, m = 1;
  static constexpr auto fields = std::tuple{Field{"n", &SqrtBeta::n, "dimensions that are left out", 1e-3, 1e9},
                                            Field{"m", &SqrtBeta::m, "dimensions that count", 1e-3, 1e9}};
};
struct SubvectorLength {
  static constexpr const char* name = "subvector_length";
  static constexpr const char* help = "length of some dimensions of a random unit vector";
  int dimensions = 2, subdimensions = 1;
  static constexpr auto fields =
      std::tuple{Field{"dimensions", &SubvectorLength::dimensions, "of the vector", 2, 1e9},
                 Field{"subdimensions", &SubvectorLength::subdimensions, "that count", 1, 1e9}};
  void check_together(const Report& problem) const {
    if (subdimensions >= dimensions) problem("subdimensions", "must be fewer than the dimensions");
  }
};
struct CosineSimilarity {
  static constexpr const char* name = "cosine_similarity";
  static constexpr const char* help = "cosine of the angle between random vectors: where to put intercepts";
  int dimensions = 2;
  static constexpr auto fields =
      std::tuple{Field{"dimensions", &CosineSimilarity::dimensions, "of the vectors", 2, 1e9}};
};

using DistributionType =
    std::variant<UniformDistribution, Constant, Gaussian, Exponential, UniformHypersphere, ScatteredHypersphere,
                 QuasirandomSequence, Choice, Samples, Pdf, SqrtBeta, SubvectorLength, CosineSimilarity>;

struct Distribution {
  DistributionType type = UniformDistribution{};
  static constexpr auto fields = std::tuple{Field{"distribution", &Distribution::type, "kind"}};
};

using Rows = std::vector<std::vector<double>>;

/// n rows of d numbers. Throws Error where the distribution cannot give these.
std::vector<double> sample(const DistributionType&, std::size_t n, std::size_t d, Draws&);

/// Of the distributions of one number: SqrtBeta, SubvectorLength, CosineSimilarity.
double cdf(const DistributionType&, double x);
double pdf(const DistributionType&, double x);
double ppf(const DistributionType&, double probability);

/// Regularised incomplete beta function and its inverse in x.
double incomplete_beta(double a, double b, double x);
double inverse_incomplete_beta(double a, double b, double y);

}  // namespace engram::nef
