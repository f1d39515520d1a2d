// Synapses of the Neural Engineering Framework: linear filters of the signal that a connection carries. They are given
// as continuous transfer functions and become, for a step of dt seconds, a discrete state space.
#pragma once

#include <span>
#include <tuple>
#include <variant>
#include <vector>

#include "engram/core/field_kinds.hpp"

namespace engram::nef {

/// The signal passes unchanged and undelayed.
struct NoSynapse {
  static constexpr const char* name = "none";
  static constexpr const char* help = "no filter and no delay";
  static constexpr auto fields = std::tuple{};
};
struct Lowpass {
  static constexpr const char* name = "lowpass";
  static constexpr const char* help = "1 / (tau s + 1)";
  double tau = 0.005;
  static constexpr auto fields =
      std::tuple{Field{"tau", &Lowpass::tau, "time constant, s; 0: a delay of a step", 0.0, 1e9}};
};
struct Alpha {
  static constexpr const char* name = "alpha";
  static constexpr const char* help = "1 / (tau s + 1)^2";
  double tau = 0.005;
  static constexpr auto fields =
      std::tuple{Field{"tau", &Alpha::tau, "time constant, s; 0: a delay of a step", 0.0, 1e9}};
};
enum class Discretization { zoh, bilinear, euler, backward_diff };
struct LinearFilter {
  static constexpr const char* name = "linear";
  static constexpr const char* help = "any rational transfer function";
  std::vector<double> num = {1}, den = {1};
  bool analog = true;
  Discretization method = Discretization::zoh;
  static constexpr auto fields = std::tuple{
      Field{"num", &LinearFilter::num, "numerator, the highest power first"},
      Field{"den", &LinearFilter::den, "denominator, the highest power first"},
      Field{"analog", &LinearFilter::analog, "of s, and to be made discrete; otherwise of z"},
      Field{"method", &LinearFilter::method, "how it is made discrete", 0, 0, "zoh|bilinear|euler|backward_diff"},
  };
  void check_together(const Report& problem) const;
};
/// A finite response of linearly falling weights.
struct Triangle {
  static constexpr const char* name = "triangle";
  static constexpr const char* help = "weights that fall linearly over a time";
  double t = 0.005;
  static constexpr auto fields = std::tuple{Field{"t", &Triangle::t, "length of the response, s", 0.0, 1e3}};
};

using SynapseType = std::variant<Lowpass, NoSynapse, Alpha, LinearFilter, Triangle>;

struct Synapse {
  SynapseType type = Lowpass{};
  static constexpr auto fields = std::tuple{Field{"type", &Synapse::type, "kind of filter"}};
};

inline constexpr int max_filter_order = 8;

/// One step: x' = A x + B u, y = C x + D u. A filter of one state and D = 0 keeps y itself: y' = a y + b u.
struct StateSpace {
  int order = 0;
  std::vector<double> a, b, c;  ///< [order][order], [order], [order]
  double d = 1;

  bool one_state() const { return order == 1 && d == 0; }
  /// Answer to a constant 1; infinite for an integrator.
  double steady_gain() const;
};

/// Of what has a transfer function: not of Triangle, and NoSynapse is y = u. Throws Error for more than
/// max_filter_order states.
StateSpace discretize(const SynapseType&, double dt);

/// Weights of Triangle: `taps` of them, falling from `first` to `last` by `last` each.
struct TriangleTaps {
  int taps = 1;
  double first = 1, last = 1;
};
TriangleTaps triangle_taps(const Triangle&, double dt);

/// A whole signal, [step][channel], filtered from the state that a constant output y0 leaves; `state` takes the last
/// one, [order][channel]. Throws Error where y0 is not 0 and the filter cannot hold it.
std::vector<double> filter_signal(const SynapseType&, double dt, std::span<const double> signal, std::size_t channels,
                                  double y0 = 0, std::vector<double>* state = nullptr);

}  // namespace engram::nef
