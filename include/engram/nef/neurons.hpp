// Neuron types of the Neural Engineering Framework: what a neuron's input current does to its state and output in one
// step. Outputs are rates in Hz; a spike within a step of `dt` seconds reads amplitude / dt. Every type is a value with
// one function, which the loops of the CPU and the kernels share; T is the number type that they compute in.
#pragma once

#include <tuple>
#include <type_traits>
#include <variant>

#include "engram/nef/rate_neurons.hpp"

namespace engram::nef {

namespace rates {

template <class T>
ENGRAM_HD T floor(T x) {
  return static_cast<T>(::floor(static_cast<double>(x)));
}

/// Integrates a rate; as many spikes as whole ones have come together. A negative rate gives negative spikes.
template <class T>
ENGRAM_HD T integrate(T rate, T dt, T& voltage, double amplitude) {
  voltage += rate * dt;
  const T spikes = rates::floor(voltage);
  voltage -= spikes;
  return static_cast<T>(amplitude) / dt * spikes;
}

}  // namespace rates

/// Leaky integrate-and-fire. In a step the refractory time falls by dt; the voltage moves towards the current for the
/// part of the step in which the neuron is not refractory; above 1 it spikes, and the time of the spike within the step
/// counts towards the next refractory period.
struct Lif {
  static constexpr const char* name = "lif";
  static constexpr const char* help = "leaky integrate-and-fire neurons";
  static constexpr int n_state = 2;
  static constexpr const char* state[max_neuron_states] = {"voltage", "refractory_time"};
  double tau_rc = 0.02, tau_ref = 0.002, min_voltage = 0, amplitude = 1;
  static constexpr auto fields = std::tuple{
      Field{"tau_rc", &Lif::tau_rc, "membrane time constant, s", 1e-9, 1e9},
      Field{"tau_ref", &Lif::tau_ref, "refractory period, s", 0.0, 1e9},
      Field{"min_voltage", &Lif::min_voltage, "voltages below become this", -no_limit, 0.0},
      Field{"amplitude", &Lif::amplitude, "factor of the output", 1e-30, 1e30},
  };

  /// exp(-dt / tau_rc) - 1, for a step that is not refractory: most steps are that or wholly refractory.
  template <class T>
  ENGRAM_HD T whole_step(T dt) const {
    return math::expm1(-dt / static_cast<T>(tau_rc));
  }
  /// The voltage after a step that is wholly refractory or not at all; `refractory` has fallen already.
  template <class T>
  ENGRAM_HD static T charged(T current, T voltage, T refractory, T whole) {
    return refractory > T(0) ? voltage : voltage - (current - voltage) * whole;
  }
  /// The voltage after a step that ends a refractory period.
  template <class T>
  ENGRAM_HD T partly_charged(T current, T voltage, T refractory, T dt) const {
    return voltage - (current - voltage) * math::expm1(-(dt - refractory) / static_cast<T>(tau_rc));
  }
  /// Seconds from a spike to the end of the step, for a voltage above 1.
  template <class T>
  ENGRAM_HD T since_spike(T current, T voltage, T dt) const {
    return dt + static_cast<T>(tau_rc) * math::log1p(-(voltage - T(1)) / (current - T(1)));
  }
  /// The output of a neuron that was charged, and what a spike leaves.
  template <class T>
  ENGRAM_HD T fire(T current, T& voltage, T& refractory, T dt) const {
    if (!(voltage > T(1))) {
      voltage = voltage < static_cast<T>(min_voltage) ? static_cast<T>(min_voltage) : voltage;
      return T(0);
    }
    refractory = static_cast<T>(tau_ref) + since_spike(current, voltage, dt);
    voltage = T(0);
    return static_cast<T>(amplitude) / dt;
  }
  template <class T>
  ENGRAM_HD T operator()(T current, T dt, T* s) const {
    s[1] -= dt;
    s[0] = s[1] > T(0) && s[1] < dt ? partly_charged(current, s[0], s[1], dt)
                                    : charged(current, s[0], s[1], whole_step(dt));
    return fire(current, s[0], s[1], dt);
  }
  friend bool operator==(const Lif&, const Lif&) = default;
};

/// The output lowers the current by a variable that follows it slowly.
struct AdaptiveLif : Lif {
  static constexpr const char* name = "adaptive_lif";
  static constexpr const char* help = "leaky integrate-and-fire neurons whose output lowers their current";
  static constexpr int n_state = 3;
  static constexpr const char* state[max_neuron_states] = {"voltage", "refractory_time", "adaptation"};
  double tau_n = 1, inc_n = 0.01;
  static constexpr auto fields = std::tuple_cat(
      Lif::fields, std::tuple{Field{"tau_n", &AdaptiveLif::tau_n, "time constant of the adaptation, s", 1e-9, 1e9},
                              Field{"inc_n", &AdaptiveLif::inc_n, "adaptation per output", 0.0, 1e9}});

  template <class T>
  ENGRAM_HD T operator()(T current, T dt, T* s) const {
    const T out = Lif::operator()(current - s[2], dt, s);
    s[2] += (dt / static_cast<T>(tau_n)) * (static_cast<T>(inc_n) * out - s[2]);
    return out;
  }
  friend bool operator==(const AdaptiveLif&, const AdaptiveLif&) = default;
};

struct SpikingRectifiedLinear {
  static constexpr const char* name = "spiking_relu";
  static constexpr const char* help = "integrate-and-fire neurons without leak; several spikes a step are possible";
  static constexpr int n_state = 1;
  static constexpr const char* state[max_neuron_states] = {"voltage"};
  double amplitude = 1;
  static constexpr auto fields =
      std::tuple{Field{"amplitude", &SpikingRectifiedLinear::amplitude, "factor of the output", 1e-30, 1e30}};

  template <class T>
  ENGRAM_HD T operator()(T current, T dt, T* s) const {
    return rates::integrate(rates::positive(current), dt, s[0], amplitude);
  }
  friend bool operator==(const SpikingRectifiedLinear&, const SpikingRectifiedLinear&) = default;
};

/// Izhikevich (2003), "Simple model of spiking neurons".
struct Izhikevich {
  static constexpr const char* name = "izhikevich";
  static constexpr const char* help = "Izhikevich's simple model of spiking neurons";
  static constexpr int n_state = 2;
  static constexpr const char* state[max_neuron_states] = {"voltage", "recovery"};
  double tau_recovery = 0.02, coupling = 0.2, reset_voltage = -65, reset_recovery = 8;
  static constexpr auto fields = std::tuple{
      Field{"tau_recovery", &Izhikevich::tau_recovery, "speed of the recovery variable, 1/ms", 1e-9, 1e9},
      Field{"coupling", &Izhikevich::coupling, "how far recovery follows the voltage", -1e9, 1e9},
      Field{"reset_voltage", &Izhikevich::reset_voltage, "voltage after a spike, mV", -1e9, 1e9},
      Field{"reset_recovery", &Izhikevich::reset_recovery, "what a spike adds to recovery", -1e9, 1e9},
  };

  template <class T>
  ENGRAM_HD T operator()(T current, T dt, T* s) const {
    const T drive = current > T(-30) ? current : T(-30);
    const T slope = (T(0.04) * (s[0] * s[0]) + T(5) * s[0] + T(140) - s[1] + drive) * T(1000);  // mV/s
    T v = s[0] + slope * dt;
    const bool spikes = v >= T(30);
    if (spikes) v = static_cast<T>(reset_voltage);
    s[0] = v;
    s[1] += (static_cast<T>(tau_recovery) * T(1000) * dt) * (static_cast<T>(coupling) * v - s[1]);
    if (spikes) s[1] += static_cast<T>(reset_recovery);
    return spikes ? T(1) / dt : T(0);
  }
  friend bool operator==(const Izhikevich&, const Izhikevich&) = default;
};

/// Represents nothing by neurons: functions of what it is given are exact.
struct Direct {
  static constexpr const char* name = "direct";
  static constexpr const char* help = "no neurons: what is represented is exact";
  static constexpr int n_state = 0;
  static constexpr const char* state[max_neuron_states] = {};
  static constexpr auto fields = std::tuple{};
  friend bool operator==(const Direct&, const Direct&) = default;
};

/// What turns the rates of another type, its `base`, into spikes.
struct SpikesOfRates {
  RateType base = LifRate{};
  double amplitude = 1;
  static constexpr auto fields = std::tuple{
      Field{"base", &SpikesOfRates::base, "type that the rates come from"},
      Field{"spike_amplitude", &SpikesOfRates::amplitude, "factor of the output", 1e-30, 1e30},
  };
  friend bool operator==(const SpikesOfRates&, const SpikesOfRates&) = default;
};

/// Its input is the rate.
struct RegularSpiking : SpikesOfRates {
  static constexpr const char* name = "regular_spiking";
  static constexpr const char* help = "spikes at regular times from the rates of another type";
  static constexpr int n_state = 1;
  static constexpr const char* state[max_neuron_states] = {"voltage"};

  template <class T>
  ENGRAM_HD T operator()(T rate, T dt, T* s) const {
    return rates::integrate(rate, dt, s[0], amplitude);
  }
  friend bool operator==(const RegularSpiking&, const RegularSpiking&) = default;
};

/// Spikes: the whole part of the expected number, one more with the probability of the rest; the sign is that of rates.
struct StochasticSpiking : SpikesOfRates {
  static constexpr const char* name = "stochastic_spiking";
  static constexpr const char* help = "spikes at random from the rates of another type, at most one more or less";
  static constexpr int n_state = 0;
  static constexpr const char* state[max_neuron_states] = {};

  /// `draw` is a function without arguments that gives uniforms.
  template <class T, class Draw>
  ENGRAM_HD T spikes(T rate, T dt, Draw&& draw) const {
    const T expected = dt * (rate < T(0) ? -rate : rate), whole = rates::floor(expected);
    const T count = whole + (static_cast<T>(draw()) < expected - whole ? T(1) : T(0));
    return static_cast<T>(amplitude) / dt * (rate < T(0) ? -count : count);
  }
  friend bool operator==(const StochasticSpiking&, const StochasticSpiking&) = default;
};

/// Spikes of a Poisson process. Its draws are inverted in parts with means of at most 16, so that none underflows.
struct PoissonSpiking : SpikesOfRates {
  static constexpr const char* name = "poisson_spiking";
  static constexpr const char* help = "spikes of a Poisson process from the rates of another type";
  static constexpr int n_state = 0;
  static constexpr const char* state[max_neuron_states] = {};

  template <class T, class Draw>
  ENGRAM_HD T spikes(T rate, T dt, Draw&& draw) const {
    constexpr double part = 16;
    double rest = static_cast<double>(dt) * static_cast<double>(rate < T(0) ? -rate : rate), count = 0;
    for (int parts = 0; rest > 0 && parts < 4096; ++parts, rest -= part) {
      const double mean = rest < part ? rest : part, u = static_cast<double>(draw());
      double p = math::exp(-mean), below = p;
      for (int k = 1; u >= below && k < 200; ++k, ++count) {
        p *= mean / k;
        below += p;
      }
    }
    return static_cast<T>(amplitude) / dt * static_cast<T>(rate < T(0) ? -count : count);
  }
  friend bool operator==(const PoissonSpiking&, const PoissonSpiking&) = default;
};

using NeuronType = std::variant<Lif, LifRate, AdaptiveLif, AdaptiveLifRate, RectifiedLinear, SpikingRectifiedLinear,
                                Sigmoid, Tanh, Izhikevich, RegularSpiking, StochasticSpiking, PoissonSpiking, Direct>;

/// Takes draws instead of having a function of its own.
template <class Type>
concept TakesDraws = std::is_same_v<Type, StochasticSpiking> || std::is_same_v<Type, PoissonSpiking>;
/// Works on the rates of its base type.
template <class Type>
concept Wraps = requires(const Type& type) {
  type.base;
};

}  // namespace engram::nef
