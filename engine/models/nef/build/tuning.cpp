#include "engram/nef/tuning.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engram/core/error.hpp"
#include "engram/core/field_kinds.hpp"

namespace engram::nef {

namespace {

/// Gain and bias of one neuron with largest rate r and intercept c.
struct Line {
  double gain, bias;
};

Line leaky(double tau_rc, double tau_ref, double r, double c) {
  const double x = 1 / (1 - std::exp((tau_ref - 1 / r) / tau_rc));
  const double gain = (1 - x) / (c - 1);
  return {gain, 1 - gain * c};
}

Line line_of(const Lif& t, double r, double c) { return leaky(t.tau_rc, t.tau_ref, r, c); }
Line line_of(const LifRate& t, double r, double c) { return leaky(t.tau_rc, t.tau_ref, r, c); }
Line line_of(const RectifiedLinear&, double r, double c) { return {r / (1 - c), -c * (r / (1 - c))}; }
Line line_of(const SpikingRectifiedLinear&, double r, double c) { return line_of(RectifiedLinear{}, r, c); }
Line line_of(const Sigmoid& t, double r, double c) {
  const double q = -std::log(1 / (t.tau_ref * r) - 1), gain = q / (1 - c);
  return {gain, q - gain};
}
Line line_of(const Tanh& t, double r, double c) {
  const double q = std::atanh(r * t.tau_ref), gain = q / (1 - c);
  return {gain, -gain * c};
}
template <Wraps Type>
Line line_of(const Type& t, double r, double c) {
  return std::visit([&](const auto& base) { return line_of(base, r, c); }, t.base);
}

/// The largest rate and the intercept of a line.
struct Shape {
  double max_rate, intercept;
};
Shape leaky_shape(double tau_rc, double tau_ref, double gain, double bias) {
  return {1 / (tau_ref - tau_rc * std::log(1 - 1 / (gain + bias))), (1 - bias) / gain};
}
Shape shape_of(const Lif& t, double gain, double bias) { return leaky_shape(t.tau_rc, t.tau_ref, gain, bias); }
Shape shape_of(const LifRate& t, double gain, double bias) { return leaky_shape(t.tau_rc, t.tau_ref, gain, bias); }
Shape shape_of(const RectifiedLinear&, double gain, double bias) { return {gain * (1 + bias / gain), -bias / gain}; }
Shape shape_of(const SpikingRectifiedLinear&, double gain, double bias) {
  return shape_of(RectifiedLinear{}, gain, bias);
}
Shape shape_of(const Sigmoid& t, double gain, double bias) {
  return {1 / t.tau_ref / (1 + std::exp(-(gain + bias))), -bias / gain};
}
Shape shape_of(const Tanh& t, double gain, double bias) { return {std::tanh(gain + bias) / t.tau_ref, -bias / gain}; }
template <Wraps Type>
Shape shape_of(const Type& t, double gain, double bias) {
  return std::visit([&](const auto& base) { return shape_of(base, gain, bias); }, t.base);
}

/// Mean output of one second, after a step to settle.
double simulated_rate(const Izhikevich& type, double current) {
  constexpr double dt = 0.001;
  double state[2] = {0, 0}, sum = 0;
  type(current, dt, state);
  for (int k = 0; k < 1000; ++k) sum += type(current, dt, state);
  return sum / 1000;
}

std::vector<double> evenly(double first, double last, std::size_t points) {
  std::vector<double> x(points);
  for (std::size_t i = 0; i < points; ++i)
    x[i] = first + (last - first) * static_cast<double>(i) / static_cast<double>(points - 1);
  return x;
}

/// Where no formula inverts the rate: the curve on a grid of currents, read off by straight lines.
class MeasuredCurve {
 public:
  MeasuredCurve(const NeuronType& type, double max_rate) {
    // Where output begins is read from the finest grid that holds silence, where it is enough from the first one that
    // reaches so far.
    constexpr std::size_t points = 101;
    std::optional<double> silent, enough;
    double reach = 10;
    for (int doubled = 0; doubled < 10 && !(silent && enough); ++doubled, reach *= 2) {
      const std::vector<double> current = evenly(-reach, reach, points), rate = steady_rates(type, current);
      const auto firing = std::find_if(rate.begin(), rate.end(), [](double r) { return r > 0; });
      if (!silent && firing != rate.begin()) silent = current[static_cast<std::size_t>(firing - rate.begin()) - 1];
      const auto far = std::find_if(rate.begin(), rate.end(), [&](double r) { return r >= max_rate; });
      if (!enough && far != rate.end()) enough = current[static_cast<std::size_t>(far - rate.begin())];
    }
    if (!silent || !enough) throw Error("no current makes these neurons fire at " + std::to_string(max_rate) + " Hz");
    current_ = evenly(*silent, *enough, points);
    rate_ = steady_rates(type, current_);
  }
  /// The last current without output.
  double threshold() const {
    std::size_t i = 0;
    while (i + 1 < rate_.size() && rate_[i + 1] <= 0) ++i;
    return current_[i];
  }
  double current_for(double rate) const {
    std::size_t i = 1;
    while (i + 1 < rate_.size() && rate_[i] < rate) ++i;
    const double rise = rate_[i] - rate_[i - 1];
    return current_[i - 1] + (rise > 0 ? (rate - rate_[i - 1]) / rise : 1.0) * (current_[i] - current_[i - 1]);
  }

 private:
  std::vector<double> current_, rate_;
};

GainBias measured(const NeuronType& type, const Tuning& tuning) {
  GainBias lines;
  const MeasuredCurve curve(type, *std::max_element(tuning.max_rates.begin(), tuning.max_rates.end()));
  for (std::size_t i = 0; i < tuning.max_rates.size(); ++i) {
    const double least = curve.threshold(), most = curve.current_for(tuning.max_rates[i]);
    const double gain = (most - least) / (1 - tuning.intercepts[i]);
    lines.gain.push_back(gain);
    lines.bias.push_back(most - gain);
  }
  return lines;
}

template <class Type>
constexpr bool is_measured = std::is_same_v<Type, Izhikevich>;

template <class Type>
double limit_of(const Type& t) {
  if constexpr (std::is_same_v<Type, Direct>)
    return INFINITY;
  else if constexpr (Wraps<Type>)
    return std::visit([](const auto& base) { return limit_of(base); }, t.base);
  else if constexpr (requires { t.tau_ref; })
    return t.tau_ref > 0 ? 1 / t.tau_ref : INFINITY;
  else
    return INFINITY;
}

template <class Type>
double steady_rate(const Type& t, double current) {
  if constexpr (std::is_same_v<Type, Izhikevich>)
    return simulated_rate(t, current);
  else if constexpr (std::is_same_v<Type, Direct>)
    return current;
  else if constexpr (std::is_same_v<Type, SpikingRectifiedLinear>)
    return t.amplitude * rates::positive(current);
  else if constexpr (Wraps<Type>)
    return t.amplitude * std::visit([&](const auto& base) { return steady_rate(base, current); }, t.base);
  else if constexpr (requires { t.tau_rc; })
    return rates::lif(current, t.tau_rc, t.tau_ref, t.amplitude);
  else
    return t(current, 0.001, static_cast<double*>(nullptr));
}

}  // namespace

std::string name_of(const NeuronType& type) {
  return std::visit([](const auto& t) { return std::string(std::decay_t<decltype(t)>::name); }, type);
}
double rate_limit(const NeuronType& type) {
  return std::visit([](const auto& t) { return limit_of(t); }, type);
}

std::vector<double> steady_rates(const NeuronType& type, const std::vector<double>& currents) {
  std::vector<double> all(currents.size());
  std::visit(
      [&](const auto& t) {
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = steady_rate(t, currents[i]);
      },
      type);
  return all;
}

GainBias gain_bias(const NeuronType& type, const Tuning& tuning) {
  const double limit = rate_limit(type);
  for (std::size_t i = 0; i < tuning.max_rates.size(); ++i) {
    const double r = tuning.max_rates[i], c = tuning.intercepts[i];
    if (!(r < limit))
      throw Error("neuron " + std::to_string(i) + " is to fire at up to " + shown(r) + " Hz, but " + name_of(type) +
                  " neurons stay below 1/tau_ref = " + shown(limit) + " Hz");
    if (!(c < 1))
      throw Error("neuron " + std::to_string(i) + " has the intercept " + shown(c) + "; it must be below 1");
  }
  return std::visit(
      [&]<class Type>(const Type& t) {
        GainBias all;
        if constexpr (is_measured<Type>) {
          all = measured(t, tuning);
        } else if constexpr (!std::is_same_v<Type, Direct>) {
          for (std::size_t i = 0; i < tuning.max_rates.size(); ++i) {
            const Line line = line_of(t, tuning.max_rates[i], tuning.intercepts[i]);
            all.gain.push_back(line.gain);
            all.bias.push_back(line.bias);
          }
        }
        return all;
      },
      type);
}

Tuning tuning_of(const NeuronType& type, const GainBias& lines) {
  Tuning tuning;
  std::visit(
      [&]<class Type>(const Type& t) {
        if constexpr (is_measured<Type> || std::is_same_v<Type, Direct>)
          throw Error(name_of(type) + " neurons have no formula for their largest rates");
        else
          for (std::size_t i = 0; i < lines.gain.size(); ++i) {
            const Shape shape = shape_of(t, lines.gain[i], lines.bias[i]);
            tuning.max_rates.push_back(shape.max_rate);
            tuning.intercepts.push_back(shape.intercept);
          }
      },
      type);
  return tuning;
}

}  // namespace engram::nef
