#include "engine/models/nef/build/signals.hpp"

#include <algorithm>
#include <cmath>

#include "engram/core/error.hpp"
#include "engram/nef/draws.hpp"

namespace engram::nef {

std::size_t signal_steps(const WhiteSignal& s, double dt) {
  return static_cast<std::size_t>(std::max(1.0, std::ceil(s.period / dt - 1e-7)));
}

std::size_t signal_frequencies(const WhiteSignal& s, double dt) {
  return static_cast<std::size_t>(std::floor(s.high * static_cast<double>(signal_steps(s, dt)) * dt + 1e-9));
}

std::vector<double> white_signal(const WhiteSignal& s, double dt, std::uint64_t seed) {
  const std::size_t steps = signal_steps(s, dt), n = s.size;
  const std::size_t frequencies = signal_frequencies(s, dt);
  CounterDraws draws(seed, Stream::nef_signal);
  std::vector<double> values(steps * n), cosine(steps), sine(steps);  // of each angle that a frequency comes to
  for (std::size_t k = 0; k < steps; ++k) {
    const double angle = 2 * M_PI * static_cast<double>(k) / static_cast<double>(steps);
    cosine[k] = std::cos(angle);
    sine[k] = std::sin(angle);
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t f = 1; f <= frequencies; ++f) {
      const double a = draws.normal(), b = draws.normal();
      for (std::size_t k = 0; k < steps; ++k) {
        const std::size_t angle = f * (k + 1) % steps;
        values[k * n + i] += a * cosine[angle] + b * sine[angle];
      }
    }
    double square = 0;
    for (std::size_t k = 0; k < steps; ++k) square += values[k * n + i] * values[k * n + i];
    const double factor = square > 0 ? s.rms / std::sqrt(square / static_cast<double>(steps)) : 0;
    for (std::size_t k = 0; k < steps; ++k) values[k * n + i] *= factor;
    if (!s.y0) continue;
    std::size_t nearest = 0;
    const auto off = [&](std::size_t k) { return std::abs(values[k * n + i] - *s.y0); };
    for (std::size_t k = 1; k < steps; ++k)
      if (off(k) < off(nearest)) nearest = k;
    std::vector<double> turned(steps);
    for (std::size_t k = 0; k < steps; ++k) turned[k] = values[(nearest + k) % steps * n + i];
    for (std::size_t k = 0; k < steps; ++k) values[k * n + i] = turned[k];
  }
  return values;
}

}  // namespace engram::nef
