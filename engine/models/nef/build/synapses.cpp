#include "engram/nef/synapses.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

#include "engine/models/nef/build/state_space.hpp"
#include "engram/core/error.hpp"

namespace engram::nef {

namespace {

LinearFilter transfer_function(const SynapseType& synapse) {
  LinearFilter h;
  if (const auto* lowpass = std::get_if<Lowpass>(&synapse)) {
    if (lowpass->tau > 0) h.den = {lowpass->tau, 1};
  } else if (const auto* alpha = std::get_if<Alpha>(&synapse)) {
    if (alpha->tau > 0) h.den = {alpha->tau * alpha->tau, 2 * alpha->tau, 1};
  } else if (const auto* linear = std::get_if<LinearFilter>(&synapse)) {
    h = *linear;
  } else if (std::holds_alternative<Triangle>(synapse)) {
    throw Error("a triangle filter has no transfer function of finite order");
  }
  return h;
}

}  // namespace

StateSpace discretize(const SynapseType& synapse, double dt) { return state_space_of(transfer_function(synapse), dt); }

double StateSpace::steady_gain() const {
  if (order == 0) return d;
  if (!answers_constants(*this)) return INFINITY;
  const std::vector<std::complex<double>> x = answer(*this, 1);
  double gain = d;
  for (std::size_t j = 0; j < x.size(); ++j) gain += c[j] * x[j].real();
  return gain;
}

void LinearFilter::check_together(const Report& problem) const {
  const std::vector<double> above = trimmed(num), below = trimmed(den);
  if (below.empty()) return problem("den", "a denominator of 0 divides nothing");
  if (above.size() > below.size())
    problem("num", "found " + std::to_string(above.size()) + " coefficients over " + std::to_string(below.size()) +
                       "; a filter cannot have a higher power above than below");
  if (below.size() > max_filter_order + 1)
    problem("den", "found " + std::to_string(below.size() - 1) + " states; allowed are up to " +
                       std::to_string(max_filter_order));
}

TriangleTaps triangle_taps(const Triangle& triangle, double dt) {
  TriangleTaps t;
  t.taps = static_cast<int>(std::nearbyint(triangle.t / dt)) + 1;
  const double sum = t.taps * (t.taps + 1.0) / 2;
  t.first = t.taps / sum;
  t.last = 1 / sum;
  return t;
}

namespace {

std::vector<double> filter_triangle(const Triangle& triangle, double dt, std::span<const double> signal,
                                    std::size_t channels, double y0) {
  const TriangleTaps t = triangle_taps(triangle, dt);
  const auto taps = static_cast<std::size_t>(t.taps);
  std::vector<double> ring(taps * channels, y0 * t.last), y(channels, y0), out(signal.size());
  for (std::size_t k = 0; k < signal.size() / channels; ++k)
    for (std::size_t i = 0; i < channels; ++i) {
      const double u = signal[k * channels + i];
      double leaving = 0;
      for (std::size_t tap = 0; tap < taps; ++tap) leaving += ring[tap * channels + i];
      y[i] += t.first * u - leaving;
      ring[k % taps * channels + i] = t.last * u;
      out[k * channels + i] = y[i];
    }
  return out;
}

}  // namespace

std::vector<double> filter_signal(const SynapseType& synapse, double dt, std::span<const double> signal,
                                  std::size_t channels, double y0, std::vector<double>* state) {
  if (const auto* triangle = std::get_if<Triangle>(&synapse))
    return filter_triangle(*triangle, dt, signal, channels, y0);
  const StateSpace s = discretize(synapse, dt);
  const auto n = static_cast<std::size_t>(s.order);
  std::vector<double> x(n * channels), next(n), out(signal.size());
  if (y0 != 0 && n > 0) {
    const double gain = s.steady_gain();
    if (!std::isfinite(gain) || gain == 0)
      throw Error("a filter whose answer to a constant is " + std::string(gain == 0 ? "0" : "infinite") +
                  " cannot start from an output that is not 0");
    const std::vector<std::complex<double>> steady = answer(s, 1);
    for (std::size_t j = 0; j < n; ++j)
      std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(j * channels), channels,
                  s.one_state() ? y0 : steady[j].real() * (y0 / gain));
  }
  for (std::size_t k = 0; k < signal.size() / channels; ++k)
    for (std::size_t i = 0; i < channels; ++i) {
      const double u = signal[k * channels + i];
      double& y = out[k * channels + i];
      const auto output = [&] {
        y = s.d * u;
        for (std::size_t j = 0; j < n; ++j) y += s.c[j] * x[j * channels + i];
      };
      if (s.one_state()) {
        y = x[i] = s.a[0] * x[i] + s.b[0] * s.c[0] * u;
        continue;
      }
      if (s.d != 0) output();
      for (std::size_t j = 0; j < n; ++j) {
        next[j] = s.b[j] * u;
        for (std::size_t l = 0; l < n; ++l) next[j] += s.a[j * n + l] * x[l * channels + i];
      }
      for (std::size_t j = 0; j < n; ++j) x[j * channels + i] = next[j];
      if (s.d == 0) output();
    }
  if (state) *state = x;
  return out;
}

}  // namespace engram::nef
