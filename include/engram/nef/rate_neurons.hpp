// Neuron types of the Neural Engineering Framework whose output is a rate in Hz. Every type is a value with one
// function, which the loops of the CPU and the kernels share; T is the number type that they compute in.
#pragma once

#include <tuple>
#include <variant>

#include "engram/core/fields.hpp"
#include "engram/core/math.hpp"

namespace engram::nef {

/// No neuron type holds more state variables.
inline constexpr int max_neuron_states = 3;

namespace rates {

template <class T>
ENGRAM_HD T positive(T x) {
  return x > T(0) ? x : T(0);
}
/// Steady rate of a leaky integrate-and-fire neuron.
template <class T>
ENGRAM_HD T lif(T current, double tau_rc, double tau_ref, double amplitude) {
  const T above = current - T(1);
  if (!(above > T(0))) return T(0);
  return static_cast<T>(amplitude) / (static_cast<T>(tau_ref) + static_cast<T>(tau_rc) * math::log1p(T(1) / above));
}

}  // namespace rates

struct LifRate {
  static constexpr const char* name = "lif_rate";
  static constexpr const char* help = "steady rates of leaky integrate-and-fire neurons";
  static constexpr int n_state = 0;
  static constexpr const char* state[max_neuron_states] = {};
  double tau_rc = 0.02, tau_ref = 0.002, amplitude = 1;
  static constexpr auto fields = std::tuple{
      Field{"tau_rc", &LifRate::tau_rc, "membrane time constant, s", 1e-9, 1e9},
      Field{"tau_ref", &LifRate::tau_ref, "refractory period, s", 0.0, 1e9},
      Field{"amplitude", &LifRate::amplitude, "factor of the output", 1e-30, 1e30},
  };

  template <class T>
  ENGRAM_HD T operator()(T current, T /*dt*/, T* /*state*/) const {
    return rates::lif(current, tau_rc, tau_ref, amplitude);
  }
  friend bool operator==(const LifRate&, const LifRate&) = default;
};

/// The output lowers the current by a variable that follows it slowly.
struct AdaptiveLifRate : LifRate {
  static constexpr const char* name = "adaptive_lif_rate";
  static constexpr const char* help = "rates of leaky integrate-and-fire neurons whose output lowers their current";
  static constexpr int n_state = 1;
  static constexpr const char* state[max_neuron_states] = {"adaptation"};
  double tau_n = 1, inc_n = 0.01;
  static constexpr auto fields = std::tuple_cat(
      LifRate::fields,
      std::tuple{Field{"tau_n", &AdaptiveLifRate::tau_n, "time constant of the adaptation, s", 1e-9, 1e9},
                 Field{"inc_n", &AdaptiveLifRate::inc_n, "adaptation per output", 0.0, 1e9}});

  template <class T>
  ENGRAM_HD T operator()(T current, T dt, T* s) const {
    const T out = LifRate::operator()(current - s[0], dt, s);
    s[0] += (dt / static_cast<T>(tau_n)) * (static_cast<T>(inc_n) * out - s[0]);
    return out;
  }
  friend bool operator==(const AdaptiveLifRate&, const AdaptiveLifRate&) = default;
};

struct RectifiedLinear {
  static constexpr const char* name = "relu";
  static constexpr const char* help = "rectified linear rates";
  static constexpr int n_state = 0;
  static constexpr const char* state[max_neuron_states] = {};
  double amplitude = 1;
  static constexpr auto fields =
      std::tuple{Field{"amplitude", &RectifiedLinear::amplitude, "factor of the output", 1e-30, 1e30}};

  template <class T>
  ENGRAM_HD T operator()(T current, T /*dt*/, T* /*state*/) const {
    return static_cast<T>(amplitude) * rates::positive(current);
  }
  friend bool operator==(const RectifiedLinear&, const RectifiedLinear&) = default;
};

struct Sigmoid {
  static constexpr const char* name = "sigmoid";
  static constexpr const char* help = "logistic rates";
  static constexpr int n_state = 0;
  static constexpr const char* state[max_neuron_states] = {};
  double tau_ref = 0.0025;
  static constexpr auto fields =
      std::tuple{Field{"tau_ref", &Sigmoid::tau_ref, "one over the largest rate, s", 1e-9, 1e9}};

  template <class T>
  ENGRAM_HD T operator()(T current, T /*dt*/, T* /*state*/) const {
    return (T(1) / static_cast<T>(tau_ref)) / (T(1) + math::exp(-current));
  }
  friend bool operator==(const Sigmoid&, const Sigmoid&) = default;
};

struct Tanh {
  static constexpr const char* name = "tanh";
  static constexpr const char* help = "hyperbolic tangent rates, which may be negative";
  static constexpr int n_state = 0;
  static constexpr const char* state[max_neuron_states] = {};
  double tau_ref = 0.0025;
  static constexpr auto fields =
      std::tuple{Field{"tau_ref", &Tanh::tau_ref, "one over the largest rate, s", 1e-9, 1e9}};

  template <class T>
  ENGRAM_HD T operator()(T current, T /*dt*/, T* /*state*/) const {
    return (T(1) / static_cast<T>(tau_ref)) * math::tanh(current);
  }
  friend bool operator==(const Tanh&, const Tanh&) = default;
};

/// What rates of spikes may come from.
using RateType = std::variant<LifRate, RectifiedLinear, Sigmoid, Tanh>;

}  // namespace engram::nef
