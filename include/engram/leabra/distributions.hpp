// Distributions of initial weights.
#pragma once

#include <variant>

#include "engram/core/field_kinds.hpp"

namespace engram::leabra {

inline constexpr double largest = 1e30;  ///< of numbers that need only be finite

struct Scalar {
  static constexpr const char* name = "scalar";
  static constexpr const char* help = "all weights are equal";
  double value = 0.5;
  static constexpr auto fields = std::tuple{Field{"value", &Scalar::value, "the weight", -largest, largest}};
};
struct UniformWeights {
  static constexpr const char* name = "uniform";
  static constexpr const char* help = "uniform on [low, high)";
  double low = 0, high = 1;
  static constexpr auto fields =
      std::tuple{Field{"low", &UniformWeights::low, "least weight", -largest, largest},
                 Field{"high", &UniformWeights::high, "weights stay below this", -largest, largest}};
  void check_together(const Report& problem) const {
    if (!(low < high)) problem("low", "found " + shown(low) + "; must be below high " + shown(high));
  }
};
struct GaussianWeights {
  static constexpr const char* name = "gaussian";
  static constexpr const char* help = "normal distribution";
  double mean = 0.5, var = 0.01;
  static constexpr auto fields = std::tuple{Field{"mean", &GaussianWeights::mean, "mean", -largest, largest},
                                            Field{"var", &GaussianWeights::var, "variance", 0.0, largest}};
};
struct LogNormalWeights {
  static constexpr const char* name = "log_normal";
  static constexpr const char* help = "the logarithm has a normal distribution";
  double mean = -1, var = 0.1;
  static constexpr auto fields =
      std::tuple{Field{"mean", &LogNormalWeights::mean, "mean of the logarithm", -100.0, 60.0},
                 Field{"var", &LogNormalWeights::var, "variance of the logarithm", 0.0, 100.0}};
};
struct ExponentialWeights {
  static constexpr const char* name = "exponential";
  static constexpr const char* help = "exponential distribution";
  double rate = 2;
  static constexpr auto fields =
      std::tuple{Field{"rate", &ExponentialWeights::rate, "one over the mean", 1e-9, largest}};
};
using WeightDistribution = std::variant<Scalar, UniformWeights, GaussianWeights, LogNormalWeights, ExponentialWeights>;

}  // namespace engram::leabra
