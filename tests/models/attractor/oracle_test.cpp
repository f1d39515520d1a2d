// The attractor network against plain loops.
#include <gtest/gtest.h>

#include <cmath>

#include "engram/attractor/attractor.hpp"
#include "tests/models/attractor/draws.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using test::draws;
using test::seeds;

/// The published update, with the functions of the standard library: sums in double, one unit after the other.
struct Plain {
  attractor::Options o;
  std::vector<double> j, s, b;
  double beta = 1;

  static double mean(double x) { return std::abs(x) < 1e-4 ? x / 3 : 1 / std::tanh(x) - 1 / x; }
  static double drawn(double t, double u) {
    if (std::abs(t) < 1e-6) return 2 * u - 1;
    return t > 0 ? 1 + std::log(u + (1 - u) * std::exp(-2 * t)) / t : -1 + std::log((1 - u) + u * std::exp(2 * t)) / t;
  }
  double drive(std::size_t i) const {
    double sum = 0;
    for (std::size_t k = 0; k < s.size(); ++k) sum += j[i * s.size() + k] * s[k];
    return sum;
  }
  void step(const std::vector<real>& u) {
    const std::size_t n = s.size();
    std::vector<double> h(n), next(n);
    for (std::size_t i = 0; i < n; ++i) h[i] = drive(i);
    for (std::size_t i = 0; i < n; ++i) {
      if (o.order == attractor::UpdateOrder::sequential) h[i] = drive(i);
      const double theta = beta * (b[i] + h[i]);
      next[i] = o.deterministic ? mean(theta) : drawn(theta, static_cast<double>(u[i]));
      if (o.order == attractor::UpdateOrder::sequential) s[i] = next[i];
    }
    s = next;
    for (std::size_t i = 0; i < n; ++i) {
      const double prediction =
          mean((o.prediction_uses_inverse_temperature ? beta : 1) * (h[i] + (o.predict_with_bias ? b[i] : 0)));
      for (std::size_t k = 0; k < n; ++k)
        if (i != k || o.learn_self_weights)
          j[i * n + k] += static_cast<double>(o.learning_rate) * (s[i] - prediction) * s[k];
    }
  }
};

class AttractorOracle : public testing::TestWithParam<int> {};

TEST_P(AttractorOracle, ManyStepsAgreeWithPlainLoops) {
  attractor::Options o;
  o.units = 37;
  o.learning_rate = static_cast<real>(0.01);
  switch (GetParam()) {
    case 1:
      o.deterministic = true;
      break;
    case 2:
      o.order = attractor::UpdateOrder::sequential;
      break;
    case 3:
      o.learn_self_weights = true;
      break;
    case 4:
      o.predict_with_bias = true;
      break;
    case 5:
      o.prediction_uses_inverse_temperature = true;
      break;
    case 6:
      o.units = 150;
      break;  // more than two chunks of a sum
    case 7:
      o.units = 1;
      break;
    default:
      break;
  }
  const std::size_t n = o.units;
  const auto backend = test::test_backend({1});
  attractor::Network network(*backend, o, seeds(1));
  const auto j = draws(n * n, 5, -0.3, 0.3), b = draws(n, 6, -2, 2), s = draws(n, 7, -1, 1);
  network.set_weights(j);
  network.set_bias(b);
  network.set_state(s);
  network.set_inverse_temperature(std::vector<real>{static_cast<real>(0.7)});
  Plain plain{
      o, {j.begin(), j.end()}, {s.begin(), s.end()}, {b.begin(), b.end()}, static_cast<double>(static_cast<real>(0.7))};
  for (std::uint64_t k = 0; k < 40; ++k) {
    const auto u = draws(n, 100 + k, 0.001, 0.999);
    network.step(u);
    plain.step(u);
  }
  const double tolerance = sizeof(real) == 4 ? 2e-3 : 1e-10;
  const auto found = network.state(), weights = network.weights();
  for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(found[i], plain.s[i], tolerance) << i;
  for (std::size_t i = 0; i < n * n; ++i) EXPECT_NEAR(weights[i], plain.j[i], tolerance) << i;
}

INSTANTIATE_TEST_SUITE_P(Options, AttractorOracle, testing::Range(0, 8));

}  // namespace
}  // namespace engram
